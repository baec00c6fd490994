-- SPDX-License-Identifier: MIT
-- What those do to cme-edge who mean ill, by name: attacks of who has no key, and of who has one.

local encoder = require "spec.support.fakes.encoder"

local strangers = {}

local CHUNK = 60000 -- bytes, as an opening sets it
local VIDEO, SCRIPT = 9, 18
local MB = 1024 * 1024

local hello = encoder.handshake .. encoder.command("connect", 1, { app = "output" })
local metadata = encoder.message(4, SCRIPT, "\2\0\10onMetaData\8\255\255\255\255" .. ("\0\1a\1\1"):rep(700))

--- Without a key. Each gets the connection of one stranger.
---@type table<string, fun(one: spec.encoder)>
strangers.attacks = {
  ["half a handshake"] = function(one) one:send(encoder.handshake:sub(1, 1000)) end,
  ["a handshake alone"] = function(one) one:send(encoder.handshake) end,
  ["bytes of another protocol"] = function(one) one:send "GET / HTTP/1.1\r\nHost: a\r\n\r\n" end,
  ["metadata without end"] = function(one) one:send(hello .. metadata:rep(200)) end,
  ["chunk streams without end"] = function(one)
    local parts = { hello }
    for csid = 3, 63 do parts[#parts + 1] = encoder.message(csid, SCRIPT, ("x"):rep(4000)):sub(1, 140) end
    one:send(table.concat(parts))
  end,
  ["a message of 16 MB"] = function(one)
    one:send(hello .. "\4\0\0\0\255\255\255\9\1\0\0\0" .. ("x"):rep(100000))
  end,
  ["a chunk size of 2 GB"] = function(one)
    one:send(hello .. encoder.message(2, 1, "\127\255\255\255") .. "\4\0\0\0\0\15\255\18\1\0\0\0" ..
      ("x"):rep(100000))
  end,
  ["commands that nest"] = function(one)
    one:send(hello .. encoder.message(3, 20, ("\3\0\1a"):rep(900)))
  end,
  ["answers that nobody reads"] = function(one)
    one.socket:read_stop()
    one:send(hello .. encoder.command("createStream", 4, encoder.null):rep(2000))
  end,
  ["keys that are guessed"] = function(one)
    one:send(hello .. encoder.command("publish", 5, encoder.null, ("k"):rep(3000)))
  end,
  ["a publish without a connect"] = function(one)
    one:send(encoder.handshake .. encoder.command("publish", 5, encoder.null, "hush-good"))
  end,
}

--- With a key, behind the opening: what is sent again and again, and whether the edge hangs up on it.
---@type table<string, { bytes: (fun(): string), ends: boolean|nil }>
strangers.insiders = {
  ["metadata without end"] = { bytes = function()
    return encoder.message(4, SCRIPT, "\2\0\10onMetaData" .. ("x"):rep(60000), 0, CHUNK):rep(4)
  end },
  ["keyframes of 4 MB"] = { bytes = function()
    return encoder.message(4, VIDEO, "\x17\1\0\0\0" .. ("x"):rep(4 * MB), 0, CHUNK)
  end },
  ["headers of 6 MB in sixteen places"] = { bytes = function()
    local parts = {}
    for track = 0, 15 do
      parts[#parts + 1] = encoder.message(4, VIDEO, "\x96\0hvc1" .. string.char(track) .. ("x"):rep(6 * MB), 0, CHUNK)
    end
    return table.concat(parts)
  end },
  ["messages of one byte"] = { bytes = function() return encoder.message(4, VIDEO, "\x27", 0, CHUNK):rep(20000) end },
  ["messages of nothing"] = { bytes = function() return encoder.message(4, VIDEO, "", 0, CHUNK):rep(20000) end },
  ["chunks of one byte"] = { bytes = function()
    return encoder.message(2, 1, string.pack(">I4", 1), 0, CHUNK) ..
      encoder.message(4, VIDEO, "\x27\1\0\0\0" .. ("x"):rep(50000), 0, 1) ..
      encoder.message(2, 1, string.pack(">I4", CHUNK), 0, 1)
  end },
  ["aggregates of empty tags"] = { bytes = function()
    return encoder.message(4, 22, string.pack(">BI3I3BI3I4", VIDEO, 0, 0, 0, 0, 11):rep(4000), 0, CHUNK)
  end },
  ["many chunk streams"] = { ends = true, bytes = function()
    local parts = {}
    for csid = 3, 63 do parts[#parts + 1] = encoder.message(csid, VIDEO, "\x27\1\0\0\0", 0, CHUNK) end
    return table.concat(parts)
  end },
  ["huge messages that are not finished"] = { ends = true, bytes = function()
    local half, parts = 4 * MB, {}
    for csid = 4, 8 do
      parts[#parts + 1] = encoder.message(csid, VIDEO, ("x"):rep(2 * half), 0, half):sub(1, 12 + half)
    end
    return encoder.message(2, 1, string.pack(">I4", half), 0, CHUNK) .. table.concat(parts)
  end },
}

return strangers
