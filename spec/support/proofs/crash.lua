-- SPDX-License-Identifier: MIT
-- The service killed at random points under load, and what must hold after each restart: what was acknowledged is
-- there (crash_worker.lua compares), every Working project has one engine and it is the one that it had, nothing else
-- has one, a broadcast that nobody touches has no gap, and receivers get each event once, or again with its id.

local api = require "spec.support.api"
local cjson = require "cjson"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local receiver = require "spec.support.fakes.receiver"
local service = require "spec.support.programs.service"
local usage = require "spec.support.proofs.usage"

local crash = {}

local WORKERS = 3
local LEAST_CHANGES, LEAST_STARTS = 20, 1 -- a slow machine gets more rounds until there are so many
local LATE = 10 -- seconds that a busy machine may hold back of what is recorded
local KILL_AFTER = { 0.02, 0.7 } -- seconds of load before each kill
local LOOK = { size = "320x180", rate = 25, gop = 25, bitrate = "200k", picture = "testsrc2", tone = 440,
  sample_rate = 44100, profile = "main", bframes = 0 }

---@class spec.crash
local Crash = {}
Crash.__index = Crash

local function fault(self, ...)
  self.faults[#self.faults + 1] = string.format(...)
end

local function start_worker(self, i)
  local name = "w" .. i
  local fifo = self.dir .. "/" .. name
  assert(proc.run { "mkfifo", fifo } == 0)
  local worker = proc.spawn({ "lua5.4", "spec/support/programs/crash_worker.lua", name, tostring(self.seed + i), fifo,
    self.rtmp:url("source", "main"), self.rtmp:url("platform", "") }, { name = name, env = self.serve:environment() })
  return { proc = worker, fifo = fifo, rounds = 0 }
end

-- The broadcast that nobody touches.
local function start_show(self)
  local input = { InputType = "LivePull", LivePullInputInfo = { InputUrl = self.rtmp:url("source", "main") } }
  local outputs = {}
  for i, app in ipairs { "show1", "show2" } do outputs[i] = { Id = app, PushUrl = self.shown:url(app, "show") } end
  self.show = assert(api.call(self.serve, "CreateProject", { Name = "show", Category = "STREAM_CONNECT",
    Owner = { Type = "PERSON", Id = "show" }, StreamConnectProjectInput = { MainInput = input, Outputs = outputs } })
    .ProjectId)
  local started = api.call(self.serve, "HandleStreamConnectProject", { ProjectId = self.show, Operation = "Start" })
  assert(not started.Error, started.Error and started.Error.Message)
  self.began = usage.wall()
end

local function start(self)
  self.dir = proc.folder()
  self.rtmp = nginx.start { apps = { "source", "platform" } }
  self.shown = nginx.start { apps = { "show1", "show2" }, record = true }
  media.replay(self.rtmp:url("source", "main"), media.file(self.dir .. "/loop.flv", 10, LOOK))
  self.rtmp:expect_publish "source"
  self.receiver = receiver.start "take"
  self.serve = service.start { args = { "--rate-limit", "off", "--webhook", self.receiver.url } }
  start_show(self)
  for i = 1, WORKERS do self.workers[i] = start_worker(self, i) end
end

-- Engines by project: { pid, ... } each.
local function engines(self)
  local found = {}
  for _, pid in ipairs(self.serve:engines()) do
    local file = io.open(("/proc/%d/cmdline"):format(pid))
    local id = (file and file:read "a" or ""):match "/relays/([%w_]+)%.sock"
    if file then file:close() end
    if id then
      found[id] = found[id] or {}
      table.insert(found[id], pid)
    end
  end
  return found
end

local function working(self)
  local ids = {}
  for offset = 0, math.huge, 100 do
    local answer = api.call(self.serve, "DescribeProjects", { Offset = offset, Limit = 100 })
    for _, info in ipairs(answer.ProjectInfoSet) do
      ids[info.ProjectId] = info.StreamConnectProjectInfo.Status == "Working" or nil
    end
    if offset + 100 >= answer.TotalCount then return ids end
  end
end

-- What is wrong with the engines, in words; nil when nothing is.
local function engines_fault(wanted, found, before)
  for id, pids in pairs(found) do
    if not wanted[id] then return ("project %s is Idle and has engine %d"):format(id, pids[1]) end
    if #pids > 1 then return ("project %s has %d engines"):format(id, #pids) end
  end
  for id in pairs(wanted) do
    if not found[id] then return ("project %s is Working and has no engine"):format(id) end
    if before[id] and before[id][1] ~= found[id][1] then
      return ("project %s has another engine: %d was %d"):format(id, found[id][1], before[id][1])
    end
  end
  return nil
end

local function check_engines(self, before)
  local wanted, why = working(self), nil
  local ok = pcall(proc.eventually, "engines as they must be", 10, function()
    why = engines_fault(wanted, engines(self), before)
    return not why
  end)
  if not ok then fault(self, "%s", why) end
end

local function wait_verified(self)
  for _, worker in ipairs(self.workers) do
    worker.rounds = worker.rounds + 1
    proc.eventually(function() return ("%s to verify; it said %s"):format(worker.proc.name, worker.proc:output()) end,
      60, function()
        local _, said = worker.proc.out:gsub("verified %d+ %d+\n", "")
        return worker.proc.code or said >= worker.rounds
      end)
    assert(not worker.proc.code, worker.proc:output())
  end
end

-- Whether the workers have done so much by now that the kills had something to spoil.
local function has_load(self)
  local changes, starts = 0, 0
  for _, worker in ipairs(self.workers) do
    local done, started = worker.proc.out:match ".*verified (%d+) (%d+)\n"
    changes, starts = changes + tonumber(done), starts + tonumber(started)
  end
  return changes > LEAST_CHANGES and starts >= LEAST_STARTS
end

local function tell(self, word)
  for _, worker in ipairs(self.workers) do
    local fifo = assert(io.open(worker.fifo, "w"))
    fifo:write(word, "\n")
    fifo:close()
  end
end

-- One kill, and what must hold after it; true when it was the last one.
local function round(self, enough)
  proc.elapse(KILL_AFTER[1] + math.random() * (KILL_AFTER[2] - KILL_AFTER[1]))
  self.serve:crash()
  local before = engines(self)
  self.serve:up()
  wait_verified(self)
  check_engines(self, before)
  local last = enough and has_load(self)
  tell(self, last and "end" or "go")
  return last
end

-- ---- events

-- The distinct events of every project, in the order in which they were first taken.
local function taken(self)
  local by_project, bodies, repeated = {}, {}, 0
  for _, got in ipairs(self.receiver.got) do
    local change = cjson.decode(got.body).ProjectStreamConnectStatusChangedEvent
    if bodies[got.id] then
      repeated = repeated + 1
      if bodies[got.id] ~= got.body then fault(self, "event %s came with another body", got.id) end
    elseif change.Status == "Working" or change.Status == "Stopped" then
      by_project[change.ProjectId] = by_project[change.ProjectId] or {}
      table.insert(by_project[change.ProjectId], change.Status)
    end
    bodies[got.id] = bodies[got.id] or got.body
  end
  return by_project, repeated
end

-- What the events of a project must be: Working and Stopped in turn, as often as it was started and stopped.
local function events_fault(self, by_project)
  for id, run in pairs(self.runs) do
    local list = by_project[id] or {}
    if #list ~= run.starts + run.stops then
      return ("project %s: %d starts and %d stops, but the events %s"):format(id, run.starts, run.stops,
        table.concat(list, " "))
    end
    for i, status in ipairs(list) do
      if status ~= (i % 2 == 1 and "Working" or "Stopped") then
        return ("project %s: events out of order: %s"):format(id, table.concat(list, " "))
      end
    end
  end
  return nil
end

local function check_events(self)
  local why, by_project
  local ok = pcall(proc.eventually, "every event", 60, function()
    by_project, self.result.repeated = taken(self)
    why = events_fault(self, by_project)
    return not why
  end)
  if not ok then fault(self, "%s", why) end
  for _ in pairs(by_project) do self.result.projects_with_events = (self.result.projects_with_events or 0) + 1 end
end

-- ---- the end

local function finish_workers(self)
  for _, worker in ipairs(self.workers) do
    self.result.changes = self.result.changes + tonumber((worker.proc:expect "over (%d+)\n"))
    for id, starts, stops in worker.proc.out:gmatch "runs (%S+) (%d+) (%d+)\n" do
      self.runs[id] = { starts = tonumber(starts), stops = tonumber(stops) }
      self.result.starts = self.result.starts + self.runs[id].starts
    end
    for text in worker.proc.out:gmatch "fault ([^\n]+)" do fault(self, "%s: %s", worker.proc.name, text) end
  end
end

local function check_show(self)
  local lasted = usage.wall() - self.began
  local stopped = api.call(self.serve, "HandleStreamConnectProject", { ProjectId = self.show, Operation = "Stop" })
  if stopped.Error then fault(self, "the show: %s", stopped.Error.Message) end
  for _, app in ipairs { "show1", "show2" } do
    self.shown:expect_silence(app)
    local publishes, files = self.shown:publishes(app), self.shown:recordings(app)
    local packets = media.packets(files[1])
    if #publishes ~= 1 then fault(self, "%s: %d publishes", app, #publishes) end
    if packets.seconds < lasted - LATE then fault(self, "%s: %g s of %g s recorded", app, packets.seconds, lasted) end
    if packets.backward > 0 then fault(self, "%s: %d packets go backward", app, packets.backward) end
    self.result.gap = math.max(self.result.gap, packets.largest_gap)
    self.result.seconds = math.max(self.result.seconds, packets.seconds)
  end
end

--- Kills the service so many times.
---@param options { count: integer, seed: integer, report: fun(round: integer, faults: integer)|nil }
---@return { changes: integer, starts: integer, repeated: integer, gap: number, seconds: number } result
---@return string[] faults what did not hold; none, when all is well
function crash.run(options)
  local self = setmetatable({ seed = options.seed, workers = {}, faults = {}, runs = {},
    result = { changes = 0, starts = 0, repeated = 0, gap = 0, seconds = 0 } }, Crash)
  math.randomseed(options.seed)
  start(self)
  local i, last = 0, false
  while not last do
    i = i + 1
    last = round(self, i >= options.count)
    if options.report then options.report(i, #self.faults) end
  end
  finish_workers(self)
  check_events(self)
  check_show(self)
  self.serve:stop()
  self.receiver:down()
  return self.result, self.faults
end

return crash
