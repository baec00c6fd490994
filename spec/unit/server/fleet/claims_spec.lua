-- SPDX-License-Identifier: MIT
-- What a node asks etcd when it takes a project, and when it waits first. With a real etcd: fleet_lease_spec.lua.

local claims = require "cme.server.fleet.claims"
local task = require "cme.task"

describe("cme.server.fleet.claims", function()
  local asked, answers, slept, given, on_txn, keys, revision

  local sleep = task.sleep
  before_each(function()
    asked, slept, on_txn, keys, revision = {}, {}, nil, {}, 35
    function task.sleep(seconds) slept[#slept + 1] = seconds end
    local client = { txn = function(_, request)
      asked[#asked + 1] = request
      if on_txn then on_txn(#asked) end
      return table.unpack(answers[#asked])
    end, pages = function(_, _, page)
      page(keys)
      return revision
    end }
    local lease = { id = 7, is_held = function(self) return self.id ~= nil end }
    given = { client = client, prefix = "cme/", node = "a", lease = lease, grace = 1,
      clock = function() return 0 end, gone = function() end }
  end)
  after_each(function() task.sleep = sleep end)

  local function standing(run, last)
    return { { succeeded = true, responses = { { kvs = { run } }, { kvs = { last } } } } }
  end

  local function last(value)
    return { key = "cme/last/gala", value = value, mod_revision = 30 }
  end

  local function take()
    return claims.new(given):take "gala"
  end

  it("makes the key where there is none, and nobody was at it since it looked", function()
    answers = { standing(nil, nil), { { succeeded = true, revision = 40 } } }
    assert.are.equal(40, take())
    assert.are.same({ { key = "cme/run/gala", version = 0 }, { key = "cme/last/gala", mod_revision = 0 } },
      asked[2].compare)
    assert.are.same({ { put = { key = "cme/run/gala", value = "a", lease = 7 } },
      { put = { key = "cme/last/gala", value = "taken" } } }, asked[2].success)
    assert.are.same({}, slept)
  end)

  it("waits for the grace after a run that was lost, and for nothing after one that was given up", function()
    answers = { standing(nil, last "taken"), { { succeeded = true, revision = 40 } } }
    assert.are.equal(40, take())
    assert.are.same({ 1 }, slept)
    assert.are.equal(30, asked[2].compare[2].mod_revision)
    asked, slept, answers = {}, {}, { standing(nil, last "given"), { { succeeded = true, revision = 50 } } }
    assert.are.equal(50, take())
    assert.are.same({}, slept)
  end)

  it("lets something be done while it waits for the grace, and at no other time", function()
    local done = {}
    local function meanwhile() done[#done + 1] = ("%d asked, %d slept"):format(#asked, #slept) end
    answers = { standing(nil, last "taken"), { { succeeded = true, revision = 40 } } }
    assert.are.equal(40, claims.new(given):take("gala", meanwhile))
    assert.are.same({ "1 asked, 0 slept" }, done)
    asked, answers = {}, { standing(nil, last "given"), { { succeeded = true, revision = 50 } } }
    assert.are.equal(50, claims.new(given):take("gala", meanwhile))
    assert.are.equal(1, #done)
  end)

  it("has a project whose key is its own and on its lease, and no other", function()
    local function key(node, lease)
      return { key = "cme/run/gala", value = node, lease = lease, create_revision = 33 }
    end
    answers = { standing(key("a", 7), last "taken") }
    assert.are.equal(33, take())
    for _, one in ipairs { key("a", 6), key("b", 7) } do
      asked, answers = {}, { standing(one, last "taken") }
      local epoch, _, detail = take()
      assert.are.same({ nil, "server.fleet.held" }, { epoch, detail.code })
    end
  end)

  it("takes nothing without a lease, or when another was faster", function()
    answers = { standing(nil, last "given"), { { succeeded = false, revision = 40 } } }
    assert.are.equal("server.fleet.raced", select(3, take()).code)
    asked, given.lease.id = {}, nil
    assert.are.equal("server.fleet.no_lease", select(3, take()).code)
    assert.are.equal(1, #asked)
  end)

  it("gives up at once what it made on a lease that was lost meanwhile", function()
    for _, now in ipairs { false, 8 } do -- no lease, or another one
      given.lease.id = 7
      asked, answers = {}, { standing(nil, nil), { { succeeded = true, revision = 40 } }, { { succeeded = true } } }
      function on_txn(number)
        if number == 2 then given.lease.id = now or nil end
      end
      local epoch, _, detail = take()
      assert.are.same({ nil, "server.fleet.no_lease" }, { epoch, (detail or {}).code })
      assert.are.equal(7, asked[2].success[1].put.lease)
      assert.are.same({ { key = "cme/run/gala", create_revision = 40 } }, asked[3].compare)
      assert.are.same({ delete = { key = "cme/run/gala" } }, asked[3].success[1])
    end
  end)

  local function run_of(node, epoch)
    return { key = "cme/run/gala", value = node, lease = 7, create_revision = epoch, mod_revision = epoch }
  end

  it("does not have what it has seen go before the answer came", function()
    for _, answer in ipairs { { standing(nil, nil), { { succeeded = true, revision = 40 } } },
      { standing(run_of("a", 40), last "taken") } } do
      local one = claims.new(given)
      asked, answers, keys, revision = {}, answer, {}, 35
      assert(one:load())
      function on_txn(number)
        if number < #answers then return end
        revision = 41
        assert(one:load())
      end
      local epoch, _, detail = one:take "gala"
      assert.are.same({ nil, "server.fleet.raced" }, { epoch, (detail or {}).code })
      assert.are.equal(#answers, #asked)
    end
  end)

  it("has a key of which it has not heard yet, and not one that another has made since", function()
    local one = claims.new(given)
    answers = { standing(nil, nil), { { succeeded = true, revision = 40 } } }
    assert(one:load())
    assert.are.equal(40, one:take "gala")
    asked = {}
    function on_txn(number)
      if number == 1 then return end
      keys, revision = { run_of("b", 41) }, 42
      assert(one:load())
    end
    assert.are.equal("server.fleet.raced", select(3, one:take "gala").code)
  end)

  it("has no run any more that it asked to give up, whatever it hears of that", function()
    local one = claims.new(given)
    keys, revision = { run_of("a", 40) }, 40
    assert(one:load())
    assert.are.same({ gala = 40 }, one:own())
    answers = { { nil, "etcd is away", { code = "network.timeout" } } }
    assert.is_nil(one:give("gala", 40))
    assert.is_true(one:is_over("gala", 40))
    assert.is_false(one:is_over("gala", 41))
    assert.is_false(one:is_over("other", 40))
    assert.are.same({}, one:own())
    asked, answers = {}, { standing(run_of("a", 40), last "taken"), { { succeeded = true } } }
    assert.are.equal("server.fleet.raced", select(3, one:take "gala").code)
    assert.are.same({ { key = "cme/run/gala", create_revision = 40 } }, asked[2].compare)
    asked, answers = {}, { standing(run_of("a", 40), last "taken"), { nil, "away", { code = "network.timeout" } } }
    assert.are.equal("network.timeout", select(3, one:take "gala").code)
    asked, answers = {}, { standing(nil, last "given"), { { succeeded = true, revision = 50 } } }
    assert.are.equal(50, one:take "gala")
    assert.is_false(one:is_over("gala", 50))
    one:sweep {}
    assert.is_true(one:is_over("gala", 40))
    keys, revision = {}, 45
    assert(one:load())
    one:sweep { gala = 40 }
    assert.is_true(one:is_over("gala", 40))
    one:sweep {}
    assert.is_false(one:is_over("gala", 40))
  end)

  it("passes on what etcd says, of either question", function()
    answers = { { nil, "etcd is away", { code = "etcd.no_quorum" } } }
    assert.are.same({ nil, "etcd is away", { code = "etcd.no_quorum" } }, { take() })
    asked, answers = {}, { standing(nil, nil), { nil, "etcd is away", { code = "etcd.no_quorum" } } }
    assert.are.same({ nil, "etcd is away", { code = "etcd.no_quorum" } }, { take() })
  end)

  it("knows no standby where nobody runs the project, nor at the node that does", function()
    local one = { node = "b", warm = true }
    assert.are.equal(one, claims.beside({ node = "a", epoch = 1 }, one))
    assert.is_nil(claims.beside({ node = "b", epoch = 2 }, one))
    assert.is_nil(claims.beside(nil, one))
    assert.is_nil(claims.beside({ node = "a", epoch = 1 }, nil))
  end)
end)
