-- SPDX-License-Identifier: MIT
-- The health of each input and output of a running project. `cme serve` has the action DescribeProjectHealth for it,
-- and DescribeProjectsHealth for many projects at once; the cloud has no such actions. Names are the schema's in
-- snake_case, states are in lower case, times are unix seconds.

local calls = require "cme.project.calls"
local codes = require "cme.codes"
local json = require "cme.json"
local options = require "cme.text.options"
local schema = require "cme.schema"
local time = require "cme.time"

local project_health = {}

local unpack = table.unpack or _G.unpack -- luacheck: ignore 143

---@class cme.project.health
---@field status "idle"|"working"
---@field active "main"|"backup"|nil the input on the air
---@field started_at number|nil when the relaying began
---@field inputs table<string, cme.project.input_health> by "main" and "backup"; empty while idle
---@field outputs cme.project.output_health[] empty while idle
---@field recording cme.project.recording_health|nil nil: nothing is to be recorded
---@field uplink cme.project.uplink_health|nil
---@field merge cme.project.merge_health|nil nil: main and backup are not to be merged, or it is idle
---@field standby cme.project.standby_health|nil nil: no node is to stand by
---@field on_slate boolean|nil the slate goes out in place of the active input; nil: the service does not tell
---@field slate cme.project.slate_health|nil nil: it has none

---@field error cme.project.health_error|nil of many: why nothing can be told of this one

---@class cme.project.health_error
---@field code string "network.connect", "publish.refused", ...
---@field message string
---@field time number|nil
---@field reason cme.reason|nil the message for codes.say; `cme serve` only

---@class cme.project.input_health
---@field endpoint "main"|"backup"
---@field state "connecting"|"live"|"stalled"|"down"
---@field since number|nil when it came into that state
---@field error cme.project.health_error|nil the last one, also after a recovery
---@field bitrate number kbps
---@field frame_rate number
---@field packet_age integer|nil ms since the last packet
---@field gop_ms integer|nil the last whole GOP
---@field video_codec string|nil
---@field width integer|nil
---@field height integer|nil
---@field audio_codec string|nil
---@field sample_rate integer|nil
---@field channels integer|nil
---@field dts_jumps integer
---@field opens integer times it was opened
---@field look cme.project.look|nil what it shows, with look_inputs
---@field dropped integer packets that arrived and were not sent: unreadable, before the first keyframe, or audio out
--- of time order

---@class cme.project.uplink_health what the broadcast has of the uplink
---@field full boolean its destinations fall behind together
---@field bitrate number kbps that go out to them
---@field limit integer|nil kbps that the machine's uplink carries, where the operator says so (--max-uplink)
---@field error cme.project.health_error|nil while it is full

---@class cme.project.recording_health
---@field name string
---@field of "programme"|"main"|"backup"
---@field max_seconds integer 0: any
---@field max_bytes integer 0: any
---@field state string "idle" while the project is; else as an output's: "waiting", "connecting", "live" (it is
--- written), "backoff" or "refused" (it is not: error says why)
---@field file string|nil the one that is written, below the folder of `cme serve --recordings`
---@field dropped integer packets that the disk was too slow for
---@field error cme.project.health_error|nil the last one, also after a recovery

---@class cme.project.slate_health
---@field name string|nil file of the service's media folder; nil: black and silence
---@field after number seconds without a picture until it goes out
---@field state "idle"|"making"|"ready"|"on"|"failed"
---@field error cme.project.health_error|nil why it cannot be made

---@class cme.project.merge_health
---@field state "alone"|"aligning"|"aligned"|"repeats"|"far"|"different" all but "aligned" behave as failover
---@field window number seconds that one input may come later than the other
---@field distance integer|nil ms by which the backup's packets come later; below 0: earlier
---@field held integer ms for which packets wait for the other input now
---@field taken_main integer packets sent from main
---@field taken_backup integer
---@field late_main integer packets that only main brought, too late
---@field late_backup integer
---@field error cme.project.health_error|nil why they are not merged

---@class cme.project.standby_health
---@field state "idle"|"missing"|"starting"|"warm" missing: no node stands by; warm: one has the active input
---@field node string|nil the node that stands by

---@class cme.project.look what viewers of an output see, or what an input shows; `cme serve` only
---@field state string as `cme look` names it: "ok", "black", "gone", ...
---@field good boolean|nil picture and sound are there; nil: not known yet
---@field since number when the state was named
---@field time number when it was looked at last
---@field delay integer|nil ms behind the source
---@field video_codec string|nil
---@field width integer|nil
---@field height integer|nil
---@field frame_rate number|nil
---@field bitrate number|nil kbps
---@field loudness number|nil LUFS, of the last 0.4 s
---@field true_peak number|nil dBTP
---@field picture string|nil URL of a JPEG of what is seen now
---@field error_picture string|nil URL of a JPEG of what was seen when the state was named; for a day
---@field error cme.project.health_error|nil what is wrong, when `good` is false

