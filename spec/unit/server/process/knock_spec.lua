-- SPDX-License-Identifier: MIT

local knock = require "cme.server.process.knock"

describe("cme.server.process.knock", function()
  it("takes scheme, host and port out of a URL, and nothing else", function()
    for url, want in pairs {
      ["rtmp://h/live/key"] = { scheme = "rtmp", host = "h", port = 1935 },
      ["RTMPS://user:pw@H.example/live/key"] = { scheme = "rtmps", host = "H.example", port = 443 },
      ["rtmp://[::1]:1936/live/key?a=b"] = { scheme = "rtmp", host = "::1", port = 1936 },
      ["srt://h:9000?streamid=x"] = { scheme = "srt", host = "h", port = 9000 },
    } do
      assert.are.same(want, knock.target(url))
    end
    for _, url in ipairs { "", "x", "srt://h", "rtmp://", "rtmp://h:0/a", "rtmp://h:70000/a", "rtmp://h:x/a" } do
      assert.is_nil(knock.target(url), url)
    end
  end)
end)
