-- SPDX-License-Identifier: MIT
-- A client of etcd (3.4 or later) over its v3 JSON gateway. It waits as the transport does: inside tasks other tasks
-- run meanwhile. Every call takes a time limit and returns a value, or nil, message, detail.
--
--   local store = etcd.new { endpoints = { "http://10.0.0.1:2379", "http://10.0.0.2:2379" } }
--   local done = assert(store:txn { compare = { { key = "a", version = 0 } },
--     success = { { put = { key = "a", value = "1", lease = lease } } } })
--
--   exchange.lua  which member is asked, and again when     wire.lua    tables to JSON and back
--   watch.lua     what happens to keys                      errors.lua  etcd's errors as ours
--   mirror.lua    keys kept in memory, never older than asked
--   outage.lua    what the log says when etcd is silent

local exchange = require "cme.etcd.exchange"
local options = require "cme.text.options"
local watch = require "cme.etcd.watch"
local wire = require "cme.etcd.wire"

local etcd = {}

---@class cme.etcd.options
---@field endpoints string[] base URLs of the members, "http://10.0.0.1:2379"
---@field user string|nil
---@field password string|nil
---@field ca_file string|nil PEM file of CAs trusted besides the system's
---@field cert_file string|nil PEM file with the client's certificate
---@field key_file string|nil PEM file with its key
---@field cert_ends (fun(): integer|nil)|nil reads when that certificate ends, in unix seconds
---@field timeout number|nil seconds for a call, 5 when nil
---@field connect_timeout number|nil seconds until connected to one member, 2 when nil
---@field quiet number|nil seconds after which the member of a silent watch is asked whether it lives, 5 when nil
---@field home number|nil seconds between two questions whether the first endpoint answers again, 5 when nil
---@field transport cme.transport|nil
---@field clock (fun(): number)|nil steady, in seconds

---@class cme.etcd.client
---@field _exchange cme.etcd.exchange
---@field _home fun() waits, and goes back to the first endpoint if that answers
---@field _watching table what watches are made with
local Client = {}
Client.__index = Client
Client.__name = "cme.etcd.client"

local SPEC = {
  endpoints = { "table" }, user = { "string" }, password = { "string" }, ca_file = { "string" },
  cert_file = { "string" }, key_file = { "string" }, cert_ends = { "function" },
  timeout = { "number", options.timeout },
  connect_timeout = { "number", options.timeout }, quiet = { "number", options.timeout },
  home = { "number", options.timeout }, transport = { "table" }, clock = { "function" },
}
local TIMEOUT, CONNECT_TIMEOUT, QUIET, HOME = 5, 2, 5, 5
local PAGE = 500 -- keys

local function check_endpoints(list)
  if not list or #list == 0 then options.misuse "cme.etcd: option 'endpoints': a list of URLs is needed" end
  local out = {}
  for i, url in ipairs(list) do
    if type(url) ~= "string" or not url:find "^https?://[^/@]+/?$" then
      options.misuse(("cme.etcd: option 'endpoints': place %d: http[s]://HOST:PORT is needed"):format(i))
    end
    out[i] = url:gsub("/$", "")
  end
  return out
end

--- Makes a client; it does no I/O.
---@param given cme.etcd.options
---@return cme.etcd.client
function etcd.new(given)
  local checked = options.check("cme.etcd", given, SPEC)
  checked.endpoints = check_endpoints(checked.endpoints)
  if (checked.user == nil) ~= (checked.password == nil) then
    options.misuse "cme.etcd: options 'user' and 'password' belong together"
  end
  checked.timeout, checked.connect_timeout = checked.timeout or TIMEOUT, checked.connect_timeout or CONNECT_TIMEOUT
  local transport = checked.transport or require "cme.net.transport".shared()
  local clock = checked.clock or function() return (require "cme.http".clocks()) end
  local one = exchange.new(checked, transport, clock)
  local function home()
    transport:sleep(checked.home or HOME)
    one:go_home(checked.connect_timeout)
  end
  return setmetatable({ _exchange = one, _home = home,
    _watching = { exchange = one, transport = transport, clock = clock, quiet = checked.quiet or QUIET } }, Client)
end

-- A call and its answer, converted.
local function call(self, path, request, how, safe, convert)
  local answer, message, detail = self._exchange:call(path, request, { timeout = how and how.timeout, safe = safe })
  if not answer then return nil, message, detail end
  return convert(answer)
end

-- ---- keys

--- Reads keys.
---@param asked cme.etcd.range
---@param how { timeout: number|nil }|nil
---@return cme.etcd.found|nil
---@return string|nil message
---@return cme.detail|nil detail
function Client:range(asked, how)
  return call(self, "/v3/kv/range", wire.range(asked), how, true, wire.found)
end

--- Reads one key.
---@param key string
---@param how { timeout: number|nil }|nil
---@return cme.etcd.kv|false|nil kv false: there is no such key
---@return string|nil message
---@return cme.detail|nil detail
function Client:get(key, how)
  local found, message, detail = self:range({ key = key }, how)
  if not found then return nil, message, detail end
  return found.kvs[1] or false
end

