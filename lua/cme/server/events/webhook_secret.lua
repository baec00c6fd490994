-- SPDX-License-Identifier: MIT
-- The secrets that sign events: STATE/webhook_secret, made when first needed and readable by its owner only. The file
-- has one secret a line, at most eight; every event is signed with each of them, so that receivers can move from one to
-- the next. The file is read again for every event: a change needs no restart, and when the file is broken the last
-- good secrets are used.

local codes = require "cme.codes"
local files = require "cme.system.files"
local sign = require "cme.sign"

local webhook_secret = {}

local MAX_SECRETS = 8 -- as many signatures as cme.event looks at
local LEAST_SIZE = 16 -- bytes of one

--- The secrets in a file's text; pure.
---@param text string
---@return string[]|nil secrets
---@return cme.reason|nil fact
function webhook_secret.parse(text)
  local secrets = {}
  for line in text:gmatch "[^\r\n]+" do
    local secret = line:match "^%s*(.-)%s*$"
    if secret ~= "" then
      secrets[#secrets + 1] = secret
    end
  end
  if #secrets == 0 or #secrets > MAX_SECRETS then
    return nil, codes.reason("local.secret:count", { count = #secrets, limit = MAX_SECRETS })
  end
  for _, secret in ipairs(secrets) do
    if #secret < LEAST_SIZE then return nil, codes.reason("local.secret:short", { limit = LEAST_SIZE }) end
  end
  return secrets
end

local function load_file(path)
  local text, message, detail = files.read_secret(path, "in.webhook_secret", "advice:new_secret")
  if not text then return nil, message, detail end
  local secrets, fact = webhook_secret.parse(text)
  if secrets then return secrets end
  return codes.within("in.webhook_secret", { path = path }, select(2, codes.fail(fact)))
end

--- Makes the file unless it is there.
---@param path string
---@param log cme.server.log
---@return (fun(): string[])|nil secrets gives them, the newest first
---@return string|nil message
---@return cme.detail|nil detail
function webhook_secret.open(path, log)
  if files.absent(path) then
    local ok, message, detail = files.write_atomically(path, sign.random_hex(32) .. "\n")
    if not ok then return nil, message, detail end
  end
  local current, message, detail = load_file(path)
  if not current then return nil, message, detail end
  local fault
  return function()
    local secrets, why = load_file(path)
    if why and why ~= fault then
      log:error("webhook secret is not read: the last good one is used", { error = why })
    end
    current, fault = secrets or current, why
    return current
  end
end

return webhook_secret
