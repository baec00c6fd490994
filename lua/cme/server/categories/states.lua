-- SPDX-License-Identifier: MIT
-- What a category's table of states is made of. The table (states.lua of its folder) says what each operation does in
-- each state; nothing else decides whether an operation fits a state. Pure.
--
--            start               stop | ended | failed
--     Idle ---------> Working -------------------------> Idle
--      | ^ edit        | ^ edit, switch, set_stop_at
--      | | modify      | | modify
--      +-+             +-+
--      | delete
--      v
--    (gone)

local codes = require "cme.codes"

---@class cme.server.categories.refusal the entry of a state that an operation does not fit
---@field sentence string of cme.codes
---@field values table|nil what it takes

--- What an operation does: in each state the next status ("gone" removes the project), or a refusal. A state of a part,
--- which the store does not know, may have an entry, too: OnAir.
---@class cme.server.categories.rule : table<string, string|cme.server.categories.refusal>
---@field as string|nil   what it changes, where that is another operation's: "edit"
---@field Idle string|cme.server.categories.refusal
---@field Working string|cme.server.categories.refusal

---@alias cme.server.categories.states table<string, cme.server.categories.rule>

local states = {}

--- For a category's table.
---@param sentence string of cme.codes; it stands after "project 'ID': "
---@param values table|nil what it takes, where that is always the same
---@return cme.server.categories.refusal
function states.refuse(sentence, values)
  return { sentence = sentence, values = values }
end

--- What an operation makes of a state.
---@param rules cme.server.categories.states
---@param operation string
---@param state string
---@return string|nil next_status
---@return cme.server.categories.refusal|nil refusal
function states.next_status(rules, operation, state)
  local entry = rules[operation][state]
  if type(entry) == "table" then return nil, entry end
  return entry
end

--- Whether an operation fits a project as it is, for those that the store does not hear of, or whose fitness it does
--- not know.
---@param rules cme.server.categories.states
---@param record cme.server.project
---@param operation string
---@param state string|nil of a part of it; nil: the project's
---@param values table|nil what the refusal's sentence takes
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function states.check(rules, record, operation, state, values)
  local to, refusal = states.next_status(rules, operation, state or record.status)
  if to then return true end
  local _, message, detail = codes.fail(refusal.sentence, values or refusal.values)
  return codes.within("in.project", { name = record.id }, message, detail)
end

return states
