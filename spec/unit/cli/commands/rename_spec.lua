-- SPDX-License-Identifier: MIT

local cli = require "spec.support.cli"
local fake = require "spec.support.fakes.fake"

local ID = cli.ID

describe("cme rename", function()
  it("renames", function()
    cli.succeeds({ "rename", "show", "gala" }, { cli.described(), fake.ok() }, "'show' is now called 'gala'",
      { id = ID, name = "gala" }, { "DescribeProjects", "ModifyProject" })
  end)

  it("gives each code its failure", function()
    cli.shared_cases({ "rename", ID, "gala" }, { cli.described() }, "ModifyProject")
    local ran = cli.run { "rename", ID, ("x"):rep(31) }
    assert.are.equal(2, ran.code)
    assert.matches("the name has 31 characters", ran.err)
  end)
end)
