-- SPDX-License-Identifier: MIT
-- The operations of HandleStreamConnectProject about a run: Start, Stop, SwitchInput, ModifyCurrentStopTime,
-- DescribeInputPlayInfo. The order of things decides what a crash leaves behind:
--   Start   store Working, then bring the engine up: a service that dies between starts it when it is back
--   Stop    store Idle, then end the engine: one that dies between ends it as an orphan
--   SwitchInput  the engine first, then the store: the engine is what the viewers see, and is asked on adoption; so
--           a switch that cannot be written down is done all the same
-- Changes of state run under the project's lock; waiting for engines does not, so a Stop never waits for a Start.

local access = require "cme.server.http.access"
local answer = require "cme.server.call"
local codes = require "cme.codes"
local endpoint = require "cme.server.categories.stream_connect.endpoint"
local health = require "cme.server.process.health"
local json = require "cme.json"
local limits = require "cme.api.limits"
local project = require "cme.server.categories.stream_connect.project"
local rules = require "cme.server.categories.stream_connect.states"
local states = require "cme.server.categories.states"
local time = require "cme.time"

local run = {}

local LIVE_SECONDS = 8 -- bound of Start's wait for picture everywhere

-- ---- Start, Stop

local function not_started(self, call, started, why, cause)
  local fact = self.changes:abandon(started, { reason = answer.reason(call) .. ": " .. why,
    operator = call.params.Operator })
  return codes.fail("api.FailedOperation.StreamConnect:not_started",
    { id = started.id, reason = answer.part(why, cause), fact = fact })
end

-- What a start in part answers: beside the code and a sentence, what does not work yet, one by one.
local function started_partly(record, faults)
  local sentences = {}
  for i, fault in ipairs(faults) do sentences[i] = fault.reason end
  return codes.fail("api.FailedOperation.StartStreamConnectPartlyErr:partly", { id = record.id, faults = sentences },
    { pending = faults })
end

-- The planned end of a run that begins now: the one that Start was given, else the service's default; false: none. The
-- engine has it from its first moment, whatever becomes of the caller while Start waits for the picture.
local function first_stop(self, call)
  local given = call.params.CurrentStopTime
  if given and given ~= "" then return run.read_stop_time(given, self.now()) end
  local default_stop = self.settings.default_stop
  return default_stop and self.now() + default_stop or false
end

-- The engine knows that nothing comes, the edge why: it refuses an encoder.
local function explained(self, id, faults)
  for i, fault in ipairs(faults) do
    local refusal = fault.what == "input" and self.publishers and self.publishers:refusal(id, fault.id)
    if refusal then faults[i] = health.refused(fault.id, refusal) end
  end
  return faults
end

