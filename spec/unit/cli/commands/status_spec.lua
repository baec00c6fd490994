-- SPDX-License-Identifier: MIT

local cjson = require "cjson"
local cli = require "spec.support.cli"
local fake = require "spec.support.fakes.fake"

local ID = cli.ID
local WORKING = [["Status":"Working","CurrentInputEndpoint":"Main","CurrentStartTime":"2019-02-25T16:32:25Z",
  "CurrentStopTime":"2019-02-25T18:42:25Z","MainInput":{"InputType":"LivePull","LivePullInputInfo":
  {"InputUrl":"https://h/live/sekret.flv"}},"BackupInput":{"InputType":"VodPull","VodPullInputInfo":
  {"InputUrls":["http://h/1.mp4","http://h/2.mp4"],"LoopTimes":0}},
  "OutputSet":[{"StreamConnectOutput":{"Id":"1","Name":"推流1","PushUrl":"rtmp://h/live/sekret"},"PushSwitch":"On"}] ]]
local HEALTH = fake.ok [["Status":"Working","Active":"Main","Inputs":[{"Endpoint":"Main","State":"Live",
  "Bitrate":760.1,"FrameRate":25.0,"Width":1280,"Height":720,"VideoCodec":"h264","AudioCodec":"aac","DtsJumps":0,
  "Opens":1}],"Outputs":[{"Id":"1","Name":"推流1","State":"Backoff","Connects":1,"Bitrate":0.0,"FrameRate":0.0,
  "Packets":0,"Dropped":7,"Overflows":0,"QueueMs":0,"QueueHighMs":0,"Bytes":0,"DelayP99":4.5,
  "Error":{"Code":"network.reset","Message":"lost","Time":"2019-02-25T16:40:25Z"}}] ]]
local LACKING = fake.refused("InvalidAction", "no such action")

