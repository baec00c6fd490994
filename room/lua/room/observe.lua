-- SPDX-License-Identifier: MIT
-- What happened between two looks: that a broadcast began or ended, an input or destination was interrupted, and that
-- it works again; that the slate came and went. Interrupted is what has failed until it is live, so what is tried
-- again and again is told once. Pure.

local observe = {}

-- States of a part that is to work and does not.
local FAILED = { stalled = true, down = true, backoff = true, refused = true, failed = true }

---@class room.watched
---@field status string|nil
---@field active string|nil
---@field on_slate boolean
---@field interrupted table<string, true> parts

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
  watched = watched or { interrupted = {}, on_slate = false }
  local events = {}
  add_status(events, watched, view)
  add_slate(events, watched, view)
  if view.status == "working" then
    add_parts(events, watched, view, "input", view.inputs)
    add_parts(events, watched, view, "output", view.outputs)
  else
    watched.interrupted = {}
  end
  for _, event in ipairs(events) do event.time = event.time or now end
  return watched, events
end

return observe
