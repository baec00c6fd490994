-- SPDX-License-Identifier: MIT
-- What an operation changes in a project. Pure.

local effects = {}

-- What an operation changes, by its name or by what its rule says it is done as; `values` are the caller's.
local EFFECTS = {
  start = function(project, values, now)
    project.started_at, project.stop_at, project.active = now, values.stop_at, values.active or "Main"
    project.input = values.input or project.input
  end,
  switch = function(project, values)
    project.active = values.active
  end,
  set_stop_at = function(project, values)
    project.stop_at = values.stop_at or nil
  end,
  edit = function(project, values)
    project.input = values.input
    if values.stop_at ~= nil then
      project.stop_at = values.stop_at or nil
    end
  end,
  modify = function(project, values)
    for _, name in ipairs { "name", "owner", "mode" } do
      project[name] = values[name] or project[name]
    end
  end,
  stop = function(project, _, now)
    project.stopped_at, project.started_at, project.stop_at, project.active = now, nil, nil, "Main"
    project.input.Adopted = nil
  end,
  -- Never ran: it leaves no trace of a run.
  failed = function(project)
    project.started_at, project.stop_at, project.active = nil, nil, "Main"
  end,
}
EFFECTS.ended = function(project, values, now)
  EFFECTS.stop(project, values, values.stopped_at or now)
end

-- What no engine is told: which input is active is its own truth, not a wish of ours; names are not its business.
local UNTOLD = { switch = true, modify = true }

--- Operations that end a run.
effects.ENDS = { stop = true, ended = true, failed = true }

--- Carries an operation out, except for the status that follows from it.
---@param project cme.server.project changed here
---@param kind string what the operation is done as
---@param change cme.server.store.change
---@param now number unix seconds
function effects.carry_out(project, kind, change, now)
  EFFECTS[kind](project, change, now)
  project.updated_at = now
  if not UNTOLD[kind] then project.revision = project.revision + 1 end
end

return effects
