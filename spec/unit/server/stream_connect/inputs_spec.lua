-- SPDX-License-Identifier: MIT

local inputs = require "cme.server.stream_connect.inputs"
local json = require "cme.json"

local function vod(urls, loop)
  return { InputType = "VodPull", VodPullInputInfo = { InputUrls = urls, LoopTimes = loop } }
end

describe("cme.server.stream_connect.inputs", function()
  it("completes a list of files", function()
    assert.are.same(vod({ "http://a/1.mp4", "https://a/2.flv" }, 0),
      inputs.check({}, vod { "http://a/1.mp4", "https://a/2.flv" }, "MainInput"))
    assert.are.equal(-1, inputs.check({}, vod({ "http://a/1.mp4" }, -1), "MainInput").VodPullInputInfo.LoopTimes)
  end)

  it("refuses lists that cannot be played, without showing their URLs", function()
    local many = {}
    for i = 1, 101 do
      many[i] = "http://a/x"
    end
    for _, case in ipairs { vod {}, vod(many), vod { "http://a/1", "file:///sekret" }, vod({ "http://a/1" }, -2),
      vod({ "http://a/1" }, 2 ^ 31), { InputType = "VodPull" } } do
      local checked, code, message = inputs.check({}, case, "InputInfo")
      assert.is_nil(checked)
      assert.are.equal("InvalidParameterValue.StreamConnectInputInvalid", code)
      assert.matches("^InputInfo.VodPullInputInfo", message)
      assert.not_matches("sekret", message)
    end
  end)

  it("keeps only the member of the input's kind", function()
    local input = { InputType = "LivePull", LivePullInputInfo = { InputUrl = "http://a/x" },
      VodPullInputInfo = { InputUrls = {} } }
    assert.are.same({ InputType = "LivePull", LivePullInputInfo = { InputUrl = "http://a/x" } },
      inputs.check({}, input, "MainInput"))
  end)

  it("says what an engine is to pull", function()
    assert.are.same({ url = "http://a/x" }, inputs.engine({}, { InputType = "LivePull",
      LivePullInputInfo = { InputUrl = "http://a/x" } }))
    assert.are.same({ urls = { "http://a/1", "http://a/2" }, loop = 2 },
      inputs.engine({}, vod({ "http://a/1", "http://a/2" }, 2)))
    assert.is_nil(inputs.engine({}, nil))
  end)

  it("shows the members of other kinds as null, and an absent input as null", function()
    local info = inputs.info(vod({ "http://a/1" }, 0))
    assert.are.equal(json.null, info.LivePullInputInfo)
    assert.are.equal(json.null, info.RtmpPushInputInfo)
    assert.are.same({ "http://a/1" }, info.VodPullInputInfo.InputUrls)
    assert.are.equal(json.null, inputs.info(nil))
  end)

  it("knows of kinds that are published to, and gives a copy an input of its own", function()
    inputs.kinds.Fake = { member = "FakeInfo",
      address = function(info)
        return info.made
      end,
      again = function(info)
        return { asked = info.asked }
      end }
    local input = { InputType = "Fake", FakeInfo = { asked = 1, made = "rtmp://here" } }
    assert.are.equal("rtmp://here", inputs.address(input))
    assert.are.same({ InputType = "Fake", FakeInfo = { asked = 1 } }, inputs.again(input))
    inputs.kinds.Fake = nil
    assert.are.equal("", inputs.address(vod { "http://a/1" }))
    assert.are.equal("", inputs.address(nil))
    assert.are.same(vod { "http://a/1" }, inputs.again(vod { "http://a/1" }))
  end)
end)
