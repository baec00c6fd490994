-- SPDX-License-Identifier: MIT
-- `cme serve keys`: adds, lists and revokes the keys that may sign requests. A secret is shown once, when its key is
-- added; nothing can show it again.

local codes = require "cme.codes"
local serve_store = require "cme.cli.serve.store"

local serve_keys = {}

local LONGEST = 366 * 86400 -- seconds

--- Seconds of --expires. Pure.
---@param text string
---@return integer|nil seconds nil unless it is a duration from 1 s to 366 d
function serve_keys.parse_expires(text)
  local seconds = require "cme.cli.clock".duration(text)
  return seconds and seconds >= 1 and seconds <= LONGEST and seconds // 1 or nil
end

---@param serve table argparse's command `cme serve`
function serve_keys.add_to_parser(serve)
  local command = serve:command("keys", "Add, list and revoke keys that sign requests.")
  command:command_target "keys_command"
  local add = command:command("add", "Make a key and show its secret, this one time.")
  add:option("--platform", "Restrict the key to this platform; repeat for more. Default: all platforms."):argname "NAME"
    :target("key_platforms"):count "*"
  add:option("--expires", "Make a temporary key with a session token that lasts 90s, 30m, 2h, 7d ..."):argname "TIME"
  add:option("--name", "Name of the key: its section in the INI text.", "default"):argname "NAME":target "key_name"
  command:command("list", "List the keys, without secrets.")
  command:command("revoke", "Revoke a key: later requests with it are refused."):argument("secret_id", "Id of the "
    .. "key.")
end

local function open_keys(store, state)
  return require "cme.server.store.kept_keys".new(store, state.master_key, require "cme.system.clock".now)
end

-- ---- add

--- The INI text of a new key; pure.
---@param key { name: string, secret_id: string, secret_key: string, token: string|nil, platforms: string[]|nil,
---  expires_at: number|nil }
---@return string text without its last line end
function serve_keys.ini(key)
  local time = require "cme.time"
  local lines = {
    ("# A key of a cme service for %s%s. It is shown this once."):format(
      key.platforms and "platform " .. table.concat(key.platforms, ", ") or "all platforms",
      key.expires_at and ", until " .. time.format(key.expires_at) or ""),
    ("[%s]"):format(key.name),
    "secret_id = " .. key.secret_id,
    "secret_key = " .. key.secret_key,
    key.token and "token = " .. key.token or nil,
  }
  return table.concat(lines, "\n")
end

local function describe(key)
  local time = require "cme.time"
  return {
    secret_id = key.secret_id, secret_key = key.secret_key, token = key.token, name = key.name,
    platforms = key.platforms, created_at = key.created_at and time.format(key.created_at // 1),
    expires_at = key.expires_at and time.format(key.expires_at // 1),
  }
end

-- The platform that there is not, or nil, message when the database failed.
local function find_missing(store, names)
  for _, name in ipairs(names) do
    local found, message, detail = store:has_platform(name)
    if not found then return name, message, detail end
  end
  return nil
end

-- A key that could not be shown is nobody's.
local function show(context, keys, key)
  local ok, result = pcall(context.done, context, describe(key), serve_keys.ini(key))
  if ok then return result end
  keys:revoke(key.secret_id)
  error(result, 0)
end

local function add(context, options)
  return serve_store.with(context, function(store, state)
    local missing, message, detail = find_missing(store, options.platforms or {})
    if message then return context:fail(message, detail) end
    if missing then
      return context:fail(context.t("unknown platform '%s': run cme serve platforms add %s first",
        missing, missing), { code = "invalid.not_found" })
    end
    local keys = open_keys(store, state)
    local key
    key, message, detail = keys:add(options)
    if not key then return context:fail(select(2, codes.within("in.adding_key", nil, message, detail))) end
    for name, value in pairs(options) do
      key[name] = value
    end
    local code = show(context, keys, key)
    keys:close()
    return code
  end)
end

local function run_add(args, context)
  local t = context.t
  local seconds = args.expires and serve_keys.parse_expires(args.expires)
  if args.expires and not seconds then
    return context:usage(t("--expires '%s': a time such as 90s, 30m, 2h or 7d, at most 366d", args.expires))
  end
  local fault = serve_store.name_fault("--name", args.key_name, t)
  for _, name in ipairs(args.key_platforms) do
    fault = fault or serve_store.name_fault("--platform", name, t)
  end
  if fault then return context:usage(fault) end
  return add(context, {
    name = args.key_name,
    platforms = args.key_platforms[1] and args.key_platforms or nil,
    expires_at = seconds and require "cme.system.clock".now() // 1 + seconds,
  })
end

-- ---- list

-- The development key stands in its file; nothing of it but the id is shown.
local function development_key(state)
  local text = require "cme.system.files".read(state.credentials)
  local secret_id = text and require "cme.server.store.keys".parse(text)
  return secret_id and { secret_id = secret_id, name = "(credentials)" } or nil
end

local function row_of(key)
  local one = describe(key)
  return { one.secret_id, one.name, one.platforms and table.concat(one.platforms, ","), one.created_at,
    one.expires_at }
end

local function run_list(_, context)
  local t = context.t
  return serve_store.with_existing(context, function(store, state)
    local list, message, detail = open_keys(store, state):list()
    if not list then return context:fail(select(2, codes.within("in.listing_keys", nil, message, detail))) end
    local development = development_key(state)
    if development then
      table.insert(list, 1, development)
    end
    local rows = { { "SECRET_ID", t "NAME", t "PLATFORMS", t "CREATED", t "EXPIRES" } }
    local values = require "cme.json".array {}
    for i, key in ipairs(list) do
      values[i], rows[i + 1] = describe(key), row_of(key)
    end
    if not context.json then
      context:table(rows)
    end
    return context:done(values)
  end)
end

-- ---- revoke

local function unknown(context, state)
  local secret_id, t = context.args.secret_id, context.t
  local development = development_key(state)
  if development and development.secret_id == secret_id then
    return context:fail(t("key '%s': this is the development key: to replace it, delete '%s' and restart the service",
      secret_id, state.credentials))
  end
  return context:fail(t("key '%s': unknown id: see cme serve keys list", secret_id:sub(1, 64)),
    { code = "invalid.not_found" })
end

local function run_revoke(args, context)
  return serve_store.with_existing(context, function(store, state)
    local revoked, message, detail = open_keys(store, state):revoke(args.secret_id)
    if revoked == nil then return context:fail(select(2, codes.within("in.revoking_key", nil, message, detail))) end
    if not revoked then return unknown(context, state) end
    store:wipe()
    return context:done { revoked = args.secret_id }
  end)
end

local COMMANDS = { add = run_add, list = run_list, revoke = run_revoke }

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function serve_keys.run(args, context)
  return COMMANDS[args.keys_command](args, context)
end

return serve_keys
