-- SPDX-License-Identifier: MIT
-- The changes of each project, which explain its state; a refusal quotes the last one. The newest 200 changes of each
-- existing project are kept, and those of deleted projects while they are among the newest 10,000 of all. Runs inside
-- the caller's transaction.

local operation = require "cme.server.store.operation"
local rows = require "cme.server.store.rows"

local history = {}

local MAX_CHANGES = 200 -- kept of a project
local MAX_GONE = 10000 -- newest changes of all among which those of projects that are gone are kept

--- Writes a change down, and forgets those of its project that are past the bound.
---@param conn cme.server.store.db
---@param entry { project: string, at: integer, operation: string, from: string, to: string, reason: string } at: ms
---@return integer|nil
---@return string|nil message
---@return cme.detail|nil detail
function history.note(conn, entry)
  local ok, message, detail = conn:exec(
    "INSERT INTO history (project, at, operation, from_status, to_status, reason) VALUES (?, ?, ?, ?, ?, ?)",
    entry.project, entry.at, entry.operation, entry.from, entry.to, entry.reason)
  if not ok then return nil, message, detail end
  return conn:exec([[DELETE FROM history WHERE project = ? AND seq <=
    (SELECT seq FROM history WHERE project = ? ORDER BY seq DESC LIMIT 1 OFFSET ?)]], entry.project, entry.project,
    MAX_CHANGES)
end

--- Forgets the changes of projects that are gone, past the bound.
---@param conn cme.server.store.db
---@return integer|nil
---@return string|nil message
---@return cme.detail|nil detail
function history.forget_gone(conn)
  return conn:exec([[DELETE FROM history WHERE seq <= (SELECT MAX(seq) FROM history) - ?
    AND project NOT IN (SELECT id FROM projects)]], MAX_GONE)
end

--- A refusal by state, with what brought the project into it.
---@param conn cme.server.store.db
---@param id string
---@param refusal cme.server.categories.refusal
---@return nil
---@return string message
---@return cme.detail detail
function history.refuse_state(conn, id, refusal)
  local found = conn:rows([[SELECT at, reason FROM history WHERE project = ? AND from_status <> to_status
    ORDER BY seq DESC LIMIT 1]], id)
  return operation.refuse(id, refusal, found and found[1])
end

--- What was done to a project, the newest first.
---@param conn cme.server.store.db
---@param id string
---@param limit integer
---@return cme.server.store.noted[]|nil changes
---@return string|nil message
---@return cme.detail|nil detail
function history.of(conn, id, limit)
  local found, message, detail = conn:rows([[SELECT at, operation, to_status, reason FROM history WHERE project = ?
    ORDER BY seq DESC LIMIT ?]], id, limit)
  if not found then return nil, message, detail end
  local changes = {}
  for i, row in ipairs(found) do
    changes[i] = { at = rows.to_seconds(row.at), operation = row.operation, status = row.to_status,
      reason = row.reason }
  end
  return changes
end

return history
