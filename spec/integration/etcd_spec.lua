-- SPDX-License-Identifier: MIT
-- cme.etcd with one member of Debian's etcd: keys, leases, watches, and what a member refuses. Clusters are in
-- etcd_cluster_spec.lua.

local certificates = require "spec.support.programs.certificates"
local cme = require "cme"
local etcd = require "cme.etcd"
local luv = require "cme.net.loop.luv"
local proc = require "spec.support.proc"
local programs = require "spec.support.programs.etcd"

local LIMIT = 20 * proc.PATIENCE

describe("cme.etcd", function()
  local server

  setup(function() server = programs.start() end)
  teardown(function()
    server:stop()
    assert.are.same({}, proc.cleanup())
  end)

  local function client(more)
    local given = { endpoints = server.endpoints, timeout = LIMIT }
    for name, value in pairs(more or {}) do given[name] = value end
    return etcd.new(given)
  end

  -- Each spec has keys of its own.
  local count = 0
  local function fresh()
    count = count + 1
    return ("spec-%d/"):format(count)
  end

  it("writes, reads and deletes keys and values of any bytes", function()
    local store, at = client(), fresh()
    local all = {}
    for i = 0, 255 do all[i + 1] = string.char(i) end
    local bytes = table.concat(all)
    local written = assert(store:put { key = at .. bytes, value = bytes })
    assert.is_nil(written.previous)
    local kv = assert(store:get(at .. bytes))
    assert.are.same({ at .. bytes, bytes, written.revision, written.revision, 1 },
      { kv.key, kv.value, kv.create_revision, kv.mod_revision, kv.version })
    local again = assert(store:put { key = at .. bytes, value = "", previous = true })
    assert.are.equal(bytes, again.previous.value)
    assert.are.same({ "", 2 }, { assert(store:get(at .. bytes)).value, assert(store:get(at .. bytes)).version })
    local deleted = assert(store:delete { key = at, prefix = true, previous = true })
    assert.are.same({ 1, "" }, { deleted.deleted, deleted.previous[1].value })
    assert.is_false(store:get(at .. bytes))
  end)

  it("reads ranges: sorted, limited, at a revision, by keys alone, by one member alone", function()
    local store, at = client(), fresh()
    local revision
    for _, name in ipairs { "b", "a", "c" } do
      revision = assert(store:put { key = at .. name, value = name }).revision
    end
    store:put { key = at .. "a", value = "new" }
    local function read(more)
      local asked = { key = at, prefix = true }
      for name, value in pairs(more) do asked[name] = value end
      return assert(store:range(asked))
    end
    local function names(more)
      local list = {}
      for i, kv in ipairs(read(more).kvs) do list[i] = kv.key:sub(#at + 1) end
      return table.concat(list, " ")
    end
    assert.are.equal("a b c", names {})
    assert.are.equal("c b a", names { sort = "key", descending = true })
    assert.are.equal("b c a", names { sort = "mod" })
    assert.are.equal("a b", names { limit = 2 })
    assert.are.same({ true, 3 }, { read { limit = 2 }.more, read { limit = 2 }.count })
    assert.are.equal("a", read({ revision = revision }).kvs[1].value)
    assert.are.same({ "", 3 }, { read({ keys_only = true }).kvs[1].value, read({ count_only = true }).count })
    assert.are.equal("new", read({ serializable = true }).kvs[1].value)
    local found = assert(store:range { key = at, range_end = at .. "b" })
    assert.are.same({ 1, at .. "a" }, { #found.kvs, found.kvs[1].key })
  end)

  it("reads pages, all as of one revision", function()
    local store, at = client(), fresh()
    for i = 1, 7 do assert(store:put { key = ("%s%d"):format(at, i), value = "old" }) end
    local seen, pages = {}, 0
    local revision = assert(store:pages({ key = at, prefix = true, limit = 3 }, function(kvs)
      pages = pages + 1
      assert(store:put { key = at .. "7", value = "new" })
      for _, kv in ipairs(kvs) do seen[#seen + 1] = kv.key:sub(#at + 1) .. kv.value end
    end))
    assert.are.same({ 3, "1old 2old 3old 4old 5old 6old 7old" }, { pages, table.concat(seen, " ") })
    assert.is_true(revision < assert(store:get(at .. "7")).mod_revision)
  end)

  it("does what a txn says when its comparisons hold, or the other thing", function()
    local store, at = client(), fresh()
    local key = at .. "a"
    local make = { compare = { { key = key, version = 0 } }, success = { { put = { key = key, value = "1" } } },
      failure = { { range = { key = key } } } }
    local made = assert(store:txn(make))
    assert.is_true(made.succeeded)
    local second = assert(store:txn(make))
    assert.are.same({ false, "1", made.revision },
      { second.succeeded, second.responses[1].kvs[1].value, second.responses[1].kvs[1].mod_revision })
    local function holds(compare)
      compare.key = key
      return assert(store:txn { compare = { compare } }).succeeded
    end
    assert.is_true(holds { mod_revision = made.revision })
    assert.is_false(holds { mod_revision = made.revision - 1 })
    assert.is_true(holds { create_revision = made.revision })
    assert.is_true(holds { value = "1" })
    assert.is_true(holds { version = 2, is = "<" })
    assert.is_false(holds { version = 1, is = "!=" })
    local changed = assert(store:txn { compare = { { key = key, mod_revision = made.revision } }, success = {
      { put = { key = key, value = "2" } }, { put = { key = at .. "b", value = "3" } },
      { delete = { key = at .. "c" } },
    } })
    assert.are.same({ true, 3, 0 }, { changed.succeeded, #changed.responses, changed.responses[3].deleted })
    assert.are.equal(changed.revision, assert(store:get(at .. "b")).mod_revision)
  end)

  it("grants leases, keeps them alive and ends them with their keys", function()
    local store, at = client(), fresh()
    local lease = assert(store:grant(60))
    assert.are.equal(60, lease.ttl)
    assert(store:put { key = at .. "a", value = "1", lease = lease.id })
    assert.are.equal(lease.id, assert(store:get(at .. "a")).lease)
    assert.are.equal(60, store:keepalive(lease.id))
    assert.is_true(store:revoke(lease.id))
    assert.is_false(store:get(at .. "a"))
    for _, what in ipairs { "keepalive", "revoke" } do
      local ok, _, detail = store[what](store, lease.id)
      assert.are.same({ nil, "etcd.lease_gone" }, { ok, detail.code })
    end
    local ok, _, detail = store:put { key = at .. "a", value = "1", lease = lease.id }
    assert.are.same({ nil, "etcd.lease_gone", nil }, { ok, detail.code, detail.unknown_outcome })
  end)

  it("watches keys, several watches at once, each change once and in order", function()
    local store, at = client(), fresh()
    luv.run(function()
      local revision = assert(store:put { key = at .. "a", value = "1" }).revision
      local watch = store:watch { key = at, prefix = true, revision = revision, previous = true }
      local other = store:watch { key = at .. "b" }
      local first = assert(watch:next(LIMIT))
      assert.are.same({ "put", "1", revision }, { first.events[1].type, first.events[1].kv.value, first.revision })
      local function next_event(one)
        local news = assert(one:next(LIMIT))
        return news.events[1]
      end
      repeat assert.are.equal("network.timeout", select(3, other:next(0.5)).code) until other._next -- it is connected
      cme.spawn(function()
        assert(store:put { key = at .. "a", value = "2" })
        assert(store:put { key = at .. "b", value = "3" })
        assert(store:delete { key = at .. "a" })
      end)
      local changed = next_event(watch)
      assert.are.same({ "2", "1" }, { changed.kv.value, changed.previous.value })
      assert.are.equal("3", next_event(watch).kv.value)
      local deleted = next_event(watch)
      assert.are.same({ "delete", at .. "a", "2" }, { deleted.type, deleted.kv.key, deleted.previous.value })
      assert.are.equal("3", next_event(other).kv.value)
      watch:close()
      assert.are.equal("etcd.closed", select(3, watch:next(1)).code)
    end)
  end)

  it("watches outside of tasks, too", function()
    local store, at = client(), fresh()
    local revision = assert(store:put { key = at, value = "" }).revision
    local watch = store:watch { key = at, prefix = true, revision = revision }
    assert.are.equal(at, assert(watch:next(LIMIT)).events[1].kv.key)
    watch:close()
  end)

  it("tells that history was compacted, and goes on from where it was read again", function()
    local store, at = client(), fresh()
    luv.run(function()
      local old = assert(store:put { key = at, value = "1" }).revision
      local new = assert(store:put { key = at, value = "2" }).revision
      assert.is_true(store:compact(new))
      local found, _, detail = store:range { key = at, revision = old }
      assert.are.same({ nil, "etcd.compacted" }, { found, detail.code })
      local watch = store:watch { key = at, revision = old }
      assert.are.equal(new, assert(watch:next(LIMIT)).compacted)
      assert.are.equal("etcd.compacted", select(3, watch:next(LIMIT)).code)
      found = assert(store:range { key = at })
      watch:from(found.revision + 1)
      cme.spawn(function() assert(store:put { key = at, value = "3" }) end)
      assert.are.equal("3", assert(watch:next(LIMIT)).events[1].kv.value)
      watch:close()
    end)
  end)

  it("goes on after its member was killed and came back, without a gap", function()
    local store, at = client { quiet = 1 }, fresh()
    luv.run(function()
      local revision = assert(store:put { key = at, value = "1" }).revision
      local watch = store:watch { key = at, revision = revision }
      assert.are.equal("1", assert(watch:next(LIMIT)).events[1].kv.value)
      server:kill_member(1)
      local cause
      for _ = 1, 20 do -- it hears of the end of its connection first
        local news, _, detail = watch:next(1)
        assert.are.same({ nil, "network.timeout" }, { news, detail.code })
        cause = detail.cause and detail.cause.code
        if cause == "network.connect" then break end
      end
      assert.are.equal("network.connect", cause)
      local put, _, why = store:put({ key = at, value = "x" }, { timeout = 1 })
      assert.are.same({ nil, "network.connect", nil }, { put, why.code, why.unknown_outcome })
      server:start_member(1)
      assert(store:put { key = at, value = "2" })
      assert.are.equal("2", assert(watch:next(LIMIT)).events[1].kv.value)
      watch:close()
    end)
  end)

  it("leaves a member that hangs in the middle of a watch", function()
    local store, at = client { quiet = 1 }, fresh()
    luv.run(function()
      local watch = store:watch { key = at, revision = assert(store:put { key = at, value = "1" }).revision }
      assert(watch:next(LIMIT))
      server:signal(1, "sigstop")
      local _, message, detail = watch:next(5)
      server:signal(1, "sigcont")
      assert.are.equal("network.timeout", detail.code)
      assert.is_table(detail.cause, message) -- it was found out
      assert(store:put { key = at, value = "2" })
      assert.are.equal("2", assert(watch:next(LIMIT)).events[1].kv.value)
      watch:close()
    end)
  end)

  it("says of a write that got no answer that its outcome is not known", function()
    local store, at = client(), fresh()
    server:signal(1, "sigstop")
    local ok, message, detail = store:put({ key = at, value = "1" }, { timeout = 1 })
    server:signal(1, "sigcont")
    assert.are.same({ nil, "network.timeout", true }, { ok, detail.code, detail.unknown_outcome }, message)
    assert.is_not_nil(store:get(at)) -- the member is itself again; whether the key is there, only it knows
  end)

  it("tells another server from etcd", function()
    local nginx = require "spec.support.programs.web_nginx".start()
    local store = client { endpoints = { ("http://127.0.0.1:%d"):format(nginx.plain) } }
    local _, message, detail = store:get "a"
    nginx:stop()
    assert.are.equal("etcd.protocol", detail.code)
    assert.matches("no answer of etcd's", message)
  end)

  it("refuses misuse", function()
    assert.has_error(function() etcd.new { endpoints = {} } end)
    assert.has_error(function() etcd.new { endpoints = { "http://user:hush@127.0.0.1:1" } } end)
    assert.has_error(function() client { user = "a" } end)
    assert.has_error(function() client():put { key = "a" } end)
    assert.has_error(function() client():txn { compare = { { key = "a" } } } end)
  end)

  it("refuses writes when it is full, and reads go on", function()
    local full = programs.start { arguments = { "--quota-backend-bytes", "200000" } }
    local store = etcd.new { endpoints = full.endpoints, timeout = LIMIT }
    assert(store:put { key = "a", value = "1" })
    local ok, message, detail
    for i = 1, 200 do
      ok, message, detail = store:put { key = "big" .. i, value = ("x"):rep(20000) }
      if not ok then break end
    end
    assert.are.same({ nil, "etcd.no_space", nil }, { ok, detail and detail.code, detail and detail.unknown_outcome })
    assert.matches("etcd is full and takes no writes", message)
    assert.are.equal("1", assert(store:get "a").value)
    assert.is_true(assert(store:delete { key = "big", prefix = true }).deleted > 0) -- deletions are taken
    full:stop()
  end)

  it("logs in, and again when its token is no longer taken", function()
    local guarded = programs.start { arguments = { "--auth-token-ttl", "1" } }
    local root = etcd.new { endpoints = guarded.endpoints, timeout = LIMIT }
    local function admin(path, body)
      assert(root._exchange:call(path, body, {})) -- what a product never does
    end
    admin("/v3/auth/user/add", { name = "root", password = "hush" })
    admin("/v3/auth/role/add", { name = "root" })
    admin("/v3/auth/user/grant", { user = "root", role = "root" })
    admin("/v3/auth/user/add", { name = "cme", password = "hush-cme" })
    admin("/v3/auth/role/add", { name = "cme" })
    admin("/v3/auth/role/grant", { name = "cme",
      perm = { permType = "READWRITE", key = "Y21lLw==", range_end = "Y21lMA==" } })
    admin("/v3/auth/user/grant", { user = "cme", role = "cme" })
    admin("/v3/auth/enable", {})
    local function as(user, password)
      return etcd.new { endpoints = guarded.endpoints, timeout = LIMIT, user = user, password = password }
    end
    local _, _, detail = root:get "cme/a"
    assert.are.equal("etcd.token", detail.code)
    _, _, detail = as("cme", "hush"):get "cme/a"
    assert.are.equal("etcd.login", detail.code)
    local store = as("cme", "hush-cme")
    assert(store:put { key = "cme/a", value = "1" })
    _, _, detail = store:put { key = "other", value = "1" }
    assert.are.equal("etcd.denied", detail.code)
    luv.run(function()
      local revision = assert(store:put { key = "cme/a", value = "2" }).revision
      local watch = store:watch { key = "cme/", prefix = true, revision = revision }
      assert.are.equal("2", assert(watch:next(LIMIT)).events[1].kv.value)
      store._exchange._token = "gone.1" -- as after a member's restart
      assert(store:put { key = "cme/a", value = "3" })
      store._exchange._token = "gone.2"
      watch:from(revision + 1)
      assert.are.equal("3", assert(watch:next(LIMIT)).events[1].kv.value)
      local denied = store:watch { key = "other" }
      _, _, detail = denied:next(LIMIT)
      assert.are.equal("etcd.denied", detail.code)
      watch:close()
    end)
    guarded:stop()
  end)

  it("shows a certificate where etcd asks for one", function()
    local dir = proc.folder()
    local ca = certificates.ca(dir)
    local cert, key = certificates.issue(dir, "server", "IP:127.0.0.1,DNS:localhost")
    local own_cert, own_key = certificates.issue(dir, "client", "DNS:client")
    local guarded = programs.start { tls = { cert = cert, key = key, ca = ca } }
    local store = etcd.new { endpoints = guarded.endpoints, ca_file = ca, cert_file = own_cert, key_file = own_key,
      timeout = LIMIT }
    luv.run(function()
      local revision = assert(store:put { key = "a", value = "1" }).revision
      local watch = store:watch { key = "a", revision = revision }
      assert.are.equal("1", assert(watch:next(LIMIT)).events[1].kv.value)
      watch:close()
    end)
    local bare = etcd.new { endpoints = guarded.endpoints, ca_file = ca, timeout = 3 }
    local _, message, detail = bare:get "a"
    assert.is_true(detail.code == "network.tls" or detail.code == "network.reset", detail.code)
    assert.matches(": etcd may ask for a client certificate: give %-%-etcd%-cert and %-%-etcd%-key$", message)
    local strange = etcd.new { endpoints = guarded.endpoints, cert_file = own_cert, key_file = own_key, timeout = 3 }
    _, message, detail = strange:get "a"
    assert.are.equal("network.tls", detail.code)
    assert.matches(": name the file of etcd's CA by %-%-etcd%-ca$", message)
    local elsewhere = proc.folder()
    certificates.ca(elsewhere)
    local foreign_cert, foreign_key = certificates.issue(elsewhere, "client", "DNS:client")
    local foreign = etcd.new { endpoints = guarded.endpoints, ca_file = ca, cert_file = foreign_cert,
      key_file = foreign_key, timeout = 3 }
    message = select(2, foreign:get "a")
    assert.truthy(message:find(": etcd may not accept the certificate " .. foreign_cert, 1, true), message)
    guarded:stop()
  end)
end)
