-- SPDX-License-Identifier: MIT

local cli = require "spec.support.cli"
local fake = require "spec.support.fakes.fake"

local ID = cli.ID

describe("cme push-url", function()
  local PUSH = '"Status":"Idle","BackupInput":{"InputType":"RtmpPush","RtmpPushInputInfo":{"ExpiredSecond":60,'
    .. '"PushUrl":"rtmp://h/live/sekret?txSecret=1"}}'

  it("shows the address whole", function()
    cli.succeeds({ "push-url", ID, "backup" }, { cli.described(PUSH), cli.described(PUSH) },
      "rtmp://h/live/sekret?txSecret=1", { id = ID, input = "backup", url = "rtmp://h/live/sekret?txSecret=1" },
      { "DescribeProjects", "DescribeProjects" })
  end)

  it("shows the address of another protocol", function()
    local with_srt = PUSH:gsub('"PushUrl"', '"SrtPushUrl":"srt://h:9?streamid=sekret","PushUrl"')
    local answer = cli.described(with_srt)
    cli.succeeds({ "push-url", ID, "backup", "--protocol", "srt" }, { answer, answer },
      "srt://h:9?streamid=sekret", { id = ID, input = "backup", url = "srt://h:9?streamid=sekret" },
      { "DescribeProjects", "DescribeProjects" })
    assert.are.equal(2, cli.run({ "push-url", ID, "backup", "--protocol", "srt" },
      { answers = { cli.described(PUSH), cli.described(PUSH) } }).code)
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