-- What a start has come to, once all is live or does not come.
local function judge(self, record)
  local verdict, faults = self.relays:wait_live(record.id, LIVE_SECONDS)
  if verdict == "gone" then return codes.fail("api.FailedOperation.StreamConnect:start_stopped", { id = record.id }) end
  faults = explained(self, record.id, faults or {})
  faults[#faults + 1] = self.uplink and self.uplink:check(record.id)
  if verdict == "live" and not faults[1] then return {} end
  return started_partly(record, faults)
end

function run.start(self, call, record)
  local stop_at, message, detail = first_stop(self, call)
  if stop_at == nil then return nil, message, detail end
  local started
  started, message, detail = self.changes:apply(record.id, "start", function(before)
    local ok, why, refusal = project.check_startable(before, self.edge)
    if not ok then return nil, why, refusal end
    return { reason = answer.reason(call), operator = call.params.Operator,
      active = project.first_active(before.input), stop_at = stop_at or nil }
  end)
  if not started then return nil, message, detail end
  local ok, why, cause = self.relays:start(record.id)
  if not ok then return not_started(self, call, started, why, cause) end
  return judge(self, record)
end

function run.stop(self, call, record)
  return answer.done(self.changes:finish(record.id, "stop",
    { reason = answer.reason(call), operator = call.params.Operator }))
end

-- ---- SwitchInput

--- Writes down which input the engine relays now. Also for switches that the engine made by itself.
---@param self cme.server.categories.stream_connect
---@param id string
---@param reason string
---@return cme.server.project|nil
---@return string|nil message
---@return cme.detail|nil detail
function run.store_active(self, id, reason)
  local active = endpoint.names[self.relays:active(id)]
  if not active then return codes.fail("api.FailedOperation.StreamConnect:stopped", { id = id }) end
  return self.changes:apply(id, "switch", { active = active, reason = reason })
end

-- How a sentence names an endpoint of the engine's.
local function word_of(name)
  return endpoint.words[endpoint.names[name]] or codes.reason "word:input_before"
end

local function switch_engine(self, call, record, to)
  local before = self.relays:active(record.id)
  if self.looks then self.looks:choose(record.id, to) end
  local switched, why, cause = self.relays:switch(record.id, to)
  if not switched then
    if self.looks then self.looks:choose(record.id, nil) end
    return codes.fail("api.FailedOperation.StreamConnect:not_switched",
      { id = record.id, to = word_of(to), reason = answer.part(why, cause), now = word_of(before) })
  end
  local ok, message, detail = run.store_active(self, record.id, answer.reason(call))
  if not ok and detail.code ~= "api.InternalError" then return nil, message, detail end
  if not ok then
    self.log:error("switch is not stored", { project = record.id, active = to, error = message })
  end
  return {}
end

local function switch_now(self, call, record, to)
  local current, failure, fault = self.store:get(record.id)
  if failure then return access.storage_failed(codes.reason "word:doing:switch", failure, fault) end
  if current then
    local ok, message, detail = states.check(rules, current, "switch")
    if not ok then return nil, message, detail end
  end
  return switch_engine(self, call, record, to)
end

function run.switch(self, call, record)
  local chosen, message, detail = endpoint.existing(record, call.params.InputEndpoint)
  if not chosen then return nil, message, detail end
  return self.locks:with(record.id .. " switch", switch_now, self, call, record, chosen:lower())
end

-- ---- ModifyCurrentStopTime

--- Reads a planned end; pure.
---@param text string|nil
---@param now number
---@return number|nil at
---@return string|nil message
---@return cme.detail|nil detail
function run.read_stop_time(text, now)
  if not text or text == "" then return codes.fail "api.MissingParameter:stop_time" end
  local at, message, detail = time.parse(text)
  if not at then return codes.fail("api.InvalidParameterValue:stop_time", { reason = answer.part(message, detail) }) end
  if at <= now then
    return codes.fail("api.InvalidParameterValue:stop_time_past",
      { time = time.format(at), now = time.format(now // 1) })
  end
  if at > now + limits.stop_ahead then
    return codes.fail("api.InvalidParameterValue:stop_time_far", { time = time.format(at) })
  end
  return at
end

function run.set_stop_at(self, call, record)
  local at, message, detail = run.read_stop_time(call.params.CurrentStopTime, self.now())
  if not at then return nil, message, detail end
  return answer.done(self.changes:tell(record.id, "set_stop_at", function()
    return { stop_at = at, reason = answer.reason(call) }
  end))
end

-- ---- DescribeInputPlayInfo

--- Where the list of an input is; pure.
---@param input table a stored one
---@param stat table|nil the engine's
---@param chosen "Main"|"Backup"
---@return table|nil VodPullInputPlayInfo nil: the input is not a list, or nothing of it is known
function run.play_info(input, stat, chosen)
  local play = json.object(json.object(json.object(stat and stat.inputs)[chosen:lower()]).play)
  local url = input.VodPullInputInfo and input.VodPullInputInfo.InputUrls[(tonumber(play.index) or -1) + 1]
  return url and { Url = url, TimeOffset = tonumber(play.offset_s) or 0 } or nil
end

function run.describe_play(self, call, record)
  local chosen, message, detail = endpoint.existing(record, call.params.InputEndpoint)
  if not chosen then return nil, message, detail end
  if record.status ~= "Working" then return {} end
  local stat
  stat, message, detail = self.relays:stat(record.id)
  if not stat then return codes.fail("api.FailedOperation.StreamConnect:position",
    { id = record.id, reason = answer.part(message, detail) }) end
  return { VodPullInputPlayInfo = run.play_info(record.input[project.members[chosen]], stat, chosen) }
end

return run