---@class cme.project.output_health a MEDIA_CAST project of another service has id, url and state only
---@field id string
---@field name string
---@field url string|nil of another service only
---@field state string "waiting", "connecting", "live", "backoff", "refused", "fenced" (the host has no lease for the
--- project); "stopped": a MEDIA_CAST output that is disabled; of another service "working", "stopped", "failed"
---@field since number|nil when it came into that state
---@field connects integer times it was connected
---@field error cme.project.health_error|nil the last one, also after a recovery
---@field bitrate number kbps
---@field frame_rate number
---@field packets integer
---@field dropped integer packets lost to a full queue
---@field overflows integer times the queue was full
---@field queue_ms integer
---@field queue_high_ms integer the most it ever was
---@field unsent_bytes integer|nil in the kernel, not acknowledged yet
---@field write_age integer|nil ms since the kernel took a packet
---@field delay_p50 number|nil ms from the input to the destination's kernel
---@field delay_p99 number|nil
---@field bytes integer
---@field waits_for string|nil of a waiting output: what for, "the main input: no picture for 2 s"
---@field look cme.project.look|nil what viewers see, where the output has `watch`
---@field waits_for_reason cme.reason|nil the same for codes.say; `cme serve` only

local ACTION = "DescribeProjectHealth"
local ACTION_OF_MANY = "DescribeProjectsHealth"
local PAGE = 100
local TIMES = { Since = true, Time = true, StartTime = true }
local WORDS = { Status = true, Active = true, State = true, Endpoint = true, Of = true }

local function snake(name)
  return (name:gsub("(%l)(%u)", "%1_%2"):lower())
end

local read_object

local function read_member(value, field)
  if value == nil or value == json.null or value == "" then return nil end
  if TIMES[field.name] then return time.read(value) end
  if WORDS[field.name] then return snake(tostring(value)) end
  if field.type == "object" then return read_object(value, schema.objects[field.of]) end
  if field.type ~= "array" then return value end
  local list = json.array {}
  for i, entry in ipairs(json.object(value)) do list[i] = read_object(json.object(entry), schema.objects[field.of]) end
  return list
end

read_object = function(object, fields)
  local found = {}
  for _, field in ipairs(fields) do found[snake(field.name)] = read_member(object[field.name], field) end
  -- What a message was made of, for codes.say. Its values are no fields of the schema.
  if object.Reason ~= nil then found.reason = codes.unpack(object.Reason, tostring) end
  if object.WaitsForReason ~= nil then found.waits_for_reason = codes.unpack(object.WaitsForReason, tostring) end
  return found
end

--- Reads the service's answer, or the entry of one project in an answer about many. Pure.
---@param response table
---@return cme.project.health
function project_health.read(response)
  local found = read_object(response, schema.objects.ProjectHealth)
  local inputs = {}
  for _, input in ipairs(found.inputs or {}) do inputs[input.endpoint or ""] = input end
  return { status = found.status, active = found.active, started_at = found.start_time, inputs = inputs,
    outputs = found.outputs or json.array {}, on_slate = found.on_slate, slate = found.slate,
    recording = found.recording, uplink = found.uplink, merge = found.merge, standby = found.standby,
    error = found.error }
end

--- What is said where the service has no such action.
project_health.UNSUPPORTED = "invalid.unsupported:health"

local function page_of(call, ids, offset)
  local response, message, detail = call:call(ACTION_OF_MANY, { ProjectIds = ids, Offset = offset, Limit = PAGE })
  if response then return response end
  if codes.is_lacking(detail.code) then return codes.fail(project_health.UNSUPPORTED) end
  return nil, message, detail
end

-- Reads all pages of one request into `found`.
local function read_pages(call, ids, found)
  local offset = 0
  repeat
    local response, message, detail = page_of(call, ids, offset)
    if not response then return nil, message, detail end
    local set = json.object(response.HealthSet)
    for _, entry in ipairs(set) do found[tostring(json.object(entry).ProjectId)] = project_health.read(entry) end
    offset = offset + #set
  until #set == 0 or offset >= (tonumber(response.TotalCount) or 0)
  return true
end

--- Asks the service about many projects, a hundred a call.
---@param client cme.client
---@param ids string[]|nil nil: all that are working
---@param given cme.project.timeout|nil
---@return table<string, cme.project.health>|nil health by project id
---@return string|nil message
---@return cme.detail|nil detail code invalid.unsupported: the service has no such action
function project_health.of_many(client, ids, given)
  local checked = options.check("client:health", given, { timeout = { "number", fact = options.timeout } })
  local call, found, at = calls.new(client, { timeout = checked.timeout }), {}, 1
  repeat
    local part = ids and { unpack(ids, at, math.min(#ids, at + PAGE - 1)) }
    if part and not part[1] then break end
    local ok, message, detail = read_pages(call, part, found)
    if not ok then return nil, message, detail end
    at = at + PAGE
  until not ids
  return found
end

--- Asks the service.
---@param call cme.project.calls about a project that exists
---@return cme.project.health|false|nil health false: the service has no such action
---@return string|nil message
---@return cme.detail|nil detail
function project_health.ask(call)
  local response, message, detail = call:act(ACTION, {}, calls.again)
  if response then return project_health.read(response) end
  if codes.is_lacking(detail.code) then return false, message, detail end
  return nil, message, detail
end

--- Adds `state` and `error` to the inputs, outputs and the recording of what info() gave, `merge_state` and
--- `standby_state`. Pure.
---@param info cme.project.info
---@param health cme.project.health
function project_health.add(info, health)
  local by_id = {}
  for _, output in ipairs(health.outputs) do by_id[output.id or ""] = output end
  for _, output in ipairs(info.outputs) do
    local one = by_id[output.id] or {}
    output.state, output.error = one.state, one.error
  end
  for name, input in pairs(info.inputs) do
    local one = health.inputs[name] or {}
    input.state, input.error = one.state, one.error
  end
  info.merge_state, info.standby_state = health.merge and health.merge.state, health.standby
  if info.record and health.recording then
    info.record.state, info.record.error, info.record.file = health.recording.state, health.recording.error,
      health.recording.file
  end
end

return project_health
