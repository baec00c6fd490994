-- SPDX-License-Identifier: MIT

local keys = require "cme.server.store.keys"

describe("cme.server.store.keys", function()
  it("reads what it makes", function()
    local text = keys.generate()
    local id, key = keys.parse(text)
    assert.matches("^AKID%x+$", id)
    assert.are.equal(32, #key)
    assert.are_not.equal(text, keys.generate())
  end)

  it("reads the [default] section only", function()
    assert.are.same({ "a", "b" },
      { keys.parse "[other]\nsecret_id=x\n[default]\r\n secret_id = a \nsecret_key=b\n" })
    for _, text in ipairs { "", "[other]\nsecret_id=a\nsecret_key=b", "[default]\nsecret_id=a",
      "[default]\nsecret_key=b", "[default]\nsecret_id=\nsecret_key=b", "[default]\nsecret_id=a b\nsecret_key=c" } do
      assert.is_nil(keys.parse(text))
    end
  end)

  it("takes no key that cannot sign, and says why without showing it", function()
    local ring, message = keys.new { a = "直播" }
    assert.is_nil(ring)
    assert.matches("^sign: secret key: ", message)
    assert.not_matches("直", message)
  end)

  it("finds keys by id, and wipes them at close", function()
    local ring = keys.new { a = "secret" }
    local key = ring:find "a".key
    assert.is_nil(ring:find "b")
    assert.not_matches("secret", tostring(key))
    ring:close()
    ring:close()
    assert.is_nil(ring:find "a")
    assert.error_matches(function()
      key:tc3 { service = "cme", host = "h", timestamp = 1, payload = "" }
    end, "closed")
  end)
end)
