-- SPDX-License-Identifier: MIT
-- The inputs and outputs that are interrupted and of which that was told, in SQLite. cme.server.events.journal decides.

local interruptions = {}

--- The table, for the store's migrations.
interruptions.table = [[CREATE TABLE interruptions (
      project TEXT NOT NULL,
      part TEXT NOT NULL,
      PRIMARY KEY (project, part)) WITHOUT ROWID]]

---@class cme.server.store.sqlite.interruptions: cme.server.store.interface.interruptions
---@field private _db cme.server.store.db
local Interruptions = {}
Interruptions.__index = Interruptions
Interruptions.__name = "cme.server.store.sqlite.interruptions"

---@param conn cme.server.store.db the store's
---@return cme.server.store.sqlite.interruptions
function interruptions.new(conn) return setmetatable({ _db = conn }, Interruptions) end

function Interruptions:of(project)
  local rows, message, detail = self._db:rows("SELECT part FROM interruptions WHERE project = ?", project)
  if not rows then return nil, message, detail end
  local known = {}
  for _, row in ipairs(rows) do
    known[row.part] = true
  end
  return known
end

function Interruptions:add(project, part)
  return self._db:exec("INSERT INTO interruptions (project, part) VALUES (?, ?)", project, part)
end

function Interruptions:remove(project, part)
  return self._db:exec("DELETE FROM interruptions WHERE project = ? AND part = ?", project, part)
end

function Interruptions:forget(project)
  return self._db:exec("DELETE FROM interruptions WHERE project = ?", project)
end

return interruptions
