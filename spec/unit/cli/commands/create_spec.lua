-- SPDX-License-Identifier: MIT

local cjson = require "cjson"
local cli = require "spec.support.cli"
local fake = require "spec.support.fakes.fake"

describe("cme create", function()
  it("creates from options", function()
    local ran = cli.with_files({ "create", "直播", "--owner", "me", "--input", "-", "--backup", "push:60", "--output",
      "推流1=rtmp://h/live/k=1", "--output", "rtmp://h/live/k2?a=b", "--json" }, { cli.CREATED, cli.none() },
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

  it("creates with outputs of platforms, whose keys are in files", function()
    local ran = cli.run({ "create", "x", "--owner", "me", "--output", "youtube:@/keys/y", "--output",
      "b站=bilibili:?streamname=a&key=b=c", "--output", "kick:rtmps://h1.global-contribute.live-video.net k1",
      "--output", "other=rtmp://h/live k2", "--output", "@/keys/all", "--output", "twitch:-",
      "--output", "bilibili:?streamname=c&key=d" }, {
      answers = { cli.CREATED, cli.none() }, stdin = "k4\n",
      files = { ["/keys/y"] = "k0\n", ["/keys/all"] = "rtmp://h/own k3\n" } })
    assert.are.equal(0, ran.code, ran.err)
    local sent, said = fake.sent(ran.asked[1]).StreamConnectProjectInput.Outputs, {}
    for i, output in ipairs(sent) do said[i] = (output.Name or "") .. " " .. output.PushUrl end
    assert.are.same({ " rtmps://a.rtmps.youtube.com:443/live2/k0",
      "b站 rtmp://live-push.bilivideo.com/live-bvc/?streamname=a&key=b=c",
      " rtmps://h1.global-contribute.live-video.net/app/k1", "other rtmp://h/live/k2", " rtmp://h/own/k3",
      " rtmps://ingest.global-contribute.live-video.net/app/k4",
      " rtmp://live-push.bilivideo.com/live-bvc/?streamname=c&key=d" }, said)
  end)

  it("says in the reader's language what is wrong with an output of a file", function()
    for output, wants in pairs {
      ['{"platform":"kick","key":"sekret"}'] = { "server: missing (give the one that the platform shows beside the "
        .. "key)", "server：缺失（请写上平台与推流码一起显示的服务器）" },
      ['{"platform":"twich","key":"sekret"}'] = { "unknown platform (did you mean 'twitch'?)",
        "未知的平台（是否想写“twitch”？）" },
      ['{"url":"rtmp://h/a/sekret","key":"sekret"}'] = { "options 'url' and 'key': give one (a URL has the key in it)",
        "选项“url”和“key”只能写一个（URL 中已含推流码）" },
      ['{"name":"a"}'] = { "option 'url': missing (or give 'key' with 'platform' or 'server')",
        "选项“url”：缺失（也可以写“key”和“platform”或“server”）" },
      ['{"nmae":"a"}'] = { "option 'nmae': unknown (did you mean 'name'?)", "选项“nmae”：未知（是否想写“name”？）" },
    } do
      local files = { ["a.json"] = '{"name":"a","owner":"me","outputs":[' .. output .. "]}" }
      for i, said in ipairs { "cme create: option 'outputs[1]': " .. wants[1] .. "\n",
        "cme create: 选项“outputs[1]”：" .. wants[2] .. "\n" } do
        local env = { LC_ALL = i == 2 and "zh_CN.UTF-8" or "C" }
        local ran = cli.run({ "create", "a.json" }, { files = files, env = env })
        assert.are.same({ 2, said }, { ran.code, ran.err })
      end
    end
  end)

  it("creates from a file", function()
    local ran = cli.with_files({ "create", "a.json" }, { cli.CREATED, cli.none() })
    assert.are.same({ 0, "created 'show': p1\n" }, { ran.code, ran.out }, ran.err)
  end)

  it("creates a MEDIA_CAST project", function()
    local ran = cli.with_files({ "create", "cast", "--owner", "me", "--category", "MEDIA_CAST", "--source",
      "https://h/a.mp4" }, { cli.CREATED, cli.none() })
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
      { 2, { "create", "x", "--owner", "me", "--output", "kick:sekret" }, "output '1': server: missing %(give " },
      { 2, { "create", "x", "--owner", "me", "--output", "youtube:rtmp://h/a/sekret" }, "key: a URL, not a " },
      { 2, { "create", "x", "--owner", "me", "--output", "tv=youtube: " }, "output 'tv': key: missing" },
      { 2, { "create", "x", "--owner", "me", "--output", "rtmp://h/a sek ret" }, "key: a space" },
      { 2, { "create", "x", "--owner", "me", "--output", "youtub:sekret" }, "did you mean 'youtube'" },
      { 5, { "create", "x", "--owner", "me", "--output", "youtube:@/none" }, "file '/none': no such file" },
      { 5, { "create", "none.json" }, "file 'none.json': no such file" },
      { 3, { "create", "a.json" }, "LimitExceeded", fake.refused("LimitExceeded", "no") },
      { 4, { "create", "a.json", "--retries", "0" }, "could not connect", cli.unreachable },
    } do
      local ran = cli.with_files(case[2], { case[4] })
      assert.are.same({ case[1], "" }, { ran.code, ran.out }, ran.err)
      assert.matches("^cme create: [^\n]*" .. case[3]:gsub("no such", "[Nn]o such") .. "[^\n]*\n$", ran.err)
      assert.is_nil(ran.err:find "sekret")
    end
    local ran = cli.with_files({ "create", "a.json", "--dry-run" }, {})
    assert.are.equal(0, ran.code, ran.err)
    assert.matches('^CreateProject {.*"PushUrl":"rtmp://h/live/%*%*%*"', ran.out)
  end)
end)
