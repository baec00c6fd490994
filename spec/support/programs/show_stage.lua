-- SPDX-License-Identifier: MIT
-- What specs of `cme run` share: a service, two platforms, two sources, and show files about them.

local uv = require "luv"

local cme = require "cme"
local json = require "cme.json"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"

local show_stage = {}

-- Seconds. Longer than a busy machine lets a source wait: a spec that is not about a loss must see none.
local ALERT_AFTER = 5
local ASK_EVERY = 1e9 -- nanoseconds

local BACKUP = { size = "256x144", rate = 15, gop = 15, bitrate = "150k", picture = "smptebars", tone = 880,
  sample_rate = 48000, profile = "main", bframes = 0 }

function show_stage.write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

--- What is written in a file so far, a JSON object a line.
function show_stage.read_lines(path)
  local list = {}
  local file = io.open(path)
  for line in file and file:lines() or function() end do list[#list + 1] = assert(json.decode(line)) end
  if file then file:close() end
  return list
end

---@class spec.show_stage
---@field rtmp spec.nginx     the sources' server, and platform A
---@field other spec.nginx    platform B
---@field serve spec.service
---@field sources table<string, spec.proc>  "main" and "backup"
---@field folder string       of the show files
---@field private _files table<string, string>
local ShowStage = {}
ShowStage.__index = ShowStage

---@param words string[]|nil further arguments of `cme serve`
---@return spec.show_stage
function show_stage.start(words)
  local self = setmetatable({ folder = proc.folder(), sources = {} }, ShowStage)
  self._files = { main = media.file(self.folder .. "/main.flv", 10, media.SMALL),
    backup = media.file(self.folder .. "/backup.flv", 10, BACKUP) }
  self.rtmp = nginx.start { apps = { "source", "a" }, record = true }
  self.other = nginx.start { apps = { "b" }, record = true }
  self.serve = service.start { args = { "--preset", "ultrafast", table.unpack(words or {}) } }
  self:publish "main"
  self:publish "backup"
  self.rtmp:expect_publish("source", 2)
  return self
end

function ShowStage:stop()
  for _, source in pairs(self.sources) do source:stop() end
  for _, each in ipairs { self.serve, self.rtmp, self.other } do each:stop() end
  proc.cleanup()
end

---@param name "main"|"backup"
function ShowStage:publish(name)
  self.sources[name] = media.replay(self.rtmp:url("source", name), self._files[name])
end

--- Writes a show file with two destinations; gives its path and what its alerts are written to. `more` is Lua text.
--- A file that is there is replaced.
function ShowStage:write_show(name, start_at, stop_at, more)
  local path, alerts = ("%s/%s.lua"):format(self.folder, name), ("%s/%s.alerts"):format(self.folder, name)
  show_stage.write(path, ([[return {
    project = { name = %q, owner = "spec", input = env "MAIN", backup = env "BACKUP",
      outputs = { { name = "A", url = env "OUT_A" .. %q }, { name = "B", url = env "OUT_B" .. %q } } },
    start_at = %d, stop_at = %d, alerts = { after = %d, command = { "sh", "-c", "cat >>%s" } }, %s
  }]]):format(name, name, name, start_at, stop_at, ALERT_AFTER, alerts, more or ""))
  return path, alerts
end

function ShowStage:_environment(more)
  local env = self.serve:environment()
  env.MAIN, env.BACKUP = self.rtmp:url("source", "main"), self.rtmp:url("source", "backup")
  env.OUT_A, env.OUT_B = self.rtmp:url("a", ""), self.other:url("b", "")
  for name, value in pairs(more or {}) do env[name] = value end
  return env
end

--- Starts `cme run` of show files.
function ShowStage:run(paths, words, env)
  local argv = { "bin/cme", "run", table.unpack(paths) }
  table.move(words or {}, 1, #(words or {}), #argv + 1, argv)
  return proc.spawn(argv, { env = self:_environment(env) })
end

--- The project of a show; nil: the service has none, or does not answer.
---@return cme.project|nil
function ShowStage:project(name)
  return (cme.client(self.serve:client_options()):find { name = name, owner = "spec" })
end

--- Makes a condition of what the service tells of a show. It is asked once a second at most, since it counts calls.
---@param name string
---@param check fun(health: cme.project.health): any
---@return fun(): any
function ShowStage:service_says(name, check)
  local asked_at = -math.huge
  return function()
    if uv.hrtime() < asked_at + ASK_EVERY then return false end
    asked_at = uv.hrtime()
    local project = self:project(name)
    local health = project and project:health()
    return health and check(health) or false
  end
end

--- The publishes of a stream to platform A.
function ShowStage:at_a(stream) return self.rtmp:publishes("a", stream) end
function ShowStage:at_b(stream) return self.other:publishes("b", stream) end

function ShowStage:expect_on_air(stream)
  proc.eventually(stream .. " on the air", 30, function() return self:at_a(stream)[1] and self:at_b(stream)[1] end)
end

function ShowStage:expect_off_air(stream)
  proc.eventually(stream .. " off the air", 40, function()
    return self:at_a(stream)[#self:at_a(stream)].ended and self:at_b(stream)[#self:at_b(stream)].ended
  end)
end

--- The report that --json wrote.
function show_stage.tally_of(run)
  local last
  for line in run.out:gmatch "[^\n]+" do
    local said = json.decode(line)
    if said and said.what == "ended" then last = said end
  end
  return assert(last, run:output()).tally
end

return show_stage
