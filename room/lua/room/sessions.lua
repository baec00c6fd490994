-- SPDX-License-Identifier: MIT
-- Who is logged in. A session is a random id in a cookie that scripts cannot read and other sites cannot send; kept is
-- its digest, so that whoever reads the memory finds nothing to log in with. Each has a token of its own that every
-- request which changes something must repeat. It ends when nobody was at the page for its time (slide() begins that
-- anew), at the latest after seven times that, or with the logout.
--
-- `store` is an nginx shared dictionary, or has its get, set and delete; `now` the clock.

local cjson = require "cjson.safe"
local sign = require "cme.sign"

local sessions = {}

local MOST = 7 -- times its time, from the login

---@class room.session
---@field id string digest of what the cookie holds
---@field csrf string
---@field expires number unix seconds
---@field over number unix seconds; it cannot slide beyond
---@field secret string|nil what the cookie holds, of one that a request brought

---@class room.sessions
---@field private _store table
---@field private _now fun(): number
---@field private _seconds number
---@field private _name string
---@field private _secure boolean
local Sessions = {}
Sessions.__index = Sessions

---@param store table
---@param options { now: (fun(): number), seconds: number, secure: boolean }
---@return room.sessions
function sessions.new(store, options)
  -- A browser takes __Host- only from its own host over https, for all of it.
  return setmetatable({ _store = store, _now = options.now, _seconds = options.seconds, _secure = options.secure,
    _name = (options.secure and "__Host-" or "") .. "room_session" }, Sessions)
end

local function digest(id)
  return assert(sign.sha256_hex(id))
end

function Sessions:_cookie(value, seconds)
  return ("%s=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%.0f%s"):format(self._name, value, seconds,
    self._secure and "; Secure" or "")
end

-- Keeps a session until it ends.
function Sessions:_keep(id, session)
  local kept = cjson.encode { csrf = session.csrf, expires = session.expires, over = session.over }
  assert(self._store:set(id, kept, math.max(1, session.expires - self._now())))
end

--- Begins a session.
---@return string cookie the value of Set-Cookie
function Sessions:begin()
  local secret, now = assert(sign.random_hex(32)), self._now()
  self:_keep(digest(secret), { csrf = assert(sign.random_hex(32)), expires = now + self._seconds,
    over = now + MOST * self._seconds })
  return self:_cookie(secret, self._seconds)
end

--- Begins a session's time anew: somebody is at the page.
---@param session room.session as find() gave it
---@return string cookie the value of Set-Cookie
function Sessions:slide(session)
  session.expires = math.min(self._now() + self._seconds, session.over)
  self:_keep(session.id, session)
  return self:_cookie(session.secret, session.expires - self._now())
end

--- Finds the session of a request.
---@param cookies string|nil the Cookie header
---@return room.session|nil nil: none, or over
function Sessions:find(cookies)
  if type(cookies) ~= "string" then return nil end
  for name, value in cookies:gmatch "([^=;%s]+)=([^;%s]*)" do
    if name == self._name and value:find "^%x+$" and #value == 64 then
      local id = digest(value)
      local session = cjson.decode(self._store:get(id) or "")
      if not session or session.expires <= self._now() then return nil end
      session.id, session.secret = id, value
      return session
    end
  end
end

--- When a session that was found ends, as it is now.
---@param session room.session
---@return number|nil expires unix seconds; nil: it is over
function Sessions:expires(session)
  local kept = cjson.decode(self._store:get(session.id) or "")
  return kept and kept.expires > self._now() and kept.expires or nil
end

--- Ends a session.
---@param session room.session
---@return string cookie the value of Set-Cookie that removes it
function Sessions:finish(session)
  self._store:delete(session.id)
  return self:_cookie("", 0)
end

return sessions
