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

return mpegts_player
