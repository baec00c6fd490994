-- SPDX-License-Identifier: MIT
local schedule = require "cme.show.schedule"

local function show(more)
  local plan = { project = { name = "n" }, start_at = 1000, stop_at = 2000, checks = { ahead = 100 },
    if_stopped = "alert" }
  for name, value in pairs(more or {}) do plan[name] = value end
  return plan
end

local function step(memory, status, now, more)
  local name, at = schedule.next(show(more), memory, status, now)
  return at and ("%s %d"):format(name, at) or name
end

describe("cme.show.schedule", function()
  it("goes through a broadcast", function()
    assert.equal("wait 900", step({}, nil, 0))
    assert.equal("check", step({}, nil, 900))
    assert.equal("prepare", step({ checked_at = 901 }, nil, 902))
    assert.equal("wait 1000", step({ checked_at = 901, prepared_at = 903 }, "idle", 904))
    assert.equal("start", step({ checked_at = 901, prepared_at = 903 }, "idle", 1000))
    assert.equal("air", step({ started_at = 1001 }, "working", 1002))
    assert.equal("stop", step({ started_at = 1001 }, "working", 2000))
    assert.equal("over", step({ started_at = 1001 }, "idle", 2000))
    assert.equal("over", step({ ended_at = 2001 }, "idle", 2002))
  end)

  it("begins at once when it was run late, without checks", function()
    assert.equal("start", step({}, nil, 1500))
  end)

  it("begins at once without start_at", function()
    local plan = { stop_at = 2000, checks = { ahead = 100 }, if_stopped = "alert" }
    assert.equal("check", (schedule.next(plan, {}, nil, 5)))
    assert.equal("start", (schedule.next(plan, { checked_at = 5 }, "idle", 6)))
  end)

  it("takes up what is on the air, whoever started it", function()
    assert.equal("air", step({}, "working", 500))
  end)

  it("does not start again what somebody stopped, unless the show says so", function()
    assert.equal("watch", step({ started_at = 1001 }, "idle", 1500))
    assert.equal("start", step({ started_at = 1001 }, "idle", 1500, { if_stopped = "restart" }))
  end)

  it("does not touch a show that was run too late", function()
    assert.equal("over", step({}, nil, 2500))
    assert.equal("over", step({}, "working", 2500)) -- not ours
  end)

  it("asks the service to stop while it is not known whether it did", function()
    assert.equal("stop", step({ started_at = 1001 }, nil, 2000))
  end)

  it("keeps a memory as long as it is of this broadcast", function()
    local function belongs(memory, now)
      memory.project = memory.project or "n"
      return schedule.belongs(memory, show(), now)
    end
    assert.is_true(belongs({ stop_at = 2000, ended_at = 2001 }, 2002))
    assert.is_true(belongs({ stop_at = 1900 }, 1500)) -- the end was moved on the way
    assert.is_false(belongs({ stop_at = 1900, ended_at = 1901 }, 1950))
    assert.is_false(belongs({ stop_at = 500 }, 1500)) -- killed in the middle of another broadcast
    assert.is_false(belongs({ stop_at = 2000, project = "another" }, 1500))
  end)
end)
