-- SPDX-License-Identifier: MIT
-- What every driver of the store does (cme.server.store.interface): cases of a name and a function of an empty store,
-- whose clock is `now`. What only one driver does is in its own spec.

local assert = require "luassert"
local files = require "cme.system.files"
local kept_keys = require "cme.server.store.kept_keys"

local clock

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

local function rows(list)
  local out = {}
  for i, row in ipairs(list) do out[i] = row.seq .. row.project end
  return table.concat(out, " ")
end

local cases = {
  { "gives back what it was given", function(db)
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
  end },

  { "filters, sorts and pages", function(db)
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
  end },

  { "takes a project through a run and remembers it", function(db)
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
    for i, entry in ipairs(assert(db:history("p1", 100))) do
      seen[i] = ("%s %s %s"):format(entry.operation, entry.status, entry.reason)
    end
    assert.are.same({ "ended Idle planned end", "switch Working failover", "set_stop_at Working r2", "start Working r1",
      "create Idle request" }, seen)
  end },

  { "ends a run that failed, and no other one", function(db)
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
  end },

  { "changes what a project is made of in either state, and tells the engine by the revision", function(db)
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
  end },

  { "renames a project in either state, which is no business of an engine", function(db)
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
  end },

  { "refuses what the state does not allow, and changes nothing", function(db)
    add(db, "p1")
    local before = db:get "p1"
    local ok, _, refusal = db:apply("p1", "stop", { reason = "x" })
    assert.is_nil(ok)
    assert.are.equal("api.FailedOperation.StreamConnect", refusal.code)
    assert.are.same(before, db:get "p1")
    assert.are.equal(1, #assert(db:history("p1", 10)))
    assert(db:apply("p1", "start", { reason = "x" }))
    ok, _, refusal = db:delete("p1", "x")
    assert.is_nil(ok)
    assert.are.equal("api.FailedOperation", refusal.code)
    assert.is_table(db:get "p1")
    _, _, refusal = db:apply("gone", "start", { reason = "x" })
    assert.are.equal("api.InvalidParameterValue.ProjectId", refusal.code)
  end },

  { "says since when and why a project is in the state that forbids it", function(db)
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
  end },

  { "keeps the newest 200 changes of a project", function(db)
    add(db, "p1")
    add(db, "p2")
    assert(db:apply("p1", "start", { reason = "first" }))
    for i = 1, 250 do
      assert(db:apply("p1", "switch", { active = "Main", reason = "r" .. i }))
    end
    local kept = assert(db:history("p1", 1000))
    assert.are.same({ 200, "r250", "r51" }, { #kept, kept[1].reason, kept[200].reason })
    assert.are.equal(1, #assert(db:history("p2", 1000)))
  end },

  { "knows its platforms", function(db)
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
  end },

  { "keeps nothing of a transaction that fails, raises or returns nothing", function(db)
    local function write() return db.open_files:add("p1", "a.flv") end
    assert.are.same({ nil, "no" }, { db:transaction(function() write() return nil, "no" end) })
    assert.has_error(function() db:transaction(function() write() error("x", 0) end) end)
    assert.are.same({}, db.open_files:all())
    assert.are.equal("yes", db:transaction(function(word) write() return word end, "yes"))
    assert.are.same({ { project = "p1", file = "a.flv" } }, db.open_files:all())
  end },

  { "queues events by URL and project", function(db)
    local outbox = db.outbox
    for i, project in ipairs { "p1", "p2", "p1", "p2" } do
      assert(outbox:add("u", { project = project, id = "e" .. i, body = "{}", created_at = 1000 * i }))
    end
    assert(outbox:add("v", { project = "p1", id = "e5", body = "{}", created_at = 5000 }))
    local heads = assert(outbox:heads "u")
    assert.are.same({ "p1", "p2" }, { heads[1].project, heads[2].project })
    assert.are.same({ project = "p1", id = "e1", body = "{}", created_at = 1000 }, outbox:get(heads[1].seq))
    assert(outbox:remove(heads[1].seq))
    assert.is_nil(outbox:get(heads[1].seq))
    assert.are.equal("p2 p1", (rows(assert(outbox:heads "u")):gsub("%d+(p%d)", "%1")))
    assert.are.equal(1, outbox:trim("u", 2)) -- of three
    local depth = {}
    for _, row in ipairs(assert(outbox:depth())) do depth[row.url] = { row.count, row.oldest } end
    assert.are.same({ u = { 2, 3000 }, v = { 1, 5000 } }, depth)
    assert.are.same({ { url = "u", count = 1 } }, outbox:expire(4000))
  end },

  { "knows what is interrupted", function(db)
    local one = db.interruptions
    assert(one:add("p1", "input main"))
    assert(one:add("p1", "output 1"))
    assert(one:add("p2", "output 1"))
    assert(one:remove("p1", "input main"))
    assert.are.same({ ["output 1"] = true }, one:of "p1")
    assert(one:forget "p1")
    assert.are.same({ {}, { ["output 1"] = true } }, { one:of "p1", one:of "p2" })
  end },

  { "knows which files are open, each once", function(db)
    local one = db.open_files
    for _, file in ipairs { "b", "a", "a" } do assert(one:add("p1", file)) end
    assert(one:remove("p1", "b"))
    assert.are.same({ { project = "p1", file = "a" } }, one:all())
  end },

  { "keeps sealed keys", function(db)
    local one = db.sealed_keys
    assert.are.equal(0, one:count())
    local function key(id, more)
      local row = { secret_id = id, name = "n", sealed = "s" .. id, created_at = 1 }
      for name, value in pairs(more or {}) do row[name] = value end
      return row
    end
    assert(one:add(key("A", { expires_at = 5, token_sha256 = "t" })))
    assert(one:add(key("B", { platforms = "x y" })))
    assert.are.same({ 2, "A", "B" }, { one:count(), one:all()[1].secret_id, one:all()[2].secret_id })
    local found = assert(one:find "B")
    assert.are.same({ "sB", "x y" }, { found.sealed, found.platforms })
    assert.is_nil(found.expires_at)
    assert(one:expire(6))
    assert.is_false(one:find "A")
    assert.are.same({ 1, 0 }, { one:remove "B", one:remove "B" })
  end },

  { "takes a new key in though many have expired", function(db)
    local one = db.sealed_keys
    for first = 1, 101, 100 do -- no driver takes them all at once
      assert(db:transaction(function()
        for i = first, first + 99 do
          local ok, message, detail = one:add { secret_id = "K" .. i, name = "n", sealed = "s", created_at = 1,
            expires_at = 2 }
          if not ok then return nil, message, detail end
        end
        return true
      end))
    end
    local path = os.tmpname()
    assert(files.write_atomically(path, ("0a"):rep(32) .. "\n"))
    local kept = kept_keys.new(db, path, function() return 1e6 end)
    local fresh, message = kept:add { name = "new" }
    os.remove(path)
    assert(fresh, message)
    assert.are.same({ 1, fresh.secret_id }, { one:count(), one:all()[1].secret_id })
  end },
}

-- add: puts a project into a store, a second after the one before; ids: those of a list, in its order, and how many
-- there are in all.
local store_cases = { cases = cases, input = input, add = add, ids = ids }

--- The clock of the stores, unix seconds.
---@return number
function store_cases.now() return clock end

--- Sets it to where each case begins.
function store_cases.reset() clock = 1000.5 end

--- Runs a case on an empty store and closes it.
---@param case { [1]: string, [2]: fun(db: cme.server.store.interface) }
---@param open fun(now: fun(): number): cme.server.store.interface
function store_cases.run(case, open)
  store_cases.reset()
  local db = open(store_cases.now)
  local ok, message = xpcall(case[2], function(err) return err end, db)
  db:close()
  if not ok then error(message, 0) end
end

return store_cases
