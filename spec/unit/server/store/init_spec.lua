-- SPDX-License-Identifier: MIT

local store = require "cme.server.store"

local clock

local function open()
  clock = 1000.5
  return assert(store.open(":memory:", function()
    return clock
  end))
end

local function input(url)
  return { MainInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = url or "http://a.example/x.flv" } },
    Outputs = { { Id = "1", Name = "推流1", Type = "URL", PushUrl = "rtmp://b.example/live/it's" } } }
end

local function add(db, id, more)
  clock = clock + 1
  local record = { id = id, platform = "test", category = "STREAM_CONNECT", name = "n" .. id,
    owner = { type = "PERSON", id = "u1" }, input = input() }
  for name, value in pairs(more or {}) do
    record[name] = value
  end
  assert(db:create(record))
end

local function ids(db, filter)
  local query = { platform = "test", sort = "created_at", order = "DESC", offset = 0, limit = 10 }
  for name, value in pairs(filter or {}) do
    query[name] = value
  end
  local list, total = assert(db:list(query))
  local found = {}
  for i, record in ipairs(list) do
    found[i] = record.id
  end
  return table.concat(found, " "), total
end

local function history(db, id)
  return assert(db._db:rows("SELECT * FROM history WHERE project = ? ORDER BY seq", id))
end

