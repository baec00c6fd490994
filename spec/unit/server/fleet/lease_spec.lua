-- SPDX-License-Identifier: MIT
-- Until when a node may count on its lease. With a real etcd: fleet_lease_spec.lua.

local lease = require "cme.server.fleet.lease"

describe("cme.server.fleet.lease", function()
  it("counts from before the request was sent, and less than etcd does", function()
    assert.are.equal(1000 + 5000, lease.deadline(1000, 6))
    assert.are.equal(1000 + 2500, lease.deadline(1000, 3))
  end)

  local function held(answers, keep)
    local told, now = {}, 0
    local self = lease.new { ttl = 6, keep = keep, kept = function(message) told[#told + 1] = "kept: " .. message end,
      boot = function() return now end, random = function() return 0 end,
      renewed = function(until_ms) told[#told + 1] = until_ms end,
      lost = function(message) told[#told + 1] = message end,
      client = { grant = function() return { id = 5, ttl = 6 } end,
        keepalive = function(_, _, how)
          assert(how.timeout > 0)
          local answer = table.remove(answers, 1)
          now = now + answer.after
          return table.unpack(answer, 1, 3)
        end } }
    local over = {}
    function self._woken.wait()
      if #answers == 0 then error(over) end
    end
    assert.are.equal(over, select(2, pcall(self.run, self)))
    return told, self
  end

  it("is renewed to a later time by each answer", function()
    assert.are.same({ 5000, 5000 + 1000 }, (held { { 6, after = 1000 }, { 6, after = 500 } }))
  end)

  it("is lost once what was certain is over, however etcd may answer later", function()
    local told, self = held { { nil, "no answer", { code = "network.timeout" }, after = 3000 },
      { nil, "no answer", { code = "network.timeout" }, after = 2000 } }
    assert.are.same({ 5000, "no answer" }, told)
    assert.is_nil(self.id)
  end)

  local NO_ANSWER = { code = "network.timeout" }

  it("is held for longer than that is certain where it is to be kept, and says so once", function()
    local told, self = held({ { nil, "no answer", NO_ANSWER, after = 1000 },
      { nil, "no answer", NO_ANSWER, after = 2500 },
      { nil, "no leader", { code = "etcd.no_quorum" }, after = 4500 } }, true)
    assert.are.same({ 5000, 3500 + 5000, "kept: no answer", 8000 + 5000 }, told)
    assert.are.equal(5, self.id)
  end)

  it("is kept no more once its time is over, when etcd says that it is gone, or refuses", function()
    local told = held({ { nil, "no answer", NO_ANSWER, after = 5000 } }, true)
    assert.are.same({ 5000, "no answer" }, told)
    told = held({ { nil, "no answer", NO_ANSWER, after = 4000 }, { nil, "it is gone", { code = "etcd.lease_gone" },
      after = 10 } }, true)
    assert.are.same({ 5000, 9000, "kept: no answer", "it is gone" }, told)
    told = held({ { nil, "denied", { code = "etcd.denied" }, after = 4000 },
      { nil, "denied", { code = "etcd.denied" }, after = 1000 } }, true)
    assert.are.same({ 5000, "denied" }, told)
  end)

  it("is lost as soon as etcd says that it is gone", function()
    local told, self = held { { nil, "it is gone", { code = "etcd.lease_gone" }, after = 10 } }
    assert.are.same({ 5000, "it is gone" }, told)
    assert.is_nil(self.id)
  end)
end)
