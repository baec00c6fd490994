-- SPDX-License-Identifier: MIT
-- How codecs and protocols are written. Pure.

local words = {}

local WRITTEN = { h264 = "H.264", hevc = "H.265", av1 = "AV1", vp9 = "VP9", aac = "AAC", mp3 = "MP3", opus = "Opus",
  rtmp = "RTMP", rtmps = "RTMPS" }

--- How one is written.
---@param name string|number "hevc"
---@return string|number
function words.of(name)
  return WRITTEN[name] or name
end

--- How all of a list are written.
---@param list (string|number)[]
---@return string
function words.all(list)
  local written = {}
  for i, name in ipairs(list) do written[i] = words.of(name) end
  return table.concat(written, ", ")
end

return words
