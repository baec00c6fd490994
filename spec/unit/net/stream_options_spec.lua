-- SPDX-License-Identifier: MIT

local limits = require "cme.api.limits"
local stream_options = require "cme.net.stream_options"
local stream_url = require "cme.net.stream_url"

local function fact(url) return tostring(stream_url.fault(url, limits.input_schemes)) end

describe("cme.net.stream_options", function()
  it("takes what cme-pull takes", function()
    for _, url in ipairs { "srt://h:9?latency=200000&passphrase=sekret%20sekret&pbkeylen=32&streamid=%23!::r=live/a",
      "srt://h:9?mode=caller&connect_timeout=3000&tlpktdrop=0&transtype=live&pkt_size=1316&srt_streamid=x",
      "rtsp://u:p@h/cam", "rtsp://h/cam?channel=1&subtype=0&rtsp_transport=udp", "RTSP://h/cam?RTSP&x",
      "udp://239.1.1.1:5000?localaddr=10.0.0.1&sources=10.0.0.2,fe80::1&buffer_size=1048576",
      "udp://0.0.0.0:5000", "rtp://h:5004?sources=10.0.0.2", "https://h/x?foo=1&latency=5" } do
      assert.is_nil(stream_url.fault(url, limits.input_schemes), url)
    end
  end)

  it("says what is wrong with an option, and shows no value", function()
    for url, expected in pairs {
      ["srt://h:9?latncy=sekret"] = "option 'latncy' in the URL: unknown %(srt takes mode, latency,",
      ["srt://h:9?latency=200"] = "option 'latency' in the URL: 10000 to 60000000 microseconds expected",
      ["srt://h:9?latency=2e5"] = "10000 to 60000000", ["srt://h:9?passphrase=sekret"] = "10 to 79 characters expected",
      ["srt://h:9?passphrase=%73%73%73sekre"] = "10 to 79", ["srt://h:9?pbkeylen=16,24"] = "one of 16,24,32 expected",
      ["srt://h:9?pbkeylen="] = "one of 16,24,32", ["srt://h:9?sekretsekret"] = "no option %(name=value%)",
      ["srt://h:9?Sekret=1"] = "no option", ["srt://h:9?" .. ("x"):rep(32) .. "=1"] = "no option",
      ["rtsp://h/cam?rtsp_transport=http"] = "one of tcp,udp,udp_multicast expected",
      ["rtsp://h/cam?x=1&rtsp_flags=listen"] = "option 'rtsp_flags' in the URL: unknown %(rtsp takes rtsp_transport%)",
      ["udp://h:9?localaddr=eth0"] = "IP addresses expected", ["udp://h:9?sources="] = "IP addresses expected",
      ["udp://h:9?fifo_size=9"] = "unknown %(udp takes localaddr, sources, buffer_size%)",
      ["rtp://h:9?buffer_size=99999"] = "unknown %(rtp takes localaddr, sources%)" } do
      assert.matches(expected, fact(url))
      assert.not_matches("[sS]ekret", fact(url))
    end
  end)

  it("is the twin of src/av/options.c", function()
    local rows, count = {}, 0
    for row in assert(io.open "src/av/options.c"):read("a"):match("options%[%] = {(.-)\n};"):gmatch "{([^}]+)}" do
      local scheme, name, form, words, min, max = row:match '"(%w+)", "([%w_]+)", (%u+), (.-), (%d+), (%d+)'
      rows[#rows + 1] = { scheme, name, form, words, tonumber(min), tonumber(max) }
    end
    local at = {}
    for _, row in ipairs(rows) do
      local scheme = row[1]
      at[scheme] = (at[scheme] or 0) + 1
      local option = assert(stream_options.known[scheme][at[scheme]], row[2])
      assert.are.same({ scheme, option.name, option.form:upper(), option.words and '"' .. option.words .. '"' or "NULL",
        option.min or 0, option.max or 0 }, row)
      count = count + 1
    end
    for _, list in pairs(stream_options.known) do count = count - #list end
    assert.are.equal(0, count)
  end)
end)
