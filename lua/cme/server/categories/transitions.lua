-- SPDX-License-Identifier: MIT
-- The state machine of a project, as one table; nothing else decides whether an operation fits a state. Pure.
--
--            start               stop | ended | failed
--     Idle ---------> Working -------------------------> Idle
--      | | ^ edit        ^ | switch, set_stop_at, edit
--      | | | modify      | | modify
--      | +-+             +-+
--      | delete
--      v
--    (gone)

---@alias cme.server.Operation "start"|"stop"|"switch"|"set_stop_at"|"edit"|"modify"|"delete"|"ended"|"failed"

---@class cme.server.Refusal
---@field code string     API error code
---@field message string  what is wrong and what to do

local transitions = {}

local function refuse(code, message)
  return { refusal = { code = code, message = message } }
end

---A project that is not there any more.
transitions.gone = { code = "InvalidParameterValue.ProjectId", message = "it was deleted meanwhile" }

---A run that is not the one that was meant: it was ended, or another was begun.
transitions.other_run = { code = "FailedOperation.StreamConnect", message = "another request ended the run" }
local idle_hint = "the project is Idle: Start it first"

---What each operation does in each state: the next status ("gone" removes the project), or the refusal.
---@type table<string, table<cme.server.Operation, { to: string?, refusal: cme.server.Refusal? }>>
transitions.states = {
  Idle = {
    start = { to = "Working" },
    stop = refuse("FailedOperation.StreamConnect", "the project is Idle: there is nothing to stop"),
    switch = refuse("FailedOperation.StreamConnect", idle_hint),
    set_stop_at = refuse("FailedOperation.StreamConnect", idle_hint),
    edit = { to = "Idle" },
    modify = { to = "Idle" },
    delete = { to = "gone" },
    ended = refuse("FailedOperation.StreamConnect", "the project is Idle already"),
    failed = refuse("FailedOperation.StreamConnect", "the project is Idle already"),
  },
  Working = {
    start = refuse("FailedOperation.StreamConnect", "the project is Working already: Stop it before starting it again"),
    stop = { to = "Idle" },
    switch = { to = "Working" },
    set_stop_at = { to = "Working" },
    edit = { to = "Working" },
    modify = { to = "Working" },
    delete = refuse("FailedOperation", "the project is Working: Stop it before deleting it"),
    ended = { to = "Idle" },
    failed = { to = "Idle" },
  },
}

---Whether an operation fits a status.
---@param status string
---@param operation cme.server.Operation
---@return string? next_status
---@return cme.server.Refusal? refusal
function transitions.next_status(status, operation)
  local entry = transitions.states[status][operation]
  return entry.to, entry.refusal
end

return transitions
