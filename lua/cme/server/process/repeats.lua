-- SPDX-License-Identifier: MIT
-- What the log has of an engine's inputs and outputs already. One that fails is tried again and again, every few
-- seconds for as long as nobody pushes: each of its states is said once, until it is live. Pure.

local said = require "cme.server.said"

local repeats = {}

---@class cme.server.process.repeats
---@field private _said table<string, cme.server.said> by input or output
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
  local one = self._said[id] or said.new()
  self._said[id] = one
  if event.state == "live" then one:forget() end
  return one:again(table.concat({ text(event.event), event.state, text(event.code), text(event.reason) }, "\n"))
end

return repeats
