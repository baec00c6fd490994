-- SPDX-License-Identifier: MIT
-- Transactions over etcd: a function reads the keys in memory and writes into a table; then one txn of etcd writes it
-- all, if none of the keys that were read or written has changed since (`mod_revision`). If one has, the keys are
-- brought up to date and the function runs again.
--
--   fn: get, put, delete ──► compare what was read; put, delete ──► done: taken into memory at once
--        ▲                                                     └──► somebody else was faster: confirm, again
--        └──────────────────────────────────────────────────────────────┘
--
-- A txn whose answer is lost is sent again: it also compares and puts the key of this writer, so it is done once at
-- most, and the refusal of the second shows whether the first was done. So a writer has one transaction at a time.

local codes = require "cme.codes"
local etcd_errors = require "cme.etcd.errors"
local luv = require "cme.net.loop.luv"
local sign = require "cme.sign"
local task = require "cme.task"

local transactions = {}

local TRIES = 20 -- of a transaction, while others are faster
local PATIENCE = 10 -- seconds for one txn of etcd's, until it is known whether it was done
local ATTEMPT = 2 -- of them for one member
local CONFIRM = 5 -- seconds for the keys in memory to get up to date
local PAUSE = 0.2 -- seconds before a txn is sent again
local MOST = 120 -- operations of a txn: etcd's --max-txn-ops is 128 by default

---@class cme.server.store.etcd.transactions
---@field short boolean etcd was full when it was last written to
---@field private _client cme.etcd.client
---@field private _mirror cme.etcd.mirror
---@field private _layout cme.server.store.etcd.layout
---@field private _writer string its key
---@field private _watched boolean whether a watch keeps the mirror up to date
---@field private _run_of (fun(project: string): cme.server.store.etcd.run|nil)|nil what this node runs; nil: no fleet
---@field private _guard string|nil key that must stay as it is
---@field private _guarded integer|nil its mod_revision
---@field private _open cme.server.store.etcd.transaction|nil while its function runs
---@field private _away { at: number, message: string, detail: cme.detail }|nil when etcd last did not answer, and why
---@field private _doubt boolean whether the last txn was done is not known
---@field private _locks cme.task.locks
---@field private _clock fun(): number
local Transactions = {}
Transactions.__index = Transactions
Transactions.__name = "cme.server.store.etcd.transactions"

---@class cme.server.store.etcd.run a run that a node of a fleet has
---@field project string
---@field key string by which it has it
---@field epoch integer revision of the key's creation

---@class cme.server.store.etcd.transaction
---@field values table<string, string|false> what is written; false: deleted
---@field seen table<string, integer> mod_revision of what is read or written; 0: there is none
---@field ranges string[] prefixes of what is deleted besides
---@field notes table<string, any> what a part of the store keeps until the end
---@field finish (fun(): true|nil, string|nil, cme.detail|nil)[] called before it is written

--- Makes one.
---@param given { client: cme.etcd.client, mirror: cme.etcd.mirror, layout: cme.server.store.etcd.layout,
---  writer: string, watched: boolean, clock: fun(): number } writer: a name that no other writer has; watched: the
---  mirror runs
---@return cme.server.store.etcd.transactions
function transactions.new(given)
  return setmetatable({ _client = given.client, _mirror = given.mirror, _layout = given.layout,
    _writer = given.layout:key("writers", given.writer), _watched = given.watched, _locks = task.locks(),
    _clock = given.clock, _doubt = false, short = false }, Transactions)
end

--- From now on nothing is written unless a key stays as it is now.
---@param key string
function Transactions:guard(key)
  self._guard, self._guarded = key, self._mirror:get(key).mod_revision
end

--- From now on what belongs to a project that this node runs is written only while it has that run.
---@param run_of fun(project: string): cme.server.store.etcd.run|nil
function Transactions:guard_runs(run_of) self._run_of = run_of end

--- Whether this node may write what only the node that runs a project knows. Without a fleet it may.
---@param project string
---@return boolean
function Transactions:may_run(project) return not self._run_of or self._run_of(project) ~= nil end

-- ---- inside

--- The transaction whose function runs.
---@return cme.server.store.etcd.transaction|nil
function Transactions:current() return self._open end

local function look(self, tx, key)
  local kv = self._mirror:get(key)
  if not tx.seen[key] then tx.seen[key] = kv and kv.mod_revision or 0 end
  return kv
end

