-- SPDX-License-Identifier: MIT
-- The events that wait for webhooks, in SQLite: one row for each event and URL. What they are, how many are kept and
-- for how long is the business of cme.server.events.outbox.

local outbox = {}

--- The table, for the store's migrations.
outbox.tables = {
  [[CREATE TABLE outbox (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      url TEXT NOT NULL,
      project TEXT NOT NULL,
      event TEXT NOT NULL,
      body TEXT NOT NULL,
      created_at INTEGER NOT NULL)]],
  [[CREATE INDEX outbox_by_url ON outbox (url, project, seq)]],
}

---@class cme.server.store.sqlite.outbox: cme.server.store.interface.outbox
---@field private _db cme.server.store.db
local Outbox = {}
Outbox.__index = Outbox
Outbox.__name = "cme.server.store.sqlite.outbox"

---@param conn cme.server.store.db the store's
---@return cme.server.store.sqlite.outbox
function outbox.new(conn) return setmetatable({ _db = conn }, Outbox) end

function Outbox:add(url, event)
  return self._db:exec([[INSERT INTO outbox (url, project, event, body, created_at)
    VALUES (?, ?, ?, ?, ?)]], url, event.project, event.id, event.body, event.created_at)
end

function Outbox:trim(url, most)
  return self._db:exec([[DELETE FROM outbox WHERE url = ? AND seq <=
    (SELECT seq FROM outbox WHERE url = ? ORDER BY seq DESC LIMIT 1 OFFSET ?)]], url, url, most)
end

function Outbox:heads(url)
  return self._db:rows("SELECT MIN(seq) AS seq, project FROM outbox WHERE url = ? GROUP BY project ORDER BY 1", url)
end

function Outbox:get(seq)
  local rows, message, detail = self._db:rows("SELECT * FROM outbox WHERE seq = ?", seq)
  local row = rows and rows[1]
  if not row then return nil, message, detail end
  return { project = row.project, id = row.event, body = row.body, created_at = row.created_at }
end

function Outbox:remove(seq)
  return self._db:exec("DELETE FROM outbox WHERE seq = ?", seq)
end

function Outbox:expire(before)
  local rows, message, detail = self._db:rows(
    "SELECT url, COUNT(*) AS count FROM outbox WHERE created_at < ? GROUP BY url", before)
  if not rows then return nil, message, detail end
  local gone = {}
  for _, row in ipairs(rows) do
    local count, failure, fault = self._db:exec("DELETE FROM outbox WHERE url = ? AND created_at < ?", row.url, before)
    if not count then return nil, failure, fault end
    gone[#gone + 1] = { url = row.url, count = count }
  end
  return gone
end

function Outbox:depth()
  return self._db:rows [[SELECT url, COUNT(*) AS count, MIN(created_at) AS oldest FROM outbox
    GROUP BY url]]
end

return outbox
