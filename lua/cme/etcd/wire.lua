-- SPDX-License-Identifier: MIT
-- What etcd's v3 JSON gateway takes and gives, as tables of ours and back: keys and values are base64 there, 64-bit
-- integers are strings, and a zero is left out. Pure.

local options = require "cme.text.options"
local sign = require "cme.sign"

local wire = {}

---@class cme.etcd.kv
---@field key string
---@field value string
---@field create_revision integer
---@field mod_revision integer
---@field version integer puts since it was made
---@field lease integer|nil

---@class cme.etcd.keys which keys
---@field key string
---@field prefix boolean|nil all that begin with `key`; "" is all there are
---@field range_end string|nil all from `key` to before this

---@class cme.etcd.range: cme.etcd.keys
---@field limit integer|nil at most so many
---@field revision integer|nil as it was then; nil: now
---@field serializable boolean|nil as the member has it, maybe not the newest; answered without the others
---@field keys_only boolean|nil
---@field count_only boolean|nil
---@field sort "key"|"version"|"create"|"mod"|"value"|nil
---@field descending boolean|nil

---@class cme.etcd.put
---@field key string
---@field value string
---@field lease integer|nil
---@field previous boolean|nil give what it was

---@class cme.etcd.delete: cme.etcd.keys
---@field previous boolean|nil give what they were

---@class cme.etcd.compare
---@field key string
---@field mod_revision integer|nil one of these four; 0 of the first three: there is no such key
---@field create_revision integer|nil
---@field version integer|nil
---@field value string|nil
---@field is "="|"!="|"<"|">"|nil "=" when nil

---@alias cme.etcd.operation { range: cme.etcd.range } | { put: cme.etcd.put } | { delete: cme.etcd.delete }

---@class cme.etcd.txn
---@field compare cme.etcd.compare[]
---@field success cme.etcd.operation[]|nil
---@field failure cme.etcd.operation[]|nil

local SORT = { key = "KEY", version = "VERSION", create = "CREATE", mod = "MOD", value = "VALUE" }
local RESULT = { ["="] = "EQUAL", ["!="] = "NOT_EQUAL", ["<"] = "LESS", [">"] = "GREATER" }
local TARGETS = { mod_revision = "MOD", create_revision = "CREATE", version = "VERSION", value = "VALUE" }
local NUL = "\0"

local function integer(value)
  return value and ("%d"):format(value) or nil
end

--- A 64-bit integer of the gateway's; one that is left out is 0.
---@param text string|number|nil
---@return integer
function wire.integer(text)
  return math.tointeger(tonumber(text)) or 0
end

--- The first key after all that begin with a prefix.
---@param prefix string
---@return string "\0" when there is none
function wire.prefix_end(prefix)
  local head = prefix:gsub("\255+$", "")
  if head == "" then return NUL end
  return head:sub(1, -2) .. string.char(head:byte(-1) + 1)
end

-- key and range_end of the gateway's, in a new table.
local function keys(asked)
  local key, stop = asked.key, asked.range_end
  if type(key) ~= "string" then options.misuse "cme.etcd: option 'key': a string is needed" end
  if asked.prefix then
    stop = wire.prefix_end(key)
    if key == "" then key = NUL end
  end
  return { key = sign.base64_encode(key), range_end = stop and sign.base64_encode(stop) }
end

--- A range request.
---@param asked cme.etcd.range
---@return table
function wire.range(asked)
  local out = keys(asked)
  out.limit, out.revision = integer(asked.limit), integer(asked.revision)
  out.serializable, out.keys_only, out.count_only = asked.serializable, asked.keys_only, asked.count_only
  if asked.sort then
    out.sort_target = SORT[asked.sort] or options.misuse "cme.etcd: option 'sort': key, version, create, mod or value"
    out.sort_order = asked.descending and "DESCEND" or "ASCEND"
  end
  return out
end

--- A put request.
---@param asked cme.etcd.put
---@return table
function wire.put(asked)
  local out = keys { key = asked.key }
  if type(asked.value) ~= "string" then options.misuse "cme.etcd: option 'value': a string is needed" end
  out.value, out.lease, out.prev_kv = sign.base64_encode(asked.value), integer(asked.lease), asked.previous
  return out
end

--- A delete request.
---@param asked cme.etcd.delete
---@return table
function wire.delete(asked)
  local out = keys(asked)
  out.prev_kv = asked.previous
  return out
end

local function compare(one)
  local out = keys { key = one.key }
  out.result = RESULT[one.is or "="] or options.misuse "cme.etcd: compare: option 'is': =, !=, < or >"
  for field, target in pairs(TARGETS) do
    local wanted = one[field]
    if wanted ~= nil then
      out.target, out[field] = target, field == "value" and sign.base64_encode(wanted) or integer(wanted)
    end
  end
  if not out.target then options.misuse "cme.etcd: compare: mod_revision, create_revision, version or value" end
  return out
