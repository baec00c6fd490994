-- SPDX-License-Identifier: MIT

local limits = require "cme.api.limits"
local stream_url = require "cme.net.stream_url"

local refused = {
  { "rtmp://h:/live/sekret", "port" },
  { "rtmp://h/sekret/", "ends in '/'" }, { "rtmp://h", "no stream key" }, { "rtmp://h//sekret", "no application" },
  { "", "not a URL" }, { "push.example.com/live/sekret", "rtmps://host/app/name" }, { "rtmp:/h/sekret", "not a URL" },
  { "rtmp://h/se kret", "space" }, { "rtmp://h/sekret\n", "control" }, { "rtmp:///sekret", "no host" },
  { "rtmp://u:sekret@:1935/live", "no host" }, { "rtmp://h:99999/sekret", "port" }, { "rtmp://h:0/sekret", "port" },
  { "rtmp://[::1]:sekret/live", "port" }, { "rtmp://h:19 35/sekret", "space" }, { "rtmp://h:1e3/sekret", "port" },
  { "file:///sekret", "scheme 'file' is not supported" },
  { "http://h/sekret", "scheme 'http' is not supported %(rtmp, rtmps, srt%)" },
  { "rtpm://h/sekret", "scheme 'rtpm' is not supported %(did you mean 'rtmp'%?%)" },
  { "RTPMS://h/sekret", "scheme 'RTPMS' is not supported %(did you mean 'rtmps'%?%)" },
  { "srt://h:9?ffs=sekret", "option 'ffs' in the URL: unknown %(srt takes mode, latency," },
  { "srt://h:9?mode=listener&streamid=sekret", "option 'mode' in the URL: one of caller expected" },
  { "srt://h?streamid=sekret", "no port in the URL %(write it like srt://host:9000%)" },
  { "srt://sekret@[::1]/x", "no port" }, { "srt://h:?streamid=sekret", "no port" },
  -- Near, but no slip of the finger: another protocol.
  { "rtsp://h/sekret", "scheme 'rtsp' is not supported %(rtmp, rtmps, srt%)" },
  { "rtmpt://h/sekret", "scheme 'rtmpt' is not supported %(rtmp, rtmps, srt%)" },
}

describe("cme.net.stream_url", function()
  for i, case in ipairs(refused) do
    it(("tells of URL %d: %s; and shows nothing of it"):format(i, case[2]), function()
      local fact = stream_url.fault(case[1], limits.output_schemes)
      assert.matches(case[2], tostring(fact))
      assert.not_matches("sekret", tostring(fact))
    end)
  end

  it("shows how a URL is written", function()
    assert.are.equal("not a URL (write it like rtmps://host/app/name)",
      tostring(stream_url.fault("h", limits.output_schemes)))
  end)

  it("says that a file is not to be pulled, and what to do instead", function()
    for _, url in ipairs { "file:///tmp/sekret.flv", "FILE://host/sekret.flv" } do
      assert.are.equal("a file cannot be pulled through the API (serve it over http and give that URL)",
        tostring(stream_url.fault(url, limits.input_schemes)))
    end
  end)

  it("takes what an engine can push to", function()
    for _, url in ipairs { "rtmp://h/app/k", "RTMPS://[::1]:443/app/k?x", "rtmp://[::1]/a/k",
      "rtmp://h:65535/a", "srt://h:9000?streamid=x", "rtmp://h/a//k" } do
      assert.is_nil(stream_url.fault(url, limits.output_schemes))
    end
    assert.is_nil(stream_url.fault("https://h/x.flv", limits.input_schemes))
  end)
end)
