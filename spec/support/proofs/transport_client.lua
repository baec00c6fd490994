-- SPDX-License-Identifier: MIT
-- Does the requests of a JSON list one after the other on one transport and returns the outcomes as JSON. Run by nginx,
-- and for curl's transport as a program: lua5.4 spec/support/proofs/transport_client.lua FILE

local cjson = require "cjson"

-- The answer in parts. `parts` is how long a part may take to come.
local function open(transport, request)
  local seconds, pieces = request.parts, {}
  request.parts = nil
  local stream, message, detail = transport:open(request)
  if not stream then return nil, message, detail end
  local piece
  repeat
    piece, message, detail = stream:read(seconds)
    pieces[#pieces + 1] = piece
  until not piece
  stream:close()
  return { status = stream.status, headers = stream.headers, http_version = stream.http_version, pieces = #pieces,
    body = table.concat(pieces), whole = not message, message = message, code = detail and detail.code,
    again = select(2, stream:read(0)) }
end

local function run(transport, text)
  local outcomes = {}
  for i, request in ipairs(cjson.decode(text)) do
    if request.sleep then transport:sleep(request.sleep) end
    request.sleep = nil
    local ran, response, message, detail = pcall(request.parts and open or transport.request, transport, request)
    if not ran then
      outcomes[i] = { raised = response }
    elseif response then
      response.time = nil
      outcomes[i] = response
    else
      outcomes[i] = { message = message, code = detail.code, sent = detail.sent }
    end
  end
  return cjson.encode(outcomes)
end

if not rawget(_G, "ngx") and arg and arg[0]:find "transport_client" then
  require "spec.support.paths"
  local file = assert(io.open(arg[1], "rb"))
  io.write(run(require "cme.net.transport.curl".new(), file:read "*a"))
  file:close()
end

return run
