-- SPDX-License-Identifier: MIT

local keys = require "cme.server.edge.keys"

describe("cme.server.edge.keys", function()
  it("makes three secrets that differ, from file to file, too", function()
    local first, second = assert(keys.parse(keys.generate())), assert(keys.parse(keys.generate()))
    local seen = {}
    for _, found in ipairs { first, second } do
      for _, name in ipairs { "key", "backup_key", "secret" } do
        assert.matches("^%x+$", found[name])
        assert.are.equal(32, #found[name])
        assert.is_nil(seen[found[name]])
        seen[found[name]] = true
      end
    end
  end)

  it("says what is missing", function()
    local found, message = keys.parse "[default]\nkey = 0123456789abcdef\nbackup_key = 0123456789abcdef\n"
    assert.is_nil(found)
    assert.matches("'secret' is missing", message)
    found, message = keys.parse "key = short\n"
    assert.is_nil(found)
    assert.matches("'key'", message)
    assert.is_nil(keys.parse 'key = "0123456789abcdef;evil"\n')
  end)
end)
