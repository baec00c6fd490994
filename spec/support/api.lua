-- SPDX-License-Identifier: MIT
-- Requests to a service as a program other than our client makes them: signed by cme.sign, carried by curl(1).

local json = require "cme.json"
local proc = require "spec.support.proc"
local sign = require "cme.sign"

local PATIENCE = 240 -- seconds: 11 MB go in hundreds of turns, each of which waits for the processor

local api = {}

local function write_temporary(text)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

--- The headers of a signed request.
---@param service spec.service
---@param action string
---@param body string
---@param options { timestamp: integer|nil, secret_id: string|nil, secret: string|nil, token: string|nil, host:
--- string|nil }
---@return string[]
function api.headers(service, action, body, options)
  local timestamp = options.timestamp or os.time()
  local host = options.host or "127.0.0.1:" .. service.port
  local key = sign.new(options.secret_id or service.secret_id, options.secret or service.secret_key)
  local value = key:tc3 { service = "cme", host = host, timestamp = timestamp, payload = body }
  key:close()
  local headers = {
    "Host: " .. host, "Content-Type: application/json", "X-TC-Action: " .. action, "X-TC-Version: 2019-10-29",
    "X-TC-Timestamp: " .. timestamp, "Authorization: " .. value,
  }
  headers[#headers + 1] = options.token and "X-TC-Token: " .. options.token
  return headers
end

--- Sends a body as it is.
---@param service spec.service
---@param action string
---@param body string
---@param options { timestamp: integer|nil, secret_id: string|nil, secret: string|nil, token: string|nil, host:
--- string|nil,
---  timeout: number|nil }|nil
---@return table|nil response nil when there was no answer
---@return string head
function api.send(service, action, body, options)
  options = options or {}
  local path = write_temporary(body)
  local argv = { "curl", "-sS", "-i", "--max-time", tostring(options.timeout or PATIENCE), "--data-binary", "@" .. path,
    "-H", "Expect:", service.url .. "/" }
  if service.ca_file then
    argv[#argv + 1] = "--cacert"
    argv[#argv + 1] = service.ca_file
  end
  for _, header in ipairs(api.headers(service, action, body, options)) do
    argv[#argv + 1] = "-H"
    argv[#argv + 1] = header
  end
  local code, out, err = proc.run(argv, { timeout = PATIENCE })
  os.remove(path)
  local head, text = out:match "^(.-\r\n)\r\n(.*)$"
  if code ~= 0 and not text then return nil, err end
  return assert(json.decode(text)).Response, head
end

---@param service spec.service
---@param action string
---@param params table
---@param options table|nil
function api.call(service, action, params, options)
  params.Platform = params.Platform or "test"
  return api.send(service, action, assert(json.encode(params)), options)
end

return api