end

local function operation(one)
  if one.range then return { request_range = wire.range(one.range) } end
  if one.put then return { request_put = wire.put(one.put) } end
  if one.delete then return { request_delete_range = wire.delete(one.delete) } end
  options.misuse "cme.etcd: txn: an operation is { range = }, { put = } or { delete = }"
end

-- A list, or nil: an empty table would be written as an object.
local function list(given, convert)
  if not given or #given == 0 then return nil end
  local out = {}
  for i, one in ipairs(given) do out[i] = convert(one) end
  return out
end

--- A txn request.
---@param asked cme.etcd.txn
---@return table
function wire.txn(asked)
  return { compare = list(asked.compare, compare), success = list(asked.success, operation),
    failure = list(asked.failure, operation) }
end

--- A watch request.
---@param asked cme.etcd.keys
---@param revision integer|nil from here on
---@param previous boolean|nil
---@return table
function wire.watch(asked, revision, previous)
  local out = keys(asked)
  out.start_revision, out.prev_kv, out.progress_notify = integer(revision), previous, true
  return { create_request = out }
end

-- ---- answers

local function bytes(text)
  return text and sign.base64_decode(text) or ""
end

--- A key with its value.
---@param kv table of the gateway's
---@return cme.etcd.kv
function wire.kv(kv)
  return { key = bytes(kv.key), value = bytes(kv.value), create_revision = wire.integer(kv.create_revision),
    mod_revision = wire.integer(kv.mod_revision), version = wire.integer(kv.version),
    lease = kv.lease and wire.integer(kv.lease) }
end

local function kvs(given)
  return list(given, wire.kv) or {}
end

local function revision(answer)
  return wire.integer((answer.header or {}).revision)
end

---@class cme.etcd.found
---@field revision integer of the store when it was read
---@field kvs cme.etcd.kv[]
---@field count integer keys that there are, whatever the limit
---@field more boolean the limit left some out

---@param answer table
---@return cme.etcd.found
function wire.found(answer)
  return { revision = revision(answer), kvs = kvs(answer.kvs), count = wire.integer(answer.count),
    more = answer.more == true }
end

---@class cme.etcd.written
---@field revision integer of the store after it
---@field previous cme.etcd.kv|cme.etcd.kv[]|nil of a put its value before, of a delete those that were deleted
---@field deleted integer|nil of a delete: how many

---@param answer table
---@return cme.etcd.written
function wire.written(answer)
  return { revision = revision(answer), previous = answer.prev_kv and wire.kv(answer.prev_kv) }
end

---@param answer table
---@return cme.etcd.written
function wire.deleted(answer)
  return { revision = revision(answer), deleted = wire.integer(answer.deleted),
    previous = list(answer.prev_kvs, wire.kv) }
end

---@class cme.etcd.done
---@field succeeded boolean the comparisons held, and `success` was done; else `failure`
---@field revision integer of the store after it
---@field responses (cme.etcd.found|cme.etcd.written)[] one for each operation

local function response(one)
  if one.response_range then return wire.found(one.response_range) end
  if one.response_put then return wire.written(one.response_put) end
  return wire.deleted(one.response_delete_range or {})
end

---@param answer table
---@return cme.etcd.done
function wire.done(answer)
  return { succeeded = answer.succeeded == true, revision = revision(answer),
    responses = list(answer.responses, response) or {} }
end

---@class cme.etcd.event
---@field type "put"|"delete"
---@field kv cme.etcd.kv of a deletion: the key, and mod_revision of the deletion
---@field previous cme.etcd.kv|nil

local function event(one)
  return { type = one.type == "DELETE" and "delete" or "put", kv = wire.kv(one.kv or {}),
    previous = one.prev_kv and wire.kv(one.prev_kv) }
end

---@class cme.etcd.news what a watch tells; one of `events`, `compacted` and neither, which is progress
---@field revision integer everything up to it was told
---@field events cme.etcd.event[]|nil
---@field compacted integer|nil what is older than this is gone: read again, then go on with watch:from(revision)
---@field anew boolean|nil of `compacted`: the store is another one, and what was read of the last one is worth nothing

---@param result table a result of the watch's stream
---@return cme.etcd.news
function wire.news(result)
  if wire.integer(result.compact_revision) > 0 then
    return { compacted = wire.integer(result.compact_revision), revision = revision(result) }
  end
  local events = list(result.events, event)
  return { events = events, revision = events and events[#events].kv.mod_revision or revision(result) }
end

return wire
