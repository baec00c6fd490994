-- SPDX-License-Identifier: MIT
-- What the log has of an engine's inputs and outputs already. One that fails is tried again and again, every few
-- seconds for as long as nobody pushes: each of its states is said once, until it is live. Pure.

local repeats = {}

local MAX_SAID = 32 -- of one input or output: one that fails otherwise each time is said again

---@class cme.server.process.repeats
---@field private _said table<string, { count: integer, states: table<string, true> }> by input or output
local Repeats = {}
Repeats.__index = Repeats

---@return cme.server.process.repeats
function repeats.new() return setmetatable({ _said = {} }, Repeats) end

local function text(value) return type(value) == "string" and value or "" end

--- Whether an event says what was said before.
---@param event table the engine's
---@return boolean
function Repeats:is(event)
  local id = text(event.endpoint) .. " " .. text(event.output_id)
  if type(event.state) ~= "string" or id == " " then return false end
  local state = table.concat({ text(event.event), event.state, text(event.code), text(event.reason) }, "\n")
  local said = self._said[id]
  if event.state ~= "live" and said and said.states[state] then return true end
  if event.state == "live" or not said or said.count >= MAX_SAID then
    said = { count = 0, states = {} }
    self._said[id] = said
  end
  said.count, said.states[state] = said.count + 1, true
  return false
end

return repeats
