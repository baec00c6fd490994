-- SPDX-License-Identifier: MIT
-- Peers that mean harm: sources by RTMP and HTTP and destinations by RTMP, each of which sends much more of what a
-- careless reader would keep, follow or wait for than it may have. Data, but for the generators; they run in the spec's
-- own luv loop.

local flv = require "spec.support.proofs.flv"
local raw_server = require "spec.support.fakes.raw_server"
local rtmp_server = require "spec.support.fakes.rtmp_server"

local hostile_peers = {}

local ROOM = 1 << 20 -- bytes that wait for the peer, at most
local PAUSE = 0.005  -- seconds between two looks
local ENOUGH = 48 << 20 -- bytes to one client; then nothing comes any more
local LARGE = 65536  -- a chunk
local COMMAND, SET_CHUNK_SIZE, USER_CONTROL, WINDOW, BANDWIDTH = 20, 1, 4, 5, 6

-- A message in chunks of this size, on a chunk stream below 64.
local function message(stream, type, body, size, timestamp)
  local parts = { string.pack(">BI3I3B<I4", stream, timestamp or 0, #body, type, 1) }
  for at = 1, math.max(#body, 1), size do
    if at > 1 then parts[#parts + 1] = string.char(0xc0 | stream) end
    parts[#parts + 1] = body:sub(at, at + size - 1)
  end
  return table.concat(parts)
end

local function chunk_size(size) return message(2, SET_CHUNK_SIZE, string.pack(">I4", size), 128) end

local function amf_string(text) return "\2" .. string.pack(">s2", text) end

local function command(name, rest) return amf_string(name) .. "\0" .. string.pack(">d", 0) .. rest end

-- Sends what `next_bytes(n)` gives, for as long as the peer is there; nil is the end.
local function pump(connection, next_bytes)
  local n, sent = 0, 0
  while not connection.ended and not connection.socket:is_closing() do
    connection.input = "" -- which nobody reads
    if sent > ENOUGH then return connection:stall() end
    if connection.socket:get_write_queue_size() < ROOM then
      local bytes = next_bytes(n)
      if not bytes then return end
      connection:write(bytes)
      n, sent = n + 1, sent + #bytes
    end
    connection:pause(PAUSE)
  end
end

-- The same at each run (xorshift).
local function noise(state)
  local list = {}
  for i = 1, LARGE // 8 do
    state = state ~ state << 13
    state = state ~ state >> 7
    state = state ~ state << 17
    list[i] = string.pack("<i8", state)
  end
  return table.concat(list)
end

local NOISE = noise(88172645463325252)
local SOUND = noise(5731221955116141445) -- libavformat takes it for MP3

-- ---- RTMP

local SETS = "\23\0\0\0\0\1\x42\xc0\x0d\xff\xe1"
local PICTURE = "\23\1\0\0\0\0\0\0\4\x65\x88ab"
local TIMES = { 0, 0xffffff, 0xffffffff, 0x80000000, 7 }

-- Each is a function of how often it was asked.
local SAID = {
  ["600 messages at once, none of which ends"] = function(n)
    local id = n % 600
    return (n == 0 and chunk_size(LARGE) or "")
      .. string.pack("<BI2", n < 600 and 1 or 0xc1, id) .. (n < 600 and "\0\0\0\xff\xff\xff\9\1\0\0\0" or "")
      .. "\23\1\0\0\0" .. ("x"):rep(LARGE - 5)
  end,
  ["pictures of 15 MB"] = function(n)
    return (n == 0 and chunk_size(16000000) or "")
      .. message(6, flv.VIDEO, "\23\1\0\0\0" .. ("x"):rep(15000000), 16000000, n * 40)
  end,
  ["times that jump"] = function(n)
    local time = TIMES[n % #TIMES + 1]
    local head = string.pack(">BI3I3B<I4", 6, math.min(time, 0xffffff), #PICTURE, flv.VIDEO, 1)
    return (n == 0 and message(6, flv.VIDEO, SETS .. "\0\4\x67\x42\xc0\x0d\1\0\4\x68\xce\x3c\x80", 128) or "")
      .. head .. (time >= 0xffffff and string.pack(">I4", time) or "") .. PICTURE
  end,
  ["metadata that is 5000 objects deep"] = function(n)
    return (n == 0 and chunk_size(LARGE) or "")
      .. message(6, flv.SCRIPT, amf_string "onMetaData" .. ("\3\0\1a"):rep(5000), LARGE)
  end,
  ["metadata of 20000 members"] = function(n)
    return (n == 0 and chunk_size(LARGE) or "") .. message(6, flv.SCRIPT, amf_string "onMetaData"
      .. "\8\xff\xff\xff\xff" .. ("\0\8somename" .. amf_string(("v"):rep(50))):rep(20000) .. "\0\0\9", LARGE)
  end,
  ["a new configuration of 60 KB with every picture"] = function(n)
    return (n == 0 and chunk_size(16000000) or "")
      .. message(6, flv.VIDEO, SETS .. string.pack(">s2", NOISE:sub(1, 60000)) .. "\1\0\4\x68\xce\x3c\x80", 16000000, n)
      .. message(6, flv.VIDEO, PICTURE, 16000000, n)
  end,
  ["noise"] = function() return NOISE end,
  ["sizes of chunks"] = function(n)
    return message(2, SET_CHUNK_SIZE, string.pack(">I4", ({ 0, 1, 0x7fffffff, 0xffffffff })[n % 4 + 1]), 128)
  end,
  ["answers to nothing"] = function()
    return message(3, COMMAND, command("_result", ("\3"):rep(3000)), 128):rep(20)
  end,
  ["65535 chunk streams"] = function(n)
    return string.pack("<BI2", 1, n % 65535) .. "\0\0\0\0\xff\xff\20\0\0\0\0" .. ("\2"):rep(128)
  end,
  ["statuses without end"] = function(n)
    return (n == 0 and chunk_size(LARGE) or "")
      .. message(3, COMMAND, command("onStatus", "\5\3" .. ("\0\1a\3"):rep(15000)), LARGE)
  end,
  ["pings"] = function(n) return message(2, USER_CONTROL, string.pack(">I2I4", 6, n), 128):rep(500) end,
  ["windows of one byte"] = function()
    return (message(2, WINDOW, "\0\0\0\1", 128) .. message(2, BANDWIDTH, "\0\0\0\1\2", 128)):rep(200)
  end,
}

-- And what becomes of each: the code of an input that is down; nil: it is live. Those marked are ten seconds in coming.
local OF_SOURCES = {
  { "600 messages at once, none of which ends", "media.too_large" }, { "pictures of 15 MB", "media.too_large" },
  { "noise", "network.protocol" }, { "sizes of chunks", "network.protocol" },
  { "answers to nothing", "network.protocol" }, { "times that jump", nil },
  { "metadata that is 5000 objects deep", "network.timeout", slow = true },
  { "metadata of 20000 members", "network.timeout", slow = true },
  { "a new configuration of 60 KB with every picture", "network.timeout", slow = true },
}
local OF_DESTINATIONS = { "65535 chunk streams", "600 messages at once, none of which ends", "statuses without end",
  "pings", "windows of one byte", "answers to nothing", "noise", "sizes of chunks" }

-- ---- HTTP

local FLV = flv.file_header()

local function numbered(format, count)
  return function(n)
    local lines = {}
    for i = 1, count do lines[i] = format:format(n * count + i, n * count + i) end
    return table.concat(lines)
  end
end

local function stray_packets(payload)
  return function(n)
    local list = {}
    for i = 1, 300 do
      local id = (n * 300 + i) * 4099 % 8191
      list[i] = string.pack(">BI2B", 0x47, 0x4000 | id, 0x10 | i % 16) .. "\0\0\1\xe0\0\0\x80\0\0"
        .. payload:sub(i, i + 174)
    end
    return table.concat(list)
  end
end

-- The first bytes after the head of the answer (false: the head does not end), and what follows.
---@type table<string, { [1]: string|false, [2]: fun(n: integer): string|nil, code: string }>
local BODIES = {
  ["FLV with tags of 15 MB"] = { code = "media.too_large", FLV, function(n)
    return flv.pack(flv.tag(flv.VIDEO, n, "\23\1\0\0\0" .. ("x"):rep(15000000)))
  end },
  ["FLV with small tags"] = { code = "media.unsupported", FLV, function(n)
    return flv.pack(flv.tag(flv.VIDEO, n, "\23\1\0\0\0abc")):rep(2000)
  end },
  ["headers without end"] = { code = "network.connect", false, function(n)
    return ("X-A%d: %s\r\n"):format(n, ("b"):rep(4000))
  end },
  ["a header without end"] = { code = "media.too_large", false, function(n)
    return n == 0 and "X-A: " or ("b"):rep(LARGE)
  end },
  ["a playlist without end"] = { code = "media.too_large", "#EXTM3U\n#EXT-X-TARGETDURATION:2\n", function()
    return ("#EXTINF:2,\nsegment-of-a-long-name.ts\n"):rep(1500)
  end },
  ["a playlist of maps"] = { code = "media.too_large", "#EXTM3U\n#EXT-X-TARGETDURATION:2\n",
    numbered('#EXT-X-MAP:URI="m%d.mp4"\n#EXTINF:2,\ns%d.ts\n', 500) },
  ["a playlist of variants"] = { code = "media.too_large", "#EXTM3U\n",
    numbered("#EXT-X-STREAM-INF:BANDWIDTH=%d\nv%d.m3u8\n", 500) },
  ["zeros"] = { code = "media.unsupported", "", function() return ("\0"):rep(LARGE) end },
  ["noise"] = { code = "media.unsupported", "", function() return NOISE end },
  ["a transport stream of 8191 programmes"] = { code = "media.unsupported", "", stray_packets(NOISE) },
  ["a transport stream of 8191 programmes of sound"] = { code = "media.too_large", "", stray_packets(SOUND) },
  ["a list that names itself"] = { code = "media.unsupported", "ffconcat version 1.0\nfile x\n",
    function() return nil end },
  ["a manifest that names itself"] = { code = "media.unsupported",
    '<?xml version="1.0"?><MPD type="static"><Period><AdaptationSet>'
    .. ('<Representation bandwidth="1"><BaseURL>self.mpd</BaseURL></Representation>'):rep(1000)
    .. "</AdaptationSet></Period></MPD>", function() return nil end },
}

-- ---- servers

local function rtmp(name)
  return rtmp_server.start { on_play = function(peer) pump(peer.connection, SAID[name]) end }
end

local function http(body)
  return raw_server.start(function(connection)
    if not connection:request() then return end
    connection:write("HTTP/1.1 200 OK\r\n" .. (body[1] and "Connection: close\r\n\r\n" .. body[1] or ""))
    pump(connection, body[2])
  end)
end

---@class spec.hostile_peer
---@field name string
---@field url string
---@field code string|nil   of the input that it is; nil: that is live
---@field slow boolean|nil  it takes ten seconds to be known
---@field server { stop: fun(self) }

--- All sources that mean harm, each on a port of its own.
---@return spec.hostile_peer[]
function hostile_peers.sources()
  local list = {}
  for _, one in ipairs(OF_SOURCES) do
    local server = rtmp(one[1])
    list[#list + 1] = { name = "RTMP: " .. one[1], url = server:url "live/hush", code = one[2], slow = one.slow,
      server = server }
  end
  for name, body in pairs(BODIES) do
    local server = http(body)
    local url = ("http://127.0.0.1:%d/x"):format(server.port)
    list[#list + 1] = { name = "HTTP: " .. name, url = url, code = body.code, server = server }
  end
  return list
end

--- All destinations that mean harm: each takes the publish, and then says what it says. One says nothing and reads
--- nothing.
---@return spec.hostile_peer[]
function hostile_peers.destinations()
  local list = {}
  for _, name in ipairs(OF_DESTINATIONS) do
    local server = rtmp_server.start { on_publish = function(peer) pump(peer.connection, SAID[name]) end }
    list[#list + 1] = { name = name, url = server:url "live/hush", server = server }
  end
  local deaf = raw_server.start(function(connection)
    connection.socket:read_stop()
    connection:stall()
  end)
  list[#list + 1] = { name = "silence", url = ("rtmp://127.0.0.1:%d/live/hush"):format(deaf.port), server = deaf }
  return list
end

return hostile_peers
