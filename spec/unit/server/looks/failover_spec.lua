-- SPDX-License-Identifier: MIT

local failover = require "cme.server.looks.failover"

describe("cme.server.looks.failover", function()
  local WANTED = { states = { "black", "silent" }, after = 3 }
  local FINE = { state = "ok", good = true, all = {} }
  local memory
  before_each(function() memory = {} end)

  local function view(state, all)
    return { state = state, good = state ~= "ok" and false or nil, all = all or { [state] = true } }
  end

  local function step(now, main, backup, active)
    return failover.step(memory, WANTED, main, backup, { active = active or "main", now = now })
  end

  it("leaves main that shows what it may not for a while, for a backup that looks right", function()
    assert.is_nil(step(0, view "black", FINE))
    assert.is_nil(step(2, view "black", FINE))
    assert.equal("black", step(3, view "black", FINE))
    assert.is_nil(step(4, view "black", FINE, "backup"))
  end)

  it("sees what is hidden behind another state", function()
    step(0, view("wrong", { wrong = true, silent = true }), FINE)
    assert.equal("silent", step(3, view("wrong", { wrong = true, silent = true }), FINE))
  end)

  it("stays with main that looks right, whose fault is another, or that was right in between", function()
    assert.is_nil(step(0, FINE, FINE))
    assert.is_nil(step(9, view "clipped", FINE))
    step(10, view "black", FINE)
    step(12, FINE, FINE)
    assert.is_nil(step(14, view "black", FINE))
  end)

  it("stays where the backup is no better, or not known", function()
    step(0, view "black", FINE)
    assert.is_nil(step(9, view "black", view "black"))
    assert.is_nil(step(9, view "black", nil))
    assert.is_nil(step(9, view "black", { state = "ok", all = {} }))
    assert.is_nil(step(9, view "black", view "gone"))
  end)

  it("stays with main that an operator chose, until that has looked right", function()
    step(0, view "black", FINE)
    assert.equal("black", step(3, view "black", FINE))
    failover.choose(memory, "main")
    assert.is_nil(step(9, view "black", FINE))
    assert.is_nil(step(10, view "silent", FINE))
    step(11, FINE, FINE)
    step(12, view "black", FINE)
    assert.equal("black", step(15, view "black", FINE))
  end)

  it("leaves main again when the operator has chosen the backup since, or main did not come", function()
    for _, to in ipairs { "backup", "neither" } do
      step(0, view "black", FINE)
      failover.choose(memory, "main")
      failover.choose(memory, to == "backup" and to or nil)
      assert.equal("black", step(3, view "black", FINE))
    end
  end)

  it("leaves main that turns wrong after it was chosen", function()
    step(0, FINE, FINE)
    failover.choose(memory, "main")
    step(0, view "black", FINE)
    assert.equal("black", step(3, view "black", FINE))
  end)

  it("knows nothing of main that is gone: that is the engine's", function()
    assert.is_nil(failover.is_wrong(view "gone", WANTED))
    assert.is_nil(failover.is_wrong(nil, WANTED))
    assert.is_true(failover.is_wrong(view "black", WANTED))
    assert.is_false(failover.is_wrong(FINE, WANTED))
  end)
end)
