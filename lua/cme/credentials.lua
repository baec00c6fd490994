-- SPDX-License-Identifier: MIT
-- Where keys come from: the caller's options, the environment, the INI file and the login of Tencent's own tools, the
-- role of the machine (CVM) or pod (TKE), in this order; or a role assumed with any of those, or a function. The first
-- place that has anything is used; a half-filled place is an error, not a reason to look further. This file creates
-- providers and reads nothing: a provider looks when first asked, renews early and keeps what is valid
-- (credentials/provider.lua). Environment, disk, clock and transport come from the client.
--
--   local credentials = require "cme.credentials"
--   local client = cme.client { credential = credentials.assume_role { role_arn = "qcs::cam::uin/1:roleName/show" } }

local options = require "cme.text.options"
local provider = require "cme.credentials.provider"
local written = require "cme.credentials.written"

---@class cme.credentials
local credentials = {}

---@class cme.credential
---@field secret_id string
---@field secret_key string
---@field token string|nil of temporary keys
---@field expires_at number|nil unix seconds
---@field source string|nil where it was found, for messages

local SECRET = { "string", fact = options.plain_text }

-- Loaded when used: a script with keys in its environment pays for one of them.
local function source_of(name, ...)
  return require("cme.credentials." .. name).new(...)
end

local function default_chain(metadata)
  return source_of("chain", {
    source_of "environment",
    source_of "file",
    source_of "tccli",
    source_of("cvm_role", { enabled = metadata }),
    source_of "tke",
  })
end

--- A provider of whatever a `credential` option may be.
---@param given cme.credential|cme.credentials.provider|function|nil nil: the default chain
---@param what string who takes it, for the raised text
---@return cme.credentials.provider
function credentials.of(given, what)
  if given == nil then return credentials.default() end
  if provider.is(given) then return given end
  if type(given) == "function" then return credentials.from(given) end
  return written.provider(given, what)
end

local DEFAULT = { metadata = { "boolean" } }

--- The default chain: environment, credentials file, tccli login, CVM role, TKE.
---@param given { metadata: boolean|nil }|nil metadata = false never asks a metadata service (so does CME_METADATA=off)
---@return cme.credentials.provider
function credentials.default(given)
  local checked = options.check("cme.credentials.default", given, DEFAULT)
  return provider.new(default_chain(checked.metadata))
end

--- The environment alone: TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY, ...
---@return cme.credentials.provider
function credentials.environment()
  return provider.new(source_of "environment")
end

local FILE = { path = SECRET, profile = SECRET }

--- An INI file.
---@param given cme.credentials.file.options|nil
---@return cme.credentials.provider
---@usage cme.client { credential = credentials.file { path = "/etc/show/credentials", profile = "live" } }
function credentials.file(given)
  return provider.new(source_of("file", options.check("cme.credentials.file", given, FILE)))
end

local TCCLI = { profile = SECRET }

--- A profile of tccli.
---@param given cme.credentials.tccli.options|nil
---@return cme.credentials.provider
function credentials.tccli(given)
  return provider.new(source_of("tccli", options.check("cme.credentials.tccli", given, TCCLI)))
end

local CVM_ROLE = { role = SECRET, endpoint = SECRET, enabled = { "boolean" } }

--- The role bound to the virtual machine.
---@param given cme.credentials.cvm_role.options|nil
---@return cme.credentials.provider
function credentials.cvm_role(given)
  return provider.new(source_of("cvm_role", options.check("cme.credentials.cvm_role", given, CVM_ROLE)))
end

local function duration_fact(value)
  if value % 1 ~= 0 or value < 1 or value > 43200 then return "a whole number of seconds, 1 to 43200, is needed" end
end

local function session_fact(value)
  if not value:find "^[%w_+=,.@-]+$" or #value < 2 or #value > 128 then
    return "2 to 128 letters, digits and =,.@_- are needed"
  end
end

local DURATION = { "number", fact = duration_fact }
local SESSION = { "string", fact = session_fact }
local TKE = { session_name = SESSION, duration = DURATION, endpoint = SECRET }

--- The role of the pod, by the cluster's OIDC token.
---@param given cme.credentials.tke.options|nil
---@return cme.credentials.provider
function credentials.tke(given)
  return provider.new(source_of("tke", options.check("cme.credentials.tke", given, TKE)))
end

local ASSUME_ROLE = {
  role_arn = { "string", fact = options.plain_text, required = true },
  session_name = SESSION,
  duration = DURATION,
  external_id = SECRET,
  policy = { { "string", "table" } },
  region = SECRET,
  endpoint = SECRET,
  credential = { { "table", "function" } },
}

--- A role that is assumed with other keys.
---@param given cme.credentials.assume_role.options
---@return cme.credentials.provider
---@usage cme.client { credential = credentials.assume_role { role_arn = "qcs::cam::uin/1:roleName/show" } }
function credentials.assume_role(given)
  local what = "cme.credentials.assume_role"
  local checked = options.check(what, given, ASSUME_ROLE)
  return provider.new(source_of("assume_role", checked, credentials.of(checked.credential, what .. ": credential")))
end

--- Keys from a function. It is called when keys are needed, and again before their expires_at.
---@param fn fun(now: number): cme.credential|nil, string|nil expires_at in unix seconds or ISO 8601; otherwise nil and
--- the reason
---@return cme.credentials.provider
function credentials.from(fn)
  if type(fn) ~= "function" then
    options.misuse("cme.credentials.from: a function is needed, got " .. type(fn))
  end
  return provider.new(source_of("custom", fn))
end

return credentials
