-- SPDX-License-Identifier: MIT
-- Keys that the caller wrote out.

local options = require "cme.text.options"
local provider = require "cme.credentials.provider"

local written = {}

---@class cme.credentials.written: cme.credentials.source
local Written = {}
Written.__index = Written
Written.name = "options"
Written.fixed = true

function Written:find()
  return self.credential
end

local SECRET = { "string", fact = options.plain_text }
local KEYS = {
  secret_id = SECRET, secret_key = SECRET, token = SECRET, expires_at = { "number" }, source = { "string" },
}

--- A provider of keys that were written out; raises when they are not whole.
---@param given table secret_id, secret_key, token, expires_at
---@param what string who takes them, for the raised text
---@return cme.credentials.provider
function written.provider(given, what)
  local found = options.check(what, given, KEYS)
  local id, key = found.secret_id, found.secret_key
  if not id and not key then
    options.misuse(what .. (found.token and ": option 'token': needs secret_id and secret_key beside it"
      or ": secret_id and secret_key are missing"))
  elseif not id or not key then
    options.misuse(("%s: option '%s': missing"):format(what, id and "secret_key" or "secret_id"))
  end
  found.source = "options"
  return provider.new(setmetatable({ credential = found }, Written))
end

return written
