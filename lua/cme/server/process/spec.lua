-- SPDX-License-Identifier: MIT
-- Makes what `set` tells an engine (docs/control-protocol.md). What is not given has the engine's own default, above
-- all the stall limit, which only the engine knows (src/relay/base/spec.c). Pure.

local json = require "cme.json"

local spec = {}

---@class cme.server.process.engine_spec
---@field project string|nil
---@field revision integer|nil of what is desired; an engine that has it need not be told
---@field inputs { main: table|nil, backup: table|nil }
---@field active "main"|"backup"
---@field outputs table[]
---@field stop_at number|nil unix seconds; json.null: it has no planned end
---@field failover boolean
---@field failback_after number|nil seconds; json.null: it stays where it is
---@field slate { after: number, file: string|nil }|nil nil: it has none
---@field silence boolean|nil a source without sound gets a silent track
---@field merge boolean|nil main and backup carry the same packets
---@field merge_window number|nil seconds

--- Makes the spec of an engine.
---@param given { project: string|nil, revision: integer|nil, inputs: table, active: string|nil, outputs: table[]|nil,
---  stop_at: number|nil, failover: boolean|nil, failback_after: number|nil,
---  slate: table|nil, silence: boolean|nil, merge: boolean|nil, merge_window: number|nil } active: "main" when nil
---@return cme.server.process.engine_spec
function spec.new(given)
  return {
    project = given.project,
    revision = given.revision,
    inputs = given.inputs,
    active = given.active or "main",
    outputs = json.array(given.outputs or {}),
    stop_at = given.stop_at or json.null,
    failover = given.failover or false,
    failback_after = given.failback_after or json.null,
    slate = given.slate,
    silence = given.silence,
    merge = given.merge,
    merge_window = given.merge_window,
  }
end

return spec
