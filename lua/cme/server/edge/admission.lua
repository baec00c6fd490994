-- SPDX-License-Identifier: MIT
-- Which stream keys the edge is given: one of each pushed input of a project, and one of each picture that an engine
-- publishes to be played, which are programmes and pulled inputs. Those of inputs that were taken away while the
-- service runs are given as ended for some time, so that an encoder is told why it is refused. Pure.

local ingest = require "cme.server.edge.ingest"
local json = require "cme.json"
local said = require "cme.server.said"
local sign = require "cme.sign"
local token = require "cme.server.edge.token"

local admission = {}

local MAX_KEYS = 8192 -- that an edge takes which was not asked yet; CME_INGEST_KEYS_MAX of src/edge/ingest.h
local FEEDS = 256 -- of what the edge takes, which are left to engines
local MAX_ENDED = 256 -- that are remembered
local INPUTS = { main = true, backup = true }

---@class cme.server.edge.entry
---@field key cme.server.edge.key
---@field project string
---@field endpoint "main"|"backup"
---@field read string|nil hash of the key with which engines of other nodes read it
---@field working boolean its project is on the air, or should be
---@field prepared boolean|nil its project is being changed, and has another one for this input still, or none
---@field ended integer|nil a count that rises: when it was taken away
---@field refused cme.server.said|nil who was refused, and why, since it was good

---@class cme.server.edge.feed what an engine of ours publishes
---@field project string
---@field what "output"|"main"|"backup"
---@field nth integer a count that rises: which was there first
---@field key { id: string, hashes: string[], play: string }

---@class cme.server.edge.admission
---@field private _keys cme.server.edge.keys
---@field private _options cme.server.edge.admission.options
---@field private _entries table<string, cme.server.edge.entry> by the edge's name
---@field private _of table<string, table<string, true>> names of the keys that each project has now
---@field private _feeds table<string, cme.server.edge.feed> by the edge's name
---@field private _fed integer feeds so far
---@field private _held table<string, true> addresses that are about to be stored, by the edge's name
---@field private _most integer keys that the edge takes
---@field private _count integer entries that have not ended
---@field private _revision integer
---@field private _taken integer keys taken away so far
local Admission = {}
Admission.__index = Admission
Admission.__name = "cme.server.edge.admission"

---@class cme.server.edge.admission.options
---@field srt "encrypted"|"plain"|nil SRT callers need the passphrase of their key, or may have none; nil: nobody calls
---@field shared boolean|nil engines of other nodes may read what is pushed

---@param keys cme.server.edge.keys
---@param options cme.server.edge.admission.options
---@return cme.server.edge.admission
function admission.new(keys, options)
  return setmetatable({ _keys = keys, _options = options, _entries = {}, _of = {}, _feeds = {}, _fed = 0,
    _held = {}, _most = MAX_KEYS, _count = 0, _revision = 0, _taken = 0 }, Admission)
end

--- Says how many keys the edge takes.
---@param most integer|nil nil: it was not asked yet
function Admission:limit(most) self._most = most or MAX_KEYS end