--- A value as the transaction sees it, or as it is in memory outside of one.
---@param key string
---@return string|nil
function Transactions:get(key)
  local tx = self._open
  if not tx then
    local kv = self._mirror:get(key)
    return kv and kv.value
  end
  local written = tx.values[key]
  if written ~= nil then return written or nil end
  local kv = look(self, tx, key)
  return kv and kv.value
end

--- Writes a value. Inside a transaction only.
---@param key string
---@param value string
function Transactions:put(key, value)
  look(self, self._open, key)
  self._open.values[key] = value
end

--- Deletes a key. Inside a transaction only.
---@param key string
function Transactions:delete(key)
  look(self, self._open, key)
  self._open.values[key] = false
end

--- Deletes a key that may be there. Inside a transaction only.
---@param key string
---@return boolean there
function Transactions:remove(key)
  local there = self:get(key) ~= nil
  if there then self:delete(key) end
  return there
end

--- Deletes what is outside of memory. Inside a transaction only.
---@param prefix string
function Transactions:delete_range(prefix)
  table.insert(self._open.ranges, prefix)
end

--- Writes what is outside of memory, whatever it is now. Inside a transaction only.
---@param key string
---@param value string|false false: deletes it
function Transactions:overwrite(key, value)
  self._open.values[key] = value
end

-- ---- etcd's txn

local OF_PROJECT = { projects = true, interrupted = true, files = true } -- kinds of keys

