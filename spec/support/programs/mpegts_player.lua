-- SPDX-License-Identifier: MIT
-- mpegts.js, a player of http-flv for browsers, under node: it takes HEVC, AV1, Opus and FLAC of Enhanced RTMP. From
-- npm.

local proc = require "spec.support.proc"

local mpegts_player = {}

local VERSION = "1.8.0"

---@class spec.mpegts_player
---@field video string  path of what it gave to the browser's decoder of pictures: MP4 in fragments
---@field audio string  and of sound: the same, or MP3 as it is
---@field proc spec.proc

--- Starts to play; it ends with the spec.
---@param url string    http-flv
---@param path string   what the files' names begin with
---@return spec.mpegts_player
function mpegts_player.start(url, path)
  local code, out, err = proc.run({ "tools/npm.sh", "--alone", "mpegts.js", VERSION }, { timeout = 300 })
  assert(code == 0, err)
  local player = proc.spawn({ "node", "spec/support/programs/mpegts_player.js", (out:gsub("%s+$", "")), url, path },
    { name = "mpegts.js" })
  return { video = path .. ".video", audio = path .. ".audio", proc = player }
end

--- What it said that it cannot play; nil: nothing yet.
---@param player spec.mpegts_player
---@return string|nil
function mpegts_player.refusal(player)
  return player.proc.out:match "refused: ([^\n]+)\n"
end

-- Enhanced RTMP puts FLAC's signature before the metadata block ("Enhanced Audio", FlacSequenceHeader). mpegts.js 1.8
-- takes those four bytes for the block's head, and writes a configuration with two heads.
local TWO_HEADS = "dfLa\0\0\0\0\x80\0\0\x26\x80\0\0\x22"

--- What it gave to a decoder that none takes, in words; nil: nothing of that kind.
---@param player spec.mpegts_player
---@return string|nil
function mpegts_player.fault(player)
  local file <close> = io.open(player.audio, "rb")
  local head = file and file:read(4096)
  if not head or not head:find(TWO_HEADS, 1, true) then return nil end
  return "FLAC's signature is taken for the head of its metadata block"
end

return mpegts_player
