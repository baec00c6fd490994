-- SPDX-License-Identifier: MIT
-- HLS whose media sequence starts again: the reader waited for the old numbers until its 10 s of silence were over,
-- and as long again. It opens the playlist anew as soon as it sees that.

local proc = require "spec.support.proc"
local raw_server = require "spec.support.fakes.raw_server"
local relay = require "spec.support.programs.relay"

local STALL_LIMIT = 60 -- seconds: how long a source may be silent is not the subject here
local HEAD = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:%d\n"

describe("an HLS source whose media sequence starts again", function()
  local server

  teardown(function()
    if server then server:stop() end
    proc.cleanup()
  end)

  it("is opened again at once", function()
    local dir = proc.folder()
    local code, _, err = proc.run { "ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i",
      "testsrc2=size=64x64:rate=10", "-t", "6", "-c:v", "libx264", "-preset", "ultrafast", "-g", "10", "-f", "segment",
      "-segment_time", "1", "-segment_format", "mpegts", dir .. "/%d.ts" }
    assert.equal(0, code, err)
    local again = false -- once the last segment of the first numbering was asked for
    server = raw_server.start(function(connection)
      for head in function() return connection:request() end do
        local segment = head:match "^GET /(%d).ts"
        if segment then
          again = again or segment == "2"
          connection:answer(assert(io.open(("%s/%s.ts"):format(dir, segment), "rb")):read "a")
        else
          local first = again and 3 or 0
          connection:answer(HEAD:format(again and 0 or 100) .. ("#EXTINF:1,\n%d.ts\n"):rep(3):format(first, first + 1,
            first + 2), nil, "Content-Type: application/vnd.apple.mpegurl\r\n")
        end
      end
    end)
    local engine, control = relay.control()
    assert(control:request("set", { spec = { stall_limit = STALL_LIMIT,
      inputs = { main = { url = ("http://127.0.0.1:%d/live.m3u8"):format(server.port) } },
      outputs = { { id = "1", name = "", url = "udp://127.0.0.1:9" } } } }))
    local over = control:expect({ event = "input", endpoint = "main", state = "down" }, 30)
    assert.are.equal("source.ended", over.code)
    assert.is_truthy(over.reason:find("the playlist's numbering starts again", 1, true), over.reason)
    proc.eventually("the new numbering to be live", 20, function()
      return control:request("stat").inputs.main.opens >= 2
    end)
    assert(control:request "stop")
    assert.are.equal(0, (engine:wait()))
    control:close()
  end)
end)
