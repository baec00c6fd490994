-- SPDX-License-Identifier: MIT

local housekeeping = require "cme.server.store.etcd.housekeeping"

describe("cme.server.store.etcd.housekeeping", function()
  local done, given, looks

  -- Lets it look so many times; the revision grows by 10 each time.
  local function run(times)
    looks = 0
    given.sleep = function()
      looks = looks + 1
      given.mirror.revision = given.mirror.revision + 10
      if looks > times then error("enough", 0) end
    end
    assert.has_error(function() housekeeping.run(given) end, "enough")
  end

  before_each(function()
    done = {}
    given = { mirror = { revision = 100 }, transactions = { short = false, probe = function()
      done[#done + 1] = "probe"
    end }, client = { compact = function(_, revision)
      done[#done + 1] = revision
      return given.answer == nil, "no", { code = given.answer }
    end }, log = { warn = function(_, message) done[#done + 1] = message end } }
  end)

  it("forgets what was five minutes ago, every five minutes", function()
    run(25)
    assert.are.same({ 100, 200 }, done) -- ten looks of 30 s each
  end)

  it("says so when that fails, unless another has done it", function()
    given.answer = "etcd.compacted"
    run(10)
    assert.are.same({ 100 }, done)
    given.answer = "etcd.no_quorum"
    run(10)
    assert.are.same({ 100, 210, "etcd is not compacted" }, done)
  end)

  it("asks an etcd that was full whether it takes writes again", function()
    given.transactions.short = true
    run(2)
    assert.are.same({ "probe", "probe" }, done)
  end)
end)
