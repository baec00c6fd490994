-- SPDX-License-Identifier: MIT

local cjson = require "cjson"
local cli = require "spec.support.cli"
local fake = require "spec.support.fakes.fake"
local schema = require "cme.schema"

local ANSWER = fake.ok [=[
  "TotalCount":1,"PlatformInfoSet":[{"Platform":"test","Description":"a \"b\", {c}","VodSubAppId":9007199254740991,
  "LicenseId":null}]]=]

describe("cme call", function()
  it("takes fields as options and as JSON from anywhere, an option over a member", function()
    for _, case in ipairs {
      { { "--Platforms.0", "test", "--Limit=5" } },
      { { '{"Platforms":["test"],"Limit":5}' } },
      { { "@p.json" } },
      { { "-" }, stdin = '{"Platforms":["test"],"Limit":5}' },
      { { '{"Platforms":["test"],"Limit":9}', "--Limit", "5" } },
    } do
      local ran = cli.run({ "call", "DescribePlatforms", table.unpack(case[1]) }, { answers = { ANSWER },
        files = { ["p.json"] = '{"Platforms":["test"],"Limit":5}\n' }, stdin = case.stdin })
      assert.are.equal(0, ran.code, ran.err)
      assert.are.same({ Platforms = { "test" }, Limit = 5 }, fake.sent(ran.asked[1]))
    end
  end)

  it("writes the answer over several lines, or as one with --json", function()
    local ran = cli.run({ "call", "DescribePlatforms" }, { answers = { ANSWER } })
    assert.are.equal([[
{
  "PlatformInfoSet": [
    {
      "Description": "a \"b\", {c}",
      "LicenseId": null,
      "Platform": "test",
      "VodSubAppId": 9007199254740991
    }
  ],
  "RequestId": "req-1",
  "TotalCount": 1
}
]], ran.out)
    ran = cli.run({ "call", "DescribePlatforms", "--json" }, { answers = { ANSWER } })
    assert.matches('^{"PlatformInfoSet":%[{[^\n]+}\n$', ran.out)
    assert.are.equal(1, cjson.decode(ran.out).TotalCount)
  end)

  it("hides stream keys in the answer unless --reveal asks", function()
    local push = [["Status":"Idle","MainInput":{"InputType":"LivePull",
      "LivePullInputInfo":{"InputUrl":"rtmp://h/a/sekret"}}]]
    local ran = cli.run({ "call", "DescribeProjects" }, { answers = { cli.described(push) } })
    assert.matches('"rtmp://h/a/%*%*%*"', ran.out)
    ran = cli.run({ "call", "DescribeProjects", "--reveal" }, { answers = { cli.described(push) } })
    assert.matches("sekret", ran.out)
  end)

  it("lists the fields of every action", function()
    for _, name in ipairs(schema.action_names) do
      local ran = cli.run { "call", name, "--help" }
      assert.are.equal(0, ran.code)
      assert.truthy(ran.out:find(("Fields of %s (N counts from 0):"):format(name), 1, true), name)
    end
    local ran = cli.run { "call", "CreateProject", "--help" }
    assert.matches("\n   %-%-Name  string, required\n", ran.out)
    assert.matches("\n   %-%-StreamConnectProjectInput.Outputs.N.PushUrl  string\n", ran.out)
    assert.matches("\nIts answer: ProjectId string, RtmpPushInputInfoSet list of RtmpPushInputInfo", ran.out)
    assert.matches("\nActions:\n   AddTeamMember\n", cli.run({ "call", "--help" }).out)
  end)

  it("gives each code its failure", function()
    for _, case in ipairs {
      { 2, { "DescribeProject" }, "action 'DescribeProject': unknown %(did you mean 'DescribeProjects'%?%)" },
      { 2, { "DescribeProjects", "--Limti", "1" }, "field 'Limti': unknown %(did you mean 'Limit'%?%)" },
      { 2, { "DescribeProjects", "--Limit", "x" }, "field 'Limit': a non%-negative integer" },
      { 2, { "DescribeProjects", "--Limit" }, "field 'Limit' has no value" },
      { 2, { "DescribeProjects", "--Limit", "1", "--Limit", "2" }, "field 'Limit': given twice" },
      { 2, { "DescribeProjects", "[1" }, "json: " },
      { 2, { "DescribeProjects", "Limit=1" }, "field 'Limit': write %-%-Limit VALUE, or all fields as JSON" },
      { 2, { "DescribeProjects", "owner.Id=sekret" }, "field 'owner.Id': write %-%-Owner.Id VALUE" },
      { 2, { "DescribeProjects", "Limit=1", "Offset=2" }, "field 'Limit': write %-%-Limit VALUE" },
      { 2, { "DescribeProjects", '{"Limit":1}', "Offset=2" }, "field 'Offset': write %-%-Offset VALUE" },
      { 2, { "DescribeProjects", "{}", "{}" }, "too many arguments" },
      { 2, { "DescribeProjects", "1" }, "must be a JSON object" },
      { 5, { "DescribeProjects", "@none" }, "file 'none'" },
      { 3, { "DescribeProjects" }, "UnauthorizedOperation", fake.refused("UnauthorizedOperation", "no") },
      { 4, { "DescribeProjects", "--retries", "0" }, "could not connect", cli.unreachable },
      { 5, { "DescribeProjects" }, "ResourceNotFound", fake.refused("ResourceNotFound.Platform", "no") },
    } do
      local ran = cli.run({ "call", table.unpack(case[2]) }, { answers = { case[4] } })
      assert.are.same({ case[1], "" }, { ran.code, ran.out }, ran.err)
      assert.matches("^cme call: [^\n]*" .. case[3] .. "[^\n]*\n$", ran.err)
    end
    local ran = cli.run { "call", "DeleteProject", "--ProjectId", "p1", "--dry-run" }
    assert.are.same({ 0, 'DeleteProject {"Platform":"test","ProjectId":"p1"}\n', 0 }, { ran.code, ran.out, #ran.asked })
  end)
end)
