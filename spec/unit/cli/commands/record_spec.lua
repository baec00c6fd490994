-- SPDX-License-Identifier: MIT

local cli = require "spec.support.cli"
local fake = require "spec.support.fakes.fake"

local ID = cli.ID

describe("cme record", function()
  it("asks for a recording, and ends it", function()
    local args = { "record", "show", "gala", "--of", "main", "--max-time", "1h", "--max-size", "2G" }
    cli.succeeds(args, { cli.described(), fake.ok() }, "'show' is recorded as 'gala' while it is on the air",
      { id = ID, record = { name = "gala", of = "main", max_seconds = 3600, max_bytes = 2 * 1024 ^ 3 } },
      { "DescribeProjects", "ModifyProjectRecording" })
    local ran = cli.run(args, { answers = { cli.described(), fake.ok() } })
    assert.are.same({ Name = "gala", Of = "Main", MaxSeconds = 3600, MaxBytes = 2 * 1024 ^ 3 },
      fake.sent(ran.asked[2]).Recording)
    cli.succeeds({ "record", "show", "--off" }, { cli.described(), fake.ok() }, "'show' is not recorded any more",
      { id = ID, record = false }, { "DescribeProjects", "ModifyProjectRecording" })
  end)

  it("gives each code its failure", function()
    cli.shared_cases({ "record", ID, "gala" }, { cli.described() }, "ModifyProjectRecording")
  end)

  it("refuses what says nothing, or too much", function()
    for _, wrong in ipairs { { {}, "give a name for the files, or --off" },
      { { "gala", "--off" }, "--off goes with the project alone" },
      { { "gala", "--max-size", "2GB" }, "option '--max-size': a size is needed, such as 2G" },
      { { "gala", "--max-time", "0.5s" }, "option '--max-time': whole seconds are needed, such as 90s" } } do
      local ran = cli.run { "record", ID, table.unpack(wrong[1]) }
      assert.are.equal(2, ran.code)
      assert.truthy(ran.err:find(wrong[2], 1, true), ran.err)
    end
  end)

  it("says what the cloud offers instead", function()
    local ran = cli.run({ "record", ID, "gala" }, { answers = { cli.described(),
      fake.refused("InvalidAction", "no such action") } })
    assert.truthy(ran.err:find("push to a CSS domain that records", 1, true), ran.err)
  end)
end)
