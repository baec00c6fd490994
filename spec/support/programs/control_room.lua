-- SPDX-License-Identifier: MIT
-- The control room on a free port, and scenarios in it, played by a headless Chromium.

local cjson = require "cjson"
local chromium = require "spec.support.programs.chromium"
local error_log = require "spec.support.programs.error_log"
local files = require "spec.support.files"
local heard = require "spec.support.heard"
local proc = require "spec.support.proc"

local control_room = { password = "hush-only-for-specs" }

---@class spec.control_room
---@field port integer
---@field url string
---@field dir string
---@field password string
---@field proc spec.proc
local Room = {}
Room.__index = Room

--- Where a service that is about to start has to post its events.
---@return integer port for start()
---@return string url
function control_room.address()
  local port = proc.free_port()
  return port, ("http://127.0.0.1:%d/hook"):format(port)
end

--- Names the build in an environment. An instrumented module needs its runtime, in nginx and in the check before it;
--- nginx keeps memory to its end, so leaks are not looked for.
---@param env table<string, string>
function control_room.instrument(env)
  env.CME_BUILD = require("spec.support.paths").build
  if not env.CME_BUILD:match "asan" then return end
  local command = ("env LD_PRELOAD=%s ASAN_OPTIONS=detect_leaks=0 "):format(os.getenv "LD_PRELOAD")
  env.CME_NGINX, env.CME_LUA = command .. "nginx", command .. "lua5.4"
end

--- Starts one.
---@param service spec.service
---@param options { port: integer|nil, env: table|nil }|nil
---@return spec.control_room
function control_room.start(service, options)
  options = options or {}
  local self = setmetatable({ dir = proc.folder(), port = options.port or proc.free_port() }, Room)
  self.url = "http://127.0.0.1:" .. self.port
  local env = service:environment()
  env.ROOM_PASSWORD, env.ROOM_STATE = control_room.password, self.dir
  env.ROOM_LISTEN = "127.0.0.1:" .. self.port
  control_room.instrument(env)
  for name, value in pairs(options.env or {}) do env[name] = value end
  self.password = env.ROOM_PASSWORD
  self.proc = proc.spawn({ "room/cme-room" }, { name = "control room", env = env })
  self.proc:expect("control room at", 120)
  self.proc:expect_listening(self.port, 20)
  return self
end

--- Plays a scenario of control_room.js; raises what it found wrong.
---@param scenario string
---@param given table|nil
---@return table result
function Room:play(scenario, given)
  local env = { ROOM_URL = self.url, ROOM_PASSWORD = self.password }
  local argv = { "spec/support/programs/control_room.js", scenario, cjson.encode(given or {}) }
  return cjson.decode(chromium.run(argv, env))
end

--- Lines of the error log of level error and above.
---@return string[]
function Room:errors()
  return error_log.errors(self.dir .. "/error.log")
end

function Room:stop()
  self.proc:stop(15)
  heard.keep("control-room", files.read(self.dir .. "/error.log") .. self.proc.out .. self.proc.err)
end

return control_room
