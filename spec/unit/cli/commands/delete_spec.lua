-- SPDX-License-Identifier: MIT

local cli = require "spec.support.cli"
local fake = require "spec.support.fakes.fake"

local ID = cli.ID

describe("cme delete", function()
  it("deletes", function()
    cli.succeeds({ "delete", "show" }, { cli.described(), fake.ok() }, "deleted 'show'", { id = ID, deleted = true },
      { "DescribeProjects", "DeleteProject" })
    cli.succeeds({ "delete", ID }, { cli.described(), fake.ok() }, ("deleted '%s'"):format(ID),
      { id = ID, deleted = true }, { "DescribeProjects", "DeleteProject" })
  end)

  it("gives each code its failure", function()
    cli.shared_cases({ "delete", ID }, { cli.described() }, "DeleteProject")
  end)
end)
