-- SPDX-License-Identifier: MIT
-- The commands that take a spec or a stop time: create, start, ensure.

local cjson = require "cjson"
local cli = require "spec.support.cli"
local fake = require "spec.support.fake"

local ID = cli.ID
local CREATED = fake.ok '"ProjectId":"p1","RtmpPushInputInfoSet":[]'
local PARTLY = fake.refused("FailedOperation.StartStreamConnectPartlyErr", "output '1': refused")
local SPEC = [[{"name":"show","owner":"me","input":"https://h/live/src.flv","outputs":["rtmp://h/live/sekret"]}]]
local SHOW = [[return { stop_at = "2019-02-25T18:00:00Z", project = { name = "show", owner = "me",
  input = "https://h/live/src.flv", outputs = { "rtmp://h/live/" .. env "KEY" } } }]]
local FILES = { ["a.json"] = SPEC, ["show.lua"] = SHOW, ["broken.lua"] = "return {",
  ["broken.json"] = "{", ["odd.json"] = '{"name":"x","owner":"y","inptu":"z"}' }

local function run(args, answers, more)
  local options = more or {}
  options.answers, options.files = answers, FILES
  return cli.run(args, options)
end

describe("cme create", function()
  it("creates from options", function()
    local ran = run({ "create", "直播", "--owner", "me", "--input", "-", "--backup", "push:60", "--output",
      "推流1=rtmp://h/live/k=1", "--output", "rtmp://h/live/k2?a=b", "--json" }, { CREATED },
      { stdin = "https://h/live/src.flv\n" })
    assert.are.equal(0, ran.code, ran.err)
    assert.are.same({ id = "p1", name = "直播" }, cjson.decode(ran.out))
    local sent = fake.sent(ran.asked[1])
    local input = sent.StreamConnectProjectInput
    assert.are.same({ "STREAM_CONNECT", "me", "https://h/live/src.flv", 60 }, { sent.Category, sent.Owner.Id,
      input.MainInput.LivePullInputInfo.InputUrl, input.BackupInput.RtmpPushInputInfo.ExpiredSecond })
    assert.are.same({ { "推流1", "rtmp://h/live/k=1" }, { nil, "rtmp://h/live/k2?a=b" } },
      { { input.Outputs[1].Name, input.Outputs[1].PushUrl }, { input.Outputs[2].Name, input.Outputs[2].PushUrl } })
  end)

  it("creates from a file", function()
    local ran = run({ "create", "a.json" }, { CREATED })
    assert.are.same({ 0, "created 'show': p1\n" }, { ran.code, ran.out }, ran.err)
  end)

  it("creates a MEDIA_CAST project", function()
    local ran = run({ "create", "cast", "--owner", "me", "--category", "MEDIA_CAST", "--source", "https://h/a.mp4" },
      { CREATED })
    assert.are.equal(0, ran.code, ran.err)
    assert.are.equal("https://h/a.mp4", fake.sent(ran.asked[1]).MediaCastProjectInput.SourceInfos[1].Url)
  end)

  it("gives each code its failure", function()
    for _, case in ipairs {
      { 2, { "create", "x" }, "option '%-%-owner' is missing" },
      { 2, { "create", "a.json", "--owner", "me" }, "option '%-%-owner': the file says it already" },
      { 2, { "create", "broken.json" }, "file 'broken.json': " },
      { 2, { "create", "odd.json" }, "option 'inptu': unknown %(did you mean 'input'%?%)" },
      { 2, { "create", "x", "--owner", "me", "--output", "rtsp://h/sekret" }, "scheme 'rtsp'" },
      { 5, { "create", "none.json" }, "file 'none.json': no such file" },
      { 3, { "create", "a.json" }, "LimitExceeded", fake.refused("LimitExceeded", "no") },
      { 4, { "create", "a.json", "--retries", "0" }, "could not connect", cli.unreachable },
    } do
      local ran = run(case[2], { case[4] })
      assert.are.same({ case[1], "" }, { ran.code, ran.out }, ran.err)
      assert.matches("^cme create: [^\n]*" .. case[3]:gsub("no such", "[Nn]o such") .. "[^\n]*\n$", ran.err)
      assert.is_nil(ran.err:find "sekret")
    end
    local ran = run({ "create", "a.json", "--dry-run" }, {})
    assert.are.equal(0, ran.code, ran.err)
    assert.matches('^CreateProject {.*"PushUrl":"rtmp://h/live/%*%*%*"', ran.out)
  end)
end)

