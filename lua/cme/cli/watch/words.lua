-- SPDX-License-Identifier: MIT
-- What has changed, in words for people: one line and its colour. Pure, but for the zone of shown times.

local clock = require "cme.cli.clock"
local one_line = require "cme.cli.context".one_line
local states = require "cme.cli.states"

local watch_words = {}

local function state_word(state, t)
  return states.cell(state, t)[1]
end

local function label_of(output)
  return output.name and output.name ~= "" and output.name or output.id or ""
end

-- "it: live, was connecting", with the error where it does not work.
local function of_state(what, before, new, t)
  local cell = states.cell(new.state or new.status, t)
  local line = before and t("%s: %s, was %s", what, cell[1], state_word(before, t)) or t("%s: %s", what, cell[1])
  local failure = new.state ~= "live" and new.health and new.health.error
  return failure and t("%s: %s", line, failure.reason or failure.message or failure.code or "") or line, cell.colour
end

-- A MEDIA_CAST output has a status where the service tells no state.
local function state_of(part)
  return part.state or part.status
end

-- A thing that came, went, came into another state, or was changed otherwise.
local function of_part(what, change, t)
  local old, new = change.old, change.new
  if not old then return t("%s: added", what) end
  if not new then return t("%s: removed", what) end
  local state = state_of(new)
  if state and state ~= state_of(old) then return of_state(what, state_of(old), new, t) end
  return t("%s: changed", what)
end

-- The recording of a project: its state, and each file that it goes on in.
local function of_recording(change, t)
  local old, new = change.old, change.new
  local what = t("recording '%s'", (new or old).name)
  local next_file = old and new and old.state == new.state and new.file and old.file ~= new.file
  if next_file then return t("%s: goes on in %s", what, new.file) end
  return of_part(what, change, t)
end

---@type table<string, fun(change: cme.cli.watch.change, t: cme.cli.translate): string, string|nil>
local LINES = {
  project = function(change, t)
    if not change.new then return t "no longer exists", "red" end
    local cell = states.cell(change.new.status, t)
    return t("%s, outputs: %d", cell[1], #change.new.outputs), cell.colour
  end,
  status = function(change, t)
    local cell = states.cell(change.new, t)
    return t("%s, was %s", cell[1], state_word(change.old, t)), cell.colour
  end,
  active = function(change, t)
    if not change.new then return t("no input on the air, was %s", change.old) end
    if not change.old then return t("input on the air: %s", change.new) end
    return t("input on the air: %s, was %s", change.new, change.old), "yellow"
  end,
  on_slate = function(change, t)
    if change.new then return t "no input has a picture: the slate is on the air", "red" end
    return t "the slate is no longer on the air", "green"
  end,
  stop_at = function(change, t)
    return change.new and t("stops at %s", clock.local_time(change.new, change.at)) or t "no planned stop"
  end,
  name = function(change, t) return t("renamed from '%s' to '%s'", change.old or "", change.new or "") end,
  input = function(change, t) return of_part(t("%s input", change.id), change, t) end,
  output = function(change, t)
    return of_part(t("output '%s'", label_of(change.new or change.old)), change, t)
  end,
  source = function(change, t) return of_part(t("source '%s'", change.id), change, t) end,
  record = of_recording,
  merge = function(change, t)
    return change.new and t "main and backup are to be merged" or t "main and backup are not to be merged any more"
  end,
  merge_state = function(change, t)
    if not change.new then return t "main and backup are not merged any more" end
    local cell = states.merge(change.new, t)
    return cell[1], cell.colour
  end,
  standby = function(change, t)
    return change.new and t "another node is to stand by" or t "no node is to stand by any more"
  end,
  standby_state = function(change, t)
    local cell = change.new and states.standby(change.new, t)
    if not cell then return t "no node stands by" end
    return cell[1], cell.colour
  end,
  error = function(change, t)
    if change.new then return t("%s", change.new.reason or change.new.message), "red" end
    return t "can be read again", "green"
  end,
}

--- A change as a line, without its time; no control characters.
---@param change cme.cli.watch.change
---@param t cme.cli.translate
---@return string line
---@return string|nil colour
function watch_words.line(change, t)
  local line, colour = LINES[change.what](change, t)
  -- What could not be read says itself which project it was.
  local told = change.what == "error" and change.new ~= nil
  return one_line(change.label and not told and t("%s: %s", change.label, line) or line), colour
end

return watch_words
