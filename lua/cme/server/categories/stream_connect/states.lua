-- SPDX-License-Identifier: MIT
-- The states of a stream-connect project: every operation on one, in every state.

local refuse = require "cme.server.categories.states".refuse

local IDLE = refuse "api.FailedOperation.StreamConnect:idle"
local ENDED = refuse "api.FailedOperation.StreamConnect:ended"
local ON_AIR = refuse "api.FailedOperation.StreamConnect:on_air"

---@type cme.server.categories.states
return {
  start = { Idle = "Working", Working = refuse "api.FailedOperation.StreamConnect:working" },
  stop = { Idle = refuse "api.FailedOperation.StreamConnect:nothing_to_stop", Working = "Idle" },
  switch = { Idle = IDLE, Working = "Working" },
  set_stop_at = { Idle = IDLE, Working = "Working" },
  edit = { Idle = "Idle", Working = "Working" }, -- inputs that are added, and outputs
  modify_input = { as = "edit", Idle = "Idle", Working = "Working", OnAir = ON_AIR },
  delete_input = { as = "edit", Idle = "Idle", Working = "Working", OnAir = ON_AIR },
  modify = { Idle = "Idle", Working = "Working" },
  delete = { Idle = "gone", Working = refuse "api.FailedOperation:working" },
  ended = { Idle = ENDED, Working = "Idle" },
  failed = { Idle = ENDED, Working = "Idle" },
}
