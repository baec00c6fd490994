-- SPDX-License-Identifier: MIT
-- The files that recordings are being written to, in SQLite: what was begun and not finished yet. A service that comes
-- back after a crash of the machine learns from them which files nobody has been told of.

local open_files = {}

--- The table, for the store's migrations.
open_files.tables = {
  [[CREATE TABLE open_files (
      project TEXT NOT NULL,
      file TEXT NOT NULL,
      PRIMARY KEY (project, file)) WITHOUT ROWID]],
}

---@class cme.server.store.sqlite.open_files: cme.server.store.interface.open_files
---@field private _db cme.server.store.db
local OpenFiles = {}
OpenFiles.__index = OpenFiles
OpenFiles.__name = "cme.server.store.sqlite.open_files"

---@param conn cme.server.store.db the store's
---@return cme.server.store.sqlite.open_files
function open_files.new(conn) return setmetatable({ _db = conn }, OpenFiles) end

--- A file is begun. Again has no effect.
---@param project string
---@param file string
---@return integer|nil
---@return string|nil message
---@return cme.detail|nil detail
function OpenFiles:add(project, file)
  return self._db:exec("INSERT OR IGNORE INTO open_files (project, file) VALUES (?, ?)", project, file)
end

--- A file is finished, and that was told.
---@param project string
---@param file string
---@return integer|nil
---@return string|nil message
---@return cme.detail|nil detail
function OpenFiles:remove(project, file)
  return self._db:exec("DELETE FROM open_files WHERE project = ? AND file = ?", project, file)
end

--- All that are open.
---@return { project: string, file: string }[]|nil
---@return string|nil message
---@return cme.detail|nil detail
function OpenFiles:all()
  return self._db:rows "SELECT project, file FROM open_files ORDER BY project, file"
end

return open_files
