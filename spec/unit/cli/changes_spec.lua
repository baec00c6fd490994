-- SPDX-License-Identifier: MIT
-- The commands that change one project: stop, switch, rename, delete, push-url (which changes nothing).

local cjson = require "cjson"
local cli = require "spec.support.cli"
local fake = require "spec.support.fake"

local ID = cli.ID
local WORKING = '"Status":"Working","CurrentInputEndpoint":"Main"'

-- A command's success: what it says, what --json writes, which calls it makes.
local function succeeds(args, answers, said, json, actions)
  local ran = cli.run(args, { answers = { table.unpack(answers) } })
  assert.are.same({ 0, said .. "\n", "" }, { ran.code, ran.out, ran.err })
  assert.are.same(actions, cli.actions(ran))
  local line = { table.unpack(args) }
  line[#line + 1] = "--json"
  ran = cli.run(line, { answers = { table.unpack(answers) } })
  assert.are.equal(0, ran.code, ran.err)
  assert.are.same(json, cjson.decode(ran.out))
end

describe("cme stop", function()
  it("stops, by id and by name", function()
    succeeds({ "stop", ID }, { cli.described(WORKING), fake.ok() }, ("stopped '%s'"):format(ID),
      { id = ID, status = "idle" }, { "DescribeProjects", "HandleStreamConnectProject Stop" })
    succeeds({ "stop", "show" }, { cli.described(WORKING), cli.described(WORKING), fake.ok() }, "stopped 'show'",
      { id = ID, status = "idle" }, { "DescribeProjects", "DescribeProjects", "HandleStreamConnectProject Stop" })
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
    assert.are.same({ 2, "cme stop: 2 projects are named 'show': give the id of one (a1, a2)\n" },
      { ran.code, ran.err })
    assert.are.equal(2, cli.run({ "stop", "" }).code)
  end)
end)

describe("cme switch", function()
  it("switches", function()
    succeeds({ "switch", ID, "backup" }, { cli.described(WORKING), fake.ok() },
      ("'%s' goes on from backup"):format(ID), { id = ID, active = "backup" },
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

describe("cme rename", function()
  it("renames", function()
    succeeds({ "rename", "show", "gala" }, { cli.described(), fake.ok() }, "'show' is now called 'gala'",
      { id = ID, name = "gala" }, { "DescribeProjects", "ModifyProject" })
  end)

  it("gives each code its failure", function()
    cli.shared_cases({ "rename", ID, "gala" }, {}, "ModifyProject")
    local ran = cli.run { "rename", ID, ("x"):rep(31) }
    assert.are.equal(2, ran.code)
    assert.matches("the name has 31 characters", ran.err)
  end)
end)

describe("cme delete", function()
  it("deletes", function()
    succeeds({ "delete", "show" }, { cli.described(), fake.ok() }, "deleted 'show'", { id = ID, deleted = true },
      { "DescribeProjects", "DeleteProject" })
    succeeds({ "delete", ID }, { fake.ok() }, ("deleted '%s'"):format(ID), { id = ID, deleted = true },
      { "DeleteProject" })
  end)

  it("gives each code its failure", function()
    cli.shared_cases({ "delete", ID }, {}, "DeleteProject")
  end)
end)

describe("cme push-url", function()
  local PUSH = '"Status":"Idle","BackupInput":{"InputType":"RtmpPush","RtmpPushInputInfo":{"ExpiredSecond":60,'
    .. '"PushUrl":"rtmp://h/live/sekret?txSecret=1"}}'

  it("shows the address whole", function()
    succeeds({ "push-url", ID, "backup" }, { cli.described(PUSH), cli.described(PUSH) },
      "rtmp://h/live/sekret?txSecret=1", { id = ID, input = "backup", url = "rtmp://h/live/sekret?txSecret=1" },
      { "DescribeProjects", "DescribeProjects" })
  end)

  it("gives each code its failure", function()
    for code, answers in pairs {
      [2] = { cli.described(PUSH), cli.described(PUSH) },
      [3] = { fake.refused("UnauthorizedOperation", "no") },
      [4] = { cli.unreachable },
      [5] = { cli.none() },
    } do
      assert.are.equal(code, cli.run({ "push-url", ID, "--retries", "0" }, { answers = answers }).code)
    end
  end)
end)