describe("cme.server.store", function()
  local db

  before_each(function()
    db = open()
  end)

  after_each(function()
    db:close()
  end)

  it("gives back what it was given", function()
    add(db, "p1", { description = "d", mode = "m" })
    local record = assert(db:get "p1")
    assert.are.same(input(), record.input)
    assert.are.same({ type = "PERSON", id = "u1" }, record.owner)
    assert.are.equal("Idle", record.status)
    assert.are.equal("Main", record.active)
    assert.are.equal(1001.5, record.created_at)
    assert.are.equal("d", db:description "p1")
    assert.is_nil(record.started_at)
    assert.is_nil(db:get "p2")
  end)

  it("filters, sorts and pages", function()
    add(db, "p1", { owner = { type = "PERSON", id = "a" } })
    add(db, "p2", { owner = { type = "PERSON", id = "b" }, mode = "x" })
    add(db, "p3", { owner = { type = "PERSON", id = "a" } })
    add(db, "q1", { platform = "other" })
    clock = clock + 1
    assert(db:apply("p1", "start", { reason = "spec" }))
    for want, filter in pairs {
      ["p3 p2 p1"] = {},
      ["p1 p2 p3"] = { order = "ASC" },
      ["p1 p3 p2"] = { sort = "updated_at" },
      ["p3 p1"] = { owner_id = "a" },
      ["p2 p1"] = { ids = { "p1", "p2", "q1", "nope" } },
      ["p2"] = { modes = { "x", "y" } },
      [""] = { categories = { "MEDIA_CAST" } },
      q1 = { platform = "other" },
    } do
      assert.are.equal(want, (ids(db, filter)))
    end
    assert.are.same({ "p2", 3 }, { ids(db, { offset = 1, limit = 1 }) })
    assert.are.same({ "", 3 }, { ids(db, { offset = 9 }) })
  end)

  it("takes values for values, whatever they hold", function()
    add(db, "p1")
    assert.are.equal("", (ids(db, { owner_id = "' OR 1=1 --" })))
    assert.are.equal("", (ids(db, { ids = { "?", "p1'" } })))
    assert.has_error(function()
      db:get "p1\0x"
    end, "database: a text with a NUL byte cannot be stored")
  end)

  it("takes a project through a run and remembers it", function()
    add(db, "p1")
    clock = 2000
    assert.are.equal(2000, assert(db:apply("p1", "start", { reason = "r1" })).started_at)
    assert.are.equal("p1", assert(db:working())[1].id)
    assert(db:apply("p1", "set_stop_at", { stop_at = 3000.25, reason = "r2" }))
    assert(db:apply("p1", "switch", { active = "Backup", reason = "failover" }))
    local record = db:get "p1"
    assert.are.same({ "Working", "Backup", 3000.25, 3 },
      { record.status, record.active, record.stop_at, record.revision })
    clock = 3001
    assert(db:apply("p1", "ended", { stopped_at = 3000.3, reason = "planned end" }))
    record = db:get "p1"
    assert.are.same({ "Idle", "Main", 3000.3, 3001 },
      { record.status, record.active, record.stopped_at, record.updated_at })
    assert.is_nil(record.stop_at)
    assert.is_nil(record.started_at)
    assert.are.same({}, db:working())
    local seen = {}
    for i, entry in ipairs(history(db, "p1")) do
      seen[i] = ("%s>%s %s"):format(entry.from_status, entry.to_status, entry.reason)
    end
    assert.are.same({ ">Idle request", "Idle>Working r1", "Working>Working r2", "Working>Working failover",
      "Working>Idle planned end" }, seen)
  end)

  it("ends a run that failed, and no other one", function()
    add(db, "p1")
    local meant = assert(db:apply("p1", "start", { reason = "r1" })).started_at
    clock = clock + 1
    assert(db:apply("p1", "stop", { reason = "r2" }))
    assert(db:apply("p1", "start", { reason = "r3" }))
    local after, message, refusal = db:apply("p1", "failed", { reason = "r1", run = meant })
    assert.are.same({ nil, "project 'p1': another request ended the run", "api.FailedOperation" },
      { after, message, refusal.code })
    assert.are.equal("Working", db:get "p1".status)
    assert.are.equal("Idle", assert(db:apply("p1", "failed", { reason = "r3", run = clock })).status)
  end)

  it("changes what a project is made of in either state, and tells the engine by the revision", function()
    add(db, "p1")
    for i, status in ipairs { "Idle", "Working" } do
      local before = db:get "p1"
      local after = assert(db:apply("p1", "edit", { input = input("http://new/" .. i), reason = "r" }))
      assert.are.same({ status, before.revision + 1 }, { after.status, after.revision })
      assert.are.same(input("http://new/" .. i), db:get("p1").input)
      if status == "Idle" then
        assert(db:apply("p1", "start", { reason = "r", active = "Backup", stop_at = 5000 }))
      end
    end
    assert.are.same({ "Backup", 5000 }, { db:get("p1").active, db:get("p1").stop_at })
  end)

  it("renames a project in either state, which is no business of an engine", function()
    add(db, "p1", { mode = "m" })
    assert(db:apply("p1", "start", { reason = "r" }))
    local before = db:get "p1"
    clock = clock + 1
    assert(db:apply("p1", "modify", { name = "other", owner = { type = "PERSON", id = "u2" }, reason = "r" }))
    local after = db:get "p1"
    assert.are.same({ "other", "u2", "m", "Working", before.revision, clock },
      { after.name, after.owner.id, after.mode, after.status, after.revision, after.updated_at })
    assert(db:apply("p1", "modify", { mode = "n", reason = "r" }))
    assert.are.same({ "other", "n" }, { db:get("p1").name, db:get("p1").mode })
  end)

  it("refuses what the state does not allow, and changes nothing", function()
    add(db, "p1")
    local before = db:get "p1"
    local ok, _, refusal = db:apply("p1", "stop", { reason = "x" })
    assert.is_nil(ok)
    assert.are.equal("api.FailedOperation.StreamConnect", refusal.code)
    assert.are.same(before, db:get "p1")
    assert.are.equal(1, #history(db, "p1"))
    assert(db:apply("p1", "start", { reason = "x" }))
    ok, _, refusal = db:delete("p1", "x")
    assert.is_nil(ok)
    assert.are.equal("api.FailedOperation", refusal.code)
    assert.is_table(db:get "p1")
    _, _, refusal = db:apply("gone", "start", { reason = "x" })
    assert.are.equal("api.InvalidParameterValue.ProjectId", refusal.code)
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

  it("says since when and why a project is in the state that forbids it", function()
    add(db, "p1")
    local function refused(operation)
      local ok, message = db:apply("p1", operation, { reason = "x" })
      assert.is_nil(ok)
      return message
    end
    assert.are.equal("project 'p1': the project is Idle: there is nothing to stop (since 1970-01-01T00:16:41Z: "
      .. "request)", refused "stop")
    clock = 2000
    assert(db:apply("p1", "start", { reason = "request r1" }))
    clock = 3000
    assert(db:apply("p1", "switch", { active = "Backup", reason = "failover" }))
    assert.matches("Stop it before starting it again %(since 1970%-01%-01T00:33:20Z: request r1%)$", refused "start")
    assert.matches("%(since 1970%-01%-01T00:33:20Z: request r1%)$", (select(2, db:delete("p1", "x"))))
    assert(db:apply("p1", "ended", { reason = "planned end" }))
    assert.matches("%(since 1970%-01%-01T00:50:00Z: planned end%)$", refused "switch")
  end)

  it("keeps the newest 200 changes of a project", function()
    add(db, "p1")
    add(db, "p2")
    assert(db:apply("p1", "start", { reason = "first" }))
    for i = 1, 250 do
      assert(db:apply("p1", "switch", { active = "Main", reason = "r" .. i }))
    end
    local kept = history(db, "p1")
    assert.are.same({ 200, "r51", "r250" }, { #kept, kept[1].reason, kept[200].reason })
    assert.are.equal(1, #history(db, "p2"))
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

  it("knows its platforms", function()
    assert.is_false(db:has_platform "test")
    assert.is_true(db:add_platform "test")
    assert.is_false(db:add_platform "test")
    assert.is_true(db:has_platform "test")
    clock = 2000
    assert(db:add_platform "more")
    local page, total = db:platforms { offset = 0, limit = 1 }
    assert.are.same({ { { name = "more", created_at = 2000 } }, 2 }, { page, total })
    assert.are.equal("test", db:platforms({ offset = 1, limit = 5 })[1].name)
    assert.are.same({ {}, 0 }, { db:platforms { names = { "nope" }, offset = 0, limit = 5 } })
    assert.are.same({ {}, 0 }, { db:platforms { licenses = { "l" }, offset = 0, limit = 5 } })
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
