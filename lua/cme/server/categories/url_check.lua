-- SPDX-License-Identifier: MIT
-- Why a URL of an input or an output cannot be used. The engine hands URLs to libavformat, whose schemes can read
-- files and run other protocols: only a few may pass. Pure.

local codes = require "cme.codes"
local stream_url = require "cme.net.stream_url"

local url_check = {}

local MAX_URL = 2048 -- bytes; ours

---@param url string
---@param schemes string[] those that may be
---@return cme.reason|nil fact that does not repeat the URL; nil: it can be used
function url_check.fault(url, schemes)
  if #url > MAX_URL then return codes.reason("word:long_url", { limit = MAX_URL }) end
  return stream_url.fault(url, schemes)
end

--- A destination takes one publisher.
---@param list { Id: string, PushUrl: string }[] a project's
---@param output { Id: string|nil, PushUrl: string }
---@return cme.reason|nil fact one of the list has the same URL
function url_check.same(list, output)
  local identity = stream_url.identity(output.PushUrl)
  for _, other in ipairs(list) do
    if other.Id ~= output.Id and stream_url.identity(other.PushUrl) == identity then
      return codes.reason("word:same_url", { id = other.Id })
    end
  end
  return nil
end

return url_check
