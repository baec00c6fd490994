-- SPDX-License-Identifier: MIT
-- States of projects, inputs and outputs, and what viewers see, as a reader sees them: a word and a colour. Pure.

local clock = require "cme.cli.clock"
local mark = require "cme.cli.messages".mark

local states = {}

local WORDS = {
  idle = { mark "idle", "grey" },
  working = { mark "working", "green" },
  stopped = { mark "stopped", "grey" },
  failed = { mark "failed", "red" },
  live = { mark "live", "green" },
  waiting = { mark "waiting", "yellow" },
  connecting = { mark "connecting", "yellow" },
  backoff = { mark "reconnecting", "red" },
  refused = { mark "refused", "red" },
  fenced = { mark "no lease", "red" },
  stalled = { mark "stalled", "red" },
  down = { mark "down", "red" },
  making = { mark "being made", "yellow" },
  ready = { mark "ready", "grey" },
  on = { mark "on the air", "red" },
}

-- A cell from a list, or what stands for a state that is not in it.
local function cell_of(list, state, t, otherwise)
  local known = list[state]
  return known and { t(known[1]), colour = known[2] } or otherwise
end

--- A state as a cell of a table.
---@param state string|nil
---@param t cme.cli.translate
---@return cme.cli.cell
function states.cell(state, t)
  return cell_of(WORDS, state, t, { state or "" })
end

local WELL = { live = true, ready = true, on = true }

--- The last failure of an input, an output or a recording: how long ago it was, and whether it is over. The service
--- tells it also when what it is about works again.
---@param health table of the client's health(); its state and error
---@param now number unix seconds
---@param t cme.cli.translate
---@return string|nil text nil: nothing failed
---@return boolean past it works again
function states.failure(health, now, t)
  local failure = health.error
  if not failure then return nil, false end
  local text, past = t("%s", failure.reason or failure.message or failure.code or ""), WELL[health.state] == true
  if failure.time then text = t("%s ago: %s", clock.span(now - failure.time, t), text) end
  return past and t("works again (%s)", text) or text, past
end

local MERGE = {
  off = { mark "main and backup are not merged yet", "grey" },
  alone = { mark "main and backup are not merged: only one of them sends", "yellow" },
  aligning = { mark "main and backup are compared, to be merged", "yellow" },
  aligned = { mark "main and backup are merged", "green" },
  repeats = { mark("main and backup are not merged: picture and sound repeat, so nothing tells which packets are "
    .. "the same"), "yellow" },
  far = { mark "main and backup are not merged: they are too far apart in time", "red" },
  different = { mark "main and backup are not merged: they do not carry the same packets", "red" },
}

--- How main and backup lie to each other, as a cell.
---@param state string of health().merge
---@param t cme.cli.translate
---@return cme.cli.cell
function states.merge(state, t)
  return cell_of(MERGE, state, t, { state })
end

local STANDBY = {
  missing = { mark "no other node stands by", "yellow" },
  starting = { mark "node %s stands by, and has no picture yet", "yellow" },
  warm = { mark "node %s stands by", "green" },
}

--- Who stands by, as a cell; nil: it is not on the air.
---@param standby cme.project.standby_health
---@param t cme.cli.translate
---@return cme.cli.cell|nil
function states.standby(standby, t)
  local one = STANDBY[standby.state]
  return one and { t(one[1], standby.node or ""), colour = one[2] } or nil
end

local LOOKS = {
  ok = { mark "fine", "green" },
  gone = { mark "gone", "red" },
  no_picture = { mark "no picture", "red" },
  black = { mark "black", "red" },
  flat = { mark "one colour", "red" },
  frozen = { mark "frozen", "red" },
  wrong = { mark "wrong picture", "red" },
  no_sound = { mark "no sound", "red" },
  silent = { mark "silent", "red" },
  one_sided = { mark "one ear only", "red" },
  clipped = { mark "clipped", "red" },
  stuttering = { mark "stuttering", "red" },
  slow = { mark "too few pictures", "red" },
  late = { mark "late", "red" },
  still = { mark "still picture", "yellow" },
}

--- What viewers see, or an input shows, as a cell of a table.
---@param state cme.look.state|nil nil: not known yet
---@param t cme.cli.translate
---@return cme.cli.cell
function states.look(state, t)
  return cell_of(LOOKS, state, t, { state or "-", colour = "grey" })
end

return states
