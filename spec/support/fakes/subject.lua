-- SPDX-License-Identifier: MIT
-- A project on the model of the service, in the state that a spec begins with, and how a call of it ends. The specs of
-- both categories use it.

local assert = require "luassert"

local model = require "spec.support.fakes.model"

local subject = {}

--- Functions that make a project of `spec`. Each takes what differs from it (false: without it) and gives the project,
--- the model and what the model stores of it; the calls so far are forgotten.
---@param spec table a cme.project.spec
---@return fun(more: table|nil): cme.project, spec.model, table created idle
---@return fun(more: table|nil): cme.project, spec.model, table working on the air
function subject.of(spec)
  local function created(more)
    local service = model.new()
    local own = {}
    for name, value in pairs(spec) do own[name] = value end
    for name, value in pairs(more or {}) do own[name] = value or nil end
    local show = service:project(own)
    assert(show:create())
    service:clear()
    return show, service, service:state(show.id)
  end
  return created, function(more)
    local show, service, state = created(more)
    assert(show:start())
    service:clear()
    return show, service, state
  end
end

--- What a call gave must be a failure of this code.
---@return string message, table detail
function subject.refused(code, value, message, detail)
  assert.is_nil(value)
  assert.are.equal(code, detail.code, message)
  return message, detail
end

--- The message of what a function must raise.
---@return string
function subject.raised(...)
  local ok, message = pcall(...)
  assert.is_false(ok)
  return message
end

return subject
