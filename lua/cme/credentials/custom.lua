-- SPDX-License-Identifier: MIT
-- Credentials from a function of the caller's, which is called when keys are needed and again before the expires_at it
-- gave. The function may wait (in a task it should yield); what it raises goes through to whoever made the call.

local common = require "cme.credentials.common"
local lazy = require "cme.text.lazy"
local provider = require "cme.credentials.provider"

local codes = lazy.module(function() return require "cme.codes" end)

local custom = {}

---@class cme.credentials.custom: cme.credentials.source
---@field fn fun(now: number): cme.credential|nil, string|nil
local Source = {}
Source.__index = Source
Source.name = "function"

--- Makes a source of a function.
---@param fn fun(now: number): cme.credential|nil, string|nil
---@return cme.credentials.custom
function custom.new(fn)
  return setmetatable({ fn = fn }, Source)
end

function Source:find(_, now)
  local given, message = self.fn(now)
  if not given then
    return common.fail("credentials.failed:function", { said = common.plain(message or "it gave nothing") },
      { code = "credentials.failed", retryable = true })
  elseif type(given) ~= "table" then
    return common.fail("credentials.malformed", { source = codes.reason "word:function", fact = provider.fault(given) })
  end
  local expiry = given.expires_at
  if type(expiry) == "string" then
    local fact, detail
    expiry, fact, detail = require "cme.time".parse(expiry) -- not above: few need it
    if not expiry then return common.fail("credentials.malformed:expires_at", { cause = codes.words(fact, detail) }) end
  end
  return { secret_id = given.secret_id, secret_key = given.secret_key, token = given.token, expires_at = expiry,
    source = "function" }
end

return custom
