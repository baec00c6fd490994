-- SPDX-License-Identifier: MIT

local serve_store = require "cme.cli.serve.store"

describe("cme.cli.serve.store", function()
  it("knows what may be a name", function()
    for _, good in ipairs { "test", "1000000009", "a_b-c.d", ("x"):rep(64) } do
      assert.is_nil(serve_store.name_fault("--name", good, string.format))
    end
    for _, bad in ipairs { "", "a b", "直播", "a\n", "[x]", ("x"):rep(65) } do
      assert.matches("^%-%-name '", serve_store.name_fault("--name", bad, string.format))
    end
  end)
end)
