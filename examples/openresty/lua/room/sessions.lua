-- SPDX-License-Identifier: MIT
-- Who is logged in. A session is a random id in a cookie that scripts cannot read and other sites cannot send; kept is
-- its digest, so that whoever reads the memory finds nothing to log in with. Each has a token of its own that every
-- request which changes something must repeat. It ends at a fixed time, or with the logout.
--
-- `store` is an nginx shared dictionary, or has its get, set and delete; `now` the clock.

local cjson = require "cjson.safe"
local sign = require "cme.sign"

local sessions = {}

---@class room.session
---@field id string digest of what the cookie holds
---@field csrf string
---@field expires number unix seconds

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

--- Begins a session.
---@return string cookie the value of Set-Cookie
function Sessions:begin()
  local id = assert(sign.random_hex(32))
  local session = { csrf = assert(sign.random_hex(32)), expires = self._now() + self._seconds }
  assert(self._store:set(digest(id), cjson.encode(session), self._seconds))
  return self:_cookie(id, self._seconds)
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
      session.id = id
      return session
    end
  end
end

--- Whether a session that was found is still good.
---@param session room.session
---@return boolean
function Sessions:holds(session)
  return session.expires > self._now() and self._store:get(session.id) ~= nil
end

--- Ends a session.
---@param session room.session
---@return string cookie the value of Set-Cookie that removes it
function Sessions:finish(session)
  self._store:delete(session.id)
  return self:_cookie("", 0)
end

return sessions
