-- SPDX-License-Identifier: MIT
-- What is known of a platform, in words: for `cme platforms` and the pages of docs/. Pure.

local codes = require "cme.codes"
local words = require "cme.platforms.words"

local facts = {}

---@class cme.platforms.fact
---@field label string
---@field value string
---@field from cme.platform.from|nil nil: it follows from the others

local COLUMN = { en = 1, zh = 2 }

-- What of a picture a row of bitrates is for.
local function picture_of(row, say)
  if not row.height then return say "platform.value:any" end
  local picture = ("%dp"):format(row.height) .. (row.fps and ("%d"):format(row.fps) or "")
  return row.codecs and picture .. " " .. words.all(row.codecs) or picture
end

local function bitrate(row, say)
  return say(row.least and "platform.value:range" or row.most and "platform.value:most" or "platform.value:recommended",
    { picture = picture_of(row, say), least = row.least, most = row.most, recommended = row.recommended })
end

local function list(limit)
  return words.all(limit)
end

-- A value that is one sentence, filled with the limit's members.
local function sentence(name)
  return function(limit, say) return say(name, limit) end
end

-- The limits in their order, and how each is said.
local LIMITS = {
  { "protocols", list },
  { "video", list },
  { "audio", list },
  { "sound", sentence "platform.value:required" },
  { "size", sentence "platform.value:size" },
  { "fps", sentence "platform.value:fps" },
  { "keyframes", function(limit, say)
    return say(limit.most and "platform.value:keyframes_most" or "platform.value:keyframes", limit)
  end },
  { "bitrates" }, -- one fact a row
  { "audio_bitrate", sentence "platform.value:kbps" },
  { "sample_rates", function(limit, say)
    return say("platform.value:hertz", { rates = table.concat(limit, ", ") })
  end },
  { "channels", sentence "platform.value:channels" },
  { "duration", function(limit, say) return say("platform.value:hours", { hours = limit.most / 3600 }) end },
}

local function join_of(platform, say)
  local join = platform.join or {}
  if join.app then return say("platform.value:join_app", { app = join.app }) end
  if join.key then return say("platform.value:join_key", { key = join.key }) end
  return say "platform.value:join"
end

-- Adds where a platform is pushed to.
local function add_place(platform, language, say, put)
  if platform.where then put("where", platform.where[COLUMN[language]], platform.where.from) end
  if platform.choose then put("server", say "platform.value:chosen") end
  for _, server in ipairs(platform.servers or {}) do put("server", server[1], server.from) end
  for _, server in ipairs(platform.backups or {}) do put("backup", server[1], server.from) end
  put("join", join_of(platform, say), platform.join and platform.join.from)
end

local function add_limits(platform, say, put)
  for _, one in ipairs(LIMITS) do
    local limit = platform.limits and platform.limits[one[1]]
    for _, row in ipairs(limit and not one[2] and limit or {}) do put(one[1], bitrate(row, say), row.from) end
    if limit and one[2] then put(one[1], one[2](limit, say), limit.from) end
  end
end

--- What is known of a platform.
---@param platform cme.platform
---@param language "en"|"zh"
---@return cme.platforms.fact[]
function facts.of(platform, language)
  local found = {}
  local function say(name, values) return codes.say(codes.reason(name, values), language) end
  local function put(label, value, from)
    found[#found + 1] = { label = say("platform.label:" .. label), value = value, from = from }
  end
  add_place(platform, language, say, put)
  add_limits(platform, say, put)
  for _, note in ipairs(platform.notes or {}) do put("note", note[COLUMN[language]], note.from) end
  for _, refusal in ipairs(platform.refusals or {}) do
    put("refusal", say("platform.value:refusal", { sign = refusal.sign[COLUMN[language]],
      means = codes.reason("platform.means:" .. refusal.means) }), refusal.from)
  end
  return found
end

return facts
