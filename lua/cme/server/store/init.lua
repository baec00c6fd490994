-- SPDX-License-Identifier: MIT
-- Opens the store of a service, or of a command beside it: SQLite in the state folder, or etcd. What one of them alone
-- needs is loaded when it is used.

local codes = require "cme.codes"
local files = require "cme.system.files"

local store = {}

---@class cme.server.store.etcd_options where the state is, and what opens it
---@field endpoints string[] URLs of etcd's members
---@field prefix string of all keys, without a slash at its end
---@field seal_key string path of the key file
---@field user string|nil
---@field password string|nil
---@field ca_file string|nil CAs that etcd's certificate may have, besides the system's
---@field cert_file string|nil of the client
---@field cert_ends (fun(): integer|nil)|nil when that one ends, in unix seconds
---@field key_file string|nil
---@field take_over boolean|nil the state belongs to another service, which has ended
---@field fleet cme.server.fleet.options|nil the service is a node that shares the state with others; nil: it is alone

---@class cme.server.store.given
---@field state cme.server.store.state
---@field etcd cme.server.store.etcd_options|nil nil: SQLite
---@field clock cme.system.clock
---@field log cme.server.log|nil
---@field service boolean|nil the service itself opens it, which holds the state folder; else a command beside it

-- ---- SQLite

local function open_sqlite(given)
  local path = given.state.database
  local ok, message, detail = files.touch(path) -- before SQLite makes it with a wider mode; -wal and -shm take it over
  if not ok then return nil, message, detail end
  local ballast = given.service and require "cme.server.store.sqlite.ballast".new(given.state.ballast) or nil
  return require "cme.server.store.sqlite".open(path, given.clock.now, ballast)
end

-- ---- etcd

--- Reads a key file.
---@param path string
---@return cme.keyring|nil
---@return string|nil message
---@return cme.detail|nil detail
function store.read_ring(path)
  local text, message, detail = files.read_secret(path, "in.seal_key")
  if not text then return nil, message, detail end
  local ring = require "cme.sign".keyring(text)
  if ring then return ring end
  return codes.within("in.seal_key", { path = path }, select(2, codes.fail "server.seal_key:bad"))
end

-- Which service this is: the same after every restart, so the state folder has it.
local function read_node(state, in_fleet)
  if files.absent(state.node) then
    local ok, message, detail = files.write_atomically(state.node, require "cme.sign".random_hex(8) .. "\n")
    if not ok then return nil, message, detail end
  end
  local text, message, detail = files.read(state.node)
  if not text then return nil, message, detail end
  return { id = text:match "%S+" or "", host = require "luv".os_gethostname(), folder = state.folder,
    fleet = in_fleet }
end

local function open_etcd(given)
  local asked, node = given.etcd, nil
  local ring, message, detail = store.read_ring(asked.seal_key)
  if not ring then return nil, message, detail end
  if given.service then
    node, message, detail = read_node(given.state, asked.fleet ~= nil)
    if not node then return nil, message, detail end
  end
  local client = require "cme.etcd".new { endpoints = asked.endpoints, user = asked.user, password = asked.password,
    ca_file = asked.ca_file, cert_file = asked.cert_file, key_file = asked.key_file, cert_ends = asked.cert_ends,
    quiet = asked.fleet and asked.fleet.lease / 3 or nil }
  local opened
  opened, message, detail = require "cme.server.store.etcd".open { client = client, ring = ring, prefix = asked.prefix,
    node = node, now = given.clock.now, monotonic = given.clock.monotonic, take_over = asked.take_over,
    log = given.log }
  if not opened then return nil, message, detail end
  opened.ring, opened.node = ring, node
  return opened
end

--- Opens it.
---@param given cme.server.store.given
---@return cme.server.store.interface|nil
---@return string|nil message
---@return cme.detail|nil detail
function store.open(given)
  if given.etcd then return open_etcd(given) end
  return open_sqlite(given)
end

return store
