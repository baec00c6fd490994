-- SPDX-License-Identifier: MIT
-- Stand-ins for what a unit spec must not touch: a transport that answers from a list and keeps what it was asked,
-- a fixed clock, an environment and a disk that are tables.

local cjson = require "cjson"

local fake = {}

-- 2019-02-25T16:44:25Z, the time of the published signature vectors.
fake.NOW = 1551113065
fake.SECRET_ID = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE"
fake.SECRET_KEY = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"

---@class spec.transport: cme.transport
---@field asked table[] the requests, in order
---@field answers (table|fun(request: table): ...)[] what is answered, in order
---@field slept number[] what was waited for
local Transport = {}
Transport.__index = Transport

function Transport:request(request)
  self.asked[#self.asked + 1] = request
  local answer = assert(table.remove(self.answers, 1), "the spec has no answer for this request")
  if type(answer) == "function" then return answer(request) end
  return answer
end

function Transport:sleep(seconds)
  self.slept[#self.slept + 1] = seconds
end

--- Makes a transport.
function fake.transport(...)
  return setmetatable({ asked = {}, answers = { ... }, slept = {} }, Transport)
end

--- An HTTP answer.
function fake.http(body, status, headers)
  headers = headers or {}
  headers["content-type"] = headers["content-type"] or "application/json"
  return { status = status or 200, headers = headers, body = body }
end

--- A success of the service; members as JSON text, e.g. '"ProjectId":"p1"'.
function fake.ok(members)
  return fake.http(('{"Response":{%s"RequestId":"req-1"}}'):format(members and members .. "," or ""))
end

--- A refusal of the service.
function fake.refused(code, message, headers)
  local refusal = { Code = code, Message = message or "no" }
  return fake.http(cjson.encode { Response = { Error = refusal, RequestId = "req-2" } }, 200, headers)
end

--- A system with the given variables and files.
function fake.system(variables, files)
  return {
    getenv = function(name) return variables and variables[name] end,
    open = function(path)
      local content = files and files[path]
      if not content then return nil, path .. ": No such file or directory" end
      return {
        read = function(_, size) return content:sub(1, size) end,
        close = function() end,
      }
    end,
  }
end

--- Options of a client that touches nothing.
function fake.options(transport, more)
  local options = {
    secret_id = fake.SECRET_ID, secret_key = fake.SECRET_KEY, platform = "test",
    endpoint = "http://127.0.0.1:8156", transport = transport, now = function() return fake.NOW end,
    retries = 0, -- a spec of them says so
  }
  for name, value in pairs(more or {}) do options[name] = value or nil end
  return options
end

--- A client that touches nothing.
function fake.client(transport, more)
  return require "cme.client".new(fake.options(transport, more), fake.system())
end

--- The body that was sent, decoded.
function fake.sent(request)
  return cjson.decode(request.body)
end

return fake
