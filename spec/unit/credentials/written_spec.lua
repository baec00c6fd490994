-- SPDX-License-Identifier: MIT

local written = require "cme.credentials.written"

local function refused(given)
  return select(2, pcall(written.provider, given, "cme.client"))
end

describe("cme.credentials.written", function()
  it("gives what was written out, which is known at once and cannot be other keys", function()
    local provider = written.provider({ secret_id = "i", secret_key = "k", expires_at = 20 }, "cme.client")
    assert.are.equal("i", provider:secret_id())
    assert.are.same({ secret_id = "i", secret_key = "k", expires_at = 20, source = "options" }, provider:get(10))
    assert.is_false(provider:invalidate())
  end)

  it("raises when it is not whole", function()
    assert.matches("cme.client: secret_id and secret_key are missing", refused {}, 1, true)
    assert.matches("cme.client: option 'secret_key': missing", refused { secret_id = "i" }, 1, true)
    assert.matches("cme.client: option 'secret_id': missing", refused { secret_key = "k" }, 1, true)
    assert.matches("option 'token': needs secret_id and secret_key beside it", refused { token = "t" }, 1, true)
    assert.matches("option 'secret_id': empty", refused { secret_id = "", secret_key = "k" }, 1, true)
  end)
end)
