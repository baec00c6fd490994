-- SPDX-License-Identifier: MIT

local cli = require "spec.support.cli"
local fake = require "spec.support.fakes.fake"

local ID = cli.ID
local WORKING = '"Status":"Working","CurrentInputEndpoint":"Main"'

describe("cme stop", function()
  it("stops, by id and by name", function()
    cli.succeeds({ "stop", ID }, { cli.described(WORKING), fake.ok() }, ("stopped '%s'"):format(ID),
      { id = ID, status = "idle" }, { "DescribeProjects", "HandleStreamConnectProject Stop" })
    cli.succeeds({ "stop", "show" }, { cli.described(WORKING), cli.described(WORKING), fake.ok() }, "stopped 'show'",
      { id = ID, status = "idle" }, { "DescribeProjects", "HandleStreamConnectProject Stop" })
  end)

  it("gives each code its failure", function()
    cli.shared_cases({ "stop", ID }, { cli.described(WORKING) }, "HandleStreamConnectProject Stop")
  end)

  it("names the nearest project, and asks which of two", function()
    local ran = cli.run({ "stop", "shwo" }, { answers = { cli.described() } })
    assert.are.same({ 5, "cme stop: project 'shwo': not found (did you mean 'show'?)\n" }, { ran.code, ran.err })
    local two = fake.ok [["TotalCount":2,"ProjectInfoSet":[{"ProjectId":"a1","Name":"show"},
      {"ProjectId":"a2","Name":"show"}] ]]
    ran = cli.run({ "stop", "show" }, { answers = { two } })
    assert.are.same({ 2, "cme stop: 2 projects are named 'show': give the id of one (a1; a2)\n" },
      { ran.code, ran.err })
    assert.are.equal(2, cli.run({ "stop", "" }).code)
  end)
end)
