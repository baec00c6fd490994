-- SPDX-License-Identifier: MIT
-- The whole state as lines of JSON, from any driver of the store to any other:
--
--   {"format":"cme state","version":1}
--   {"kind":"projects","row":{"id":...}}     rows as SQLite's tables have them, times as integer milliseconds
--   {"counts":{"projects":12,...}}           the end: without it, something is missing
--
-- A line is in memory at a time. The text holds stream keys.

local codes = require "cme.codes"
local json = require "cme.json"

local transfer = {}

local HEAD = { format = "cme state", version = 1 }

--- What there is, in the order in which it is read and written: a project's changes before the project. Members are
--- texts and integers; those in `may` may be missing.
transfer.KINDS = {
  { name = "platforms", texts = { "name" }, integers = { "created_at" }, may = {} },
  { name = "history", texts = { "project", "operation", "from_status", "to_status", "reason" }, integers = { "at" },
    may = {} },
  { name = "projects", texts = { "id", "platform", "category", "name", "description", "mode", "owner_type", "owner_id",
    "input", "status", "active" }, integers = { "revision", "started_at", "stop_at", "stopped_at", "created_at",
    "updated_at" }, may = { description = true, mode = true, started_at = true, stop_at = true, stopped_at = true } },
  { name = "outbox", texts = { "url", "project", "event", "body" }, integers = { "created_at" }, may = {} },
  { name = "interruptions", texts = { "project", "part" }, integers = {}, may = {} },
  { name = "open_files", texts = { "project", "file" }, integers = {}, may = {} },
  { name = "keys", texts = { "secret_id", "name", "sealed", "token_sha256", "platforms" },
    integers = { "created_at", "expires_at" }, may = { token_sha256 = true, platforms = true, expires_at = true } },
}

local BY_NAME = {}
for _, kind in ipairs(transfer.KINDS) do BY_NAME[kind.name] = kind end

local function none()
  local counts = {}
  for _, kind in ipairs(transfer.KINDS) do counts[kind.name] = 0 end
  return counts
end

--- Writes a store's whole state.
---@param store cme.server.store.interface
---@param write fun(line: string): true|nil, string|nil, cme.detail|nil
---@return table<string, integer>|nil counts rows by kind
---@return string|nil message
---@return cme.detail|nil detail
function transfer.export(store, write)
  local counts = none()
  local ok, message, detail = write(json.encode(HEAD))
  if not ok then return nil, message, detail end
  ok, message, detail = store:export(function(kind, row)
    counts[kind] = counts[kind] + 1
    return write(assert(json.encode { kind = kind, row = row }))
  end)
  if ok then ok, message, detail = write(json.encode { counts = counts }) end
  if not ok then return nil, message, detail end
  return counts
end

-- ---- reading

local function is_whole(kind, row)
  for _, name in ipairs(kind.texts) do
    if type(row[name]) ~= "string" and not (row[name] == nil and kind.may[name]) then return false end
  end
  for _, name in ipairs(kind.integers) do
    if math.type(row[name]) ~= "integer" and not (row[name] == nil and kind.may[name]) then return false end
  end
  return true
end

local function refuse(sentence, number)
  return codes.fail(sentence, { line = number })
end

-- What a line says: a kind and its row, or the counts of the end.
local function parse(line, number)
  local value = json.decode(line)
  if type(value) ~= "table" then return refuse("server.state_file:line", number) end
  if type(value.counts) == "table" then return "counts", value.counts end
  local kind = BY_NAME[value.kind]
  if not kind or type(value.row) ~= "table" or not is_whole(kind, value.row) then
    return refuse("server.state_file:line", number)
  end
  return kind.name, value.row
end

local function is_same(counts, told)
  for name, count in pairs(counts) do
    if told[name] ~= count then return false end
  end
  return true
end

-- A function that gives one row after the other, and nil at the end, which must be whole; nil, message, detail where it
-- is not.
local function reader(next_line, counts)
  local number, over = 1, false
  return function()
    if over then return nil end
    number = number + 1
    local line = next_line()
    if not line then return refuse("server.state_file:end", number) end
    local kind, row, detail = parse(line, number)
    if not kind then return nil, row, detail end
    if kind ~= "counts" then
      counts[kind] = counts[kind] + 1
      return kind, row
    end
    over = true
    if next_line() or not is_same(counts, row) then return refuse("server.state_file:end", number) end
    return nil
  end
end

--- Reads a whole state into a store that has none.
---@param store cme.server.store.interface
---@param next_line fun(): string|nil
---@return table<string, integer>|nil counts rows by kind
---@return string|nil message
---@return cme.detail|nil detail code server.state_file, invalid.not_empty, or the store failed
function transfer.import(store, next_line)
  local head = json.decode(next_line() or "")
  if type(head) ~= "table" or head.format ~= HEAD.format then return codes.fail "server.state_file:foreign" end
  if head.version ~= HEAD.version then
    return codes.fail("server.state_file:newer", { version = tostring(head.version), known = HEAD.version })
  end
  local counts = none()
  local ok, message, detail = store:import(reader(next_line, counts))
  if not ok then return nil, message, detail end
  return counts
end

return transfer
