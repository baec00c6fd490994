-- SPDX-License-Identifier: MIT

local cjson = require "cjson"
local cli = require "spec.support.cli"
local platforms = require "cme.platforms"

describe("cme platforms", function()
  it("lists all of them, without a service", function()
    local ran = cli.run { "platforms" }
    assert.are.same({ 0, "", 0 }, { ran.code, ran.err, #ran.asked })
    assert.matches("^NAME +PLATFORM +SERVER\nyoutube +YouTube +rtmps://a%.rtmps%.youtube%.com:443/live2\n", ran.out)
    for _, name in ipairs(platforms.names()) do assert.truthy(ran.out:find("\n" .. name .. " ", 1, true), name) end
    assert.are.equal(#platforms.names(), #cjson.decode(cli.run({ "platforms", "--json" }).out))
  end)

  it("says what is known of one, with its pages, in the reader's language", function()
    local ran = cli.run { "platforms", "facebook" }
    assert.matches("^Facebook\n", ran.out)
    assert.matches("\nKeyframe interval +4 s at most, 2 s recommended", ran.out)
    assert.matches("\nSource +https://developers.facebook.com/%S+ %(read on %d%d%d%d%-%d%d%-%d%d%)", ran.out)
    ran = cli.run({ "platforms", "快手" }, { env = { LANG = "zh_CN.UTF-8" } })
    assert.matches("^快手", ran.out)
    assert.matches("推流地址只能开播一次", ran.out)
    assert.matches("Source +none: no public page could be read", cli.run({ "platforms", "douyin" }).out)
  end)

  it("writes JSON with whole addresses, which have no keys in them", function()
    local known = cjson.decode(cli.run({ "platforms", "twitch", "--json" }).out)
    assert.are.same({ "twitch", "rtmps://ingest.global-contribute.live-video.net/app", { "h264" }, 2 },
      { known.name, known.servers[1][1], known.limits.video, known.limits.keyframes.recommended })
    assert.matches("^https://dev.twitch.tv/docs/video%-broadcast$", known.pages[1][1])
  end)

  it("names the nearest one of a name that there is not", function()
    local ran = cli.run { "platforms", "yotube" }
    assert.are.same({ 2, "cme platforms: unknown platform (did you mean 'youtube'?)\n" },
      { ran.code, ran.err })
    ran = cli.run({ "platforms", "yotube" }, { env = { LANG = "zh_CN.UTF-8" } })
    assert.matches("未知的平台", ran.err)
  end)
end)
