-- SPDX-License-Identifier: MIT
-- The states of a media cast: every operation on one, in every state.

local limits = require "cme.api.limits"
local refuse = require "cme.server.categories.states".refuse

local ENDED = refuse "api.InvalidParameterValue.OperationInvalid:ended"
local TURN = refuse "api.InvalidParameterValue.OperationInvalid:turn"

---@type cme.server.categories.states
return {
  start = { Idle = "Working", Working = refuse "api.InvalidParameterValue.OperationInvalid:working" },
  confirm = { as = "edit", Working = "Working",
    Idle = refuse("api.InvalidParameterValue.OperationInvalid:confirm", { seconds = limits.cast.confirm_seconds }) },
  stop = { Idle = refuse "api.InvalidParameterValue.OperationInvalid:nothing_to_stop", Working = "Idle" },
  switch_source = { Idle = refuse "api.InvalidParameterValue.OperationInvalid:idle", Working = "Working" },
  edit = { Idle = "Idle", Working = "Working" }, -- sources that are added, destinations, and when it ends
  delete_source = { as = "edit", Idle = "Idle", Working = "Working",
    Playing = refuse "api.InvalidParameterValue.OperationInvalid:playing" },
  turn_destination = { as = "edit", Idle = TURN, Working = "Working" },
  set_picture = { as = "edit", Idle = "Idle", Working = refuse "api.InvalidParameterValue.OperationInvalid:picture" },
  set_auto_start = { as = "edit", Idle = "Idle",
    Working = refuse "api.InvalidParameterValue.OperationInvalid:auto_start" },
  modify = { Idle = "Idle", Working = "Working" },
  delete = { Idle = "gone", Working = refuse "api.FailedOperation:working" },
  ended = { Idle = ENDED, Working = "Idle" },
  failed = { Idle = ENDED, Working = "Idle" },
}
