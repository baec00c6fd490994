-- SPDX-License-Identifier: MIT
-- The keys below a prefix, kept in memory by a watch, for who reads often and must not read what is old.
--
--   load ─► run: watch ─► events ─► table, `changed`      compacted ─► load again, tell the difference
--
-- What is here counts as newer than what is read when its revision is, since this client may have written it
-- meanwhile. Not so where the revision of the store has stepped back: it was restored from a snapshot, and is right.
--
-- A reading of the table is as new as a reading of etcd once `confirm` has returned after it was asked: it reads a head
-- key, which every transaction of the prefix must put, with the consent of most members, and waits until the watch has
-- told all up to that change. Those who ask at the same time share one reading, which began after each of them asked.
--
-- Tasks only. `changed` must not wait.

local backoff = require "cme.net.backoff"
local codes = require "cme.codes"
local task = require "cme.task"

local mirror = {}

---@class cme.etcd.mirror
---@field revision integer|nil everything up to it is here; nil: nothing was read yet
---@field confirmed_at number|nil when the last `confirm` or `load` that succeeded began to read, by the clock
---@field private _client cme.etcd.client
---@field private _prefix string
---@field private _head string
---@field private _clock fun(): number
---@field private _changed fun(key: string, now: cme.etcd.kv|nil, before: cme.etcd.kv|nil)
---@field private _failed fun(message: string|nil, detail: cme.detail|nil)
---@field private _silent boolean etcd did not answer the last time
---@field private _kvs table<string, cme.etcd.kv>
---@field private _deleted table<string, integer> revisions of deletions by this client that the watch has
---  not told of yet, by key
---@field private _moved cme.task.signal the revision has grown
---@field private _asking cme.task.signal|nil a reading of the head is under way; tells of its end
---@field private _watch cme.etcd.watch|nil
local Mirror = {}
Mirror.__index = Mirror
Mirror.__name = "cme.etcd.mirror"

local LOOK = 10 -- seconds that one wait for news lasts: an outage is told within them
local PAUSES = { base = 0.2, cap = 5, jitter = 0.5, steady = 60 }

--- Makes one; nothing is read yet.
---@param given { client: cme.etcd.client, prefix: string, head: string, clock: (fun(): number), changed: function|nil,
---  failed: (fun(message: string|nil, detail: cme.detail|nil))|nil } head: below the prefix; failed: etcd does not
---  answer, and it is tried again; without a message: it answers again. Must not wait
---@return cme.etcd.mirror
function mirror.new(given)
  local function nothing() end
  return setmetatable({ _client = given.client, _prefix = given.prefix, _head = given.head, _clock = given.clock,
    _changed = given.changed or nothing, _failed = given.failed or nothing, _kvs = {}, _deleted = {},
    _silent = false, _moved = task.signal() }, Mirror)
end

local function set(self, key, kv)
  local before = self._kvs[key]
  self._kvs[key] = kv
  if before or kv then self._changed(key, kv, before) end
end

-- Whether what is here of a key is from a revision or after it.
local function is_known(self, key, revision)
  local kv = self._kvs[key]
  return (kv and kv.mod_revision or self._deleted[key] or 0) >= revision
end

-- What is here is as new as etcd was then.
local function note_fresh(self, at)
  self.confirmed_at = math.max(self.confirmed_at or at, at)
end

local function move(self, revision)
  if revision > (self.revision or 0) then self.revision = revision end
  for key, deleted in pairs(self._deleted) do
    if deleted <= self.revision then self._deleted[key] = nil end
  end
  self._moved:notify()
end

local function is_same(a, b)
  return a and a.mod_revision == b.mod_revision and a.create_revision == b.create_revision and a.value == b.value
end

-- Puts what was read at a revision in the place of what is here, and is no newer.
local function replace(self, found, revision)
  for key in pairs(self._kvs) do
    if not found[key] and not is_known(self, key, revision) then set(self, key, nil) end
  end
  for key, kv in pairs(found) do
    if not is_known(self, key, revision) and not is_same(self._kvs[key], kv) then set(self, key, kv) end
  end
end

--- Reads all keys; tells how they differ from what was here.
---@param how { timeout: number|nil }|nil of each page
---@param anew boolean|nil the store is another one than before
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function Mirror:load(how, anew)
  local found, asked, before = {}, self._clock(), self.revision or 0
  local revision, message, detail = self._client:pages({ key = self._prefix, prefix = true }, function(kvs)
    for _, kv in ipairs(kvs) do found[kv.key] = kv end
  end, how)
  if not revision then return nil, message, detail end
  anew = anew or revision < before
  if anew then self.revision, self._deleted = nil, {} end
  replace(self, found, anew and math.maxinteger or revision + 1)
  move(self, revision)
  note_fresh(self, asked)
  return true
end

