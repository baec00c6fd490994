-- SPDX-License-Identifier: MIT
-- What happened between two looks: that a broadcast began or ended, an input or destination was interrupted, and that
-- it works again; that the slate came and went; what viewers see and inputs show; how uplink, merge and recording do;
-- which node stands by.
-- Interrupted is what has failed until it is live, so what is tried
-- again and again is told once. Pure.

local observe = {}

-- States of a part that is to work and does not.
local FAILED = { stalled = true, down = true, backoff = true, refused = true, failed = true }

---@class room.watched
---@field status string|nil
---@field active string|nil
---@field on_slate boolean
---@field interrupted table<string, true> parts
---@field looks table<string, string> what is wrong for the viewers of a part, or shown by it
---@field standby string|nil the node that was told to stand by, and had the picture
---@field whole table<string, string|boolean> how uplink, merge and recording are

local function is_off(part)
  return part.enabled == false or part.state == "stopped"
end

-- How a part is now: the event about it, if any.
local function judge(watched, name, part)
  local was = watched.interrupted[name]
  if FAILED[part.state] and not is_off(part) then
    watched.interrupted[name] = true
    return not was and "interrupted" or nil
  end
  if part.state ~= "live" and part.state ~= "working" and not is_off(part) then return nil end
  watched.interrupted[name] = nil
  return was and part.state == "live" and "recovered" or nil
end

local function add_parts(events, watched, view, kind, parts)
  for _, part in ipairs(parts) do
    local name = part.key or part.id
    local what = judge(watched, kind .. " " .. name, part)
    if what then
      events[#events + 1] = { project = view.id, status = kind .. "_" .. what, endpoint = part.key, output = part.name,
        time = part.since, reason = what == "interrupted" and part.failure and part.failure.message or nil }
    end
  end
end

-- Each state once when it is named, and that all is well again; what is not known changes nothing.
local function add_looks(events, watched, view, kind, parts)
  for _, part in ipairs(parts) do
    local name, look = kind .. " " .. (part.key or part.id), part.look or {}
    local was = watched.looks[name]
    local is = look.good == false and look.state or look.good == nil and was or nil
    watched.looks[name] = is
    if is ~= was then
      events[#events + 1] = { project = view.id, status = is and "look_wrong" or "look_right", endpoint = part.key,
        output = part.name, time = look.since, look = is }
    end
  end
end

local MERGES = { aligned = true, alone = true, far = true, different = true, repeats = true }
local RECORDS = { live = true, backoff = "failed", refused = "failed" }

-- How the broadcast as a whole does: what is told, by what it is about; nil: nothing to tell.
local function wholes(view)
  local record = view.recording and RECORDS[view.recording]
  return { uplink = view.uplink_full and "full" or "free", merge = MERGES[view.merge or ""] and view.merge or nil,
    recording = record == true and "works" or record }
end

local QUIET = { ["uplink free"] = true, ["recording works"] = true } -- how they are to be

local function add_wholes(events, watched, view)
  for about, is in pairs(wholes(view)) do
    local was = watched.whole[about]
    watched.whole[about] = is
    if is ~= was and (was or not QUIET[about .. " " .. is]) then
      events[#events + 1] = { project = view.id, status = about .. "_" .. is,
        reason = about == "recording" and is == "failed" and view.recording_failure and view.recording_failure.message
          or nil }
    end
  end
end

local LOST = { missing = true, starting = true }

-- Which node stands by with the picture, and that it does so no longer. One that has just begun to is no news.
local function add_standby(events, watched, view)
  local one = view.standby or {}
  local node = one.state == "warm" and (one.node or "") or nil
  if node == watched.standby then return end
  watched.standby = node
  if not node and not LOST[one.state] then return end -- none is to
  events[#events + 1] = { project = view.id, status = "standby_" .. one.state, reason = one.node }
end

local STATUSES = { working = "started", idle = "stopped" }

local function add_status(events, watched, view)
  if watched.status and watched.status ~= view.status then
    events[#events + 1] = { project = view.id, status = STATUSES[view.status] or "edited",
      time = view.status == "working" and view.started_at or view.stopped_at }
  elseif watched.active and view.active and watched.active ~= view.active and view.status == "working" then
    events[#events + 1] = { project = view.id, status = "switched", endpoint = view.active }
  end
  watched.status, watched.active = view.status, view.active or watched.active
end

local function add_slate(events, watched, view)
  local on = view.status == "working" and view.on_slate == true
  if on ~= watched.on_slate and view.status == "working" then
    events[#events + 1] = { project = view.id, status = on and "slate_on" or "slate_off" }
  end
  watched.on_slate = on
end

--- Compares a project with what was seen of it before.
---@param watched room.watched|nil nil: it was not seen before
---@param view table of views.project
---@param now number for what has no time of its own
---@return room.watched
---@return table[] events as of views.event, the oldest first
function observe.compare(watched, view, now)
  watched = watched or { interrupted = {}, looks = {}, whole = {}, on_slate = false }
  local events = {}
  add_status(events, watched, view)
  add_slate(events, watched, view)
  if view.status == "working" then
    add_parts(events, watched, view, "input", view.inputs)
    add_parts(events, watched, view, "output", view.outputs)
    add_looks(events, watched, view, "input", view.inputs)
    add_looks(events, watched, view, "output", view.outputs)
    add_wholes(events, watched, view)
    add_standby(events, watched, view)
  else
    watched.interrupted, watched.looks, watched.whole, watched.standby = {}, {}, {}, nil
  end
  for _, event in ipairs(events) do event.time = event.time or now end
  return watched, events
end

return observe
