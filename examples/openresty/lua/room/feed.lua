-- SPDX-License-Identifier: MIT
-- What goes on, for every page that is open: one look at the service every other second for all of them, while there
-- are any, and at once when somebody has done something or an event has come. Only what has changed is handed on.
--
--   poller (a timer) ── look ──► views ──► each subscription's queue ── bell ──► its request (app.events)
--
-- A queue holds the latest of each project, so a slow reader makes nothing grow. All of it is in one worker: nginx.conf
-- has one, which waits for nothing and is enough for any control room.

local cme = require "cme"
local json = require "cme.json"
local semaphore = require "ngx.semaphore"
local views = require "room.views"

local feed = {}

local INTERVAL = 2
local PAGE = 20
local AT_ONCE = 8 -- calls
local KEPT = 50 -- events
feed.MOST = 64 -- pages

---@class room.subscription
---@field bell table
---@field queue table[] { key, name, text }
---@field places table<string, integer> of a key in the queue

local subscriptions, count = {}, 0
local known = {} -- by id: { text, name }; what was handed on last
local order = "[]"
local trouble = "null"
local events = json.array {}
local poller = { bell = semaphore.new(0), runs = false, tells_health = true }

local function put(subscription, name, key, text)
  local place = subscription.places[key] or #subscription.queue + 1
  subscription.queue[place], subscription.places[key] = { name = name, text = text }, place
end

local function publish(name, key, text)
  for subscription in pairs(subscriptions) do
    put(subscription, name, key, text)
    if subscription.bell:count() < 1 then subscription.bell:post(1) end
  end
end

-- ---- the poller

local function list(client)
  local found = {}
  repeat
    local response, message = client:call("DescribeProjects", { CategorySet = { "STREAM_CONNECT", "MEDIA_CAST" },
      Sort = { Field = "CreateTime", Order = "Desc" }, Offset = #found, Limit = PAGE })
    if not response then return nil, message end
    local page = json.object(response.ProjectInfoSet)
    for _, entry in ipairs(page) do found[#found + 1] = require "cme.project".read(entry) end
  until #page == 0 or #found >= (tonumber(response.TotalCount) or 0)
  return found
end

-- What the list does not tell of a project.
local function complete(client, info)
  local project, health = client:project(info.id), nil
  if info.category == "MEDIA_CAST" then info = project:info() or info end
  if info.status == "working" and poller.tells_health then
    local detail, _
    health, _, detail = project:health()
    if detail and detail.code == "invalid.unsupported" then poller.tells_health = false end
  end
  return views.project(info, health)
end

local function hand_on(found)
  local there, ids = {}, json.array {}
  for i, view in ipairs(found) do
    there[view.id], ids[i] = true, view.id
    local text = json.encode(view)
    if not known[view.id] or known[view.id].text ~= text then
      known[view.id] = { text = text, name = view.name }
      publish("project", "project " .. view.id, text)
    end
  end
  for id in pairs(known) do
    if not there[id] then known[id] = nil end
  end
  local text = json.encode(ids)
  if text ~= order then
    order = text
    publish("order", "order", order)
  end
end

local function tell_trouble(message)
  local text = message and json.encode { message = views.message(message) } or "null"
  if text == trouble then return end
  trouble = text
  publish("trouble", "trouble", trouble)
end

local function look(client)
  local infos, message = list(client)
  if not infos then return tell_trouble(message) end
  local found, failures = cme.parallel(infos, function(info) return complete(client, info) end, AT_ONCE)
  if failures[1] then return tell_trouble(failures[1].message) end
  hand_on(found)
  tell_trouble(nil)
end

local function poll(premature, client)
  while not premature and count > 0 and not ngx.worker.exiting() do
    local good, message = pcall(look, client)
    if not good then
      ngx.log(ngx.ERR, "control room: ", message)
      tell_trouble "the control room has failed (its error log has more)"
    end
    poller.bell:wait(INTERVAL)
    while poller.bell:count() > 0 do poller.bell:wait(0) end
  end
  poller.runs = false
end

--- Looks at once.
function feed.poke()
  poller.bell:post(1)
end

-- ---- who looks

--- Begins to hand on.
---@param client cme.client
---@return room.subscription|nil nil: too many pages are open
function feed.subscribe(client)
  if count >= feed.MOST then return nil end
  local subscription = { bell = semaphore.new(1), queue = {}, places = {} }
  for id, one in pairs(known) do put(subscription, "project", "project " .. id, one.text) end
  put(subscription, "order", "order", order)
  put(subscription, "trouble", "trouble", trouble)
  put(subscription, "events", "events", json.encode(events))
  subscriptions[subscription], count = true, count + 1
  if not poller.runs then
    poller.runs = ngx.timer.at(0, poll, client) and true or false
  end
  feed.poke()
  return subscription
end

---@param subscription room.subscription
function feed.unsubscribe(subscription)
  if subscriptions[subscription] then subscriptions[subscription], count = nil, count - 1 end
end

--- Waits for what has changed.
---@param subscription room.subscription
---@param seconds number how long at most
---@return table[] messages { name, text }, in order; empty when nothing has
function feed.wait(subscription, seconds)
  subscription.bell:wait(seconds)
  local queue = subscription.queue
  subscription.queue, subscription.places = {}, {}
  return queue
end

--- Hands on an event of the service.
---@param event cme.event
function feed.happened(event)
  local view = views.event(event)
  if not view then return end
  table.insert(events, 1, view)
  events[KEPT + 1] = nil
  publish("events", "events", json.encode(events))
  feed.poke()
end

--- The name of a project that was seen.
---@param id string
---@return string|nil
function feed.name_of(id)
  return known[id] and known[id].name
end

return feed
