-- SPDX-License-Identifier: MIT

local addresses = require "cme.cli.look.addresses"
local cli = require "spec.support.cli"
local context = require "cme.cli.context"
local fake = require "spec.support.fakes.fake"

local SHOW = [[return { stop_at = "2030-01-01T00:00:00Z", project = { name = "gala", owner = "me", input = "rtmp://h/s",
  outputs = { { name = "a", url = "rtmp://h/a/hush", watch = "https://h/a.flv?hush" }, "rtmp://h/b/hush" } } }]]
local WATCHED = [["Status":"Working","OutputSet":[
  {"StreamConnectOutput":{"Id":"1","Name":"b","PushUrl":"rtmp://h/b/hush","Watch":"rtmp://h/b/w"},"PushSwitch":"On"},
  {"StreamConnectOutput":{"Id":"2","Name":"c","PushUrl":"rtmp://h/c/hush"},"PushSwitch":"On"}] ]]

describe("cme.cli.look.addresses", function()
  local function take(options, ...)
    local env = { TENCENTCLOUD_SECRET_ID = fake.SECRET_ID, TENCENTCLOUD_SECRET_KEY = fake.SECRET_KEY,
      CME_ENDPOINT = "http://127.0.0.1:8156", CME_PLATFORM = "test", CME_METADATA = "off" }
    local files = fake.system(env, options.files)
    local system = { getenv = files.getenv, open = files.open, now = function() return fake.NOW end,
      transport = fake.transport(table.unpack(options.answers or {})) }
    return addresses.take(context.new({}, "look", system, "en"), { ... })
  end

  it("are addresses and media files as they are written", function()
    assert.same({ { url = "rtmp://h/a/hush", name = "rtmp://h/a/***" }, { url = "/x/film.flv", name = "/x/film.flv" },
      { url = "film.mp4", name = "film.mp4" } },
      take({ files = { ["film.mp4"] = "x" } }, "rtmp://h/a/hush", "/x/film.flv", "film.mp4"))
  end)

  it("have their numbers where they look the same", function()
    local names = {}
    for i, one in ipairs(take({}, "rtmp://h/a/hush", "rtmp://h/b/hush", "rtmp://h/a/sush")) do names[i] = one.name end
    assert.same({ "rtmp://h/a/*** #0", "rtmp://h/b/***", "rtmp://h/a/*** #2" }, names)
  end)

  it("are the outputs of a show file that say where they are watched, without asking anybody", function()
    assert.same({ { url = "https://h/a.flv?hush", name = "a", output = "a" } },
      take({ files = { ["gala.lua"] = SHOW }, answers = {} }, "gala.lua"))
  end)

  it("are those of a project of the service", function()
    assert.same({ { url = "rtmp://h/b/w", name = "b", output = "b" } },
      take({ answers = { cli.described(WATCHED), cli.described(WATCHED) } }, cli.ID))
  end)

  it("are none of a project that says nothing of viewers", function()
    local list, message, detail = take({ files = { ["gala.lua"] = SHOW:gsub("watch = [^}]*", "") } }, "gala.lua")
    assert.is_nil(list)
    assert.equal("invalid.no_watch", detail.code)
    assert.matches("gala.lua", message, 1, true)
  end)

  it("are at most 32", function()
    local words = {}
    for i = 1, 33 do words[i] = "rtmp://h/a/" .. i end
    assert.equal("invalid.usage", select(3, take({}, table.unpack(words))).code)
  end)
end)
