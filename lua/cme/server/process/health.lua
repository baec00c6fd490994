-- SPDX-License-Identifier: MIT
-- What an engine reported about its inputs and outputs, and what a start makes of it: all is well, something is still
-- on its way, or something will not work by itself. Also the words for what is wrong. Pure. An input or output keeps
-- its failure until it is live: the engine retries again and again, and "connecting" for the third time is no reason to
-- wait longer.

local codes = require "cme.codes"
local playback = require "cme.server.edge.playback"
local platforms = require "cme.platforms"
local redact = require "cme.redact"
local sockets = require "cme.server.process.sockets"

local health = {}

---@class cme.server.process.part an input or an output
---@field state string     the engine's word
---@field failed boolean   it failed since it was last live
---@field code string|nil  of the last failure
---@field reason cme.reason|nil

---@class cme.server.process.health
---@field inputs table<string, cme.server.process.part>  by endpoint
---@field outputs table<string, cme.server.process.part> by output id
---@field active string
---@field on_slate boolean|nil the slate is on the air in place of the active input

local FAILED_STATES = { down = true, stalled = true, backoff = true, refused = true }

local function part(state)
  return { state = state, failed = false }
end

-- The project's own.
local function by_id(outputs)
  local found = {}
  for _, output in ipairs(outputs) do
    if not playback.is_internal(output.id) then
      found[output.id] = output
    end
  end
  return found
end

---@param spec table the engine's desired state
---@return cme.server.process.health
function health.new(spec)
  local self = { inputs = {}, outputs = {}, active = spec.active }
  for endpoint in pairs(spec.inputs) do
    self.inputs[endpoint] = part "connecting"
  end
  for id in pairs(by_id(spec.outputs)) do
    self.outputs[id] = part "waiting"
  end
  return self
end

local function same_source(one, other)
  return one.url == other.url and one.loop == other.loop
    and table.concat(one.urls or {}, "\n") == table.concat(other.urls or {}, "\n")
end

local function retarget_parts(parts, before, after, state)
  for name in pairs(parts) do
    if not after[name] then
      parts[name] = nil
    end
  end
  for name, one in pairs(after) do
    if not before[name] or not same_source(before[name], one) then
      parts[name] = part(state)
    end
  end
end

--- How the parts are when their engine has ended without being asked to: all of them fail.
---@param spec table that it had
---@return cme.server.process.health
function health.lost(spec)
  local self = health.new(spec)
  for state, parts in pairs { down = self.inputs, backoff = self.outputs } do
    for _, one in pairs(parts) do
      one.state, one.failed, one.code, one.reason = state, true, "internal", codes.reason "word:engine_ended"
    end
  end
  return self
end

--- Follows a change of the desired state: what is new or was changed begins anew, what is gone is forgotten.
---@param self cme.server.process.health
---@param before table spec
---@param after table spec
function health.retarget(self, before, after)
  retarget_parts(self.inputs, before.inputs, after.inputs, "connecting")
  retarget_parts(self.outputs, by_id(before.outputs), by_id(after.outputs), "waiting")
end

local function note(one, state, code, reason)
  if not one or type(state) ~= "string" then return end
  one.state = state
  if state == "live" then
    one.failed, one.code, one.reason = false, nil, nil
  elseif FAILED_STATES[state] then
    one.failed, one.code, one.reason = true, code or one.code, reason or one.reason
  end
end

local function text_or_nil(value)
  return type(value) == "string" and value ~= "" and value or nil
end

--- What a process says, by the parts of its message; one before 0.2 sends the words alone.
---@param message any
---@param parts any
---@return cme.reason|nil
function health.reason_of(message, parts)
  message = text_or_nil(message)
  return sockets.out_of(codes.unpack(parts, tostring)) or message and { text = sockets.out_of_text(message) }
end

--- Takes in an event of the engine.
---@param self cme.server.process.health
---@param event table
function health.event(self, event)
  if event.event == "input" then
    note(self.inputs[event.endpoint], event.state, text_or_nil(event.code), health.reason_of(event.reason, event.parts))
  elseif event.event == "output" then
    note(self.outputs[event.output_id], event.state, text_or_nil(event.code),
      health.reason_of(event.reason, event.parts))
  elseif event.event == "switched" and type(event.to) == "string" then
    self.active = event.to
  elseif event.event == "slate" then
    self.on_slate = event.on == true
  end
end

local function note_stat(one, stat)
  local failure = type(stat.error) == "table" and stat.error or {}
  note(one, stat.state, text_or_nil(failure.code), health.reason_of(failure.message, failure.parts))
end

--- Takes in an answer to `stat`.
---@param self cme.server.process.health
---@param stat table
function health.stat(self, stat)
  for endpoint, input in pairs(type(stat.inputs) == "table" and stat.inputs or {}) do
    if type(input) == "table" then
      note_stat(self.inputs[endpoint], input)
    end
  end
  for _, output in ipairs(type(stat.outputs) == "table" and stat.outputs or {}) do
    if type(output) == "table" then
      note_stat(self.outputs[output.id], output)
    end
  end
  self.active = text_or_nil(stat.active) or self.active
  self.on_slate = stat.on_slate == true
end

local function settled(one)
  return one.state == "live" or one.failed
end

-- Whether media may still come from any input.
local function media_possible(self)
  for _, input in pairs(self.inputs) do
    if input.state == "live" or not input.failed then return true end
  end
  return false
end

