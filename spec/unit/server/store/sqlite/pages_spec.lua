-- SPDX-License-Identifier: MIT

local db = require "cme.server.store.db"
local migrations = require "cme.server.store.sqlite.migrations"
local pages = require "cme.server.store.sqlite.pages"

local MOST = 2000 -- records that are kept

describe("cme.server.store.sqlite.pages", function()
  local conn, subject

  before_each(function()
    conn = assert(db.open ":memory:")
    assert(migrations.apply(conn))
    subject = pages.new(conn)
  end)
  after_each(function() conn:close() end)

  local function add(first, last)
    assert(conn:exec([[WITH RECURSIVE number(n) AS (SELECT ? UNION ALL SELECT n + 1 FROM number WHERE n < ?)
      INSERT INTO projects (id, platform, category, name, owner_type, owner_id, input, status, active, revision,
        created_at, updated_at)
      SELECT 'p' || n, 'test', 'STREAM_CONNECT', 'n', 'PERSON', 'u', '{"Outputs":[]}', 'Idle', 'Main', 1, n, n
      FROM number]], first, last))
  end

  local function list(offset, limit)
    return subject:list { platform = "test", sort = "created_at", order = "ASC", offset = offset, limit = limit }
  end

  local function last_of(offset, limit)
    local found = assert(list(offset, limit))
    return #found, found[1].id, found[#found].id
  end

  it("reads a page of which a part is kept when no more can be", function()
    add(1, MOST + 50)
    for offset = 0, MOST - 100, 100 do assert(list(offset, 100)) end
    assert.are.same({ 100, "p" .. MOST - 49, "p" .. MOST + 50 }, { last_of(MOST - 50, 100) })
  end)

  it("counts by category and status, and goes on from there", function()
    add(1, 3)
    local function of() return subject:count().STREAM_CONNECT end
    assert.are.same({ Idle = 3, Working = 0 }, of())
    subject:changed("p1", "STREAM_CONNECT", "Idle", "Working")
    subject:changed("p4", "STREAM_CONNECT", nil, "Idle")
    subject:changed("p2", "STREAM_CONNECT", "Idle", nil)
    assert.are.same({ Idle = 2, Working = 1 }, of())
    subject:recount()
    assert.are.same({ Idle = 3, Working = 0 }, of())
  end)
end)
