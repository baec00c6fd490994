-- SPDX-License-Identifier: MIT
-- Packets of a film by their hashes, in a form that no container changes: pictures of H.264 and HEVC with start codes,
-- without what a container keeps elsewhere or may add (parameter sets, access unit delimiters, filler); AAC without
-- ADTS. FFmpeg reads files; what FFmpeg 5.1 cannot read (Enhanced RTMP) is read here, as FLV tags.

local flv = require "spec.support.proofs.flv"
local proc = require "spec.support.proc"
local sign = require "cme.sign"

local packets = {}

---@class spec.codecs.packets
---@field video string[]  SHA-256 of each picture, in the order of decoding
---@field audio string[]  and of each piece of sound

local SHA256 = ("%x"):rep(64)

-- FFmpeg's filters that bring a codec into that form.
local FILTERS = {
  h264 = "h264_mp4toannexb,filter_units=remove_types=7-9|12",
  hevc = "hevc_mp4toannexb,filter_units=remove_types=32-35|38",
  aac = "aac_adtstoasc",
}

-- The same units, by their types.
local UNITS = {
  h264 = { type = function(unit) return unit:byte() & 31 end, left_out = { [7] = true, [8] = true, [9] = true,
    [12] = true } },
  hevc = { type = function(unit) return unit:byte() >> 1 & 63 end, left_out = { [32] = true, [33] = true, [34] = true,
    [35] = true, [38] = true } },
}

-- Units with lengths become units with start codes; only the first one's has four bytes.
local function with_start_codes(payload, codec)
  local rule, list, at = UNITS[codec], {}, 1
  while at + 4 <= #payload do
    local unit
    unit, at = string.unpack(">s4", payload, at)
    if #unit > 0 and not rule.left_out[rule.type(unit)] then
      list[#list + 1] = (#list == 0 and "\0\0\0\1" or "\0\0\1") .. unit
    end
  end
  return table.concat(list)
end

-- What stands before the media in a tag's body, in bytes; nil: it has no media.
local function video_prefix(body)
  local first, second = body:byte(1, 2)
  if first & 0x80 == 0 then return second == 1 and 5 or nil end
  local kind, codec = first & 15, body:sub(2, 5)
  if kind == 1 then return (codec == "hvc1" or codec == "avc1") and 8 or 5 end
  return kind == 3 and 5 or nil
end

local function audio_prefix(body)
  local first, second = body:byte(1, 2)
  if first >> 4 == 9 then return first & 15 == 1 and 5 or nil end
  if first >> 4 == flv.AAC then return second == 1 and 2 or nil end
  return 1
end

--- The packets of FLV tags.
---@param tags spec.flv.tag[]
---@param codec string of the pictures
---@return spec.codecs.packets
function packets.of_tags(tags, codec)
  local found = { video = {}, audio = {} }
  for _, tag in ipairs(tags) do
    local is_video = tag.type == flv.VIDEO
    local prefix = #tag.data > 5 and tag.type ~= flv.SCRIPT and (is_video and video_prefix or audio_prefix)(tag.data)
    if prefix then
      local payload = tag.data:sub(prefix + 1)
      if is_video and UNITS[codec] then payload = with_start_codes(payload, codec) end
      local list = is_video and found.video or found.audio
      list[#list + 1] = sign.sha256_hex(payload)
    end
  end
  return found
end

--- The packets of a file that FFmpeg reads; a stream that it does not find has none.
---@param path string
---@param video string codecs
---@param audio string
---@return spec.codecs.packets
function packets.of_file(path, video, audio)
  local argv = { "ffmpeg", "-v", "fatal", "-nostdin", "-i", path, "-map", "0:v?", "-map", "0:a?", "-c", "copy" }
  for kind, codec in pairs { v = video, a = audio } do
    if FILTERS[codec] then table.move({ "-bsf:" .. kind, FILTERS[codec] }, 1, 2, #argv + 1, argv) end
  end
  table.move({ "-f", "framehash", "-hash", "sha256", "-" }, 1, 5, #argv + 1, argv)
  local _, out = proc.run(argv, { timeout = 60 })
  local found, kinds = { video = {}, audio = {} }, {}
  for line in out:gmatch "[^\n]+" do
    local stream, kind = line:match "^#media_type (%d+): (%a+)"
    if stream then kinds[stream] = kind end
    local list = found[kinds[line:match "^%d+"]]
    if list then list[#list + 1] = line:match(SHA256) end
  end
  return found
end

-- Where `list` stands in `whole`, one packet after the other, from its packet `first`; the film may begin again.
local function stands_at(list, whole, first)
  for i = 2, #list do
    if list[i] ~= whole[(first + i - 2) % #whole + 1] then return i - 1 end
  end
  return #list
end

--- How many packets from the beginning of `list` are `whole`'s, without one missing, doubled or changed in between.
---@param list string[]
---@param whole string[]
---@return integer
function packets.run_of(list, whole)
  local longest = 0
  for first, hash in ipairs(whole) do
    if hash == list[1] then longest = math.max(longest, stands_at(list, whole, first)) end
  end
  return longest
end

return packets