--- Reads keys in pages, in the order of the keys, all of them as they were at one revision.
---@param asked cme.etcd.range without sort; `limit` is the keys of a page, 500 when nil
---@param visit fun(kvs: cme.etcd.kv[])
---@param how { timeout: number|nil }|nil of each page
---@return integer|nil revision at which they were read
---@return string|nil message
---@return cme.detail|nil detail etcd.compacted when it took so long that the revision is gone
function Client:pages(asked, visit, how)
  local page = {}
  for name, value in pairs(asked) do page[name] = value end
  page.limit = asked.limit or PAGE
  if page.prefix then page.range_end, page.prefix = wire.prefix_end(page.key), nil end
  if page.key == "" then page.key = "\0" end
  while true do
    local found, message, detail = self:range(page, how)
    if not found then return nil, message, detail end
    page.revision = page.revision or found.revision
    visit(found.kvs)
    if not found.more then return page.revision end
    page.key = found.kvs[#found.kvs].key .. "\0"
  end
end

--- Writes a key.
---@param asked cme.etcd.put
---@param how { timeout: number|nil }|nil
---@return cme.etcd.written|nil
---@return string|nil message
---@return cme.detail|nil detail
function Client:put(asked, how)
  return call(self, "/v3/kv/put", wire.put(asked), how, false, wire.written)
end

--- Deletes keys.
---@param asked cme.etcd.delete
---@param how { timeout: number|nil }|nil
---@return cme.etcd.written|nil
---@return string|nil message
---@return cme.detail|nil detail
function Client:delete(asked, how)
  return call(self, "/v3/kv/deleterange", wire.delete(asked), how, false, wire.deleted)
end

-- Whether a txn only reads.
local function only_reads(asked)
  for _, name in ipairs { "success", "failure" } do
    for _, one in ipairs(asked[name] or {}) do
      if not one.range then return false end
    end
  end
  return true
end

--- Does all of `success` at once when all comparisons hold, else all of `failure`.
---@param asked cme.etcd.txn
---@param how { timeout: number|nil }|nil
---@return cme.etcd.done|nil
---@return string|nil message
---@return cme.detail|nil detail
function Client:txn(asked, how)
  return call(self, "/v3/kv/txn", wire.txn(asked), how, only_reads(asked), wire.done)
end

--- Forgets what keys were before a revision.
---@param revision integer
---@param how { timeout: number|nil }|nil
---@return boolean|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Client:compact(revision, how)
  return call(self, "/v3/kv/compaction", { revision = ("%d"):format(revision) }, how, false, function() return true end)
end

---@class cme.etcd.watched: cme.etcd.keys
---@field revision integer|nil from here on; nil: what happens after it has connected
---@field previous boolean|nil give what keys were before

--- Watches keys. A watch has one connection; there may be any number of them.
---@param asked cme.etcd.watched
---@return cme.etcd.watch
---@usage local watch = store:watch { key = "projects/", prefix = true, revision = found.revision + 1 }
function Client:watch(asked)
  wire.watch(asked) -- misuse raises here
  return watch.new(self._watching, asked)
end

-- ---- leases

local function id_of(lease)
  if math.type(lease) ~= "integer" then options.misuse "cme.etcd: a lease's id is needed" end
  return ("%d"):format(lease)
end

--- Makes a lease: keys attached to it go when it ends.
---@param seconds integer
---@param how { timeout: number|nil }|nil
---@return { id: integer, ttl: integer }|nil lease
---@return string|nil message
---@return cme.detail|nil detail
function Client:grant(seconds, how)
  return call(self, "/v3/lease/grant", { TTL = ("%d"):format(seconds) }, how, false, function(answer)
    return { id = wire.integer(answer.ID), ttl = wire.integer(answer.TTL) }
  end)
end

--- Keeps a lease alive for its time from now on. Measure that time from before the call.
---@param lease integer
---@param how { timeout: number|nil }|nil
---@return integer|nil seconds that it lives
---@return string|nil message
---@return cme.detail|nil detail code etcd.lease_gone: it has ended, and its keys with it
function Client:keepalive(lease, how)
  local seconds, message, detail = call(self, "/v3/lease/keepalive", { ID = id_of(lease) }, how, true, function(answer)
    return wire.integer(answer.TTL)
  end)
  if seconds and seconds <= 0 then
    return require "cme.codes".fail("etcd.lease_gone", { reason = "TTL 0" }, { sent = true })
  end
  return seconds, message, detail
end

--- Ends a lease and deletes its keys.
---@param lease integer
---@param how { timeout: number|nil }|nil
---@return boolean|nil ok
---@return string|nil message
---@return cme.detail|nil detail code etcd.lease_gone: it had ended
function Client:revoke(lease, how)
  return call(self, "/v3/lease/revoke", { ID = id_of(lease) }, how, false, function() return true end)
end

-- ---- the cluster

--- Goes back to the first endpoint, which is the nearest, when it answers again after it was left: requests do at once,
--- and watches when they are quiet. It is asked beside them, so that none of them waits or fails for that. Runs for as
--- long as its task lives.
function Client:keep_home()
  while true do self._home() end
end

return etcd
