-- SPDX-License-Identifier: MIT
-- What engines report of main and backup that are to be merged, as events for people: merged, or why not. What comes
-- and goes while they are compared is left out.

local merges = {}

local STATUSES = { alone = "Alone", aligned = "Aligned", repeats = "Repeats", far = "Far", different = "Different" }

---@class cme.server.merges
---@field private _told fun(id: string, status: string, info: table)
---@field private _last table<string, string> what was told last, by project
local Merges = {}
Merges.__index = Merges
Merges.__name = "cme.server.merges"

---@param told fun(id: string, status: string, info: table)
---@return cme.server.merges
function merges.new(told) return setmetatable({ _told = told, _last = {} }, Merges) end

local function text_or_nil(value) return type(value) == "string" and value or nil end

--- Takes in what an engine said. Does not wait; each status is told once.
---@param id string project
---@param event table
function Merges:event(id, event)
  local status = event.event == "merge" and STATUSES[event.state]
  if not status or self._last[id] == status then return end
  self._last[id] = status
  self._told(id, status, { Distance = math.tointeger(event.distance_ms), Code = text_or_nil(event.code),
    Reason = text_or_nil(event.reason) })
end

--- A project has no engine any more: the next one begins anew.
---@param id string
function Merges:gone(id) self._last[id] = nil end

return merges