---@param self cme.server.process.health
---@return "live"|"pending"|"partial"
function health.verdict(self)
  local first = self.inputs.main or self.inputs.backup
  local all_live = first.state == "live"
  local pending = not settled(first)
  local media = media_possible(self)
  for _, output in pairs(self.outputs) do
    all_live = all_live and output.state == "live"
    pending = pending or (not settled(output) and (media or output.state ~= "waiting"))
  end
  return all_live and "live" or pending and "pending" or "partial"
end

-- Sentences of the catalogue, by code.
local ADVICE = {
  ["network.resolve"] = "advice:host_name",
  ["network.connect"] = "advice:is_it_up",
  ["network.timeout"] = "advice:is_it_reachable",
  ["network.reset"] = "advice:address_and_key",
  ["network.tls"] = "advice:certificate",
  ["publish.refused"] = "advice:publisher",
  ["media.unsupported"] = "advice:codecs",
  ["media.too_large"] = "advice:smaller",
  ["media.reader"] = "advice:reader",
  ["media.no_picture"] = "advice:camera",
  ["media.no_sound"] = "advice:sound",
  ["media.no_keyframe"] = "advice:keyframes",
}

-- Where an input needs other advice than an output.
local SOURCE_ADVICE = {
  ["network.reset"] = "advice:source_address",
  ["source.not_public"] = "advice:public_source",
}

-- What to do about an encoder that the edge refuses.
local REFUSAL_ADVICE = { ["publish.busy"] = "advice:one_encoder", ["publish.taken_over"] = "advice:one_encoder" }

-- Whether a reason names a URL: most of the engine's do.
local function names(reason, url)
  return codes.say(reason):find(url, 1, true) ~= nil
end

local WITH_URL = { ["word:input_part"] = "word:input_part_at", ["word:output_part"] = "word:output_part_at" }

-- What does not work, and what to do. `label` is the sentence that names it; WITH_URL has the same with its URL, unless
-- that is nobody's business.
local function describe(label, values, one, advice)
  local reason = one.reason or codes.reason("word:is_" .. one.state)
  if not sockets.is_one(values.url) and not names(reason, values.url) then label = WITH_URL[label] end
  return codes.reason(one.code and "state.faulty:code" or "state.faulty",
    { part = codes.reason(label, values), reason = reason, code = one.code, advice = codes.reason(advice) })
end

---@class cme.server.process.fault an input or output that does not work
---@field what "input"|"output"
---@field id string       "main", "backup", or the output's id
---@field code string     the engine's, or "state." and the state of one that is only on its way
---@field message string  one sentence, with what to do
---@field reason cme.reason  the same, for readers of any language

---@return cme.server.process.fault
local function fault(what, id, one, reason)
  return { what = what, id = id, code = one.code or "state." .. one.state, message = codes.say(reason),
    reason = reason }
end

local function source_url(input)
  return input.url or input.urls[1]
end

-- What an engine knows of a pushed input that nobody pushes are the silence and the end of its own waiting.
local KNOWN_OF_PUSHED = {
  ["media.unsupported"] = true, ["media.too_large"] = true, ["media.no_picture"] = true, ["media.no_keyframe"] = true,
  ["network.connect"] = true,
}

local function input_sentence(endpoint, source, one)
  if source.pushed and not KNOWN_OF_PUSHED[one.code] then
    return codes.reason("state.nobody_pushes", { input = codes.reason("word:" .. endpoint) })
  end
  local values = { input = codes.reason("word:" .. endpoint), url = redact.url(source_url(source)) }
  return describe("word:input_part", values, one,
    SOURCE_ADVICE[one.code] or ADVICE[one.code] or "advice:source_on_air")
end

local function output_sentence(output, one)
  local explained = one.reason and platforms.explain(output.url, one.reason)
  if explained then one = setmetatable({ reason = explained }, { __index = one }) end
  local waits = one.state == "waiting" and not one.failed
  return describe("word:output_part",
    { name = output.name ~= "" and output.name or output.id, url = redact.url(output.url) }, one,
    ADVICE[one.code] or (waits and "advice:waits" or "advice:address_and_key"))
end

--- Each input and output that does not work.
---@param self cme.server.process.health
---@param spec table
---@return cme.server.process.fault[]
function health.faults(self, spec)
  local list = {}
  for _, endpoint in ipairs { "main", "backup" } do
    local input = self.inputs[endpoint]
    -- a backup that is still on its way is no fault: nothing depends on it yet
    if input and input.state ~= "live" and (endpoint == "main" or not self.inputs.main or input.failed) then
      list[#list + 1] = fault("input", endpoint, input, input_sentence(endpoint, spec.inputs[endpoint], input))
    end
  end
  for _, output in ipairs(spec.outputs) do
    local one = self.outputs[output.id]
    if one and one.state ~= "live" then
      list[#list + 1] = fault("output", output.id, one, output_sentence(output, one))
    end
  end
  return list
end

--- An input that nothing comes to because the edge refuses its encoder, of which an engine knows nothing.
---@param endpoint "main"|"backup"
---@param refusal cme.server.publishers.refusal
---@return cme.server.process.fault
function health.refused(endpoint, refusal)
  local reason = codes.reason("state.faulty:code", {
    part = codes.reason("word:encoder_part", { input = codes.reason("word:" .. endpoint) }),
    reason = health.reason_of(refusal.message, refusal.parts), code = refusal.code,
    advice = codes.reason(REFUSAL_ADVICE[refusal.code] or "advice:push_address") })
  return fault("input", endpoint, refusal, reason)
end

return health
