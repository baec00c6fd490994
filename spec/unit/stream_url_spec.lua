-- SPDX-License-Identifier: MIT

local limits = require "cme.limits"
local stream_url = require "cme.stream_url"

local refused = {
  { "", "not a URL" }, { "push.example.com/live/sekret", "rtmps://host/app/name" }, { "rtmp:/h/sekret", "not a URL" },
  { "rtmp://h/se kret", "space" }, { "rtmp://h/sekret\n", "control" }, { "rtmp:///sekret", "no host" },
  { "rtmp://u:sekret@:1935/live", "no host" }, { "file:///sekret", "no host" },
  { "http://h/sekret", "scheme 'http' is not supported %(rtmp, rtmps, srt%)" },
}

describe("cme.stream_url", function()
  for _, case in ipairs(refused) do
    it(("says what is wrong with %q, and shows nothing of it"):format(case[1]), function()
      local fact = stream_url.fault(case[1], limits.output_schemes)
      assert.matches(case[2], fact)
      assert.not_matches("sekret", fact)
    end)
  end

  it("takes what an engine can push to", function()
    for _, url in ipairs { "rtmp://h/app/k", "RTMPS://[::1]:443/app/k?x", "srt://h:9000?id=x", "rtmp://u:p@h/a" } do
      assert.is_nil(stream_url.fault(url, limits.output_schemes))
    end
    assert.is_nil(stream_url.fault("https://h/x.flv", limits.input_schemes))
  end)
end)
