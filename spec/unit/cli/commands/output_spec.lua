-- SPDX-License-Identifier: MIT

local cjson = require "cjson"
local cli = require "spec.support.cli"
local fake = require "spec.support.fakes.fake"

local ID = cli.ID
local TWO = [["Status":"Working","OutputSet":[
  {"StreamConnectOutput":{"Id":"1","Name":"推流1","PushUrl":"rtmp://h/live/sekret"},"PushSwitch":"On"},
  {"StreamConnectOutput":{"Id":"2","Name":"twin","PushUrl":"rtmp://h/live/k2"},"PushSwitch":"On"},
  {"StreamConnectOutput":{"Id":"3","Name":"twin","PushUrl":"rtmp://h/live/k3"},"PushSwitch":"On"}] ]]

local function run(...)
  local args = { ... }
  local options = table.remove(args)
  return cli.run(args, options)
end

describe("cme output", function()
  it("adds, from an argument, a file and stdin", function()
    for given, options in pairs {
      ["rtmp://h/live/new"] = {},
      ["@/keys/new"] = { files = { ["/keys/new"] = "rtmp://h/live/new\n" } },
      ["-"] = { stdin = "rtmp://h/live/new\n" },
      ["rtmp://h/live/ new"] = {},
      ["@/keys/two"] = { files = { ["/keys/two"] = "rtmp://h/live new" } },
    } do
      options.answers = { cli.described(), fake.ok() }
      local ran = run("output", "add", ID, given, "--name", "推流3", "--id", "9", options)
      assert.are.same({ 0, ("'%s': output '9' added\n"):format(ID) }, { ran.code, ran.out }, ran.err)
      assert.are.same({ Id = "9", Name = "推流3", PushUrl = "rtmp://h/live/new", Type = "URL" },
        fake.sent(ran.asked[2]).OutputInfo)
    end
    assert.are.equal(5, run("output", "add", ID, "@/none", { answers = {} }).code)
  end)

  it("names the one that cannot be added, not another by its place", function()
    for name, want in pairs { [false] = "the new output", ["推流3"] = "output '推流3'" } do
      local args = { "output", "add", ID, "http://x/hush", name and "--name" or nil, name or nil }
      local ran = cli.run(args, { answers = { cli.described(TWO) } })
      assert.are.equal(2, ran.code)
      assert.truthy(ran.err:find(want .. ": scheme 'http' is not supported", 1, true), ran.err)
    end
  end)

  it("changes and removes, by id and by name", function()
    for _, given in ipairs { "1", "推流1" } do
      local answers = { cli.described(TWO), fake.ok() }
      local ran = run("output", "set", ID, given, "--url", "rtmp://h/live/k9", { answers = answers })
      assert.are.same({ 0, ("'%s': output '1' changed\n"):format(ID) }, { ran.code, ran.out }, ran.err)
      assert.are.equal("1", fake.sent(ran.asked[2]).OutputInfo.Id)
      ran = run("output", "remove", ID, given, "--json", { answers = { cli.described(TWO), fake.ok() } })
      assert.are.same({ id = ID, output = "1" }, cjson.decode(ran.out))
      assert.are.equal("HandleStreamConnectProject DeleteOutput", cli.actions(ran)[2])
    end
  end)

  it("switches outputs on and off", function()
    local cast = '"Status":"Working","DestinationInfos":[{"Id":"d1","Name":"a","PushUrl":"rtmp://h/a/k"}]'
    local play = fake.ok '"PlayInfo":{"Status":"Working","CurrentSourceId":"s1"}'
    for verb, operation in pairs { enable = "EnableDestination", disable = "DisableDestination" } do
      local ran = run("output", verb, ID, "a", { answers = { cli.described_cast(cast), play, fake.ok() } })
      assert.are.equal(0, ran.code, ran.err)
      assert.are.equal("HandleMediaCastProject " .. operation, cli.actions(ran)[3])
    end
    local ran = run("output", "disable", ID, "1", { answers = { cli.described(TWO), fake.ok() } })
    assert.are.equal(0, ran.code, ran.err)
    assert.are.equal("SwitchProjectOutput", cli.actions(ran)[2])
    ran = run("output", "enable", ID, "1", { answers = { cli.described(TWO), fake.refused "InvalidAction" } })
    assert.are.equal(2, ran.code)
    assert.matches("cannot switch an output", ran.err)
  end)

  it("gives each code its failure", function()
    cli.shared_cases({ "output", "add", ID, "rtmp://h/live/new" }, { cli.described() },
      "HandleStreamConnectProject AddOutput")
    cli.shared_cases({ "output", "set", ID, "1", "--name", "x" }, { cli.described(TWO) },
      "HandleStreamConnectProject ModifyOutput")
    cli.shared_cases({ "output", "remove", ID, "1" }, { cli.described(TWO) },
      "HandleStreamConnectProject DeleteOutput")
    for want, args in pairs {
      ["project '" .. ID .. "': output '7': not found"] = { 5, "remove", ID, "7" },
      ["project '" .. ID .. "': two outputs are named 'twin': give the id"] = { 2, "remove", ID, "twin" },
      ["nothing to change: give --name, --url, --codecs or --watch"] = { 2, "set", ID, "1" },
    } do
      local ran = cli.run({ "output", table.unpack(args, 2) }, { answers = { cli.described(TWO) } })
      assert.are.same({ args[1], ("cme output %s: %s\n"):format(args[2], want) }, { ran.code, ran.err })
    end
    local ran = run("output", "add", ID, "rtsp://h/sekret", { answers = { cli.described() } })
    assert.are.equal(2, ran.code)
    assert.matches("scheme 'rtsp' is not supported", ran.err)
    assert.is_nil(ran.err:find "sekret")
  end)

  it("shows no stream key in a dry run, unless --reveal asks", function()
    local ran = run("output", "add", ID, "rtmp://h/live/sekret", "--dry-run", { answers = { cli.described() } })
    assert.matches('"PushUrl":"rtmp://h/live/%*%*%*"', ran.out)
    ran = run("output", "add", ID, "rtmp://h/live/sekret", "--dry-run", "--reveal", { answers = { cli.described() } })
    assert.matches("sekret", ran.out)
  end)
end)
