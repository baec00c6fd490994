-- SPDX-License-Identifier: MIT
-- Reads all tables and fills empty ones, for cme.server.store.transfer. They are read in one transaction, page by page,
-- and filled in one, so that a file that is not whole leaves nothing.

local codes = require "cme.codes"
local kinds = require "cme.server.store.transfer".KINDS

local transfer = {}

local PAGE = 200 -- rows in memory

local NUMBERED = { projects = true, history = true, outbox = true, keys = true } -- tables with `seq`

local function columns_of(kind)
  local columns = table.move(kind.texts, 1, #kind.texts, 1, {})
  return table.move(kind.integers, 1, #kind.integers, #columns + 1, columns)
end

-- The next page of a table: after a seq, or after so many rows of a small one.
local function page(conn, kind, after)
  local columns = table.concat(columns_of(kind), ", ")
  if NUMBERED[kind.name] then
    return conn:rows(("SELECT seq, %s FROM %s WHERE seq > ? ORDER BY seq LIMIT ?"):format(columns, kind.name), after,
      PAGE)
  end
  return conn:rows(("SELECT %s FROM %s ORDER BY %s LIMIT ? OFFSET ?"):format(columns, kind.name, columns), PAGE, after)
end

local function write_table(conn, kind, write)
  local after = 0
  while true do
    local rows, message, detail = page(conn, kind, after)
    if not rows then return nil, message, detail end
    for _, row in ipairs(rows) do
      after, row.seq = row.seq or after + 1, nil
      local ok, failure, fault = write(kind.name, row)
      if not ok then return nil, failure, fault end
    end
    if #rows < PAGE then return true end
  end
end

--- Gives every row to `write`, as all tables were at one moment.
---@param conn cme.server.store.db
---@param write fun(kind: string, row: table): true|nil, string|nil, cme.detail|nil
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function transfer.export(conn, write)
  local ok, message, detail = conn:exec "BEGIN"
  for _, kind in ipairs(kinds) do
    if ok then ok, message, detail = write_table(conn, kind, write) end
  end
  conn:exec "ROLLBACK"
  return ok and true, message, detail
end

local function check_empty(conn)
  for _, kind in ipairs(kinds) do
    local rows, message, detail = conn:rows(("SELECT COUNT(*) AS count FROM %s"):format(kind.name))
    if not rows then return nil, message, detail end
    if rows[1].count > 0 then return codes.fail("invalid.not_empty:state", { what = kind.name }) end
  end
  return true
end

local function insert(conn, kind, row)
  local columns, values = columns_of(kind), {}
  for i, name in ipairs(columns) do values[i] = row[name] end
  return conn:exec(("INSERT INTO %s (%s) VALUES (%s?)"):format(kind.name, table.concat(columns, ", "),
    ("?, "):rep(#columns - 1)), table.unpack(values, 1, #columns))
end

local function fill(conn, read)
  local by_name = {}
  for _, kind in ipairs(kinds) do by_name[kind.name] = kind end
  local ok, message, detail = check_empty(conn)
  if not ok then return nil, message, detail end
  local kind, row
  while true do
    kind, row, detail = read()
    if not kind then return not row or nil, row, detail end
    ok, message, detail = insert(conn, by_name[kind], row)
    if not ok then return nil, message, detail end
  end
end

--- Fills empty tables.
---@param conn cme.server.store.db
---@param read fun(): string|nil, table|string|nil, cme.detail|nil kind and row; nil: the end; nil, message, detail
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function transfer.import(conn, read)
  return conn:transaction(fill, conn, read)
end

return transfer
