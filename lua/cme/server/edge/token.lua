-- SPDX-License-Identifier: MIT
-- Access tokens of playback: a part of the address that says until when one picture of one project may be looked at,
-- and that this service says so. The edge checks them, too, of those who play by RTMP (src/edge/play.h). Pure.
--
--   6745ABCD-5f0c... the unix second in upper-case hex, and 32 hex digits of an HMAC-SHA256 of picture and second

local sign = require "cme.sign"

local token = {}

token.LIFE = 24 * 3600 -- seconds, at least
local STEP = 3600 -- addresses that are asked for within it are the same

--- What a picture is called in addresses and folders.
---@param project string
---@param what "output"|"main"|"backup"
---@return string
function token.name(project, what)
  return project .. "-" .. what
end

--- What tokens are made with. The edge has it, and nothing that it was made of.
---@param secret string of the edge's keys
---@return string
function token.secret(secret)
  return sign.hmac_sha256_hex(secret, "play")
end

local function mac(secret, project, what, stamp)
  return sign.hmac_sha256_hex(secret, table.concat({ "play", token.name(project, what), stamp }, " ")):sub(1, 32)
end

--- Makes a token.
---@param secret string see token.secret()
---@param project string
---@param what "output"|"main"|"backup"
---@param now number unix seconds
---@return string
function token.make(secret, project, what, now)
  local stamp = ("%08X"):format(math.tointeger((now // STEP + 1) * STEP + token.LIFE))
  return stamp .. "-" .. mac(secret, project, what, stamp)
end

--- Whether a token is good.
---@param text string
---@param secret string see token.secret()
---@param project string
---@param what string
---@param now number unix seconds
---@return boolean
function token.check(text, secret, project, what, now)
  local stamp, given = text:match "^(%x%x%x%x%x%x%x%x)%-(%x+)$"
  if not stamp or not sign.equal(given, mac(secret, project, what, stamp)) then return false end
  return now <= tonumber(stamp, 16)
end

return token