local function lines_of(ran)
  local lines = {}
  for line in ran.out:gmatch "[^\n]+" do lines[#lines + 1] = line end
  return lines
end

describe("cme status", function()
  it("says why a project is damaged", function()
    local described = cli.described()
    described.body = described.body:gsub('"Category"',
      '"Fault":"its row in the database is damaged (input)","Category"')
    local ran = cli.run({ "status", ID }, { answers = { described } })
    assert.are.equal(0, ran.code, ran.err)
    assert.matches("\nits row in the database is damaged %(input%)\n", ran.out)
  end)

  it("warns of what may be out of date, which a service without its etcd tells", function()
    local described = cli.described()
    described.body = described.body:gsub('"ProjectInfoSet"', '"StateAge":9,"ProjectInfoSet"')
    local ran = cli.run({ "status", ID }, { answers = { described } })
    assert.matches("\nthe service's etcd does not answer: this may be out of date by 9s\n", ran.out)
    ran = cli.run({ "status", ID, "--json" }, { answers = { described } })
    assert.are.equal(9, cjson.decode(ran.out).state_age)
  end)

  it("shows state, inputs and outputs with their health", function()
    local ran = cli.run({ "status", ID }, { answers = { cli.described(WORKING), HEALTH } })
    assert.are.same({ 0, "" }, { ran.code, ran.err })
    local lines = lines_of(ran)
    assert.matches("^show  " .. ID .. "  working  since %d%d:%d%d:25 %(12m%)  until %d%d:%d%d:25 %(in 1h 58m%)$",
      lines[1])
    assert.are.same({
      "INPUT   STATE  RATE               PICTURE            SOURCE",
      "main *  live   760 kbit/s 25 fps  1280x720 h264 aac  https://h/live/***",
      "backup                                               http://h/*** (2)",
      "OUTPUT  ID  STATE         DROPPED  DELAY  URL                LAST ERROR",
      "推流1   1   reconnecting  7        4 ms   rtmp://h/live/***  4m ago: lost",
    }, { lines[2], lines[3], lines[4], lines[5], lines[6] })
  end)

  it("shows each address that an input may be pushed to, and their secrets when asked to", function()
    local pushed = WORKING:gsub('"LivePull","LivePullInputInfo":%s*{"InputUrl":"https://h/live/sekret.flv"}',
      '"RtmpPush","RtmpPushInputInfo":{"ExpiredSecond":60,"PushUrl":"rtmp://h:1/output/cme-1?txSecret=sekret",'
      .. '"RtmpsPushUrl":"rtmps://h:2/output/cme-1?txSecret=sekret",'
      .. '"SrtPushUrl":"srt://h:3?streamid=cme-1-sekret&passphrase=sekret"}')
    local ran = cli.run({ "status", ID }, { answers = { cli.described(pushed), HEALTH } })
    assert.is_truthy(ran.out:find("  rtmp://h:1/output/*** rtmps://h:2/output/*** srt://h:3***\n", 1, true), ran.out)
    assert.is_nil(ran.out:find("sekret", 1, true))
    ran = cli.run({ "status", ID, "--reveal" }, { answers = { cli.described(pushed), HEALTH } })
    assert.is_truthy(ran.out:find("srt://h:3?streamid=cme-1-sekret&passphrase=sekret\n", 1, true), ran.out)
  end)

  it("warns of what the platform of an output does not take of the input on the air", function()
    local answers = { cli.described((WORKING:gsub("rtmp://h/live/", "rtmp://a.rtmp.youtube.com/live2/"))),
      fake.ok((HEALTH.body:match '"Response":{(.*),"RequestId"':gsub('"VideoCodec"', '"GopMs":9000,"VideoCodec"'))) }
    local ran = cli.run({ "status", ID }, { answers = { table.unpack(answers) } })
    assert.matches("\noutput '推流1': YouTube: a keyframe every 9 s %(limit: 4 s%) %(see cme platforms youtube%)\n$",
      ran.out)
    ran = cli.run({ "status", ID, "--json" }, { answers = answers })
    assert.are.same({ "platform.keyframes" }, cjson.decode(ran.out).unsuitable[1].codes)
  end)

  it("shows the slate, on the air in place of an input, and why it cannot be made", function()
    local slate = [[,"Slate":{"Name":"soon"},"OnSlate":true]]
    local described = WORKING:gsub('"OutputSet"', slate:sub(2) .. ',"OutputSet"')
    local health = { status = 200, body = HEALTH.body:gsub('"Active":"Main"',
      '"Active":"Main","OnSlate":true,"Slate":{"Name":"soon","After":3,"State":"On","Error":null}') }
    local ran = cli.run({ "status", ID }, { answers = { cli.described(described), health } })
    assert.matches("\nmain +live", ran.out)
    assert.matches("\nslate %* +on the air +soon", ran.out)
    health.body = health.body:gsub('"State":"On","Error":null',
      '"State":"Failed","Error":{"Code":"server.slate","Message":"no ffmpeg","Time":"2019-02-25T16:40:25Z"}')
    ran = cli.run({ "status", ID }, { answers = { cli.described(described), health } })
    assert.matches("failed +soon +4m ago: no ffmpeg", ran.out)
  end)

  it("tells an error as past where what it is about works again", function()
    local health = { status = 200, body = HEALTH.body:gsub('"State":"Backoff"', '"State":"Live"')
      :gsub('"Opens":1', '"Opens":2,"Error":{"Code":"source.refused","Message":"no such stream"}') }
    local answers = { cli.described(WORKING), health }
    local ran = cli.run({ "status", ID }, { answers = { table.unpack(answers) } })
    assert.matches("\nmain %*  live .*  works again %(no such stream%)\n", ran.out)
    assert.matches("  live .*  works again %(4m ago: lost%)\n$", ran.out)
    ran = cli.run({ "status", ID }, { answers = answers, env = { LANG = "zh_CN.UTF-8" } })
    assert.matches("已恢复（4 分钟前：lost）", ran.out)
  end)

  it("tells how long ago the last error was, in the reader's units", function()
    local ran = cli.run({ "status", ID }, { answers = { cli.described(WORKING), HEALTH },
      env = { LANG = "zh_CN.UTF-8" } })
    assert.matches("4 分钟前：lost", ran.out)
    assert.matches("1 小时 58 分钟", ran.out)
  end)

  it("says how main and backup are merged, and that the uplink is full", function()
    local health = fake.ok [["Status":"Working","Inputs":[],"Outputs":[],"Merge":{"State":"Different","Window":3},
      "Uplink":{"Full":true,"Bitrate":900,"Error":{"Code":"uplink.full","Message":"the uplink is full"}}]]
    local ran = cli.run({ "status", ID }, { answers = { cli.described(WORKING), health } })
    assert.matches("\nmain and backup are not merged: they do not carry the same packets\nthe uplink is full\n$",
      ran.out)
  end)

  it("says which node stands by", function()
    local function shown(standby)
      local health = fake.ok([["Status":"Working","Inputs":[],"Outputs":[],"Standby":]] .. standby)
      return cli.run({ "status", ID }, { answers = { cli.described(WORKING), health } }).out
    end
    assert.matches("\nnode b stands by\n$", shown [[{"State":"Warm","Node":"b"}]])
    assert.matches("\nnode b stands by, and has no picture yet\n$", shown [[{"State":"Starting","Node":"b"}]])
    assert.matches("\nno other node stands by\n$", shown [[{"State":"Missing","Node":""}]])
    assert.not_matches("stands by", shown [[{"State":"Idle","Node":""}]])
  end)

  it("shows what is recorded", function()
    local health = fake.ok [["Status":"Working","Inputs":[],"Outputs":[],"Recording":{"Name":"gala","Of":"Main",
      "MaxSeconds":0,"MaxBytes":0,"State":"Refused","File":"","Dropped":3,"Error":{"Code":"record.full",
      "Message":"the disk is full","Time":"2019-02-25T16:40:25Z"}}]]
    local ran = cli.run({ "status", ID }, { answers = { cli.described(WORKING .. [[,"Recording":{"Name":"gala",
      "Of":"Main"}]]), health } })
    assert.matches("RECORDING  STATE    OF    DROPPED  LAST ERROR\ngala       refused  main  3        "
      .. "4m ago: the disk is full\n$", ran.out)
  end)

  it("says so where the service does not tell health", function()
    local ran = cli.run({ "status", ID }, { answers = { cli.described(WORKING), LACKING } })
    assert.are.equal(0, ran.code, ran.err)
    assert.matches("This service does not report individual inputs and outputs.\n$", ran.out)
  end)

  it("shows an idle project and a MEDIA_CAST one", function()
    local ran = cli.run({ "status", "show" }, { answers = { cli.described '"Status":"Idle"',
      cli.described '"Status":"Idle","LastStopTime":"2019-02-24T16:00:00Z"' } })
    assert.matches("^show  " .. ID .. "  idle  since 2019%-02%-2%d %d%d:%d%d:00\n$", ran.out)
    local cast = '"Status":"Idle","SourceInfos":[{"Id":"s1","Type":"EXTERNAL","Url":"https://h/a/b.mp4"}]'
    ran = cli.run({ "status", ID }, { answers = { cli.described_cast(cast), fake.ok '"PlayInfo":{}' } })
    assert.matches("\nINPUT  SOURCE\ns1     https://h/a/%*%*%*\n$", ran.out)
  end)

  it("writes JSON", function()
    local ran = cli.run({ "status", ID, "--json" }, { answers = { cli.described(WORKING), HEALTH } })
    local info = cjson.decode(ran.out)
    assert.are.same({ "working", "main", "live", "backoff", 7 }, { info.status, info.active,
      info.inputs.main.health.state, info.outputs[1].health.state, info.outputs[1].health.dropped })
    assert.is_nil(ran.out:find "sekret")
  end)

  it("gives each code its failure", function()
    for code, answers in pairs {
      [3] = { fake.refused("UnauthorizedOperation", "no") },
      [4] = { cli.described(WORKING), cli.unreachable },
      [5] = { cli.none() },
    } do
      local ran = cli.run({ "status", ID, "--retries", "0" }, { answers = answers })
      assert.are.same({ code, "" }, { ran.code, ran.out }, ran.err)
    end
    assert.are.equal(2, cli.run({ "status" }).code)
  end)
end)