local function take(self, news)
  for _, event in ipairs(news.events or {}) do
    local kv = event.kv
    if not is_known(self, kv.key, kv.mod_revision) then set(self, kv.key, event.type == "put" and kv or nil) end
  end
  move(self, news.revision)
end

local function fail(self, message, detail)
  self._silent = true
  self._failed(message, detail)
end

local function answered(self)
  if self._silent then self._failed(nil) end
  self._silent = false
end

-- Follows a watch until it ends; returns what ended it.
local function follow(self)
  local watch = self._client:watch { key = self._prefix, prefix = true, revision = self.revision + 1 }
  self._watch = watch
  while true do
    local news, message, detail = watch:next(LOOK)
    if news and news.compacted then
      local ok
      ok, message, detail = self:load(nil, news.anew)
      if not ok then return message, detail end
      watch:from(self.revision + 1)
    elseif news then
      take(self, news)
    elseif detail.code ~= "network.timeout" then
      return message, detail
    elseif detail.cause then
      fail(self, codes.say(detail.cause), detail.cause)
    end
    if news or not detail.cause then answered(self) end
  end
end

--- Keeps it up to date, for as long as the task lives. It may be called again when it has failed.
function Mirror:run()
  local failures = 0
  if self._watch then self._watch:close() end
  while true do
    local ok, message, detail = self.revision ~= nil, nil, nil
    if not ok then ok, message, detail = self:load() end
    if ok then
      local before = self._clock()
      message, detail = follow(self)
      self._watch:close()
      failures = backoff.count(PAUSES, failures, self._clock() - before)
    else
      failures = failures + 1
    end
    fail(self, message, detail)
    task.sleep(backoff.delay(PAUSES, failures, math.random()))
  end
end

-- A key as etcd has it after a put.
local function written(before, key, value, revision)
  return { key = key, value = value, mod_revision = revision,
    create_revision = before and before.create_revision or revision, version = before and before.version + 1 or 1 }
end

--- Takes in what a transaction of this client has just written, ahead of the watch.
---@param revision integer of the transaction
---@param values table<string, string|false> by key; false: it was deleted
function Mirror:wrote(revision, values)
  for key, value in pairs(values) do
    if not is_known(self, key, revision) then -- else the watch was faster
      self._deleted[key] = not value and revision or nil
      set(self, key, value and written(self._kvs[key], key, value, revision) or nil)
    end
  end
end

--- A key as it is here.
---@param key string
---@return cme.etcd.kv|nil
function Mirror:get(key) return self._kvs[key] end

--- How long ago what is here was as new as etcd was, for certain.
---@return number|nil seconds nil: it never was
function Mirror:age()
  local at = math.max(self.confirmed_at or -math.huge, self._watch and self._watch.alive_at or -math.huge)
  return at > -math.huge and math.max(0, self._clock() - at) or nil
end

--- All keys, in no order.
---@return fun(): string, cme.etcd.kv
function Mirror:each() return next, self._kvs end

-- Waits until everything up to a revision is here, which was read at a time or after it.
local function reach(self, revision, asked, due)
  while (self.revision or 0) < revision do
    local left = due - self._clock()
    if left <= 0 then return codes.fail("network.timeout:mirror", nil, { sent = true }) end
    self._moved:wait(left)
  end
  note_fresh(self, asked)
  return true
end

-- Reads the head with the consent of most members, for all who have asked.
local function read_head(self, seconds)
  local done, asked, before = task.signal(), self._clock(), self.revision or 0
  self._asking = done
  local forget = task.on_cancel(task.current(), function()
    self._asking = nil
    done:notify() -- whoever waited asks itself
  end)
  local found, message, detail = self._client:range({ key = self._head }, { timeout = seconds })
  local ok = found ~= nil
  if ok and found.revision < before then ok, message, detail = self:load { timeout = seconds } end
  forget()
  self._asking = nil
  local answer = { nil, message, detail, asked = asked }
  if ok then answer[1] = found.kvs[1] or false end
  done:notify(answer)
  return answer
end

--- Waits until what is here is as new as etcd was when this was called.
---@param seconds number
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail network.timeout, or why most members did not answer
function Mirror:confirm(seconds)
  local due = self._clock() + seconds
  if self._asking then self._asking:wait(seconds) end -- that one may have begun before what we must see
  local answer
  while not answer do
    local left = due - self._clock()
    if left <= 0 then return codes.fail("network.timeout:mirror", nil, { sent = true }) end
    if self._asking then
      answer = self._asking:wait(left)
      -- Who read may have had less time than this one has: then this one reads itself.
      if type(answer) ~= "table" or answer[1] == nil then answer = nil end
    else
      answer = read_head(self, left)
    end
  end
  local kv, message, detail = answer[1], answer[2], answer[3]
  if kv == nil then return nil, message, detail end
  return reach(self, kv and kv.mod_revision or 0, answer.asked, due)
end

return mirror
