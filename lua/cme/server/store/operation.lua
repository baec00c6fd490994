-- SPDX-License-Identifier: MIT
-- A project taken through an operation of its category's states, as every driver does it inside a transaction. Pure,
-- but for a change that is a function.

local answer = require "cme.server.call"
local categories = require "cme.server.categories"
local codes = require "cme.codes"
local effects = require "cme.server.store.effects"
local rows = require "cme.server.store.rows"
local states = require "cme.server.categories.states"
local time = require "cme.time"

local operation = {}

--- The project that an operation is to be done on, from the answer of a store's `get`.
---@param id string
---@param change cme.server.store.change|function|nil its `run` is the one that is meant
---@param project cme.server.project|nil
---@param message string|nil
---@param detail cme.detail|nil
---@return cme.server.project|nil
---@return string|nil message
---@return cme.detail|nil detail code api.* when there is none, or its run is another
function operation.find(id, change, project, message, detail)
  if message then return nil, message, detail end
  if not project then return codes.fail("api.InvalidParameterValue.ProjectId:gone", { id = id }) end
  local run = type(change) == "table" and change.run or nil
  if run and rows.to_ms(run) ~= rows.to_ms(project.started_at) then
    return codes.fail("api.FailedOperation:other_run", { id = id })
  end
  return project
end

---@class cme.server.store.operation.done
---@field refused cme.server.categories.refusal|nil the state forbids it; none of the others is there then
---@field after cme.server.project
---@field before cme.server.project
---@field kind string what it was done as
---@field change cme.server.store.change

--- Carries an operation out.
---@param project cme.server.project changed here
---@param name string
---@param change cme.server.store.change|function
---@param now number unix seconds
---@return cme.server.store.operation.done|nil
---@return string|nil message the function of the change refused
---@return cme.detail|nil detail
function operation.carry_out(project, name, change, now)
  local rules = categories.of(project).states
  local to, refusal = states.next_status(rules, name, project.status)
  if not to then return { refused = refusal } end
  if type(change) == "function" then
    local message, detail
    change, message, detail = change(project)
    if not change then return nil, message, detail end
  end
  local kind, before = rules[name].as or name, {}
  for member, value in pairs(project) do before[member] = value end
  effects.carry_out(project, kind, change, now)
  project.status = to
  return { after = project, before = before, kind = kind, change = change }
end

--- A refusal by state, with what brought the project into it.
---@param id string
---@param refusal cme.server.categories.refusal
---@param last { at: integer, reason: string }|nil the last change of its status; at: ms
---@return nil
---@return string message
---@return cme.detail detail
function operation.refuse(id, refusal, last)
  local _, message, detail = codes.fail(refusal.sentence, refusal.values)
  if last then
    _, message, detail = codes.fail("api:since", { fact = detail, time = time.format(last.at // 1000),
      reason = answer.read_reason(last.reason) }, { code = detail.code })
  end
  return codes.within("in.project", { name = id }, message, detail)
end

return operation
