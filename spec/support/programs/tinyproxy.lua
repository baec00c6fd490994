-- SPDX-License-Identifier: MIT
-- A real tinyproxy on a free port of 127.0.0.1, with user and password. It passes http on and tunnels https.

local proc = require "spec.support.proc"

local CONF = [[
Port %d
Listen 127.0.0.1
Timeout 60
LogLevel Connect
LogFile "%s/tinyproxy.log"
MaxClients 50
BasicAuth %s %s
]]

---@class spec.tinyproxy
---@field port integer
---@field user string
---@field password string
local Tinyproxy = {}
Tinyproxy.__index = Tinyproxy

local tinyproxy = {}

--- Starts one.
---@return spec.tinyproxy
function tinyproxy.start()
  local self = setmetatable({ dir = proc.folder(), port = proc.free_port(), user = "spec",
    password = "hush-password" }, Tinyproxy)
  local conf = self.dir .. "/tinyproxy.conf"
  local file = assert(io.open(conf, "w"))
  file:write(CONF:format(self.port, self.dir, self.user, self.password))
  file:close()
  self.process = proc.spawn({ "tinyproxy", "-d", "-c", conf }, { name = "tinyproxy" })
  self.process:expect_listening(self.port)
  return self
end

--- The proxy's URL, with user and password unless others are given.
---@param userinfo string|nil
function Tinyproxy:url(userinfo)
  return ("http://%s@127.0.0.1:%d"):format(userinfo or self.user .. ":" .. self.password, self.port)
end

--- How many requests it was asked so far, refused ones included.
---@return integer
function Tinyproxy:count()
  local file = assert(io.open(self.dir .. "/tinyproxy.log"))
  local text = file:read "a"
  file:close()
  return select(2, text:gsub("Request %(file descriptor", ""))
end

function Tinyproxy:stop()
  self.process:stop()
end

return tinyproxy