-- The addresses that a project did not have. One that takes the place of another needs no room.
local function additional(record, before)
  local had, ids = before and ingest.addresses(before) or {}, {}
  for endpoint, stored in pairs(ingest.addresses(record)) do
    if not had[endpoint] then ids[#ids + 1] = ingest.id(stored) end
  end
  return ids
end

--- Holds room for the push addresses of a project that is about to be stored, so that two at once do not take the same:
--- until put() or cancel().
---@param record cme.server.project as it is to be
---@param before cme.server.project|nil as it is; nil: it is new
---@return boolean held there is room
---@return integer most how many push addresses there may be
function Admission:reserve(record, before)
  local most, ids, held = math.max(0, self._most - FEEDS), additional(record, before), 0
  self:cancel(record) -- it may be tried again
  for _ in pairs(self._held) do held = held + 1 end
  if ids[1] and self._count + held + #ids > most then return false, most end
  for _, id in ipairs(ids) do self._held[id] = true end
  return true, most
end

--- What room was held for is not stored.
---@param record cme.server.project
function Admission:cancel(record)
  for _, stored in pairs(ingest.addresses(record)) do self._held[ingest.id(stored)] = nil end
end

-- The oldest of those that were taken away goes.
function Admission:_trim()
  for id, entry in pairs(self._entries) do
    if entry.ended and entry.ended <= self._taken - MAX_ENDED then self._entries[id] = nil end
  end
end

-- What is published by engines of a project, of all that it has or of some, no longer is. Whether anything was.
function Admission:_end_feeds(project, which)
  local had = false
  for id, feed in pairs(self._feeds) do
    if feed.project == project and (not which or which[feed.what]) then self._feeds[id], had = nil, true end
  end
  return had
end

-- What is pushed to an address of a project.
function Admission:_entry(stored, project, endpoint)
  return { key = ingest.key(stored, self._keys), project = project, endpoint = endpoint, working = false,
    read = self._options.shared and sign.sha256_hex(ingest.read_key(stored, self._keys)) or nil }
end

-- What a project had, and has no more. Whether there was any.
function Admission:_end_entries(project, there)
  local had = false
  for id in pairs(self._of[project] or {}) do
    if not there[id] then
      self._taken, self._count, had = self._taken + 1, self._count - 1, true
      self._entries[id].ended = self._taken
    end
  end
  self._of[project] = next(there) and there or nil
  if had then self:_trim() end
  return had
end

-- What of a project no engine publishes any more: inputs that it has not, and those that are pushed from now on, which
-- were pulled, or pushed to another address.
local function unpublished(record, new)
  local which, there = {}, ingest.inputs(record)
  for endpoint in pairs(INPUTS) do which[endpoint] = new[endpoint] or not there[endpoint] or nil end
  return which
end

-- Notes whether what is pushed to an address is on the air. Whether that changes what the edge is given.
local function set_working(self, entry, working)
  if entry.working == working then return false end
  entry.working = working
  return self._count > self._most
end

-- What is pushed to an address of a project from now on.
---@return cme.server.edge.entry
---@return boolean made it was not there
function Admission:_admit(stored, project, endpoint)
  local id = ingest.id(stored)
  local known = self._entries[id]
  if known and not known.ended and known.endpoint == endpoint then return known, false end
  self._count = self._count + ((not known or known.ended) and 1 or 0)
  self._entries[id], self._held[id] = self:_entry(stored, project, endpoint), nil
  return self._entries[id], true
end

--- A project is about to be changed, in its engine as well: what is pushed to it from then on is taken already, and
--- what was pushed to it before goes on, until put(). An engine that is told first finds nothing to read.
---@param project string
---@param record cme.server.project as it is to be
---@return boolean changed the edge is to be told
function Admission:prepare(project, record)
  local changed = false
  local of = self._of[project] or {}
  for endpoint, stored in pairs(ingest.addresses(record)) do
    local entry, made = self:_admit(stored, project, endpoint)
    of[entry.key.id], changed = true, changed or made
    entry.prepared, entry.working = entry.prepared or made, record.status == "Working"
  end
  self._of[project] = next(of) and of or nil
  if changed then self._revision = self._revision + 1 end
  return changed
end

--- A project is there, was changed or is gone.
---@param project string
---@param record cme.server.project|nil nil: it is gone
---@return boolean changed the edge is to be told
function Admission:put(project, record)
  local there, new, changed = {}, {}, false
  for endpoint, stored in pairs(record and ingest.addresses(record) or {}) do
    local entry, made = self:_admit(stored, project, endpoint)
    there[entry.key.id], changed = true, changed or made
    if made or entry.prepared then new[endpoint], entry.prepared = true, nil end
    changed = set_working(self, entry, record.status == "Working") or changed
  end
  changed = self:_end_entries(project, there) or changed
  changed = self:_end_feeds(project, record and unpublished(record, new)) or changed
  if changed then self._revision = self._revision + 1 end
  return changed
end

--- An engine publishes a project's programme, or an input that it pulls.
---@param project string
---@param what "output"|"main"|"backup"
---@return string key
---@return boolean changed the edge is to be told
function Admission:feed(project, what)
  local key, given = ingest.feed(project, what, self._keys)
  if self._feeds[given.id] then return key, false end
  self._fed, self._revision = self._fed + 1, self._revision + 1
  self._feeds[given.id] = { project = project, what = what, nth = self._fed, key = given }
  return key, true
end

local function unfeed(self, project, which)
  local changed = self:_end_feeds(project, which)
  if changed then self._revision = self._revision + 1 end
  return changed
end

--- Engines publish no input of a project: none of its inputs is pulled, or is pushed elsewhere, any more.
---@param project string
---@return boolean changed the edge is to be told
function Admission:unfeed(project) return unfeed(self, project, INPUTS) end

--- No engine publishes a project's programme any more.
---@param project string
---@return boolean changed the edge is to be told
function Admission:unfeed_output(project) return unfeed(self, project, { output = true }) end

-- Those of what is on the air come first, so that no encoder is sent away for the address of another one; then those
-- that are good for longest, and last those that were taken away.
local function comes_before(a, b)
  if (a.ended ~= nil) ~= (b.ended ~= nil) then return b.ended ~= nil end
  if a.ended then return a.ended > b.ended end
  if a.working ~= b.working then return a.working end
  if a.key.expires ~= b.key.expires then return a.key.expires > b.key.expires end
  return a.key.id < b.key.id
end

-- Passphrases are secrets: they go where they are used.
local function srt_spec(srt, how)
  if not how then return nil end
  return { hashes = json.array(srt.hashes), passphrases = how == "encrypted" and json.array(srt.passphrases) or nil }
end

-- Programmes come before inputs, which are looked at now and then; of each, what was there first, so that nobody who
-- watches is sent away for what came later.
local function fed_before(a, b)
  if (a.what == "output") ~= (b.what == "output") then return a.what == "output" end
  return a.nth < b.nth
end

-- What engines publish has what room encoders leave.
local function add_feeds(list, feeds, most)
  local sorted = {}
  for _, feed in pairs(feeds) do sorted[#sorted + 1] = feed end
  table.sort(sorted, fed_before)
  local there = math.min(#sorted, math.max(0, most - #list))
  for i = 1, there do
    local key = sorted[i].key
    list[#list + 1] = { id = key.id, hashes = json.array(key.hashes), play = key.play, own = true }
  end
  return #sorted - there
end

-- By which key each name is played. An input that is pushed to another node is played from what an engine here
-- publishes of it, and one whose address is being changed from the one before.
local function played(entries, feeds)
  local keys = {}
  for _, prepared in ipairs { true, false } do
    for _, entry in ipairs(entries) do
      if not entry.ended and (entry.prepared == true) == prepared then
        keys[token.name(entry.project, entry.endpoint)] = entry.key.id
      end
    end
  end
  for id, feed in pairs(feeds) do keys[feed.key.play] = id end
  return keys
end

-- What a key is played as.
local function play_of(entry, keys)
  local name = token.name(entry.project, entry.endpoint)
  return keys[name] == entry.key.id and name or nil
end

--- What the edge is told by `set`.
---@return table spec
---@return integer left_out keys of encoders that there is no room for
---@return integer unplayed the same of engines
function Admission:spec()
  local entries, list, left_out = {}, json.array {}, 0
  for _, entry in pairs(self._entries) do entries[#entries + 1] = entry end
  table.sort(entries, comes_before)
  local keys = played(entries, self._feeds)
  for i, entry in ipairs(entries) do
    local key = entry.key
    if i <= self._most then
      list[i] = { id = key.id, hashes = json.array(key.hashes), expires = key.expires, ended = entry.ended ~= nil,
        read = entry.read and json.array { entry.read } or nil, srt = srt_spec(key.srt, self._options.srt),
        play = play_of(entry, keys) }
    elseif not entry.ended then
      left_out = left_out + 1
    end
  end
  local unplayed = add_feeds(list, self._feeds, self._most)
  local secret = token.secret(self._keys.secret)
  return { revision = self._revision, app = ingest.app, secret = secret, keys = list }, left_out, unplayed
end

--- What the edge has to be told: it grows with each change.
---@return integer
function Admission:revision() return self._revision end

-- Who is refused, and why, whatever port it came from.
local function refusal(event)
  local host = tostring(event.address):gsub(":%d+$", "")
  return table.concat({ tostring(event.code), tostring(event.protocol), host }, " ")
end

--- Takes in that the encoder of a key is refused; whether that was said before, since the key was good.
---@param id any the edge's name of the key
---@param event table|nil of the edge; nil: the encoder is not refused
---@return boolean again
function Admission:repeats(id, event)
  local entry = self._entries[id]
  if not entry then return false end
  entry.refused = event and (entry.refused or said.new()) or nil
  return event ~= nil and entry.refused:again(refusal(event))
end

--- Whose input a key is of, or whose programme.
---@param id any the edge's name of the key
---@return string|nil project
---@return "main"|"backup"|"output"|nil endpoint
---@return boolean own an engine of ours publishes with it
function Admission:who(id)
  local entry = self._entries[id]
  if entry then return entry.project, entry.endpoint, false end
  local feed = self._feeds[id]
  if feed then return feed.project, feed.what, true end
  return nil, nil, false
end

--- Whether any of these encoders pushes to a project that is on the air, or should be.
---@param list { id: string }[] by the edge's names of their keys
---@return boolean
function Admission:has_working(list)
  for _, one in ipairs(list) do
    local entry = self._entries[one.id]
    if entry and not entry.ended and entry.working then return true end
  end
  return false
end

return admission
