-- SPDX-License-Identifier: MIT
-- What the sources of credentials share: their failures, reading variables and small files, judging what was found.
-- A source is a table { name, find = function(self, host, now) }; find returns what it found, or nil, message, detail
-- with one of the codes below. Messages begin with the source's name and never hold a value that may be secret.
--   credentials.none        it does not apply here: a chain looks further
--   credentials.incomplete  half of it is there: a chain stops, for mixing sources only fails later and worse
--   credentials.unreadable  a file that was named cannot be read
--   credentials.malformed   what was found cannot be a credential
--   credentials.refused     the service that gives keys out said no
--   credentials.failed      it could not be asked
--   credentials.expired     what was found has expired already
-- The mode of files is not looked at: Lua has no call for it, the vendor's own tools write these files with the umask's
-- mode and read any, and a refusal would not unshare a key. `cme serve` writes its own file with mode 0600.

local lazy = require "cme.text.lazy"

local codes = lazy.module(function() return require "cme.codes" end)

local common = {}

---@class cme.credentials.host what sources ask of the one who uses them
---@field getenv fun(name: string): string|nil
---@field open fun(path: string, mode: string): file*|nil, string|nil
---@field transport cme.transport|(fun(): cme.transport)|nil needed by sources that ask over the network
---@field proxy string|nil for the STS; metadata is never asked through a proxy
---@field no_proxy string|nil
---@field ca_file string|nil file of CA certificates to trust in addition to the system's
---@field timeout number|nil seconds for one call of the STS, at most 10
---@field connect_timeout number|nil seconds until connected to the STS, at most 5
---@field random (fun(): number)|nil from 0 up to 1

---@class cme.credentials.source
---@field name string for messages
---@field find fun(self: table, host: cme.credentials.host, now: number): cme.credential|nil, string|nil, table|nil
---@field fixed boolean|nil asking again cannot give anything else

-- A credentials file is a few lines, an OIDC token a few kilobytes; more than this is neither.
local LARGEST_FILE = 65536
local LONGEST_SAID = 8192 -- bytes of a foreign text that are looked at

--- A failure of a source.
---@param sentence string of the catalogue
---@param values table|nil
---@param cause table|nil the detail underneath
---@return nil, string, cme.detail
function common.fail(sentence, values, cause)
  return codes.fail(sentence, values, { retryable = cause ~= nil and cause.retryable == true, cause = cause })
end

local fail = common.fail

--- A variable of the environment; an empty one counts as unset, as the vendor's SDKs do it.
---@param host cme.credentials.host
---@param name string
---@return string|nil value
function common.variable(host, name)
  local value = host.getenv(name)
  value = value and value:match "^%s*(.-)%s*$"
  return value ~= "" and value or nil
end

--- The variables of a list that are not set.
---@param host cme.credentials.host
---@param names string[]
---@return string[] missing
function common.unset(host, names)
  local missing = {}
  for _, name in ipairs(names) do
    if not common.variable(host, name) then missing[#missing + 1] = name end
  end
  return missing
end

--- Reads a small file.
---@param host cme.credentials.host
---@param path string
---@return string|nil content
---@return string|cme.reason|nil reason
function common.read_file(host, path)
  local file, reason = host.open(path, "rb")
  if not file then return nil, (reason or "cannot be opened"):gsub("^.*: ", ""):lower() end
  local content, why = file:read(LARGEST_FILE + 1)
  file:close()
  if why then return nil, (tostring(why):lower()) end
  if content and #content > LARGEST_FILE then return nil, codes.reason("word:long_file", { limit = LARGEST_FILE }) end
  return content or ""
end

--- A pair that is wholly there, half there, or absent.
---@param found table secret_id, secret_key, token, expires_at
---@param source string|cme.reason
---@param id_name string what the source calls the id
---@param key_name string
---@return cme.credential|nil credential
---@return string|nil message
---@return table|nil detail
function common.complete(found, source, id_name, key_name)
  if found.secret_id and found.secret_key then
    found.source = tostring(source)
    return found
  elseif not found.secret_id and not found.secret_key then
    return fail("credentials.none:pair", { source = source, id = id_name, key = key_name })
  end
  local has, lacks = id_name, key_name
  if found.secret_key then has, lacks = lacks, has end
  return fail("credentials.incomplete", { source = source, has = has, lacks = lacks })
end

--- A foreign text, fit for a message: one line, bounded, without the secrets of the request it answers.
---@param said any
---@param secrets table<any, string>|nil
---@return string shown
function common.plain(said, secrets)
  if type(said) ~= "string" then return "no text" end
  -- Cut before the search, so that a hostile text costs little; a secret cut in half is caught by its beginning.
  said = said:sub(1, LONGEST_SAID)
  for _, secret in pairs(secrets or {}) do
    local at = #secret >= 4 and said:find(secret:sub(1, 16), 1, true)
    if at then said = said:sub(1, at - 1) .. "***" end
  end
  return (said:sub(1, 300):gsub("[^\32-\126]+", " "))
end

--- The transport of a host.
---@param host cme.credentials.host
---@return cme.transport|nil transport
function common.transport(host)
  local transport = host.transport
  if type(transport) == "function" then return transport() end
  return transport
end

return common
