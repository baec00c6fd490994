-- SPDX-License-Identifier: MIT
-- What specs of the engine share: a platform with three applications, two live sources, and what is asked of them.

local assert = require "luassert"

local flv = require "spec.support.proofs.flv"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"

-- Seconds. Longer than a busy machine lets a source wait: a spec that is not about a loss must see none.
local STALL_LIMIT = 6
local LOOP = 20 -- seconds of a source, played again and again: an encoder of its own would take its part of the machine

---@class spec.stage
---@field platform spec.nginx
---@field private _names integer   stream keys made
---@field private _sources integer started
local Stage = {}
Stage.__index = Stage

local stage = {}

--- Starts the platform and the sources "main" and "backup".
---@param options { sources: boolean|nil }|nil sources: false for a spec that has its own
---@return spec.stage
function stage.start(options)
  local self = setmetatable({ _names = 0, _sources = 0 }, Stage)
  self.platform = nginx.start { apps = { "src", "a", "b", "c" }, record = true, hls = { "src" } }
  if options and options.sources == false then return self end
  local dir = proc.folder()
  for name, look in pairs { main = media.MAIN, backup = media.BACKUP } do
    local path = media.file(("%s/%s.flv"):format(dir, name), LOOP, look)
    self:expect_source(media.replay(self.platform:url("src", name), path))
  end
  return self
end

--- A live source; returned when the server has it.
---@param name string
---@param look table
---@return spec.proc
function Stage:publish(name, look)
  return self:expect_source(media.publish(self.platform:url("src", name), look))
end

--- Waits until the server has one source more than before, which is this one.
---@param source spec.proc
---@return spec.proc
function Stage:expect_source(source)
  self._sources = self._sources + 1
  self.platform:expect_publish("src", self._sources)
  return source
end

--- A stream key of its own for each test: what a test finds is its own.
function Stage:key()
  self._names = self._names + 1
  return "key" .. self._names .. "secret"
end

function Stage:output(id, app, name)
  return { id = id, name = "platform " .. id, url = self.platform:url(app, name) }
end

--- A desired state with both sources.
---@param outputs table[]
---@param more table|nil
function Stage:spec(outputs, more)
  local value = {
    project = "p", revision = 1, active = "main", outputs = outputs, failover = true,
    stall_limit = STALL_LIMIT,
    inputs = { main = { url = self.platform:url("src", "main") },
      backup = { url = self.platform:url("src", "backup") } },
  }
  for name, field in pairs(more or {}) do value[name] = field end
  return value
end

--- What the one recording of a stream key in an application holds, once it is complete.
function Stage:recording(app, name)
  self.platform:expect_silence(app)
  local found = {}
  for _, path in ipairs(self.platform:recordings(app)) do
    if path:find(name, 1, true) then found[#found + 1] = path end
  end
  assert.equal(1, #found, "recordings of " .. name)
  return media.report(found[1])
end

--- Waits until the platform has so many seconds of a stream key.
function Stage:until_recorded(app, name, seconds)
  proc.eventually(("%g s of %s at %s"):format(seconds, name, app), 20, function()
    for _, path in ipairs(self.platform:recordings(app)) do
      if path:find(name, 1, true) and flv.seconds(path) >= seconds then return true end
    end
  end)
end

--- How often a stream key was published.
function Stage:publishes(app, name)
  return #self.platform:publishes(app, name)
end

--- Stops an engine as a client does.
function Stage:stop(engine, control) -- luacheck: no self
  assert.is_number((control:request "stop").within)
  assert.equal("request", control:expect({ event = "stopped" }).reason)
  assert.equal(0, (engine:wait()), engine:output())
end

return stage
