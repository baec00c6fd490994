-- SPDX-License-Identifier: MIT
-- What does not work yet of a broadcast that is on the air: the list `pending` of a detail. A start that works in part
-- is a start, so the call gives true (or what it gives anyhow), and the message and detail as a warning. Pure.

local json = require "cme.json"

---@class cme.pending
local pending = {}

---@class cme.pending.fault
---@field what "input"|"output"|"stop_at"|"project" what it is about; "project": the service does not say
---@field id string "main", "backup", an output's id, the project's id
---@field code string e.g. "network.connect", "publish.refused"; "state.waiting" of one that is only on its way
---@field message string one sentence

--- Reads the list that `cme serve` sends with a start in part; other services send none.
---@param list any the member Pending of an Error
---@param presentable fun(said: string): string makes what the service said fit to be shown
---@return cme.pending.fault[]|nil
function pending.read(list, presentable)
  local found = json.array {}
  for i, entry in ipairs(json.object(list)) do
    entry = json.object(entry)
    found[i] = { what = presentable(json.string(entry.Type) or "project"),
      id = presentable(json.string(entry.Id) or ""), code = presentable(json.string(entry.Code) or ""),
      message = presentable(json.string(entry.Message) or "") }
  end
  return found[1] and found or nil
end

--- What a warning tells: the sentences of a list in one.
---@param list cme.pending.fault[]
---@return string
function pending.sentence(list)
  local sentences = {}
  for i, fault in ipairs(list) do sentences[i] = fault.message end
  return "started, but not all of it works yet: " .. table.concat(sentences, "; ")
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
  return true, pending.sentence(detail.pending), detail
end

return pending
