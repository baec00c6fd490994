-- SPDX-License-Identifier: MIT

local cjson = require "cjson"
local cli = require "spec.support.cli"
local fake = require "spec.support.fakes.fake"

local ID = cli.ID
local PARTLY = fake.refused("FailedOperation.StartStreamConnectPartlyErr", "output '1': refused")

describe("cme start", function()
  it("starts, with a stop time that is told", function()
    local ran = cli.with_files({ "start", ID, "--for", "2h", "--json" }, { cli.described(), fake.ok(), fake.ok(),
      cli.described() })
    assert.are.equal(0, ran.code, ran.err)
    assert.are.same({ id = ID, status = "working", stop_at = fake.NOW + 7200 }, cjson.decode(ran.out))
    assert.are.equal("2019-02-25T18:44:25Z", fake.sent(ran.asked[3]).CurrentStopTime)
    ran = cli.with_files({ "start", ID, "--stop-at", "2019-02-25T17:00:00Z" },
      { cli.described(), fake.ok(), fake.ok(), cli.described() })
    assert.matches("^started '" .. ID .. "', until [^\n]+\n$", ran.out)
    ran = cli.with_files({ "start", ID }, { cli.described(), fake.ok(), cli.described() })
    assert.are.equal(("started '%s'\n"):format(ID), ran.out)
  end)

  it("creates the project of a file where the service has none, and only then", function()
    local ran = cli.with_files({ "start", "a.json" }, { cli.none(), cli.CREATED, fake.ok(), cli.described() })
    assert.are.equal("started 'show'\n", ran.out, ran.err)
    assert.are.same({ "DescribeProjects", "CreateProject", "HandleStreamConnectProject Start", "DescribeProjects" },
      cli.actions(ran))
    ran = cli.with_files({ "start", "a.json" }, { cli.described(), fake.ok(), cli.described() })
    assert.are.same({ "DescribeProjects", "HandleStreamConnectProject Start", "DescribeProjects" }, cli.actions(ran))
    ran = cli.with_files({ "start", "a.json", "--dry-run" }, { cli.none() })
    assert.are.equal(0, ran.code, ran.err)
    assert.matches("^CreateProject {[^\n]+\nHandleStreamConnectProject {[^\n]+\n$", ran.out)
  end)

  it("warns of what the platform of a destination does not take, and starts all the same", function()
    local working = cli.described [["Status":"Working","CurrentInputEndpoint":"Main","OutputSet":[
      {"StreamConnectOutput":{"Id":"1","Name":"tube","PushUrl":"rtmp://a.rtmp.youtube.com/live2/sekret"},
      "PushSwitch":"On"},{"StreamConnectOutput":{"Id":"2","Name":"own","PushUrl":"rtmp://h/live/sekret"},
      "PushSwitch":"On"}],"MainInput":{"InputType":"LivePull","LivePullInputInfo":{"InputUrl":"https://h/a.flv"}}]]
    local health = fake.ok [["Status":"Working","Active":"Main","Inputs":[{"Endpoint":"Main","State":"Live",
      "VideoCodec":"h264","Width":1280,"Height":720,"AudioCodec":"aac","GopMs":8000}],"Outputs":[] ]]
    local function ran_with(language, ...)
      return cli.with_files({ "start", ID, ... }, { cli.described(), fake.ok(), working, health },
        { env = { LANG = language } })
    end
    local ran = ran_with "C"
    assert.are.same({ 0, ("started '%s'\n"):format(ID), "cme start: output 'tube': YouTube: a keyframe every 8 s "
      .. "(limit: 4 s) (see cme platforms youtube)\n" }, { ran.code, ran.out, ran.err })
    ran = ran_with "zh_CN.UTF-8"
    assert.are.equal("cme start: 推流目标“tube”：YouTube：每 8 秒一个关键帧（上限 4 秒）（见 cme platforms youtube）\n", ran.err)
    assert.are.same({ { output = "tube", platform = "youtube", codes = { "platform.keyframes" },
      message = "YouTube: a keyframe every 8 s (limit: 4 s)" } }, cjson.decode(ran_with("C", "--json").out).unsuitable)
    ran = cli.with_files({ "start", ID }, { cli.described(), fake.ok(), fake.refused("UnauthorizedOperation", "no") })
    assert.are.same({ 0, "" }, { ran.code, ran.err })
  end)

  it("takes project and stop time of a show file", function()
    local env = { KEY = "sekret" }
    local ran = cli.with_files({ "start", "show.lua", "--json" },
      { cli.none(), cli.CREATED, fake.ok(), fake.ok(), cli.described() }, { env = env })
    assert.are.equal(0, ran.code, ran.err)
    assert.are.equal(1551117600, cjson.decode(ran.out).stop_at)
    assert.are.equal("rtmp://h/live/sekret", fake.sent(ran.asked[2]).StreamConnectProjectInput.Outputs[1].PushUrl)
    ran = cli.with_files({ "start", "show.lua", "--for", "60s", "--json" },
      { cli.described(), fake.ok(), fake.ok(), cli.described() }, { env = env })
    assert.are.equal(fake.NOW + 60, cjson.decode(ran.out).stop_at)
    for path, want in pairs { ["show.lua"] = { 2, "variable KEY is not set" }, ["broken.lua"] = { 2, "line 1" },
      ["none.lua"] = { 5, "none.lua" } } do
      ran = cli.with_files({ "start", path }, {})
      assert.are.equal(want[1], ran.code, ran.err)
      assert.matches(want[2], ran.err)
    end
  end)

  it("refuses a stop time that no service takes before it asks one", function()
    for given, why in pairs { ["start|--stop-at|2019-02-25T00:00:00Z"] = "option '%-%-stop%-at': .+ is in the past",
      ["start|--for|99999d"] = "option '%-%-for': .+ is more than 30 days ahead",
      ["stop-at|2019-02-25T00:00:00Z"] = "argument 'time': .+ is in the past",
      ["extend|31d"] = "argument 'duration': .+ is more than 30 days ahead" } do
      local args = {}
      for word in given:gmatch "[^|]+" do args[#args + 1] = word end
      table.insert(args, 2, ID)
      local ran = cli.run(args)
      assert.are.same({ 2, 0 }, { ran.code, #ran.asked }, ran.err)
      assert.matches(why, ran.err)
    end
  end)

  it("says what a file with a spec is called where a folder was meant for one", function()
    local ran = cli.run({ "start", "/tmp" }, { answers = { cli.described() } })
    assert.are.equal("cme start: project '/tmp': not found (the name of a file with a spec ends in .lua or .json)\n",
      ran.err)
  end)

  it("gives each code its failure", function()
    cli.shared_cases({ "start", ID }, { cli.described() }, "HandleStreamConnectProject Start")
    local ran = cli.with_files({ "start", ID, "--json" }, { cli.described(), PARTLY, cli.described() })
    assert.are.equal(6, ran.code)
    assert.matches("started, but not all of it works yet", ran.err)
    local told = cjson.decode(ran.out)
    assert.are.same({ "working", "project" }, { told.status, told.warning.pending[1].what })
    for given, why in pairs { ["--for 2x"] = "'2x' is no duration", ["--for 60"] = "'60' is no duration: write it",
      ["--stop-at 25:00"] = "not a point in time",
      ["--stop-at 1000"] = "in the past", ["--for 1h --stop-at 1"] = "exclude each other" } do
      local args = { "start", ID }
      for word in given:gmatch "%S+" do args[#args + 1] = word end
      ran = cli.with_files(args, { cli.described() })
      assert.are.equal(2, ran.code, ran.err)
      assert.matches(why, ran.err)
    end
  end)
end)
