-- SPDX-License-Identifier: MIT

local cli = require "spec.support.cli"
local fake = require "spec.support.fakes.fake"

local ID = cli.ID
local WORKING = '"Status":"Working","CurrentInputEndpoint":"Main"'

describe("cme switch", function()
  it("switches", function()
    cli.succeeds({ "switch", ID, "backup" }, { cli.described(WORKING), fake.ok() },
      ("'%s' switched to backup"):format(ID), { id = ID, active = "backup" },
      { "DescribeProjects", "HandleStreamConnectProject SwitchInput" })
  end)

  it("gives each code its failure", function()
    cli.shared_cases({ "switch", ID, "backup" }, { cli.described(WORKING) }, "HandleStreamConnectProject SwitchInput")
    local ran = cli.run({ "switch", ID, "bakcup" }, { answers = { cli.described(WORKING) } })
    assert.are.equal(2, ran.code)
    assert.matches("^cme switch: switch: 'main' or 'backup' is needed, got 'bakcup' %(did you mean 'backup'%?%)\n$",
      ran.err)
  end)
end)
