-- SPDX-License-Identifier: MIT

local fault = require "cme.text.fault"

describe("cme.text.fault", function()
  it("makes a fail tuple that no try again can mend", function()
    local value, message, detail = fault.invalid("url", "not a URL")
    assert.is_nil(value)
    assert.are.equal("not a URL", message)
    assert.are.same({ code = "invalid.url", retryable = false, attempts = 0 }, detail)
  end)
end)
