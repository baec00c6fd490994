-- SPDX-License-Identifier: MIT
-- Browsers that were signed in before. Each has a cookie with a number of its own and when it ends, signed by the room:
-- nothing is kept of it. It opens nothing; whoever has it is not slowed down by the wrong passwords of others.

local sign = require "cme.sign"

local devices = {}

local SECONDS = 90 * 86400
local FORM = "^(%x+)%.(%d+)%.(%x+)$"

---@class room.devices
---@field private _key string
---@field private _now fun(): number
---@field private _secure boolean
---@field private _name string
local Devices = {}
Devices.__index = Devices

---@param options { key: string, now: (fun(): number), secure: boolean }
---@return room.devices
function devices.new(options)
  return setmetatable({ _key = options.key, _now = options.now, _secure = options.secure,
    _name = (options.secure and "__Host-" or "") .. "room_device" }, Devices)
end

function Devices:_signature(id, over)
  return assert(sign.hmac_sha256_hex(self._key, ("device %s %s"):format(id, over)))
end

--- The device of a request.
---@param cookie string|nil the value of its cookie
---@return string|nil id nil: none, of another room, or over
function Devices:find(cookie)
  if type(cookie) ~= "string" or #cookie > 200 then return nil end
  local id, over, signature = cookie:match(FORM)
  if not id or not sign.equal(signature, self:_signature(id, over)) then return nil end
  return tonumber(over) > self._now() and id or nil
end

--- The name of the cookie.
---@return string
function Devices:name()
  return self._name
end

--- Remembers a device that was just signed in.
---@param id string|nil that it had
---@return string cookie the value of Set-Cookie
function Devices:remember(id)
  id = id or assert(sign.random_hex(16))
  local over = ("%d"):format(self._now() + SECONDS)
  return ("%s=%s.%s.%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%d%s"):format(self._name, id, over,
    self:_signature(id, over), SECONDS, self._secure and "; Secure" or "")
end

return devices
