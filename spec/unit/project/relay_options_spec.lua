-- SPDX-License-Identifier: MIT
-- Ids, schemes, and the kinds of input and state that a service may describe.

local json = require "cme.json"
local relay_options = require "cme.project.relay_options"

local function ids(outputs)
  local found = {}
  for i, output in ipairs(relay_options.spec({ outputs = outputs }).outputs) do found[i] = output.id end
  return table.concat(found, " ")
end

-- What read() makes of a StreamConnectProjectInfo.
local function read(state)
  local info = {}
  relay_options.read({ StreamConnectProjectInfo = state }, info)
  return info
end

describe("cme.project.relay_options", function()
  it("numbers the outputs that have no id, past those that are taken", function()
    local url = "rtmp://h/a/k"
    assert.are.equal("1 2 3", ids { url, url, { url = url } })
    assert.are.equal("2 1 x 3", ids { { id = "2", url = url }, url, { id = "x", url = url }, url })
  end)

  it("makes the URL of an output from its parts, and keeps no key beside it", function()
    local outputs = relay_options.spec({ outputs = {
      { name = "a", platform = "YouTube", key = "k" },
      { id = "x", server = "rtmp://h/live/", key = "k?a=b" },
      { url = "rtmps://h/live/k", platform = "视频号" },
    } }).outputs
    assert.are.same({
      { id = "1", name = "a", url = "rtmps://a.rtmps.youtube.com:443/live2/k", platform = "youtube" },
      { id = "x", url = "rtmp://h/live/k?a=b" },
      { id = "2", url = "rtmps://h/live/k", platform = "wechat_channels" },
    }, outputs)
    assert.are.same({ Id = "1", Name = "a", Type = "URL", PushUrl = "rtmps://a.rtmps.youtube.com:443/live2/k" },
      relay_options.output_form(outputs[1]))
  end)

  it("takes every scheme that can carry a stream, and no other", function()
    for _, good in ipairs { "http://h/a.flv", "https://h/a.m3u8", "rtmp://h/a/k", "rtmps://h/a/k",
      "srt://h:9000?streamid=x", "RTMP://h/a/k", "rtmp://[::1]:1935/a/k", "rtmp://u:p@h/a/k" } do
      assert.is_true(relay_options.validate(relay_options.spec { input = good }), good)
    end
    for _, good in ipairs { "rtmp://h/a/k", "rtmps://h/a/k", "srt://h:9000?streamid=x" } do
      assert.is_true(relay_options.validate(relay_options.spec { outputs = { good } }), good)
    end
    for _, bad in ipairs { "", "h", "/var/a.flv", "file:///etc/passwd", "rtmp:/h", "rtmp://", "rtmp://u@",
      "rtmp://:1/a" } do
      local ok, _, detail = relay_options.validate(relay_options.spec { input = bad })
      assert.is_nil(ok, bad)
      assert.are.equal("invalid.url", detail.code)
    end
  end)

  it("reads each kind of input", function()
    assert.are.same({
      main = { kind = "vod", urls = { "https://a/1.mp4", "https://a/2.mp4" }, loop = -1 },
      backup = { kind = "push", url = "rtmp://h/a/k?txSecret=x", seconds = 5 },
    }, read({
      MainInput = { InputType = "VodPull",
        VodPullInputInfo = { InputUrls = { "https://a/1.mp4", "https://a/2.mp4" }, LoopTimes = -1 } },
      BackupInput = { InputType = "RtmpPush", LivePullInputInfo = json.null,
        RtmpPushInputInfo = { ExpiredSecond = 5, PushUrl = "rtmp://h/a/k?txSecret=x" } },
    }).inputs)
    assert.are.same({}, read({ MainInput = json.null, BackupInput = { InputType = "New" } }).inputs)
  end)

  it("keeps a time only in the state in which it is valid", function()
    local state = { Status = "Idle", CurrentInputEndpoint = "Main", CurrentStartTime = "2019-02-25T16:44:25Z",
      CurrentStopTime = "2019-02-25T18:44:25Z", LastStopTime = "2019-02-25T17:00:00Z", OutputSet = json.null }
    local info = read(state)
    assert.are.same({ "idle", "main", 1551114000 }, { info.status, info.active, info.stopped_at })
    assert.is_nil(info.started_at)
    assert.is_nil(info.stop_at)
    state.Status = "Working"
    info = read(state)
    assert.are.same({ 1551113065, 1551120265 }, { info.started_at, info.stop_at })
    assert.is_nil(info.stopped_at)
  end)

  it("reads a state that it does not know as none", function()
    assert.is_nil(read({ Status = "Melting", CurrentInputEndpoint = json.null }).status)
    assert.are.same({ inputs = {}, outputs = {} }, read(json.null))
  end)
end)
