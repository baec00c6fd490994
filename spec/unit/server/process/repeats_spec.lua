-- SPDX-License-Identifier: MIT

local json = require "cme.json"
local repeats = require "cme.server.process.repeats"

describe("cme.server.process.repeats", function()
  local subject

  before_each(function() subject = repeats.new() end)

  local function input(state, code, endpoint)
    return { event = "input", endpoint = endpoint or "main", state = state, code = code or json.null,
      reason = json.null }
  end

  it("knows what an input that is tried again said before, until it is live", function()
    local silent = input("down", "network.timeout")
    for _, known in ipairs { false, true, true } do
      assert.are.same({ known, known }, { subject:is(input "connecting"), subject:is(silent) })
    end
    assert.is_false(subject:is(input("down", "network.connect")))
    assert.is_true(subject:is(silent))
    assert.is_false(subject:is(input "live"))
    assert.is_false(subject:is(silent))
  end)

  it("takes inputs and outputs one by one", function()
    assert.is_false(subject:is(input "connecting"))
    assert.is_false(subject:is(input("connecting", nil, "backup")))
    local function output(id, reason)
      return { event = "output", output_id = id, state = "refused", code = "publish.refused", reason = reason }
    end
    assert.is_false(subject:is(output("1", "no such key")))
    assert.is_false(subject:is(output("1", "not now")))
    assert.is_false(subject:is(output("2", "no such key")))
    assert.is_true(subject:is(output("1", "no such key")))
  end)

  it("says all that is about no input and no output, and has a bound", function()
    for _ = 1, 2 do
      assert.is_false(subject:is { event = "switched", from = "main", to = "backup" })
      assert.is_false(subject:is { event = "stopped", reason = "stop_at" })
      assert.is_false(subject:is { event = "input", endpoint = "main", state = json.null })
    end
    for i = 1, 32 do assert.is_false(subject:is(input("down", "code." .. i))) end
    assert.is_true(subject:is(input("down", "code.1")))
    assert.is_false(subject:is(input("down", "code.33")))
    assert.is_false(subject:is(input("down", "code.1")))
  end)
end)
