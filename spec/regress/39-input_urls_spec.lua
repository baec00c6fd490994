-- SPDX-License-Identifier: MIT
-- The service and the client took "srt://...?mode=listener" as an input; and the playout could open protocols that the
-- engine could not, and the other way round.

local codes = require "cme.codes"
local limits = require "cme.api.limits"
local stream_url = require "cme.net.stream_url"
local arguments = require "cme.playout.arguments"

local LISTENER = "mode=listener waits for any caller (give the address of an SRT sender)"

describe("the URL of an input", function()
  it("is no SRT listener", function()
    for _, url in ipairs {
      "srt://:9000?mode=listener", "SRT://h:9?latency=1&mode=listener", "srt://h:9?mode=rendezvous",
      "srt://h:9?mode=caller&mode=listener", "srt://h:9?mode=" } do
      assert.are.equal(LISTENER, codes.say(stream_url.fault(url, limits.input_schemes)))
    end
    for _, url in ipairs {
      "srt://h:9", "srt://h:9?mode=caller", "srt://h:9?streamid=xmode=listener", "http://h/x?mode=listener" } do
      assert.is_nil(stream_url.fault(url, limits.input_schemes))
    end
    local output = stream_url.fault("srt://h:9000?mode=listener", limits.output_schemes)
    assert.are.equal("option 'mode' in the URL: one of caller expected", codes.say(output))
  end)

  it("is judged by LuaJIT as well, whose patterns end at a NUL", function()
    local script = [[
      local stream_url, limits = require "cme.net.stream_url", require "cme.api.limits"
      assert(stream_url.fault("srt://h:9?latency=1&mode=listener", limits.input_schemes))
      assert(not stream_url.fault("srt://h:9?streamid=xmode=listener", limits.input_schemes))
      assert(not stream_url.fault("srt://h:9", limits.input_schemes))
      print "judged"
    ]]
    local command = ("LUA_PATH='./lua/?.lua;;' LUA_CPATH='%s/lib/lua/5.1/?.so;;' luajit -e '%s' 2>&1"):format(
      require "spec.support.paths".build, script)
    local pipe = assert(io.popen(command))
    local said = pipe:read "a"
    pipe:close()
    assert.are.equal("judged\n", said)
  end)

  -- Both name the same lists: those of cme-pull are read in its source. It passes FLV on, without a demuxer.
  it("opens the same protocols and containers in cme-pull and in the playout", function()
    local source = assert(io.open "src/pull/kind.c"):read "a"
    local macros = { HTTP = "http", HTTPS = "https" }
    for macro, scheme in pairs(macros) do
      local argv = table.concat(arguments.probe { url = scheme .. "://h/x" }, " ")
      assert.are.equal(source:match("#define " .. macro .. "%s+\"([^\"]+)\""), argv:match "%-protocol_whitelist (%S+)")
    end
    local containers = source:match '#define CONTAINERS[%s\\]+"([^"]+)"'
    local played = table.concat(arguments.probe { path = "/x" }, " "):match "%-format_whitelist (%S+)"
    assert.are.equal(containers, (played:gsub("flv,live_flv,", "")))
    for scheme, own in pairs { rtmp = "rtmp,tcp" } do
      local argv = table.concat(arguments.probe { url = scheme .. "://h/x" }, " ")
      assert.are.equal(own, argv:match "%-protocol_whitelist (%S+)")
      assert.are.equal("flv,live_flv", argv:match "%-format_whitelist (%S+)")
    end
  end)
end)
