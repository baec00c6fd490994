-- SPDX-License-Identifier: MIT
-- `cme serve keys`: adds, lists and revokes the keys that may sign requests. A secret is shown once, when its key is
-- added; nothing can show it again.

local serve_state = require "cme.cli.serve_state"

local serve_keys = {}

local units = { s = 1, m = 60, h = 3600, d = 86400 }
local longest = 366 * 86400 -- seconds

---Seconds of a duration such as 90s, 30m, 2h or 7d; a bare number is seconds. Pure.
---@param text string
---@return integer? seconds nil unless it is from 1 s to 366 d
function serve_keys.parse_duration(text)
  local digits, unit = text:match "^(%d+)([smhd]?)$"
  local count = digits and #digits <= 9 and math.tointeger(tonumber(digits))
  local seconds = count and count * (units[unit] or 1)
  return seconds and seconds >= 1 and seconds <= longest and seconds or nil
end

---@param serve table argparse's command `cme serve`
function serve_keys.add_to_parser(serve)
  local command = serve:command("keys", "Add, list and revoke the keys that may sign requests.")
  command:command_target "keys_command"
  local add = command:command("add", "Make a key and show its secret, this once.")
  add:option("--platform", "A platform it may be used for (default: all); may be given again."):argname "NAME"
    :target("key_platforms"):count "*"
  add:option("--expires", "Make a temporary key with a session token, for 90s, 30m, 2h, 7d ..."):argname "TIME"
  add:option("--name", "What to call it: its section in the INI text.", "default"):argname "NAME":target "key_name"
  add:flag("--json", "Print JSON instead of INI.")
  command:command("list", "List the keys, without secrets."):flag("--json", "Print JSON.")
  command:command("revoke", "Forget a key: the next request with it is refused."):argument("secret_id", "Its id.")
end

local function open_keys(store, state)
  return require "cme.server.kept_keys".new(store, state.master_key, serve_state.now)
end

---The INI text of a new key; pure.
---@param key { name: string, secret_id: string, secret_key: string, token: string?, platforms: string[]?,
---  expires_at: number? }
---@return string
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
  return table.concat(lines, "\n") .. "\n"
end

local function describe(key)
  local time = require "cme.time"
  return {
    secret_id = key.secret_id, secret_key = key.secret_key, token = key.token, name = key.name,
    platforms = key.platforms, created_at = key.created_at and time.format(key.created_at // 1),
    expires_at = key.expires_at and time.format(key.expires_at // 1),
  }
end

local function encode(value)
  return assert(require "cme.json".encode(value)) .. "\n"
end

local function check_platforms(store, names)
  for _, name in ipairs(names or {}) do
    local found, message = store:has_platform(name)
    if found == nil then
      return nil, message
    end
    if not found then
      return nil, ("platform '%s': there is none of this name: run cme serve platforms add %s first"):format(name, name)
    end
  end
  return true
end

local function add(args, seconds)
  local platforms = #args.key_platforms > 0 and args.key_platforms or nil
  return serve_state.with(args, function(store, state)
    local ok, message = check_platforms(store, platforms)
    if not ok then
      return nil, message
    end
    local keys = open_keys(store, state)
    local options = { name = args.key_name, platforms = platforms,
      expires_at = seconds and serve_state.now() // 1 + seconds }
    local key
    key, message = keys:add(options)
    if not key then
      return nil, "add key: " .. message
    end
    for name, value in pairs(options) do
      key[name] = value
    end
    ok, message = serve_state.print(args.json and encode(describe(key)) or serve_keys.ini(key))
    if not ok then
      keys:revoke(key.secret_id) -- nobody can know it
    end
    keys:close()
    return ok, message
  end)
end

local function run_add(args)
  local seconds = args.expires and serve_keys.parse_duration(args.expires)
  if args.expires and not seconds then
    return serve_state.usage_error(("--expires '%s': a time such as 90s, 30m, 2h or 7d, at most 366d"):format(
      args.expires))
  end
  local message = serve_state.name_fault("--name", args.key_name)
  for _, name in ipairs(args.key_platforms) do
    message = message or serve_state.name_fault("--platform", name)
  end
  if message then
    return serve_state.usage_error(message)
  end
  return add(args, seconds)
end

-- The development key stands in its file; nothing of it but the id is shown.
local function development_key(state)
  local text = require "cme.server.files".read(state.credentials)
  local secret_id = text and require "cme.server.keys".parse(text)
  return secret_id and { secret_id = secret_id, name = "(credentials file)", temporary = false } or nil
end

local function cells(key)
  local time = require "cme.time"
  return {
    key.secret_id, key.name, key.platforms and table.concat(key.platforms, ",") or "(all)",
    key.created_at and time.format(key.created_at // 1) or "-",
    key.expires_at and time.format(key.expires_at // 1) or "-",
  }
end

local function run_list(args)
  return serve_state.with(args, function(store, state)
    local list, message = open_keys(store, state):list()
    if not list then
      return nil, "list keys: " .. message
    end
    local development = development_key(state)
    if development then
      table.insert(list, 1, development)
    end
    local rows = args.json and setmetatable({}, require "cme.schema".array_mt)
      or { { "SECRET_ID", "NAME", "PLATFORMS", "CREATED", "EXPIRES" } }
    for _, key in ipairs(list) do
      rows[#rows + 1] = args.json and describe(key) or cells(key)
    end
    return serve_state.print(args.json and encode(rows) or serve_state.columns(rows))
  end)
end

local function run_revoke(args)
  return serve_state.with(args, function(store, state)
    local revoked, message = open_keys(store, state):revoke(args.secret_id)
    if revoked == nil then
      return nil, "revoke key: " .. message
    end
    if revoked then
      store:wipe()
      return true
    end
    local development = development_key(state)
    if development and development.secret_id == args.secret_id then
      return nil, ("revoke key '%s': it is the development key: delete '%s' and restart the service to get "
        .. "another"):format(args.secret_id, state.credentials)
    end
    return nil, ("revoke key '%s': there is none of this id: see cme serve keys list"):format(args.secret_id:sub(1, 64))
  end)
end

local commands = { add = run_add, list = run_list, revoke = run_revoke }

---@param args table
---@return integer exit_code
function serve_keys.run(args)
  return commands[args.keys_command](args)
end

return serve_keys