-- The runs of this node that a transaction is about.
local function runs_of(self, tx)
  local runs, seen = {}, {}
  for key in pairs(self._run_of and tx.values or {}) do
    local kind, id = self._layout:parse(key)
    local project = OF_PROJECT[kind] and id and id:match "^[^/]+"
    if project and not seen[project] then
      seen[project], runs[#runs + 1] = true, self._run_of(project)
    end
  end
  return runs
end

local function compares(self, tx, runs)
  local writer = self._mirror:get(self._writer)
  local list = { { key = self._writer, mod_revision = writer and writer.mod_revision or 0 } }
  if self._guard then list[2] = { key = self._guard, mod_revision = self._guarded } end
  for key, revision in pairs(tx.seen) do
    if key ~= self._guard then list[#list + 1] = { key = key, mod_revision = revision } end
  end
  for _, run in ipairs(runs) do list[#list + 1] = { key = run.key, create_revision = run.epoch } end
  return list
end

local function operations(self, tx, id)
  local list = { { put = { key = self._writer, value = id } }, { put = { key = self._layout:key "head", value = id } } }
  for key, value in pairs(tx.values) do
    list[#list + 1] = value and { put = { key = key, value = value } } or { delete = { key = key } }
  end
  for _, prefix in ipairs(tx.ranges) do list[#list + 1] = { delete = { key = prefix, prefix = true } } end
  return list
end

local function txn_of(self, tx, id, runs)
  local failure = { { range = { key = self._writer } } }
  for _, run in ipairs(runs) do failure[#failure + 1] = { range = { key = run.key } } end
  if self._guard then failure[#failure + 1] = { range = { key = self._guard } } end
  return { compare = compares(self, tx, runs), success = operations(self, tx, id), failure = failure }
end

-- The first of the runs that is over, as a failed txn has read their keys.
local function over_of(runs, responses)
  for i, run in ipairs(runs) do
    local kv = responses[i + 1].kvs[1]
    if not kv or kv.create_revision ~= run.epoch then return run end
  end
end

-- What the comparisons' failure shows: it was done before, another service took over, a run is over, or another writer
-- was faster.
local function judge(self, done, id, runs)
  local own = done.responses[1].kvs[1]
  if own and own.value == id then return own.mod_revision end
  local guard = self._guard and done.responses[#done.responses].kvs[1]
  if self._guard and (not guard or guard.mod_revision ~= self._guarded) then
    return codes.fail "server.database.taken_over"
  end
  local over = over_of(runs, done.responses)
  if over then return codes.fail("server.fleet.lost", { project = over.project }) end
  return false
end

-- A failure of etcd's as one of a store; unknown: whether it was done is not known.
local function failed(message, detail, unknown)
  return codes.fail("server.database.etcd", { cause = codes.words(message, detail) },
    { unknown_outcome = unknown or nil })
end
transactions.failed = failed

-- Notes that etcd does not answer; passes the failure on.
local function away(self, _, message, detail)
  self._away = { at = self._clock(), message = message, detail = detail }
  return nil, message, detail
end

-- Sends a txn until it is known whether it was done; false: somebody else was faster.
local function settle(self, txn, id, runs)
  local due, lost = self._clock() + PATIENCE, false
  while true do
    self._doubt = true
    local seconds = math.max(0.001, math.min(ATTEMPT, due - self._clock()))
    local done, message, detail = self._client:txn(txn, { timeout = seconds })
    lost = lost or not done and not etcd_errors.undone(detail)
    self._doubt = not done and lost
    if done and done.succeeded then return done.revision end
    if done then return judge(self, done, id, runs) end
    self.short = detail.code == "etcd.no_space"
    if not lost or self._clock() + PAUSE >= due then
      if etcd_errors.passing(detail) then return away(self, failed(message, detail, lost)) end
      return failed(message, detail, lost)
    end
    task.sleep(PAUSE)
  end
end

local function is_empty(tx) return next(tx.values) == nil and #tx.ranges == 0 end

-- Writes what a transaction has; false: somebody else was faster.
local function write(self, tx)
  local id, runs = sign.random_hex(8), runs_of(self, tx)
  local txn = txn_of(self, tx, id, runs)
  if math.max(#txn.compare, #txn.success) > MOST then return codes.fail "server.database.etcd:many" end
  local revision, message, detail = settle(self, txn, id, runs)
  if not revision then return revision, message, detail end
  self.short = false
  tx.values[self._writer], tx.values[self._layout:key "head"] = id, id
  for key in pairs(tx.values) do
    if key:sub(1, #self._layout.state) ~= self._layout.state then tx.values[key] = nil end
  end
  self._mirror:wrote(revision, tx.values)
  return true
end

-- ---- the whole

local function finish(tx)
  for _, fn in ipairs(tx.finish) do
    local ok, message, detail = fn()
    if not ok then return nil, message, detail end
  end
  return true
end

-- Runs the function once. Gives what it returned; whether it is to be kept; the transaction.
local function attempt(self, fn, ...)
  local tx = { values = {}, seen = {}, ranges = {}, notes = {}, finish = {} }
  self._open = tx
  local results = table.pack(xpcall(fn, debug.traceback, ...))
  if results[1] and results[2] then
    local ok, message, detail = finish(tx)
    if not ok then results = table.pack(true, nil, message, detail) end
  end
  self._open = nil
  if not results[1] then error(results[2], 0) end
  return results, tx
end

--- Brings the keys in memory up to date with etcd. Waits.
---@param seconds number|nil
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail code server.database.etcd
function Transactions:refresh(seconds)
  local ok, message, detail
  if self._watched then
    ok, message, detail = self._mirror:confirm(seconds or CONFIRM)
  else
    ok, message, detail = self._mirror:load { timeout = seconds or CONFIRM }
  end
  if not ok then return failed(message, detail) end
  return true
end

local function run(self, fn, ...)
  for _ = 1, TRIES do
    if self._doubt then
      local fresh, message, detail = self:refresh()
      if not fresh then return away(self, nil, message, detail) end
    end
    local results, tx = attempt(self, fn, ...)
    if not results[2] then return table.unpack(results, 2, results.n) end
    local kept, message, detail = true, nil, nil
    if not is_empty(tx) then kept, message, detail = write(self, tx) end
    if kept then return table.unpack(results, 2, results.n) end
    if kept == nil then return nil, message, detail end
    self._doubt = true -- of what others have written
  end
  return codes.fail "server.database.locked"
end

-- Who waited in line while etcd did not answer need not find that out again.
local function run_in_turn(self, asked, ...)
  local last = self._away
  if last and last.at >= asked then return nil, last.message, last.detail end
  return run(self, ...)
end

local function run_alone(self, ...)
  return self._locks:with("writes", run_in_turn, self, self._clock(), ...)
end

--- Runs fn inside a transaction, at once when it is called inside of one. Kept when fn returns a true value. Waits;
--- outside of tasks it turns libuv's loop meanwhile.
---@param fn fun(...): any must not wait, and may run several times
---@return any ... what fn returned, or nil, message, detail
function Transactions:run(fn, ...)
  if self._open then return fn(...) end
  if task.current() then return run_alone(self, fn, ...) end
  return luv.run(run_alone, self, fn, ...)
end

--- Writes nothing but who wrote, to see whether etcd takes writes again. Waits.
function Transactions:probe()
  self._locks:with("writes", write, self, { values = {}, seen = {}, ranges = {} })
end

return transactions
