-- SPDX-License-Identifier: MIT
-- With --json an empty list is [], and every failure is the object that docs/cli.md and the man page show.

local cjson = require "cjson"

local cli = require "spec.support.cli"
local context = require "cme.cli.context"
local fake = require "spec.support.fakes.fake"
local files = require "spec.support.files"

local ID = cli.ID

-- A command line's JSON, as it was written.
local function json_of(line, answers)
  line[#line + 1] = "--json"
  local ran = cli.run(line, { answers = answers })
  assert.are.equal(0, ran.code, ran.err)
  return ran.out
end

local function holds(text, wanted)
  assert.is_truthy(text:find(wanted, 1, true), wanted .. " is not in " .. text)
end

describe("an empty list in JSON", function()
  it("is [] in the state of a project", function()
    local text = json_of({ "status", ID }, { cli.described('"Status":"Idle","OutputSet":[],"MainInput":{"InputType":'
      .. '"VodPull","VodPullInputInfo":{"InputUrls":[],"LoopTimes":0}}') })
    holds(text, '"outputs":[]')
    holds(text, '"urls":[]')
    text = json_of({ "status", ID }, { cli.described_cast(),
      fake.ok '"PlayInfo":{"Status":"Idle","DestinationStatusSet":[]}' })
    holds(text, '"outputs":[]')
    holds(text, '"sources":[]')
    assert.are.equal("[]\n", json_of({ "list" }, { cli.none() }))
    holds(json_of({ "list" }, { cli.described() }), '"outputs":[]')
  end)

  it("is [] in what the service answers, and in what it would be sent", function()
    holds(json_of({ "call", "DescribeProjects" }, { cli.none() }), '"ProjectInfoSet":[]')
    local text = json_of({ "call", "DescribeProjects" }, { fake.ok('"TotalCount":1,"ProjectInfoSet":[{"ProjectId":"p",'
      .. '"StreamConnectProjectInfo":{"OutputSet":[]}}]') })
    holds(text, '"OutputSet":[]')
    text = json_of({ "call", "CreateProject", '{"Name":"n","Category":"STREAM_CONNECT","Owner":{"Type":"PERSON",'
      .. '"Id":"me"},"StreamConnectProjectInput":{"Outputs":[]}}', "--dry-run" }, {})
    holds(text, '"Outputs":[]')
  end)

  it("is [] in the health of a project", function()
    local health = require "cme.project.health".read { Status = "Working", Inputs = {}, Outputs = {} }
    assert.are.equal("[]", require "cme.json".encode(health.outputs))
  end)
end)

describe("the error object", function()
  local known = {}
  for _, member in ipairs(context.ERROR_MEMBERS) do known[member] = true end

  it("is the one of the documents", function()
    local documented = {}
    for member in files.read "docs/cli.md":match '{"error":{([^}]*)}}':gmatch '"([%w_]+)"' do
      documented[#documented + 1] = member
    end
    assert.are.same(context.ERROR_MEMBERS, documented)
    holds(files.read "docs/cme.1", ('{ "error": { %s } }'):format(table.concat(context.ERROR_MEMBERS, ", ")))
  end)

  it("comes with every failure, a wrong command line among them", function()
    for code, case in pairs {
      [2] = { { "start" } }, [3] = { { "status", ID }, { fake.refused "UnauthorizedOperation" } },
      [4] = { { "status", ID, "--retries", "0" }, { cli.unreachable } }, [5] = { { "status", "x" }, { cli.none() } },
    } do
      local line = case[1]
      line[#line + 1] = "--json"
      local ran = cli.run(line, { answers = case[2] })
      local told = cjson.decode(ran.out).error
      assert.are.same({ code, code }, { ran.code, told.exit })
      assert.is_string(told.code)
      for member in pairs(told) do assert.is_true(known[member], member) end
    end
    for _, line in ipairs { { "nonsense", "--json" }, { "status", ID, "--nonsense", "--json" }, { "--json" } } do
      assert.are.equal("invalid.usage", cjson.decode(cli.run(line, { answers = {} }).out).error.code)
    end
  end)
end)
