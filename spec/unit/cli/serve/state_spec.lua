-- SPDX-License-Identifier: MIT

local serve_state = require "cme.cli.serve.state"

describe("cme.cli.serve.state", function()
  it("knows what may be a name", function()
    for _, good in ipairs { "test", "1000000009", "a_b-c.d", ("x"):rep(64) } do
      assert.is_nil(serve_state.name_fault("--name", good, string.format))
    end
    for _, bad in ipairs { "", "a b", "直播", "a\n", "[x]", ("x"):rep(65) } do
      assert.matches("^%-%-name '", serve_state.name_fault("--name", bad, string.format))
    end
  end)
end)
