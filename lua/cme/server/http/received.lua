-- SPDX-License-Identifier: MIT
-- A request of cme.httpd as the API reads it. Its body stays where it was received until somebody asks for it: a
-- megabyte that is refused by its count of parameters or its signature never becomes a text for the collector to sweep.

local received = {}

local meta = {}

function meta:__index(name)
  if name ~= "body" then return nil end
  self.body = self._request:body()
  return self.body
end

--- Reads the head of a request.
---@param request cme.httpd.request
---@return cme.server.http.request
function received.of(request)
  return setmetatable({
    _request = request,
    method = request:method(),
    path = request:path(),
    query = request:query(),
    too_large = request:too_large(),
    header = function(name) return request:header(name) end,
    digest = function() return assert(request:digest()) end,
    exceeds = function(byte, most) return request:exceeds(byte, most) end,
  }, meta)
end

return received
