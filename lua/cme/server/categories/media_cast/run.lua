-- SPDX-License-Identifier: MIT
-- The operations of HandleMediaCastProject about a run: Start, Confirm, Stop, SwitchSource, DescribePlayInfo; the start
-- at AutoStartTime, and how a run ends by itself. A run has two processes, the playout and the engine that sends its
-- stream. The order of things decides what a crash leaves behind: the store first, then the processes, as for
-- stream-connect projects (stream_connect/run.lua).
--
-- Until Confirm the run's planned end is 30 s after Start. The engine carries it, so a run that nobody confirms ends
-- while the service is down, too.

local answer = require "cme.server.call"
local codes = require "cme.codes"
local luv = require "cme.net.loop.luv"
local project = require "cme.server.categories.media_cast.project"
local rules = require "cme.server.categories.media_cast.states"
local settings = require "cme.server.categories.media_cast.settings"
local sign = require "cme.sign"
local sources = require "cme.server.categories.media_cast.sources"
local states = require "cme.server.categories.states"

local run = {}

local SWITCH_SECONDS = 25 -- the playout gives a source 20 s

-- ---- Start, Confirm, Stop

local function not_started(self, started, options, why, cause)
  local fact, kept = self.changes:abandon(started, { reason = options.reason .. ": " .. why,
    operator = options.operator }, self.processes)
  if kept then self.relays:keep(started.id) end -- which may not have been begun; the playout is kept as it was
  return codes.fail("api.FailedOperation:not_started",
    { id = started.id, reason = answer.part(why, cause), fact = fact })
end

local function start_processes(self, id)
  local ok, message, detail = self.processes:start(id)
  if not ok then return nil, message, detail end
  return self.relays:start(id)
end

--- Takes a project on the air. Returns when playout and engine run; sources and destinations come when they come.
---@param self cme.server.categories.media_cast
---@param record cme.server.project
---@param options { reason: string, operator: string|nil, confirmed: boolean }
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function run.begin(self, record, options)
  local now = self.now()
  local started, message, detail = self.changes:apply(record.id, "start", function(before)
    local ok, why, refusal = project.check_startable(before, now)
    if not ok then return nil, why, refusal end
    local input = project.with(before.input,
      { Run = { Id = sign.random_hex(8), StartedAt = now, Confirmed = options.confirmed, Disabled = {} } })
    return { reason = options.reason, operator = options.operator, input = input,
      stop_at = project.stop_at(input, now, options.confirmed) }
  end)
  if not started then return nil, message, detail end
  self.files:forget(record.id)
  self.outputs[record.id] = nil -- of the run before
  local ok
  ok, message, detail = start_processes(self, record.id)
  if not ok then return not_started(self, started, options, message, detail) end
  return true
end

function run.start(self, call, record)
  return answer.done(run.begin(self, record, { reason = answer.reason(call), operator = call.params.Operator,
    confirmed = false }))
end

--- Keeps a run on the air. Calling it again has no effect.
function run.confirm(self, call, record)
  return answer.done(self.changes:tell(record.id, "confirm", function(before)
    local current = project.run(before)
    return { input = project.with(before.input, { Run = project.with(current, { Confirmed = true }) }),
      stop_at = project.stop_at(before.input, current.StartedAt, true) or false, reason = answer.reason(call) }
  end))
end

function run.stop(self, call, record)
  local stopped, message, detail = self.changes:finish(record.id, "stop",
    { reason = answer.reason(call), operator = call.params.Operator }, self.processes)
  if not stopped then return nil, message, detail end
  local now = self.store:get(record.id)
  if now and now.status == "Idle" then -- else it was started again, or deleted, while its processes ended
    self.files:forget(record.id)
    self.auto_start:watch(now)
  end
  return {}
end

-- ---- SwitchSource

function run.switch(self, call, record)
  local ids = sources.ids(call.params.SourceInfos)
  if not ids or #ids ~= 1 then return codes.fail "api.MissingParameter:one_source" end
  local fits, message, detail = states.check(rules, record, "switch_source")
  if not fits then return nil, message, detail end
  if not sources.find(record.input.SourceInfos, ids[1]) then return sources.unknown(ids[1]) end
  local ok, why, cause = self.processes:ask(record.id, { op = "switch", to = ids[1] }, SWITCH_SECONDS)
  if not ok then
    return codes.fail("api.FailedOperation:not_switched", { id = record.id, reason = answer.part(why, cause) })
  end
  return {}
end

-- ---- DescribePlayInfo

local function is_failed(output)
  return output.state ~= "live" and type(output.error) == "table"
end

-- The statuses of destinations from what the engine says; nil: it could not be asked.
local function destination_set(record, stat)
  local outputs, set, off = {}, {}, project.disabled(record)
  for _, output in ipairs(stat and stat.outputs or {}) do outputs[output.id] = output end
  for i, one in ipairs(record.input.DestinationInfos) do
    local output, status = outputs[one.Id], "Working"
    if record.status ~= "Working" or off[one.Id] then
      status = "Stopped"
    elseif not output or is_failed(output) then
      status = "Failed"
    end
    set[i] = { Id = one.Id, PushUrl = one.PushUrl, Status = status }
  end
  return set
end

function run.play_info(self, _, record)
  local playing, stat = {}, nil
  if record.status == "Working" then
    playing = self.processes:stat(record.id) or {}
    stat = self.relays:stat(record.id)
  end
  return { PlayInfo = {
    Status = record.status,
    CurrentSourceId = playing.source_id or "",
    CurrentSourcePosition = playing.position or 0,
    CurrentSourceDuration = playing.duration or 0,
    LoopCount = math.tointeger(playing.rounds) or 0,
    DestinationStatusSet = destination_set(record, stat),
  } }
end

-- ---- how a run ends by itself

--- Why a Working project is over, if it is.
---@param self cme.server.categories.media_cast
---@param record cme.server.project
---@param slack number seconds by which an engine may end before the planned end
---@return string|nil reason
function run.over(self, record, slack)
  if self.files:end_of(record) then return "played out" end
  if not record.stop_at or record.stop_at > self.now() + slack then return nil end
  return project.run(record).Confirmed and "planned end" or answer.UNCONFIRMED
end

--- After a run has ended by itself: both processes go. Called from the keeper of one of them; does not wait.
---@param self cme.server.categories.media_cast
---@param record cme.server.project
function run.ended(self, record)
  self.files:forget(record.id)
  luv.detach(self.relays.stop, self.relays, record.id)
  luv.detach(self.processes.stop, self.processes, record.id)
  self.auto_start:watch(record)
end

--- The time at which an Idle project is to start by itself, unless it was started since.
---@param record cme.server.project
---@return number|nil unix seconds
function run.auto_start_at(record)
  local at, last = settings.auto_start_at(record.input.PlaySetting), project.run(record)
  if record.status ~= "Idle" or not at or (last and last.StartedAt >= at) then return nil end
  return at
end

return run
