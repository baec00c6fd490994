-- SPDX-License-Identifier: MIT
-- The store in Debian's etcd: what every driver does, and what is its own.

local cme = require "cme"
local etcd = require "cme.etcd"
local etcd_store = require "spec.support.programs.etcd_store"
local interface = require "cme.server.store.interface"
local luv = require "cme.net.loop.luv"
local opening = require "cme.server.store.etcd.opening"
local proc = require "spec.support.proc"
local programs = require "spec.support.programs.etcd"
local sign = require "cme.sign"
local sqlite = require "cme.server.store.sqlite"
local store_cases = require "spec.support.proofs.store_cases"
local task = require "cme.task"
local transfer = require "cme.server.store.transfer"

local OTHER_KEY = ("0a"):rep(32)

describe("cme.server.store.etcd", function()
  local server, opened

  setup(function() server = programs.start() end)
  teardown(function()
    server:stop()
    assert.are.same({}, proc.cleanup())
  end)
  before_each(function() opened = {} end)
  after_each(function()
    for _, one in ipairs(opened) do one:close() end
  end)

  local function try(more)
    local one, message, detail = etcd_store.open(server, more)
    opened[#opened + 1] = one
    return one, message, detail
  end
  local function open(more) return assert(try(more)) end

  local function input(url)
    return { MainInput = { InputType = "LivePull",
      LivePullInputInfo = { InputUrl = "http://a.example/sekretkey.flv" } },
      Outputs = { { Id = "1", Name = "o", Type = "URL", PushUrl = url or "rtmp://b.example/live/sekretkey" } } }
  end
  local function create(db, id, more)
    local project = { id = id, platform = "test", category = "STREAM_CONNECT", name = "n" .. id,
      owner = { type = "PERSON", id = "u" }, input = input() }
    for name, value in pairs(more or {}) do project[name] = value end
    return db:create(project)
  end
  local function client() return etcd.new { endpoints = server.endpoints, timeout = 20 * proc.PATIENCE } end

  -- All keys below a prefix, and their values.
  local function dump(prefix)
    local all = {}
    assert(client():pages({ key = prefix, prefix = true }, function(kvs)
      for _, kv in ipairs(kvs) do all[kv.key:sub(#prefix + 1)] = kv.value end
    end))
    return all
  end

  for _, case in ipairs(store_cases.cases) do
    it("does as every driver: " .. case[1], function()
      store_cases.run(case, function(now) return assert(etcd_store.open(server, { now = now })) end)
    end)
  end

  it("is all there", function()
    assert.are.same({}, interface.lacking(open()))
  end)

  it("finds all of it again, and shows no secret to etcd", function()
    local prefix = etcd_store.prefix()
    local db = open { prefix = prefix }
    assert(create(db, "p1", { description = "d" }))
    assert(db:apply("p1", "start", { reason = "r" }))
    assert(db.outbox:add("https://u.example/?sekretkey", { project = "p1", id = "e", body = "sekretkey",
      created_at = 1 }))
    assert(db:add_platform "test")
    assert(db.sealed_keys:add { secret_id = "A", name = "n", sealed = "s", created_at = 1 })
    assert(db.open_files:add("p1", "f/g.flv", "node-a"))
    assert(db.interruptions:add("p1", "output 1"))
    local before = db:get "p1"
    db:close()
    db = open { prefix = prefix }
    assert.are.same(before, db:get "p1")
    assert.are.same({ "d", "p1", "A", { project = "p1", file = "f/g.flv", node = "node-a" } }, { db:description "p1",
      db:working()[1].id, db.sealed_keys:all()[1].secret_id, db.open_files:all()[1] })
    assert.are.same({ ["output 1"] = true }, db.interruptions:of "p1")
    assert.are.equal("sekretkey", db.outbox:get(db.outbox:heads("https://u.example/?sekretkey")[1].seq).body)
    local all = dump(prefix)
    assert.is_string(all["/state/projects/p1"])
    for key, value in pairs(all) do
      assert.is_nil((key .. value):find("sekret", 1, true), key)
      assert.is_nil((key .. value):find("a.example", 1, true), key)
    end
  end)

  it("belongs to one service, until another takes it over", function()
    local prefix = etcd_store.prefix()
    local first = open { prefix = prefix }
    assert(create(first, "p1"))
    local second = { id = "two", host = "h2", folder = "/f2" }
    local refused, message, detail = try { prefix = prefix, node = second }
    assert.are.same({ nil, "server.node" }, { refused, detail.code })
    assert.matches("host 'h' with the state folder '/f', and", message, 1, true)
    local other = open { prefix = prefix, node = second, take_over = true }
    local ok, _, fault = first:apply("p1", "start", { reason = "r" })
    assert.are.same({ nil, "server.database.taken_over" }, { ok, fault.code })
    assert.are.equal("Idle", other:get("p1").status)
    assert(other:apply("p1", "start", { reason = "r" }))
    assert(first:fresh(20 * proc.PATIENCE))
    assert.are.equal("server.database.taken_over", select(3, first:is_in_place()).code)
    assert.is_true(other:is_in_place())
  end)

  it("is opened by its key file alone, the keys of which may change", function()
    local prefix = etcd_store.prefix()
    local db = open { prefix = prefix }
    assert(create(db, "p1"))
    db:close()
    local refused, _, detail = try { prefix = prefix, ring = assert(sign.keyring(OTHER_KEY)) }
    assert.are.same({ nil, "server.seal_key" }, { refused, detail.code })
    db = open { prefix = prefix, ring = assert(sign.keyring(OTHER_KEY .. "\n" .. etcd_store.KEY)) }
    assert.are.same(input(), db:get("p1").input)
    db:close()
    db = open { prefix = prefix, ring = assert(sign.keyring(OTHER_KEY)) } -- all was sealed anew
    assert.are.same(input(), db:get("p1").input)
  end)

  it("keeps what several write at the same time", function()
    local prefix = etcd_store.prefix()
    local db = open { prefix = prefix }
    assert(create(db, "p1"))
    local command = open { prefix = prefix, node = false }
    luv.run(function()
      local list = {}
      for i = 1, 20 do list[i] = i end
      cme.parallel(list, function(i)
        local one = i % 2 == 0 and db or command
        assert(one:apply("p1", "modify", { name = "n" .. i, reason = "r" .. i }))
      end)
    end)
    assert(db:fresh(20 * proc.PATIENCE))
    local seen = {}
    for _, change in ipairs(assert(db:history("p1", 100))) do seen[change.reason] = true end
    for i = 1, 20 do assert.is_true(seen["r" .. i], i) end
  end)

  it("does a change once whose answer is lost, and says which changes were not done", function()
    local prefix, lost = etcd_store.prefix(), nil
    local one = client()
    local real = one.txn
    function one.txn(...)
      local answer, message, detail = real(...)
      if not lost then return answer, message, detail end
      lost = lost - 1
      if lost < 0 then
        lost = nil
        return answer, message, detail
      end
      return nil, "lost", { code = "network.timeout", unknown_outcome = true }
    end
    local db = open { prefix = prefix, client = one }
    lost = 2
    assert(create(db, "p1"))
    lost = 1
    assert(db:apply("p1", "start", { reason = "r" })) -- done twice it would be refused
    assert.are.equal(2, #assert(db:history("p1", 10)))
    assert.matches("there is a project 'p1' already", select(2, create(db, "p1")), 1, true)
    local failed = one.txn
    function one.txn() return nil, "refused", { code = "network.connect", sent = false } end
    local ok, _, detail = db:apply("p1", "stop", { reason = "r" })
    assert.are.same({ nil, "server.database.etcd" }, { ok, detail.code })
    one.txn = failed
    assert(db:apply("p1", "stop", { reason = "r" }))
    assert.are.equal(3, #assert(db:history("p1", 10)))
  end)

  it("tells all who wait in line at once that etcd is away", function()
    local one, asked, release = client(), 0, task.signal()
    local real = one.txn
    local db = open { client = one }
    assert(create(db, "p1"))
    luv.run(function()
      function one.txn()
        asked = asked + 1
        release:wait()
        return nil, "away", { code = "network.connect", sent = false }
      end
      local tasks = {}
      for i = 1, 10 do tasks[i] = cme.spawn(db.apply, db, "p1", "modify", { name = "n" .. i, reason = "r" }) end
      cme.sleep(0)
      release:notify()
      for _, each in ipairs(tasks) do
        local ok, _, detail = each:wait()
        assert.are.same({ nil, "server.database.etcd" }, { ok, detail.code })
      end
      assert.are.equal(1, asked)
      one.txn = real
      assert(db:apply("p1", "modify", { name = "n", reason = "r" }))
    end)
  end)

  it("puts more events into one change than etcd takes keys", function()
    local db = open()
    assert(db:transaction(function()
      for i = 1, 600 do
        assert(db.outbox:add("u", { project = "p" .. i % 7, id = "e" .. i, body = "{}", created_at = i }))
      end
      return true
    end))
    local heads = assert(db.outbox:heads "u")
    local first = {}
    for i, head in ipairs(heads) do first[i] = db.outbox:get(head.seq).id end
    assert.are.same({ "e1", "e2", "e3", "e4", "e5", "e6", "e7" }, first)
    assert(db.outbox:remove(heads[1].seq))
    assert.are.equal("e8", db.outbox:get(assert(db.outbox:heads "u")[7].seq).id)
    assert.are.equal(499, db.outbox:trim("u", 100))
    assert.are.same({ { url = "u", count = 100 } }, db.outbox:expire(1000))
    assert.are.same({}, db.outbox:depth())
  end)

  it("keeps the history of a deleted project, and goes on with it when that is adopted", function()
    local db = open()
    assert(create(db, "p1"))
    assert.is_true(db:has_history "p1")
    assert(db:delete("p1", "r"))
    assert.is_true(db:has_history "p1")
    assert.is_false(db:has_history "p2")
    assert.are.equal(2, #assert(db:history("p1", 10)))
    assert(db:adopt { id = "p1", platform = "test", category = "STREAM_CONNECT", name = "n", active = "Main",
      owner = { type = "PERSON", id = "u" }, input = input(), revision = 3, started_at = 5 })
    assert.are.same({ "adopt", "delete", "create" }, { db:history("p1", 10)[1].operation,
      db:history("p1", 10)[2].operation, db:history("p1", 10)[3].operation })
    assert.are.same({ "Working", 3, true }, { db:get("p1").status, db:get("p1").revision,
      db:get("p1").input.Adopted })
  end)

  it("shows a damaged project as one, which can be stopped and deleted, and no other is affected", function()
    local prefix = etcd_store.prefix()
    local db = open { prefix = prefix }
    assert(create(db, "p1"))
    assert(create(db, "p2"))
    assert(db:apply("p1", "start", { reason = "r" }))
    local one, key = client(), prefix .. "/state/projects/p1"
    local value = assert(one:get(key)).value
    assert(one:put { key = key, value = (value:gsub('"input":"s1[^"]*', '"input":"s1.x')) })
    assert(one:put { key = prefix .. "/state/head", value = "spec" })
    assert(db:fresh(20 * proc.PATIENCE))
    assert.matches("damaged", tostring(db:get("p1").fault))
    assert.are.same(input(), db:get("p2").input)
    assert(db:apply("p1", "stop", { reason = "r" }))
    assert(db:delete("p1", "r"))
  end)

  it("brings older forms to today's, and leaves newer ones alone", function()
    local prefix = etcd_store.prefix()
    open({ prefix = prefix }):close()
    opening.steps[1] = function(transactions, form)
      transactions:put(form:key("platforms", "made"), '{"created_at":1}')
    end
    local db = open { prefix = prefix }
    opening.steps[1] = nil
    assert.is_true(db:has_platform "made")
    db:close()
    local refused, message = try { prefix = prefix }
    assert.is_nil(refused)
    assert.matches("its format 2 is newer than this cme knows %(1%)", message)
  end)

  -- ---- moving

  local function export(db)
    local lines = {}
    local counts = assert(transfer.export(db, function(line)
      lines[#lines + 1] = line
      return true
    end))
    return lines, counts
  end

  local function import(db, lines)
    local i = 0
    return transfer.import(db, function()
      i = i + 1
      return lines[i]
    end)
  end

  -- A store with something of everything.
  local function fill(db)
    assert(db:add_platform "test")
    for i = 1, 70 do assert(create(db, "p" .. i, { description = i == 1 and "d" or nil })) end
    assert(db:apply("p1", "start", { reason = "r", stop_at = 5000.25 }))
    assert(db:delete("p2", "r"))
    assert(db.outbox:add("u", { project = "p1", id = "e", body = "sekretkey", created_at = 1 }))
    assert(db.interruptions:add("p1", "output 1"))
    assert(db.open_files:add("p1", "f"))
    assert(db.sealed_keys:add { secret_id = "A", name = "n", sealed = "s", created_at = 1 })
  end

  it("goes from SQLite to etcd and back, line by line the same", function()
    local source = assert(sqlite.open(":memory:", function() return 1000.5 end))
    fill(source)
    local lines, counts = export(source)
    assert.are.same({ platforms = 1, projects = 69, history = 72, outbox = 1, interruptions = 1, open_files = 1,
      keys = 1 }, counts)
    local db = open { now = function() return 1000.5 end }
    assert.are.same(counts, assert(import(db, lines)))
    assert.are.same({ source:get "p1", "d" }, { db:get "p1", db:description "p1" })
    assert.are.same(source:history("p1", 9), db:history("p1", 9))
    assert.are.same({ source:apply("p1", "start", { reason = "x" }) }, { db:apply("p1", "start", { reason = "x" }) })
    assert.is_true(db:has_history "p2")
    local back = assert(sqlite.open(":memory:", os.time))
    local again = export(db)
    table.sort(lines)
    local sorted = table.move(again, 1, #again, 1, {})
    table.sort(sorted)
    assert.are.same(lines, sorted)
    assert.are.same(counts, assert(import(back, again)))
    source:close()
    back:close()
  end)

  it("takes no file that is not whole, and none into what has a state", function()
    local source = open()
    fill(source)
    local lines = export(source)
    for name, make in pairs { sqlite = function() return assert(sqlite.open(":memory:", os.time)) end,
      etcd = open } do
      local short = table.move(lines, 1, #lines - 3, 1, {})
      local subject = make()
      local ok, _, detail = import(subject, short)
      assert.are.same({ nil, "server.state_file" }, { ok, detail.code }, name)
      ok, _, detail = import(make(), table.move(lines, 2, #lines, 1, { '{"format":"cme state","version":2}' }))
      assert.are.same({ nil, "server.state_file" }, { ok, detail.code }, name)
      local full = make()
      assert(full:add_platform "x")
      ok, _, detail = import(full, lines)
      assert.are.same({ nil, "invalid.not_empty" }, { ok, detail.code }, name)
      for at, bad in pairs { [3] = "x", [4] = '{"kind":"projects","row":{}}', [5] = '{"kind":"nope","row":{}}' } do
        local broken = table.move(lines, 1, #lines, 1, {})
        broken[at] = bad
        ok, _, detail = import(make(), broken)
        assert.are.same({ nil, "server.state_file" }, { ok, detail.code }, name)
      end
    end
  end)

  it("is not opened when an import into it was broken off", function()
    local source, prefix = open(), etcd_store.prefix()
    fill(source)
    local lines = export(source)
    local db = open { prefix = prefix, node = false }
    assert.is_nil(import(db, table.move(lines, 1, 20, 1, {})))
    db:close()
    local refused, message = try { prefix = prefix }
    assert.is_nil(refused)
    assert.matches("an import into it was broken off", message, 1, true)
  end)
end)

describe("cme.server.store.etcd with three members", function()
  it("has every change that was acknowledged, whichever member is killed meanwhile", function()
    local cluster = programs.start { members = 3 }
    local prefix, kept, refused = etcd_store.prefix(), {}, 0
    local db = assert(etcd_store.open(cluster, { prefix = prefix }))
    local function write(worker)
      for i = 1, 25 do
        local id = ("p%d-%d"):format(worker, i)
        local ok, _, detail = db:create { id = id, platform = "test", category = "STREAM_CONNECT", name = "n",
          owner = { type = "PERSON", id = "u" }, input = {} }
        assert(ok or detail.code == "server.database.etcd", detail and detail.code)
        kept[id], refused = ok, refused + (ok and 0 or 1)
        cme.sleep(0.01)
      end
    end
    luv.run(function()
      local writers = {}
      for worker = 1, 4 do writers[worker] = cme.spawn(write, worker) end
      for i = 1, 3 do
        cme.sleep(0.1)
        cluster:kill_member(i)
        cluster:start_member(i)
        cluster:expect_serving(i)
      end
      for _, one in ipairs(writers) do one:wait() end
    end)
    db:close()
    db = assert(etcd_store.open(cluster, { prefix = prefix }))
    local count = 0
    for id in pairs(kept) do
      assert.is_truthy(db:get(id), id)
      assert.are.equal(1, #assert(db:history(id, 9)), id)
      count = count + 1
    end
    assert.is_true(count > 0 and count + refused == 100, ("%d kept, %d refused"):format(count, refused))
    db:close()
    cluster:stop()
    assert.are.same({}, proc.cleanup())
  end)
end)

describe("cme.server.store.etcd on an etcd that is full", function()
  it("goes on to read, refuses writes with the reason, and takes them again afterwards", function()
    local server = programs.start { arguments = { "--quota-backend-bytes", tostring(1024 * 1024) } }
    local db = assert(etcd_store.open(server))
    local function create(i)
      return db:create { id = "p" .. i, platform = "test", category = "STREAM_CONNECT", name = "n",
        description = ("x"):rep(100000), owner = { type = "PERSON", id = "u" }, input = {} }
    end
    local count, ok, message, detail = 0, true, nil, nil
    while ok and count < 100 do
      count = count + 1
      ok, message, detail = create(count)
    end
    assert.are.equal("server.database.etcd", detail.code)
    assert.matches("etcd is full and takes no writes", message, 1, true)
    assert.is_true(db:is_short())
    assert.is_truthy(db:get "p1")
    assert(db:fresh(20 * proc.PATIENCE))
    db:close()
    server:stop()
    assert.are.same({}, proc.cleanup())
  end)
end)
