-- SPDX-License-Identifier: MIT
-- States of projects, inputs and outputs as a reader sees them: a word and a colour. Pure.

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
  stalled = { mark "stalled", "red" },
  down = { mark "down", "red" },
  making = { mark "being made", "yellow" },
  ready = { mark "ready", "grey" },
  on = { mark "on the air", "red" },
}

--- A state as a cell of a table.
---@param state string|nil
---@param t cme.cli.translate
---@return cme.cli.cell
function states.cell(state, t)
  local known = WORDS[state]
  if known then return { t(known[1]), colour = known[2] } end
  return { state or "" }
end

return states
