-- SPDX-License-Identifier: MIT
-- A service that plays back a recording, for what the local service does not do: spec/fixtures/exchanges/NAME.json,
-- made after the API reference; see recorded_server.lua for its form. It checks every request.

local fake = require "spec.support.fakes.fake"
local proc = require "spec.support.proc"

local recorded = {}

---@class spec.recorded
---@field url string
---@field proc spec.proc
local Recorded = {}
Recorded.__index = Recorded

--- Starts the service.
---@param name string of the recording
---@return spec.recorded
function recorded.start(name)
  local path = ("spec/fixtures/exchanges/%s.json"):format(name)
  local self = setmetatable({}, Recorded)
  self.proc = proc.spawn({ "lua5.4", "spec/support/fakes/recorded_server.lua", path }, { name = "recorded " .. name,
    env = { LUA_PATH = package.path .. ";;", LUA_CPATH = package.cpath .. ";;" } })
  self.url = self.proc:expect "listening on (http://[%d.]+:%d+)\n"
  return self
end

--- A client of it.
function Recorded:client()
  return require "cme".client { endpoint = self.url, platform = "test", secret_id = fake.SECRET_ID,
    secret_key = fake.SECRET_KEY }
end

--- The environment of a script for it.
function Recorded:environment()
  return { CME_ENDPOINT = self.url, CME_PLATFORM = "test", TENCENTCLOUD_SECRET_ID = fake.SECRET_ID,
    TENCENTCLOUD_SECRET_KEY = fake.SECRET_KEY }
end

--- Ends it; raises unless all of the recording was asked for, and nothing else.
function Recorded:finish()
  local done = pcall(self.proc.expect, self.proc, "all done", 5)
  self.proc:stop()
  if not done or self.proc.out:find "unexpected" or self.proc.out:find "\nerror" then
    error("the recording was not followed:\n" .. self.proc:output(), 2)
  end
end

return recorded
