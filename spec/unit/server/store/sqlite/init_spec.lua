-- SPDX-License-Identifier: MIT

local store = require "cme.server.store.sqlite"
local store_cases = require "spec.support.proofs.store_cases"

local input, add, ids = store_cases.input, store_cases.add, store_cases.ids

local function open()
  store_cases.reset()
  return assert(store.open(":memory:", store_cases.now))
end

local function history(db, id)
  return assert(db._db:rows("SELECT * FROM history WHERE project = ? ORDER BY seq", id))
end

describe("cme.server.store.sqlite", function()
  local db

  before_each(function()
    db = open()
  end)

  after_each(function()
    db:close()
  end)

  for _, case in ipairs(store_cases.cases) do
    it("does as every driver: " .. case[1], function()
      store_cases.run(case, function(now) return assert(store.open(":memory:", now)) end)
    end)
  end

  it("takes values for values, whatever they hold", function()
    add(db, "p1")
    assert.are.equal("", (ids(db, { owner_id = "' OR 1=1 --" })))
    assert.are.equal("", (ids(db, { ids = { "?", "p1'" } })))
    assert.has_error(function()
      db:get "p1\0x"
    end, "database: a text with a NUL byte cannot be stored")
  end)

  it("keeps how many projects there are, without reading them again", function()
    add(db, "p1")
    assert.are.same({ Idle = 1, Working = 0 }, db:count().STREAM_CONNECT)
    local rows = db._db.rows
    db._db.rows = function(self, sql, ...)
      assert.is_nil(sql:find("COUNT", 1, true), sql)
      return rows(self, sql, ...)
    end
    add(db, "p2")
    assert(db:apply("p1", "start", { reason = "r" }))
    assert(db:apply("p1", "switch", { active = "Backup", reason = "r" }))
    assert.are.same({ Idle = 1, Working = 1 }, db:count().STREAM_CONNECT)
    assert(db:apply("p1", "stop", { reason = "r" }))
    assert.is_nil(db:apply("p1", "stop", { reason = "r" }))
    assert(db:delete("p2", "r"))
    assert.are.same({ Idle = 1, Working = 0 }, db:count().STREAM_CONNECT)
    db._db.rows = nil
  end)

  it("reads a project of a page again when it has changed, and not before", function()
    local filter = { platform = "test", sort = "created_at", order = "ASC", offset = 0, limit = 10 }
    local reads, rows = 0, db._db.rows
    db._db.rows = function(self, sql, ...)
      reads = reads + (sql:find("id, platform, category", 1, true) and 1 or 0)
      return rows(self, sql, ...)
    end
    add(db, "p1")
    add(db, "p2")
    local before = db:list(filter)
    local again, total = db:list(filter)
    assert.are.same({ 2, 1 }, { total, reads })
    assert.are.equal(before[1], again[1])
    assert(db:apply("p1", "modify", { name = "other", reason = "r" })) -- in the same moment, with the same revision
    assert.are.equal("other", db:list(filter)[1].name)
    assert.are.equal(before[2], db:list(filter)[2])
    assert(db._db:exec "UPDATE projects SET revision = 7, input = 'nonsense' WHERE id = 'p2'")
    assert.are.equal("its row in the database is damaged (input)", tostring(db:list(filter)[2].fault))
    assert(db:delete("p1", "r"))
    local left, count = db:list(filter)
    assert.are.same({ 1, "p2" }, { count, left[1].id })
    db._db.rows = nil
  end)

  it("keeps the changes of deleted projects while they are among the newest 10,000 of all", function()
    add(db, "old")
    add(db, "living")
    assert(db:delete("old", "x"))
    assert.are.equal(2, #history(db, "old"))
    assert(db._db:exec "UPDATE sqlite_sequence SET seq = seq + 9990 WHERE name = 'history'")
    for i = 1, 9 do
      add(db, "new" .. i)
      assert(db:delete("new" .. i, "x"))
    end
    assert.are.equal(0, #history(db, "old"))
    assert.are.equal(2, #history(db, "new1"))
    assert.are.equal(1, #history(db, "living"))
  end)

  it("keeps nothing of a change that does not fit on the disk", function()
    add(db, "p1")
    local before = db:get "p1"
    assert(db._db:exec "PRAGMA max_page_count = 1") -- SQLite takes the pages there are
    local ok, message
    for i = 1, 200 do
      ok, message = db:create { id = "big" .. i, platform = "test", category = "STREAM_CONNECT", name = "n",
        owner = { type = "PERSON", id = "u" }, input = input("http://a/" .. ("x"):rep(2000)) }
      if not ok then break end
    end
    assert.is_nil(ok)
    assert.matches("full", message)
    ok, message = db:apply("p1", "start", { reason = ("r"):rep(5000) })
    assert.is_nil(ok)
    assert.matches("full", message)
    assert.are.same(before, db:get "p1")
    assert.are.equal(1, #history(db, "p1"))
  end)

  it("takes the ballast's space for the end of a run, and for nothing else", function()
    local full, held = store.open(":memory:", os.time), true
    local ballast = { keep = function() end }
    function ballast.release()
      local had = held
      held = false
      assert(full._db:exec "PRAGMA max_page_count = 1000")
      return had
    end
    full._ballast = ballast
    local long = ("r"):rep(20000)
    for _, operation in ipairs { "stop", "ended", "failed" } do
      held = true
      add(full, operation)
      assert(full:apply(operation, "start", { reason = "x" }))
      assert(full._db:exec "PRAGMA max_page_count = 1") -- SQLite takes the pages there are
      assert.is_nil(full:apply(operation, "set_stop_at", { stop_at = 2000, reason = long }))
      assert.is_true(held)
      assert.are.equal("Idle", assert(full:apply(operation, operation, { reason = long })).status)
      assert.is_false(held)
    end
    full:close()
  end)

  it("says what its database said when a platform cannot be added", function()
    assert(db:database():exec "PRAGMA query_only = ON")
    local added, message, detail = db:add_platform "test"
    assert.is_nil(added)
    assert.is_string(message)
    assert.are.equal("server.database.read_only", detail.code)
  end)

  it("refuses a database of a later format", function()
    local path = os.tmpname()
    local later = assert(store.open(path, os.time))
    assert(later._db:exec "PRAGMA user_version = 99")
    later:close()
    local opened, message = store.open(path, os.time)
    os.remove(path)
    assert.is_nil(opened)
    assert.matches("newer", message)
  end)
end)
