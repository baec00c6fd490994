-- SPDX-License-Identifier: MIT
-- What goes on, for every page that is open: one look at the service each second for all of them, while there are any,
-- and at once when somebody has done something or an event has come. Only what has changed is handed on; when the last
-- good look was is told with every beat (app.events), so that a page knows how old what it shows is.
--
--   poller (a timer) ── look ──► views ──► each subscription's queue ── bell ──► its request (app.events)
--                                  └─ observe ──► events
--
-- A queue holds the latest of each project, so a slow reader makes nothing grow. All of it is in one worker: nginx.conf
-- has one, which waits for nothing and is enough for any control room.

local cme = require "cme"
local json = require "cme.json"
local look = require "room.look"
local observe = require "room.observe"
local semaphore = require "ngx.semaphore"
local views = require "room.views"

local feed = {}

feed.INTERVAL = 1 -- seconds between looks
local KEPT = 200 -- events
feed.MOST = 64 -- pages

---@class room.subscription
---@field bell table
---@field queue table[] { key, name, text }
---@field places table<string, integer> of a key in the queue

local subscriptions, count = {}, 0
local known = {} -- by id: { text, name, watched }; what was handed on last
local order = "[]"
local trouble = "null"
local events = json.array {}
local eyes = look.new { now = ngx.now, parallel = cme.parallel }
local poller = { bell = semaphore.new(0), runs = false, hooked = false }

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

local function by_time(a, b)
  return a.time > b.time
end

local function add_events(list)
  if not list[1] then return end
  for _, event in ipairs(list) do table.insert(events, 1, event) end
  table.sort(events, by_time)
  for i = #events, KEPT + 1, -1 do events[i] = nil end
  publish("events", "events", json.encode(events))
end

-- What is told by the looks alone, also where the service tells it.
local SEEN = { look = true, uplink = true, merge = true, recording = true, standby = true }

-- With a webhook the service tells the rest.
local function is_unheard(event)
  return not poller.hooked or event.status:find "_recovered$" ~= nil or event.status == "switched"
    or SEEN[event.status:match "^%a+"] == true
end

-- Notes what happened to a project since the last look.
local function watch(one, view)
  local watched, happened = observe.compare(one.watched, view, ngx.now())
  one.watched = watched
  local unheard = {}
  for _, event in ipairs(happened) do
    if is_unheard(event) then unheard[#unheard + 1] = event end
  end
  return unheard
end

local function hand_on(found)
  local there, ids, happened = {}, json.array {}, {}
  for i, view in ipairs(found) do
    there[view.id], ids[i] = true, view.id
    local one, text = known[view.id] or {}, json.encode(view)
    for _, event in ipairs(watch(one, view)) do happened[#happened + 1] = event end
    if one.text ~= text then publish("project", "project " .. view.id, text) end
    one.text, one.name, known[view.id] = text, view.name, one
  end
  for id in pairs(known) do
    if not there[id] then known[id] = nil end
  end
  add_events(happened)
  local text = json.encode(ids)
  if text ~= order then
    order = text
    publish("order", "order", order)
  end
end

local function tell_trouble(message, code)
  local text = message and json.encode { message = views.message(message), code = code } or "null"
  if text == trouble then return end
  trouble = text
  publish("trouble", "trouble", trouble)
end

local function take(client)
  local found, message, detail = eyes:take(client)
  if not found then return tell_trouble(message, detail.code) end
  hand_on(found)
  tell_trouble(nil)
end

local function poll(premature, client)
  while not premature and count > 0 and not ngx.worker.exiting() do
    local good, message = pcall(take, client)
    if not good then
      ngx.log(ngx.ERR, "control room: ", message)
      tell_trouble("the control room has failed (its error log has more)", "room.failed")
    end
    poller.bell:wait(feed.INTERVAL)
    while poller.bell:count() > 0 do poller.bell:wait(0) end
  end
  poller.runs = false
end

--- Looks at once.
function feed.poke()
  poller.bell:post(1)
end

--- When the service last told how everything is.
---@return number unix seconds; 0: not yet
function feed.looked_at()
  return eyes:answered_at()
end

-- ---- who looks

--- Begins to hand on.
---@param client cme.client that looks; it must give up soon and not try again, the next look comes
---@param hooked boolean the service posts events
---@return room.subscription|nil nil: too many pages are open
function feed.subscribe(client, hooked)
  if count >= feed.MOST then return nil end
  local subscription = { bell = semaphore.new(1), queue = {}, places = {} }
  for id, one in pairs(known) do put(subscription, "project", "project " .. id, one.text) end
  put(subscription, "order", "order", order)
  put(subscription, "trouble", "trouble", trouble)
  put(subscription, "events", "events", json.encode(events))
  subscriptions[subscription], count = true, count + 1
  poller.hooked = hooked
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
  view.time = view.time or ngx.now()
  add_events { view }
  feed.poke()
end

--- The name of a project that was seen.
---@param id string
---@return string|nil
function feed.name_of(id)
  return known[id] and known[id].name
end

return feed
