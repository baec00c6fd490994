-- SPDX-License-Identifier: MIT

local cjson = require "cjson"
local cli = require "spec.support.cli"
local fake = require "spec.support.fakes.fake"

local ID = cli.ID

local function words(line)
  local args = { "input" }
  for word in line:gmatch "%S+" do args[#args + 1] = word:gsub("ID", ID) end
  return args
end

describe("cme input", function()
  it("adds, changes and removes, in every form of an input", function()
    for line, want in pairs {
      ["add ID backup https://h/live/b.flv"] = { "AddInput", "LivePull" },
      ["add ID main --push 60"] = { "AddInput", "RtmpPush" },
      ["set ID main push:60"] = { "ModifyInput", "RtmpPush" },
      ["set ID main --vod http://h/1.mp4 --vod http://h/2.mp4 --loop -1"] = { "ModifyInput", "VodPull" },
      ["remove ID backup"] = { "DeleteInput" },
    } do
      local ran = cli.run(words(line), { answers = { cli.described(), fake.ok() } })
      assert.are.equal(0, ran.code, ran.err)
      local sent = fake.sent(ran.asked[2])
      assert.are.same(want, { sent.Operation, sent.InputInfo and sent.InputInfo.InputType })
      assert.matches("^'" .. ID .. "': input '%l+' %l+\n$", ran.out)
      ran = cli.run(words(line .. " --json"), { answers = { cli.described(), fake.ok() } })
      assert.are.equal(ID, cjson.decode(ran.out).id)
    end
  end)

  it("adds and removes sources of a MEDIA_CAST project", function()
    local ran = cli.run(words "add ID https://h/a.mp4 --position 1", { answers = { cli.described_cast(),
      cli.described_cast(), fake.ok '"SourceInfoSet":[{"Id":"s1"}]' } })
    assert.are.same({ 0, ("'%s': input 's1' added\n"):format(ID) }, { ran.code, ran.out }, ran.err)
    assert.are.equal(0, fake.sent(ran.asked[3]).Position)
    ran = cli.run(words "remove ID s1", { answers = { cli.described_cast(), fake.ok() } })
    assert.are.equal(0, ran.code, ran.err)
  end)

  it("gives each code its failure", function()
    cli.shared_cases(words "add ID backup https://h/live/b.flv", { cli.described() },
      "HandleStreamConnectProject AddInput")
    cli.shared_cases(words "set ID backup https://h/live/b.flv", { cli.described() },
      "HandleStreamConnectProject ModifyInput")
    cli.shared_cases(words "remove ID backup", { cli.described() }, "HandleStreamConnectProject DeleteInput")
    for line, why in pairs {
      ["add ID main"] = "give one of: a URL, %-%-push SECONDS, %-%-vod URL",
      ["add ID main rtmp://h/a/b --push 5"] = "give one of",
      ["add ID mian rtmp://h/a/b"] = "argument 'input' must be one of 'main', 'backup'",
      ["set ID mian rtmp://h/a/b"] = "'main' or 'backup' is needed, got 'mian'",
      ["add ID main --push x"] = "'x' is not what is needed here",
    } do
      local ran = cli.run(words(line), { answers = { cli.described() } })
      assert.are.equal(2, ran.code, ran.err)
      assert.matches(why, ran.err)
    end
  end)
end)
