-- SPDX-License-Identifier: MIT

local cjson = require "cjson"
local cli = require "spec.support.cli"
local fake = require "spec.support.fakes.fake"

local PAGE = fake.ok [["TotalCount":2,"ProjectInfoSet":[
  {"ProjectId":"p1","Name":"直播","Category":"STREAM_CONNECT","Owner":{"Type":"PERSON","Id":"me"},
   "StreamConnectProjectInfo":{"Status":"Working","CurrentInputEndpoint":"Main",
    "CurrentStopTime":"2019-02-25T17:44:25Z","MainInput":{"InputType":"LivePull",
    "LivePullInputInfo":{"InputUrl":"rtmp://h/live/sekret"}},
    "OutputSet":[{"StreamConnectOutput":{"Id":"1","PushUrl":"rtmp://h/live/sekret"},"PushSwitch":"On"}]}},
  {"ProjectId":"p2","Name":"b","Category":"MEDIA_CAST","Owner":{"Type":"PERSON","Id":"you"},
   "MediaCastProjectInfo":{"Status":"Idle"}}]
]]

describe("cme list", function()
  it("shows a table", function()
    local ran = cli.run({ "list" }, { answers = { PAGE } })
    assert.are.equal(0, ran.code, ran.err)
    local lines = {}
    for line in ran.out:gmatch "[^\n]+" do lines[#lines + 1] = line end
    assert.are.equal("NAME  ID  STATE    INPUT  OUTPUTS  STOPS     OWNER", lines[1])
    assert.matches("^直播  p1  working  main   1        %d%d:%d%d:25  me$", lines[2])
    assert.are.equal("b     p2  idle            0                  you", lines[3])
  end)

  it("colours states at a terminal, unless NO_COLOR is set", function()
    local ran = cli.run({ "list" }, { answers = { PAGE }, terminal = true })
    assert.matches("\27%[32mworking\27%[0m", ran.out)
    ran = cli.run({ "list" }, { answers = { PAGE }, terminal = true, env = { NO_COLOR = "1" } })
    assert.is_nil(ran.out:find "\27")
  end)

  it("writes JSON without stream keys, which --reveal shows", function()
    local ran = cli.run({ "list", "--json" }, { answers = { PAGE }, terminal = true })
    local list = cjson.decode(ran.out)
    assert.are.same({ 2, "p1", "working", "rtmp://h/live/***" },
      { #list, list[1].id, list[1].status, list[1].outputs[1].url })
    assert.is_nil(ran.out:find "sekret")
    ran = cli.run({ "list", "--json", "--reveal" }, { answers = { PAGE } })
    assert.matches("sekret", ran.out)
  end)

  it("warns of what may be out of date, which a service without its etcd tells", function()
    local old = { status = 200, body = PAGE.body:gsub('"TotalCount"', '"StateAge":75,"TotalCount"') }
    local ran = cli.run({ "list" }, { answers = { old } })
    assert.matches("\nthe service's etcd does not answer: this may be out of date by 1m 15s\n$", ran.out)
    assert.is_nil(cli.run({ "list" }, { answers = { PAGE } }).out:find("etcd", 1, true))
    ran = cli.run({ "list" }, { answers = { old }, env = { LANG = "zh_CN.UTF-8" } })
    assert.matches("\n服务的 etcd 无响应：这些内容可能已过时 1 分钟 15 秒\n$", ran.out)
    ran = cli.run({ "list", "--json" }, { answers = { old } })
    assert.are.equal(75, cjson.decode(ran.out)[2].state_age)
  end)

  it("reads all pages and filters", function()
    local page = fake.ok '"TotalCount":21,"ProjectInfoSet":[{"ProjectId":"p1","Name":"a"}]'
    local last = fake.ok '"TotalCount":21,"ProjectInfoSet":[]'
    local ran = cli.run({ "list", "--owner", "me", "--category", "MEDIA_CAST", "--json", "--status", "idle" },
      { answers = { page, last } })
    assert.are.same({ 0, "[]\n" }, { ran.code, ran.out })
    local sent = fake.sent(ran.asked[2])
    assert.are.same({ 1, { "MEDIA_CAST" }, { Type = "PERSON", Id = "me" } },
      { sent.Offset, sent.CategorySet, sent.Owner })
  end)
end)