describe("cme start", function()
  it("starts, with a stop time that is told", function()
    local ran = run({ "start", ID, "--for", "2h", "--json" }, { cli.described(), fake.ok(), fake.ok() })
    assert.are.equal(0, ran.code, ran.err)
    assert.are.same({ id = ID, status = "working", stop_at = fake.NOW + 7200 }, cjson.decode(ran.out))
    assert.are.equal("2019-02-25T18:44:25Z", fake.sent(ran.asked[3]).CurrentStopTime)
    ran = run({ "start", ID, "--stop-at", "2019-02-25T17:00:00Z" }, { cli.described(), fake.ok(), fake.ok() })
    assert.matches("^started '" .. ID .. "', until [^\n]+\n$", ran.out)
    ran = run({ "start", ID }, { cli.described(), fake.ok() })
    assert.are.equal(("started '%s'\n"):format(ID), ran.out)
  end)

  it("creates the project of a file where the service has none, and only then", function()
    local ran = run({ "start", "a.json" }, { cli.none(), CREATED, fake.ok() })
    assert.are.equal("started 'show'\n", ran.out, ran.err)
    assert.are.same({ "DescribeProjects", "CreateProject", "HandleStreamConnectProject Start" }, cli.actions(ran))
    ran = run({ "start", "a.json" }, { cli.described(), fake.ok() })
    assert.are.same({ "DescribeProjects", "HandleStreamConnectProject Start" }, cli.actions(ran))
    ran = run({ "start", "a.json", "--dry-run" }, { cli.none() })
    assert.are.equal(0, ran.code, ran.err)
    assert.matches("^CreateProject {[^\n]+\nHandleStreamConnectProject {[^\n]+\n$", ran.out)
  end)

  it("takes project and stop time of a show file", function()
    local env = { KEY = "sekret" }
    local ran = run({ "start", "show.lua", "--json" }, { cli.none(), CREATED, fake.ok(), fake.ok() }, { env = env })
    assert.are.equal(0, ran.code, ran.err)
    assert.are.equal(1551117600, cjson.decode(ran.out).stop_at)
    assert.are.equal("rtmp://h/live/sekret", fake.sent(ran.asked[2]).StreamConnectProjectInput.Outputs[1].PushUrl)
    ran = run({ "start", "show.lua", "--for", "60", "--json" }, { cli.described(), fake.ok(), fake.ok() },
      { env = env })
    assert.are.equal(fake.NOW + 60, cjson.decode(ran.out).stop_at)
    for path, want in pairs { ["show.lua"] = { 2, "variable KEY is not set" }, ["broken.lua"] = { 2, "line 1" },
      ["none.lua"] = { 5, "none.lua" } } do
      ran = run({ "start", path }, {})
      assert.are.equal(want[1], ran.code, ran.err)
      assert.matches(want[2], ran.err)
    end
  end)

  it("gives each code its failure", function()
    cli.shared_cases({ "start", ID }, { cli.described() }, "HandleStreamConnectProject Start")
    local ran = run({ "start", ID, "--json" }, { cli.described(), PARTLY })
    assert.are.equal(6, ran.code)
    assert.matches("started, but an input or output does not work yet", ran.err)
    assert.are.same({ 6, true }, { cjson.decode(ran.out).error.exit, cjson.decode(ran.out).error.partial })
    for given, why in pairs { ["--for 2x"] = "'2x' is no duration", ["--stop-at 22:00"] = "not a point in time",
      ["--stop-at 1000"] = "in the past", ["--for 1h --stop-at 1"] = "exclude each other" } do
      local args = { "start", ID }
      for word in given:gmatch "%S+" do args[#args + 1] = word end
      ran = run(args, { cli.described() })
      assert.are.equal(2, ran.code, ran.err)
      assert.matches(why, ran.err)
    end
  end)
end)

describe("cme ensure", function()
  it("does the fewest calls, and says which", function()
    local ran = run({ "ensure", "a.json", "--status", "working", "--for", "1h" },
      { cli.none(), CREATED, fake.ok(), fake.ok() })
    assert.are.same({ 0, "create\nstart\nchange the stop time\n" }, { ran.code, ran.out }, ran.err)
    local there = '"Status":"Idle","MainInput":{"InputType":"LivePull","LivePullInputInfo":{"InputUrl":'
      .. '"https://h/live/src.flv"}},"OutputSet":[{"StreamConnectOutput":{"Id":"1","PushUrl":"rtmp://h/live/sekret"}}]'
    ran = run({ "ensure", "a.json" }, { cli.described(there), cli.described(there) })
    assert.are.same({ 0, "'show' is as it should be\n" }, { ran.code, ran.out }, ran.err)
    ran = run({ "ensure", "a.json", "--json" }, { cli.described(there), cli.described(there) })
    assert.are.same({ id = ID, done = {} }, cjson.decode(ran.out))
    ran = run({ "ensure", "a.json", "--status", "working", "--dry-run" },
      { cli.described(there), cli.described(there) })
    assert.matches('^HandleStreamConnectProject {[^\n]*"Operation":"Start"[^\n]*}\n$', ran.out)
  end)

  it("gives each code its failure", function()
    for _, case in ipairs {
      { 2, { "ensure", "show" }, "a file is needed" },
      { 5, { "ensure", "none.json" }, "none.json" },
      { 3, { "ensure", "a.json" }, "UnauthorizedOperation", fake.refused("UnauthorizedOperation", "no") },
      { 4, { "ensure", "a.json", "--retries", "0" }, "could not connect", cli.unreachable },
      { 6, { "ensure", "a.json", "--status", "working" }, "LimitExceeded", cli.none(), CREATED,
        fake.refused("LimitExceeded", "no") },
    } do
      local ran = run(case[2], { table.unpack(case, 4) })
      assert.are.same({ case[1], "" }, { ran.code, ran.out }, ran.err)
      assert.matches("^cme ensure: [^\n]*" .. case[3] .. "[^\n]*\n$", ran.err)
    end
  end)
end)
