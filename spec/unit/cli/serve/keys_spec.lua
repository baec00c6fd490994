-- SPDX-License-Identifier: MIT

local ini = require "cme.text.ini"
local serve_keys = require "cme.cli.serve.keys"

describe("cme.cli.serve.keys", function()
  it("reads how long a key is good for", function()
    for text, want in pairs { ["1s"] = 1, ["90s"] = 90, ["30m"] = 1800, ["2h"] = 7200, ["1h30m"] = 5400,
      ["366d"] = 366 * 86400 } do
      assert.are.equal(want, serve_keys.parse_expires(text))
    end
    for _, text in ipairs { "", "0", "0h", "-1", "0.5s", "90", "2w", "h", "2 h", "367d", "999999999d", "9999999999" } do
      assert.is_nil(serve_keys.parse_expires(text), text)
    end
  end)

  it("writes what a credentials file can take", function()
    local text = serve_keys.ini { name = "night", secret_id = "AKID1", secret_key = "k", token = "t",
      platforms = { "a", "b" }, expires_at = 0 }
    assert.are.same({ secret_id = "AKID1", secret_key = "k", token = "t" }, ini.read(text, "night"))
    assert.matches("^# A key of a cme service for platform a, b, until 1970%-01%-01T00:00:00Z", text)
    text = serve_keys.ini { name = "default", secret_id = "AKID2", secret_key = "k" }
    assert.are.same({ secret_id = "AKID2", secret_key = "k" }, ini.read(text))
    assert.matches("^# A key of a cme service for all platforms%.", text)
  end)
end)
