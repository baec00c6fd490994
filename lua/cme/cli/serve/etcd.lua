-- SPDX-License-Identifier: MIT
-- Options of `cme serve` that say where its state is when that is not SQLite. Every user of a machine can read the
-- arguments of its programs, so a password comes from a file or from the environment.

local serve_fleet = require "cme.cli.serve.fleet"

local serve_etcd = {}

local DEFAULT_PREFIX = "/cme"
local LOGIN = "CME_ETCD_LOGIN" -- of the environment: user:password
local EXAMPLE = "http://10.0.0.1:2379,http://10.0.0.2:2379,http://10.0.0.3:2379"
local NEEDS_ETCD = { "seal_key", "etcd_prefix", "etcd_login", "etcd_ca", "etcd_cert", "etcd_key", "take_over" }

--- Adds what it takes to reach etcd, beside --etcd.
---@param command table argparse's
function serve_etcd.add_connection(command)
  command:option("--etcd-prefix", "With --etcd: what all keys begin with (default /cme)."):argname "PREFIX"
  command:option("--etcd-login", "With --etcd: file with USER:PASSWORD, readable by you alone (default: "
    .. "$CME_ETCD_LOGIN)."):argname "FILE"
  command:option("--etcd-ca", "With --etcd: file of CAs to trust for etcd, in addition to the system's.")
    :argname "FILE"
  command:option("--etcd-cert", "With --etcd: client certificate, in PEM form."):argname "FILE"
  command:option("--etcd-key", "With --etcd: private key of that certificate."):argname "FILE"
end

---@param command table argparse's command `cme serve`
function serve_etcd.add_to_parser(command)
  command:option("--etcd", "Keep the state in this etcd instead of the state folder: URLs of its members, separated by "
    .. "commas."):argname "URLS"
  command:option("--seal-key", "With --etcd: file with the key that seals stream keys and URLs there (see cme serve "
    .. "seal-key)."):argname "FILE"
  serve_etcd.add_connection(command)
  command:flag("--take-over", "With --etcd: start even if the state belongs to another cme serve, which has ended for "
    .. "good.")
  serve_fleet.add_to_parser(command)
end

--- Reads --etcd. Pure.
---@param text string
---@return string[]|nil urls
function serve_etcd.parse_urls(text)
  local urls = {}
  for url in (text .. ","):gmatch "([^,]*)," do
    if not url:find "^https?://[^/@%s]+/?$" then return nil end
    urls[#urls + 1] = url
  end
  return urls
end

--- Reads USER:PASSWORD. Pure.
---@param text string
---@return string|nil user
---@return string|nil password
function serve_etcd.parse_login(text)
  return text:match "^%s*([^:%s]+):([^\r\n]+)%s*$"
end

-- Engines and other programs that the service starts must not have it.
local function login_of_environment()
  local text = os.getenv(LOGIN)
  if text then require "luv".os_unsetenv(LOGIN) end
  return text
end

-- User and password; neither without a login.
local function read_login(args, t)
  local text = login_of_environment()
  if args.etcd_login then
    local message, detail
    text, message, detail = require "cme.system.files".read_secret(args.etcd_login, "in.etcd_login")
    if not text then return nil, nil, message, detail end
  end
  if not text then return nil end
  local user, password = serve_etcd.parse_login(text)
  if user then return user, password end
  return nil, nil, t("%s: USER:PASSWORD is needed", args.etcd_login and "--etcd-login" or LOGIN)
end

local function fault_of(args, t)
  if (args.etcd_cert == nil) ~= (args.etcd_key == nil) then
    return t "--etcd-cert and --etcd-key belong together: give both"
  end
  if args.etcd_prefix and not args.etcd_prefix:find "^/[%w_./-]*[%w_-]$" then
    return t("--etcd-prefix '%s': a name such as %s is needed", args.etcd_prefix, DEFAULT_PREFIX)
  end
  return nil
end

-- What says when etcd's client certificate ends, as its file is then.
local function end_of(args)
  if not args.etcd_cert then return nil end
  return function()
    return (require "cme.system.certificate".check { cert = args.etcd_cert, key = args.etcd_key })
  end
end

--- Reads what it takes to reach etcd.
---@param args table `etcd` is there
---@param t cme.cli.translate
---@return table|nil options as cme.etcd takes them, and `prefix`
---@return string|nil message
---@return cme.detail|nil detail of a file that cannot be read
function serve_etcd.connection(args, t)
  local urls = serve_etcd.parse_urls(args.etcd)
  if not urls then return nil, t("--etcd '%s': URLs of etcd are needed, such as %s", args.etcd, EXAMPLE) end
  local fault = fault_of(args, t)
  if fault then return nil, fault end
  local user, password, message, detail = read_login(args, t)
  if message then return nil, message, detail end
  return { endpoints = urls, prefix = args.etcd_prefix or DEFAULT_PREFIX, user = user, password = password,
    ca_file = args.etcd_ca, cert_file = args.etcd_cert, key_file = args.etcd_key, cert_ends = end_of(args) }
end

---@param args table
---@param t cme.cli.translate
---@return cme.server.store.etcd_options|nil options nil without a message: the state is in SQLite
---@return string|nil message
---@return cme.detail|nil detail of a file that cannot be read
function serve_etcd.options(args, t)
  local fleet, no_node = serve_fleet.options(args, t)
  if no_node then return nil, no_node end
  if not args.etcd then
    for _, name in ipairs(NEEDS_ETCD) do
      if args[name] then return nil, t("--%s goes with --etcd", (name:gsub("_", "-"))) end
    end
    return nil
  end
  local options, message, detail = serve_etcd.connection(args, t)
  if not options then return nil, message, detail end
  if not args.seal_key then return nil, t "--etcd needs --seal-key: cme serve seal-key FILE makes one" end
  options.seal_key, options.take_over, options.fleet = args.seal_key, args.take_over, fleet
  return options
end

--- The category of a project, which is not sealed. Waits.
---@param client cme.etcd.client
---@param prefix string of all keys
---@param project string its id
---@return string|false|nil category false: there is none that can be read
---@return string|nil message
---@return cme.detail|nil detail
function serve_etcd.category(client, prefix, project)
  local layout = require "cme.server.store.etcd.layout"
  local kv, message, detail = client:get(layout.new(prefix):key("projects", project))
  if kv == nil then return nil, message, detail end
  return kv and (layout.read(kv.value) or {}).category or false
end

return serve_etcd
