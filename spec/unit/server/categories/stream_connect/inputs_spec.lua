-- SPDX-License-Identifier: MIT

local codes = require "cme.codes"
local inputs = require "cme.server.categories.stream_connect.inputs"
local json = require "cme.json"

local function vod(urls, loop)
  return { InputType = "VodPull", VodPullInputInfo = { InputUrls = urls, LoopTimes = loop } }
end

describe("cme.server.categories.stream_connect.inputs", function()
  it("completes a list of files", function()
    assert.are.same(vod({ "http://a/1.mp4", "https://a/2.flv" }, 0),
      inputs.check(vod { "http://a/1.mp4", "https://a/2.flv" }, "MainInput"))
    assert.are.equal(-1, inputs.check(vod({ "http://a/1.mp4" }, -1), "MainInput").VodPullInputInfo.LoopTimes)
  end)

  it("refuses lists that cannot be played, without showing their URLs", function()
    local many = {}
    for i = 1, 101 do
      many[i] = "http://a/x"
    end
    for _, case in ipairs { vod {}, vod(many), vod { "http://a/1", "file:///sekret" }, vod({ "http://a/1" }, -2),
      vod({ "http://a/1" }, 2 ^ 31), { InputType = "VodPull" } } do
      local checked, message, detail = inputs.check(case, "InputInfo")
      assert.is_nil(checked)
      assert.are.equal("api.InvalidParameterValue.StreamConnectInputInvalid", detail.code)
      assert.matches("^InputInfo.VodPullInputInfo", message)
      assert.not_matches("sekret", message)
    end
  end)

  it("keeps only the member of the input's kind", function()
    local input = { InputType = "LivePull", LivePullInputInfo = { InputUrl = "http://a/x" },
      VodPullInputInfo = { InputUrls = {} } }
    assert.are.same({ InputType = "LivePull", LivePullInputInfo = { InputUrl = "http://a/x" } },
      inputs.check(input, "MainInput"))
  end)

  it("says what an engine is to pull", function()
    assert.are.same({ url = "http://a/x" }, inputs.engine({ InputType = "LivePull",
      LivePullInputInfo = { InputUrl = "http://a/x" } }))
    assert.are.same({ urls = { "http://a/1", "http://a/2" }, loop = 2 },
      inputs.engine(vod({ "http://a/1", "http://a/2" }, 2)))
    assert.is_nil(inputs.engine(nil))
  end)

  it("says that what is pulled may stand at public addresses alone", function()
    local live = { InputType = "LivePull", LivePullInputInfo = { InputUrl = "http://a/x" } }
    assert.are.same({ url = "http://a/x", public = true }, inputs.engine(live, nil, true))
    assert.are.same({ urls = { "http://a/1" }, loop = 0, public = true },
      inputs.engine(vod({ "http://a/1" }, 0), nil, true))
  end)

  it("shows the members of other kinds as null, and an absent input as null", function()
    local info = inputs.info(vod({ "http://a/1" }, 0))
    assert.are.equal(json.null, info.LivePullInputInfo)
    assert.are.equal(json.null, info.RtmpPushInputInfo)
    assert.are.same({ "http://a/1" }, info.VodPullInputInfo.InputUrls)
    assert.are.equal(json.null, inputs.info(nil))
  end)

  local edge = {
    push_url = function(_, stored) return "rtmp://here/output/" .. stored end,
    rtmps_push_url = function() end,
    srt_push_url = function(_, stored) return "srt://here?streamid=" .. stored end,
    pull_url = function(_, stored) return "rtmp://inside/" .. stored end,
  }
  local NOW = 1795356000.5

  local function push(seconds, url)
    return { InputType = "RtmpPush", RtmpPushInputInfo = { ExpiredSecond = seconds, PushUrl = url } }
  end

  it("makes an address of its own for each input that is published to the service", function()
    local input = assert(inputs.check(push(60), "MainInput", edge, NOW))
    local stored = input.RtmpPushInputInfo.PushUrl
    assert.matches("^cme%-%x+%?txTime=" .. ("%08X"):format(1795356061) .. "$", stored)
    assert.are_not.equal(stored, inputs.check(push(60), "MainInput", edge, NOW).RtmpPushInputInfo.PushUrl)
    assert.are.equal("rtmp://here/output/" .. stored, inputs.address(input, edge))
    assert.are.same({ ExpiredSecond = 60, PushUrl = "rtmp://here/output/" .. stored,
      SrtPushUrl = "srt://here?streamid=" .. stored },
      inputs.info(input, edge).RtmpPushInputInfo)
    assert.are.same({ url = "rtmp://inside/" .. stored, pushed = true }, inputs.engine(input, edge))
    assert.are.same(inputs.engine(input, edge), inputs.engine(input, edge, true)) -- from our own edge
    assert.are.same(push(60), inputs.again(input))
    local other = { pull_url = function(_, address) return "rtmp://other/output/" .. address, true end }
    assert.are.same({ url = "rtmp://other/output/" .. stored, pushed = true, elsewhere = true },
      inputs.engine(input, other))
  end)

  it("has no address for what is pulled", function()
    assert.are.equal("", inputs.address(vod { "http://a/1" }, edge))
    assert.are.equal("", inputs.address(nil, edge))
    assert.are.same(vod { "http://a/1" }, inputs.again(vod { "http://a/1" }))
  end)

  it("refuses an address that it cannot make", function()
    for _, case in ipairs { push(0), push(2 ^ 32 | 0), push(60, "rtmp://h/output/sekret?txSecret=1") } do
      local checked, message, detail = inputs.check(case, "InputInfo", edge, NOW)
      assert.is_nil(checked)
      assert.are.equal("api.InvalidParameterValue.StreamConnectInputInvalid", detail.code)
      assert.matches("^InputInfo.RtmpPushInputInfo%.", message)
      assert.not_matches("sekret", message)
    end
  end)

  it("has nothing to push to without an edge, and says so", function()
    local input = inputs.check(push(60), "MainInput", edge, NOW)
    local checked, message, detail = inputs.check(push(60), "MainInput")
    assert.is_nil(checked)
    assert.are.equal("api.UnsupportedOperation", detail.code)
    assert.matches("without its edge", message)
    assert.are.equal("", inputs.address(input))
    assert.is_nil(inputs.fault({ MainInput = input }, edge))
    assert.matches("without its edge", codes.say(inputs.fault { BackupInput = input }))
    assert.is_nil(inputs.fault({ MainInput = vod { "http://a/1" } }))
  end)
end)
