-- SPDX-License-Identifier: MIT

local fields = require "cme.cli.fields"

describe("cme.cli.fields", function()
  it("takes out what begins with a capital, and leaves the rest", function()
    local rest, list = fields.split { "call", "A", "--json", "--Owner.Id", "me", "--Loop", "-1", "--Url=a=b", "--for",
      "2h", "--", "--Name", "x" }
    assert.are.same({ "call", "A", "--json", "--for", "2h", "--", "--Name", "x" }, rest)
    assert.are.same({ { name = "Owner.Id", value = "me" }, { name = "Loop", value = "-1" },
      { name = "Url", value = "a=b" } }, list)
  end)

  it("names a field without a value", function()
    assert.are.same({ nil, "Name" }, { fields.split { "call", "--Name" } })
  end)
end)
