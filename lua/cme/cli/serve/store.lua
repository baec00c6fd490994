-- SPDX-License-Identifier: MIT
-- What the commands below `cme serve` share: they work on the state, in the folder or in etcd, while a service runs on
-- it or none does.

local serve_store = {}

---@param args table
---@param t cme.cli.translate
---@return string|nil folder
---@return string|nil fault there is no place for it
function serve_store.folder(args, t)
  local folder = args.state or require "cme.server.store.state".default_folder(os.getenv, require "luv".os_get_passwd)
  if folder then return folder end
  return nil, t "state folder: neither HOME nor the password database names a home: give a folder with --state"
end

--- Why a text may not name a platform or a key; pure.
---@param what string the option that it was given for
---@param name string
---@param t cme.cli.translate
---@return string|nil fault nil: it may
function serve_store.name_fault(what, name, t)
  if #name <= 64 and name:match "^[%w_%-.]+$" then return nil end
  return t("%s '%s': letters, digits, '_', '-' and '.' only, at most 64", what, name)
end

-- What root made in the folder of another user could not be read by that user's service.
local function owner_fault(folder, t)
  local uv = require "luv"
  local stat = uv.fs_stat(folder)
  if not stat or stat.uid == uv.getuid() then return nil end
  local user = stat.uid == 0 and "root" or "#" .. stat.uid
  return t("state folder '%s': it belongs to user %s: run this as that user (sudo -u '%s')", folder, user, user)
end

-- A mistyped folder must not be answered as an empty one.
local function absence(folder, t)
  if require "luv".fs_stat(folder .. "/cme.db") then return nil end
  return t("state folder '%s': no service has used it: give the service's folder with --state", folder)
end

-- The folder, the options of etcd, and what is wrong with them.
local function places(context, find_fault)
  local args, t = context.args, context.t
  local folder, fault = serve_store.folder(args, t)
  fault = fault or owner_fault(folder, t)
  if fault then return nil, nil, fault end
  local etcd, message, detail = require "cme.cli.serve.etcd".options(args, t)
  if message then return nil, nil, message, detail end
  return folder, etcd, find_fault and not etcd and find_fault(folder, t) or nil
end

local function open(context, perform, find_fault)
  local folder, etcd, message, detail = places(context, find_fault)
  if message then return context:fail(message, detail) end
  local state
  state, message, detail = require "cme.server.store.state".share(folder)
  if not state then return context:fail(message, detail) end
  local store
  store, message, detail = require "cme.server.store".open { state = state, etcd = etcd,
    clock = require "cme.system.clock" }
  if not store then return context:fail(message, detail) end
  local ok, result = pcall(perform, store, state)
  store:close()
  if not ok then error(result, 0) end
  return result
end

--- Opens the state for one command that may be the first to use it.
---@param context cme.cli.context
---@param perform fun(store: cme.server.store.interface, state: cme.server.store.state): integer exit code
---@return integer exit_code
function serve_store.with(context, perform)
  return open(context, perform)
end

--- Opens it for a command that works on what is there: makes none.
---@param context cme.cli.context
---@param perform fun(store: cme.server.store.interface, state: cme.server.store.state): integer exit code
---@return integer exit_code
function serve_store.with_existing(context, perform)
  return open(context, perform, absence)
end

return serve_store
