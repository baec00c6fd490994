-- SPDX-License-Identifier: MIT
-- What is known of each address that is looked at, from the lines of cme-look, and whether viewers there have picture
-- and sound: yes, no, or not known. Pure.
--
--   cme-look names a state after it has lasted (docs/look.md), so a fault that is named is one at once. That all is
--   well is believed of a process that has looked for SETTLE seconds: one that was just started has named nothing yet.
--   An address that was never there may still come: platforms take a while to show what they get.

local views = {}

local SETTLE = 20 -- seconds
local FINE = { ok = true, still = true } -- a slide with a voice is still

---@class cme.look.view
---@field state cme.look.state
---@field all table<string, true> all that was the case at the last look
---@field good boolean|nil viewers have picture and sound; nil: not known yet
---@field since number unix seconds, when the state was named
---@field at number unix seconds, of the last line
---@field delay_ms number|nil behind the source
---@field video cme.look.video|nil
---@field audio cme.look.audio|nil
---@field bitrate_kbps number|nil
---@field error cme.detail|nil why it cannot be read
---@field snapshot string|nil file of what was seen last, replaced at each look
---@field picture string|nil file of what was seen when the state was named

---@class cme.look.views
---@field began number unix seconds
---@field private _stale number seconds after which what was said is not known any more
---@field private _known table<string, cme.look.view>
---@field private _seen table<string, true> addresses that were there
local Views = {}
Views.__index = Views
Views.__name = "cme.look.views"

---@param now number unix seconds
---@param every number seconds between two lines about an address
---@return cme.look.views
function views.new(now, every)
  return setmetatable({ began = now, _stale = 2 * every + SETTLE, _known = {}, _seen = {} }, Views)
end

local NUMBERS = { "delay_ms", "video", "audio", "bitrate_kbps" }

--- Takes a line in.
---@param key string of the address
---@param line cme.look.line a look, or a change
---@param now number unix seconds
function Views:take(key, line, now)
  if not line.state then return end
  local view = self._known[key] or { since = now, all = {} }
  self._known[key] = view
  if view.state ~= line.state then view.since, view.picture = now, nil end
  view.state, view.at, view.error = line.state, now, line.error
  if line.state ~= "gone" then self._seen[key] = true end
  if line.kind == "change" then
    view.picture, view.all = line.picture, { [line.state] = true }
    return
  end
  view.snapshot, view.all = line.picture, {}
  for _, state in ipairs(line.all or {}) do view.all[state] = true end
  for _, name in ipairs(NUMBERS) do view[name] = line[name] end
end

function Views:_good(key, view, now)
  local settled = now - self.began >= SETTLE
  if FINE[view.state] then return settled or nil end
  if view.state == "gone" and not self._seen[key] and not settled then return nil end
  return false
end

--- What is known of an address now; nil: nothing.
---@param key string
---@param now number unix seconds
---@return cme.look.view|nil
function Views:get(key, now)
  local view = self._known[key]
  if not view or now - view.at > self._stale then return nil end
  view.good = self:_good(key, view, now)
  return view
end

return views
