-- SPDX-License-Identifier: MIT
-- Whoever answers a pull could have any of libavformat's demuxers and gigabytes of memory. Each of these sources is
-- refused with a reason, and the engine stays small.

local flv = require "spec.support.proofs.flv"
local proc = require "spec.support.proc"
local raw_server = require "spec.support.fakes.raw_server"
local relay = require "spec.support.programs.relay"

local OK = "HTTP/1.1 200 OK\r\nConnection: close\r\n%s\r\n"
local MAX_KB = 150 * 1024
local STALL_LIMIT = 60 -- seconds: how long a source may be silent is not the subject here

local function large_tag()
  return flv.file_header() .. flv.pack(flv.tag(flv.VIDEO, 0, "\x17\1\0\0\0" .. ("x"):rep(15 * 1000 * 1000)))
end

-- What a client is sent: headers, the beginning, and what is repeated behind it until the client has had enough.
local SOURCES = {
  { "FLV with tags of 15 MB", "", large_tag(), nil, "media.too_large", "an FLV tag of 15000005 bytes" },
  { "a playlist that does not end", "", "#EXTM3U\n#EXT-X-TARGETDURATION:2\n", ("#EXTINF:2,\na-name.ts\n"):rep(3000),
    "media.too_large", "a playlist with too many entries" },
  { "a playlist whose lines end in NUL", "", "#EXTM3U\n#EXT-X-TARGETDURATION:2\n",
    ("#EXTINF:2,\0a-name.ts\0"):rep(3000),
    "media.too_large", "a playlist with too many entries" },
  { "a playlist of variants", "", "#EXTM3U\n", ("#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8\n"):rep(3000),
    "media.too_large", "a playlist with too many entries" },
  { "a compressed playlist", "Content-Encoding: gzip\r\n", "\x1f\x8b\8\0\0\0\0\0\0\3", nil, "media.unsupported",
    "the server compresses its answer" },
  { "a list that names itself", "", "ffconcat version 1.0\nfile x\n", nil, "media.unsupported",
    "a format or protocol that no source of this kind may have" },
  { "a still picture", "", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x4e\x20\0\0\x4e\x20\8\2\0\0\0", "\0", "media.unsupported",
    "a format or protocol that no source of this kind may have" },
}

describe("a source that means harm:", function()
  local servers = {}

  teardown(function()
    for _, server in ipairs(servers) do server:stop() end
    proc.cleanup()
  end)

  local function serve(source)
    local server = raw_server.start(function(connection)
      if not connection:request() then return end
      connection:write(OK:format(source[2]) .. source[3])
      for _ = 1, source[4] and 2000 or 0 do
        connection:write(source[4])
        connection:pause(0.001)
        if connection.ended then return end
      end
    end)
    servers[#servers + 1] = server
    return ("http://127.0.0.1:%d/x"):format(server.port)
  end

  local function peak_kb(engine)
    local file <close> = assert(io.open(("/proc/%d/status"):format(engine.pid)))
    return tonumber(file:read("a"):match "VmHWM:%s*(%d+)")
  end

  for _, source in ipairs(SOURCES) do
    it(source[1], function()
      local engine, control = relay.control()
      assert(control:request("set", { spec = { stall_limit = STALL_LIMIT, inputs = { main = { url = serve(source) } },
        outputs = { { id = "1", name = "", url = "udp://127.0.0.1:9" } } } }))
      local down = control:expect { event = "input", endpoint = "main", state = "down" }
      assert.are.equal(source[5], down.code)
      assert.is_truthy(down.reason:find(source[6], 1, true), down.reason)
      if not (os.getenv "CME_BUILD" or ""):find "san" then -- sanitizers keep what was freed
        assert.is_true(peak_kb(engine) < MAX_KB, peak_kb(engine))
      end
      assert(control:request "stop")
      assert.are.equal(0, (engine:wait()))
      control:close()
    end)
  end
end)
