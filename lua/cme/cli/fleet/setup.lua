-- SPDX-License-Identifier: MIT
-- Writes what the hosts of a new fleet need: a folder for each, laid out as the host's own file system, and the CA
-- beside them.
--
--   FOLDER/ca.pem, ca.key                          the fleet's own CA; the key is for nobody's host
--   FOLDER/h1/etc/cme-fleet/ca.pem, host.pem, host.key, seal.key, etcd.env, cme.env
--   FOLDER/h1/etc/systemd/system/cme-etcd.service, cme-serve.service
--
-- All of it is written beside the folder and gets its name at the end: a failure leaves nothing, so that the next try
-- is not refused for what the first one left. Waits; tasks only.

local authority = require "cme.cli.fleet.authority"
local codes = require "cme.codes"
local files = require "cme.system.files"
local seal_key = require "cme.cli.serve.seal_key"
local sign = require "cme.sign"
local units = require "cme.cli.fleet.units"
local uv = require "luv"

local setup = {}

local FOR_ALL = 420 -- 0644: systemd warns of a unit that not everybody may read

local function write(path, text)
  local ok, message, detail = files.make_folder(path:match "^(.*)/")
  if ok then ok, message, detail = files.write_atomically(path, text) end
  if ok and path:find "%.service$" then uv.fs_chmod(path, FOR_ALL) end -- there is no secret in a unit
  return ok, message, detail
end

local function write_all(root, texts)
  for path, text in pairs(texts) do
    local ok, message, detail = write(root .. path, text)
    if not ok then return nil, message, detail end
  end
  return true
end

local function write_host(folder, host, texts)
  local root = folder .. "/" .. host.name
  local ok, message, detail = write_all(root, texts)
  if not ok then return nil, message, detail end
  return authority.issue(folder, host, { cert = root .. units.CERT, key = root .. units.KEY })
end

--- Whether there is nothing yet of that name.
---@param folder string
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function setup.check(folder)
  if not files.exists(folder) then return true end
  return codes.within("in.make_folder", { path = folder }, select(2, codes.fail "local.file:taken"))
end

local function write_fleet(folder, hosts, options)
  local ok, message, detail = files.make_folder(folder)
  if ok then ok, message, detail = authority.make(folder) end
  if not ok then return nil, message, detail end
  local ca
  ca, message, detail = files.read(folder .. "/ca.pem")
  if not ca then return nil, message, detail end
  options.token = "cme-" .. sign.random_hex(4)
  local secret = seal_key.text()
  for _, host in ipairs(hosts) do
    local texts = units.files(host, hosts, options)
    texts[units.CA], texts[units.SEAL] = ca, secret
    ok, message, detail = write_host(folder, host, texts)
    if not ok then return nil, message, detail end
  end
  return true
end

-- Removes a folder with all that is in it.
local function remove(folder)
  local scan = uv.fs_scandir(folder)
  while scan do
    local name, kind = uv.fs_scandir_next(scan)
    if not name then break end
    local path = folder .. "/" .. name
    if kind == "directory" then remove(path) else files.remove(path) end
  end
  uv.fs_rmdir(folder)
end

--- Writes all of it into a folder that is not there yet.
---@param folder string
---@param hosts cme.cli.fleet.host[]
---@param options { lease: integer, cme: string, etcd: string }
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function setup.write(folder, hosts, options)
  local ok, message, detail = setup.check(folder)
  if not ok then return nil, message, detail end
  local draft = ("%s.new-%d"):format(folder:match "^(.-)/*$", uv.os_getpid())
  ok, message, detail = write_fleet(draft, hosts, options)
  if ok then
    local renamed, reason, name = uv.fs_rename(draft, folder)
    if renamed then return true end
    ok, message, detail = files.fail("in.make_folder", folder, reason, name)
  end
  remove(draft)
  return ok, message, detail
end

return setup
