-- SPDX-License-Identifier: MIT
-- One look at the service: the list of projects, and of those on the air how their parts do. A project that cannot be
-- asked keeps what was told of it last, with the time of that; the others are not held up. Knows no nginx: the client,
-- the clock and what does calls at the same time are arguments.
--
-- The list and the health of all are a call each, whatever the number of projects. A service without the action for all
-- of them is asked one by one, in turns: so many in each look, the others in the next ones.

local views = require "room.views"

local look = {}

local APART = 10 -- seconds that each is asked by itself after all could not be
look.TURN = 8 -- calls of a look that are about one project each

---@class room.told what is known of a project beside the list
---@field health cme.project.health|nil
---@field info cme.project.info|nil of a media cast: its sources
---@field seen_at number when the list had it first
---@field asked_at number|nil when it was asked last
---@field told_at number|nil when it was answered last
---@field failure string|nil why the last question was not answered

---@class room.look
---@field private _options { now: (fun(): number), parallel: fun(list: any[], fn: function, most: integer) }
---@field private _told table<string, room.told>
---@field private _answered_at number|nil
---@field private _offers_health boolean
---@field private _offers_all boolean health of many at once
local Look = {}
Look.__index = Look

---@param options { now: (fun(): number), parallel: fun(list: any[], fn: function, most: integer) }
---@return room.look
function look.new(options)
  return setmetatable({ _options = options, _told = {}, _offers_health = true, _offers_all = true },
    Look)
end

-- The projects there are, the newest first: what the list tells of each, and the projects by id.
local function read_list(client)
  local infos, projects = {}, {}
  for project, info, detail in client:projects() do
    if not project then return nil, info, detail end
    infos[#infos + 1], projects[info.id] = info, project
  end
  return infos, projects
end

-- ---- what the list does not tell

--- Which to ask one by one in this look: those that never were, then those that were longest ago. Pure.
---@param infos cme.project.info[]
---@param told table<string, room.told>
---@param most integer
---@return cme.project.info[]
function look.due(infos, told, most)
  local list, place = {}, {}
  for i, info in ipairs(infos) do list[i], place[info] = info, i end
  table.sort(list, function(a, b)
    local first, second = told[a.id].asked_at or 0, told[b.id].asked_at or 0
    if first ~= second then return first < second end
    return place[a] < place[b]
  end)
  for i = #list, most + 1, -1 do list[i] = nil end
  return list
end

-- Whether all are asked at once. An engine that hangs holds up the answer about all: then each is asked by itself.
function Look:_asks_all()
  return self._offers_all and self._options.now() >= (self._apart_until or 0)
end

-- Whether there is something to ask about a project by itself.
function Look:_is_open(info)
  local told = self._told[info.id]
  if info.category == "MEDIA_CAST" and (info.status == "working" or not told.info
    or told.info.updated_at ~= info.updated_at) then
    return true
  end
  return info.status == "working" and self._offers_health and not self:_asks_all()
end

local function note(told, now, answer, message)
  told.failure = not answer and message or nil
  if answer then told.told_at = now end
  return answer
end

-- Asks about one project.
function Look:_ask(one, info)
  local told = self._told[info.id]
  told.asked_at = self._options.now()
  if info.category == "MEDIA_CAST" then
    local whole, message = one:info()
    told.info = note(told, self._options.now(), whole, message) or told.info
  end
  if info.status ~= "working" or not self._offers_health or self:_asks_all() then return end
  local health, message, detail = one:health()
  if detail and detail.code == "invalid.unsupported" then
    self._offers_health = false
    return
  end
  told.health = note(told, self._options.now(), health, message) or told.health
end

-- Asks about all that is on the air.
function Look:_ask_all(client, infos)
  if not self:_asks_all() then return end
  local health, _, detail = client:health()
  if not health and detail.code == "invalid.unsupported" then
    self._offers_all = false
    return
  elseif not health then
    self._apart_until = self._options.now() + APART
    return
  end
  for _, info in ipairs(infos) do
    local told, one = self._told[info.id], health[info.id]
    local failure = one and one.error and one.error.message
    if info.status == "working" and one then
      told.health = note(told, self._options.now(), not failure and one or nil, failure) or told.health
    end
  end
end

local function some_work(infos)
  for _, info in ipairs(infos) do
    if info.status == "working" then return true end
  end
  return false
end

function Look:_forget_gone(infos)
  local there = {}
  for _, info in ipairs(infos) do
    there[info.id] = true
    self._told[info.id] = self._told[info.id] or { seen_at = self._options.now() }
    if info.status ~= "working" then self._told[info.id].health, self._told[info.id].failure = nil, nil end
  end
  for id in pairs(self._told) do
    if not there[id] then self._told[id] = nil end
  end
end

-- What the page shows of a project.
function Look:_view(info)
  local told = self._told[info.id]
  if info.category == "MEDIA_CAST" and told.info then
    for _, name in ipairs { "sources", "active", "outputs" } do info[name] = told.info[name] end
  end
  local view = views.project(info, info.status == "working" and told.health or nil,
    self._options.now())
  view.told = view.told or self._offers_health
  if told.failure then view.stale_since, view.problem = told.told_at or told.seen_at, views.message(told.failure) end
  return view
end

--- When the service last told which projects there are and what is on the air.
---@return number unix seconds; 0: not yet
function Look:answered_at()
  return self._answered_at or 0
end

--- Looks.
---@param client cme.client
---@return table[]|nil views
---@return string|nil message
---@return cme.detail|nil detail
function Look:take(client)
  local infos, projects, detail = read_list(client)
  if not infos then return nil, projects --[[@as string]], detail end
  self._answered_at = self._options.now()
  self:_forget_gone(infos)
  if some_work(infos) then self:_ask_all(client, infos) end
  local open = {}
  for _, info in ipairs(infos) do
    if self:_is_open(info) then open[#open + 1] = info end
  end
  self._options.parallel(look.due(open, self._told, look.TURN), function(info)
    self:_ask(projects[info.id], info)
    return true
  end, look.TURN)
  local found = {}
  for i, info in ipairs(infos) do found[i] = self:_view(info) end
  return found
end

return look
