-- SPDX-License-Identifier: MIT
-- What is news of the standbys of the projects that this node runs: that another node stands by, or has the picture, or
-- that none does. It is told when it has been so for a while, and once. What a node finds when its service is started
-- again is no news. Pure.

local standby_news = {}

standby_news.SETTLED = 5 -- seconds that it has to be so: who stands by begins without a picture

---@class cme.server.fleet.standby_change
---@field status "Warm"|"Starting"|"Missing" as DescribeProjectHealth has it
---@field node string|nil the node that stands by

---@class cme.server.fleet.standby_news
---@field private _seen table<string, { what: string, since: number }> how it is, by project
---@field private _told table<string, string> how it was when it was told
---@field private _adopted table<string, true> runs of before the service was started
local News = {}
News.__index = News
News.__name = "cme.server.fleet.standby_news"

---@return cme.server.fleet.standby_news
function standby_news.new() return setmetatable({ _seen = {}, _told = {}, _adopted = {} }, News) end

--- A run that the service had before it was started: how its standby is was told.
---@param project string
function News:adopt(project) self._adopted[project] = true end

--- Looks at one.
---@param project string that this node runs, and that is to have a standby
---@param standby cme.server.fleet.standby|nil
---@param now number
---@return cme.server.fleet.standby_change|nil
function News:see(project, standby, now)
  local status = standby and (standby.warm and "Warm" or "Starting") or "Missing"
  local what = status .. " " .. (standby and standby.node or "")
  local seen = self._seen[project]
  if not seen or seen.what ~= what then
    self._seen[project] = { what = what, since = now }
    return nil
  end
  if now - seen.since < standby_news.SETTLED or self._told[project] == what then return nil end
  local adopted = self._adopted[project]
  self._told[project], self._adopted[project] = what, nil
  if adopted then return nil end
  return { status = status, node = standby and standby.node }
end

--- Forgets those that this node does not run, or that are to have no standby.
---@param concerned fun(project: string): boolean whether it does, and they are
function News:keep(concerned)
  for _, set in ipairs { self._seen, self._told, self._adopted } do
    for project in pairs(set) do
      if not concerned(project) then set[project] = nil end
    end
  end
end

return standby_news
