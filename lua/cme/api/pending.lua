-- SPDX-License-Identifier: MIT
-- What does not work yet of a broadcast that is on the air: the list `pending` of a detail. A start that works in part
-- is a start, so the call gives true (or what it gives anyhow), and the message and detail as a warning. Pure.

local codes = require "cme.codes"
local json = require "cme.json"

---@class cme.api.pending
local pending = {}

---@class cme.pending.fault
---@field what "input"|"output"|"uplink"|"stop_at"|"project" what it is about; "project": the service does not say
---@field id string "main", "backup", an output's id, the project's id
---@field code string e.g. "network.connect", "publish.refused"; "state.waiting" of one that is only on its way
---@field message string one sentence
---@field reason cme.reason the same for codes.say

local function read_reason(entry, message, presentable)
  local reason = codes.unpack(entry.Reason, presentable) or codes.reason()
  reason.text = not reason.sentence and message or nil
  return reason
end

--- Reads the list that `cme serve` sends with a start in part; other services send none.
---@param list any the member Pending of an Error
---@param presentable fun(said: string): string makes what the service said fit to be shown
---@return cme.pending.fault[]|nil
function pending.read(list, presentable)
  local found = json.array {}
  for i, entry in ipairs(json.object(list)) do
    entry = json.object(entry)
    local message = presentable(json.string(entry.Message) or "")
    found[i] = { what = presentable(json.string(entry.Type) or "project"),
      id = presentable(json.string(entry.Id) or ""), code = presentable(json.string(entry.Code) or ""),
      message = message, reason = read_reason(entry, message, presentable) }
  end
  return found[1] and found or nil
end

--- One fault that the client itself has found.
---@param what "stop_at"|"project"
---@param id string
---@param message string
---@param detail cme.detail
---@return cme.pending.fault
function pending.fault(what, id, message, detail)
  return { what = what, id = id, code = detail.code, message = message, reason = codes.words(message, detail) }
end

--- The warning about a start in part: its message and detail, from what the faults say.
---@param detail cme.detail with `pending`; it is changed
---@return true
---@return string message
---@return cme.detail detail
function pending.warning(detail)
  local faults = {}
  for i, fault in ipairs(detail.pending) do faults[i] = fault.reason end
  detail.sentence, detail.values, detail.within, detail.text = "state.partly", { faults = faults }, nil, nil
  return true, codes.say(detail), detail
end

--- Adds a fault to a warning, which may not be one yet.
---@param detail cme.detail|nil of the warning so far; it is changed
---@param fault cme.pending.fault
---@param cause cme.detail why
---@return true
---@return string message
---@return cme.detail detail
function pending.add(detail, fault, cause)
  detail = detail or cause
  detail.pending = detail.pending or {}
  table.insert(detail.pending, fault)
  return pending.warning(detail)
end

return pending
