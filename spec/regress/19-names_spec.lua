-- SPDX-License-Identifier: MIT
-- Several projects of one name: the one that is on the air is meant, or what tells them apart is listed.

local cli = require "spec.support.cli"
local fake = require "spec.support.fakes.fake"

-- An answer of DescribeProjects with a project named "show" for each state.
local function several(...)
  local entries = {}
  for i, state in ipairs { ... } do
    entries[i] = ([[{"ProjectId":"p%d","Name":"show","Category":"STREAM_CONNECT","CreateTime":"2019-02-25T14:44:25Z",
      "Owner":{"Type":"PERSON","Id":"me"},"StreamConnectProjectInfo":{"Status":"%s"%s}}]]):format(i, state,
      state == "Working" and ',"CurrentStopTime":"2019-02-25T18:00:00Z"' or "")
  end
  return fake.ok(('"TotalCount":%d,"ProjectInfoSet":[%s]'):format(#entries, table.concat(entries, ",")))
end

describe("projects of one name", function()
  it("are one for commands about what is on the air, when one of them is", function()
    local two = several("Idle", "Working")
    local commands = { stop = false, switch = "backup", status = false, extend = "30m", ["stop-at"] = "22:30" }
    for command, more in pairs(commands) do
      local ran = cli.run({ command, "show", more or nil }, { answers = { two, two, two, two } })
      local asked = fake.sent(ran.asked[2])
      assert.are.equal("p2", asked.ProjectId or asked.ProjectIds[1], command .. ran.err)
    end
  end)

  it("are a question else, with what tells them apart", function()
    for _, answer in ipairs { several("Idle", "Idle"), several("Working", "Working") } do
      local ran = cli.run({ "stop", "show" }, { answers = { answer } })
      assert.are.equal(2, ran.code)
      assert.matches("2 projects are named 'show': give the id of one %(p1: %l+, 2h old", ran.err)
      assert.matches("; p2: %l+, 2h old", ran.err)
    end
    local ran = cli.run({ "delete", "show" }, { answers = { several("Idle", "Working") } })
    assert.are.equal(2, ran.code)
    assert.matches("p1: idle, 2h old, of me; p2: working, 2h old, until [^)]+, of me%)\n$", ran.err)
    ran = cli.with_files({ "stop", "a.json" }, { several("Idle", "Working"), several("Idle", "Working"), fake.ok() })
    assert.are.equal("p2", fake.sent(ran.asked[#ran.asked]).ProjectId, ran.err)
  end)

  it("are warned about by cme create", function()
    local line = { "create", "show", "--owner", "me" }
    local ran = cli.run(line, { answers = { fake.ok '"ProjectId":"p9","RtmpPushInputInfoSet":[]', several "Idle" } })
    assert.are.same({ 0, "created 'show': p9\n" }, { ran.code, ran.out })
    assert.matches("warning: there is another project named 'show' %(p1: idle, 2h old, of me%)", ran.err)
    ran = cli.run(line, { answers = { fake.ok '"ProjectId":"p1","RtmpPushInputInfoSet":[]', several "Idle" } })
    assert.are.equal("", ran.err)
    ran = cli.run(line, { answers = { fake.ok '"ProjectId":"p1","RtmpPushInputInfoSet":[]', fake.refused "x" } })
    assert.are.same({ 0, "" }, { ran.code, ran.err })
  end)
end)
