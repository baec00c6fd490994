-- SPDX-License-Identifier: MIT

local json = require "cme.json"
local merges = require "cme.server.merges"

describe("cme.server.merges", function()
  it("tells each status once, and nothing of the way there", function()
    local told = {}
    local one = merges.new(function(...) told[#told + 1] = { ... } end)
    local function say(id, state, more)
      local event = { event = "merge", state = state, distance_ms = json.null, code = json.null, reason = json.null }
      for name, value in pairs(more or {}) do event[name] = value end
      one:event(id, event)
    end
    say("p", "aligning")
    say("p", "aligned", { distance_ms = -700 })
    say("p", "aligning")
    say("p", "aligned", { distance_ms = -705 })
    say("p", "different", { code = "merge.different", reason = "not the same" })
    say("q", "alone")
    one:gone "q"
    say("q", "alone")
    one:event("p", { event = "output", output_id = "1", state = "live" })
    assert.are.same({ { "p", "Aligned", { Distance = -700 } },
      { "p", "Different", { Code = "merge.different", Reason = "not the same" } }, { "q", "Alone", {} },
      { "q", "Alone", {} } }, told)
  end)
end)
