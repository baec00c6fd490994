-- SPDX-License-Identifier: MIT
-- A receiver of webhooks, in the spec's own luv loop: keeps what is posted and answers as it is told to. Stopped and
-- started again it has the port it had.

local event = require "cme.event"
local proc = require "spec.support.proc"
local raw_server = require "spec.support.fakes.raw_server"

---@class spec.receiver
---@field port integer
---@field url string
---@field mode "take"|"refuse"|"hang"
---@field got { headers: table<string, string>, body: string, id: string, mode: string }[] in order
local Receiver = {}
Receiver.__index = Receiver

local receiver = {}

local function headers_of(head)
  local headers = {}
  for name, value in head:gmatch "\r\n([^:\r\n]+): *([^\r\n]*)" do headers[name] = value end
  return headers
end

---@param mode "take"|"refuse"|"hang"|nil default "take"
---@return spec.receiver
function receiver.start(mode)
  local self = setmetatable({ mode = mode or "take", got = {}, port = proc.free_port() }, Receiver)
  self:up()
  return self
end

function Receiver:up()
  self.server = raw_server.start(function(connection)
    while true do
      local head, body = connection:request()
      if not head then return end
      local headers = headers_of(head)
      self.got[#self.got + 1] = { head = head, headers = headers, body = body, id = headers["X-CME-Event-Id"],
        mode = self.mode }
      if self.mode == "hang" then return connection:stall() end
      connection:answer("", self.mode == "take" and "204 No Content" or "500 Internal Server Error")
    end
  end, self.port)
  self.port = self.server.port
  self.url = ("http://127.0.0.1:%d/hook/hush"):format(self.port)
end

--- The events that were taken, verified and read.
---@param secret string
---@return cme.event[]
function Receiver:events(secret)
  local list = {}
  for _, one in ipairs(self.got) do
    if one.mode == "take" then
      list[#list + 1] = assert(event.receive { secret = secret, headers = one.headers, body = one.body })
    end
  end
  return list
end

function Receiver:down()
  self.server:stop()
end

return receiver
