-- SPDX-License-Identifier: MIT
-- The streaming platforms that broadcasts go to: where each gives its server and stream key, how the two join into the
-- URL to push to, what it takes, and what its refusals mean. It is data, one table per platform in platforms/sites/; a
-- value is there only if a public page says it, and names that page and the day on which it was read. Platforms change
-- without notice: what a platform's own page shows you counts more. Pure; stream keys are never in a message.
--
-- This is not the platform of a client's options, which is the tenant that Tencent assigns to an account.

local address = require "cme.platforms.address"
local codes = require "cme.codes"
local facts = require "cme.platforms.facts"
local judge = require "cme.platforms.judge"
local measured = require "cme.platforms.measured"
local text = require "cme.text.strings"

---@class cme.platforms
local platforms = {}

--- Of a value: the numbers of the pages that say it.
---@alias cme.platform.from integer[]

---@class cme.platform what is known of one platform
---@field name string as an output names it: "youtube"
---@field title string[] English and Chinese
---@field aliases string[]|nil other names that are taken
---@field pages string[][] address, and the day on which it was read
---@field where cme.platform.said|nil where server and stream key are found
---@field join { app: string|nil, key: string|nil, from: cme.platform.from }|nil the application that a server is given
--- without, what a key looks like that is a query; nil: a slash joins server and key
---@field choose boolean|nil an output must give the server: the platform has one for each account or region
---@field servers cme.platform.server[]|nil the first is taken unless an output gives another
---@field backups cme.platform.server[]|nil where a second stream may be sent, for when the first breaks off
---@field hosts { from: cme.platform.from, [integer]: string }|nil names of its servers, and ends of such names
---@field limits cme.platform.limits|nil
---@field notes cme.platform.said[]|nil
---@field refusals cme.platform.refusal[]|nil

---@class cme.platform.said a text in English and in Chinese
---@field from cme.platform.from

---@class cme.platform.server
---@field [1] string URL without the stream key
---@field from cme.platform.from

---@class cme.platform.refusal
---@field sign string[] what is seen, in English and Chinese
---@field means string what that means: name of a sentence platform.means:NAME of the catalogue
---@field from cme.platform.from

---@class cme.platform.limits what a platform takes; what is nil, no page said. Each member has `from`
---@field protocols string[]|nil "rtmp", "rtmps"
---@field video string[]|nil codecs
---@field audio string[]|nil codecs
---@field sound { required: boolean }|nil
---@field size { width: integer, height: integer }|nil the most, of a wide picture; a tall one is turned
---@field fps { most: number }|nil
---@field keyframes { recommended: number|nil, most: number|nil }|nil seconds from one to the next
---@field bitrates cme.platform.bitrate[]|nil
---@field audio_bitrate { most: number }|nil kbit/s
---@field sample_rates integer[]|nil Hz
---@field channels { most: integer }|nil
---@field duration { most: number }|nil seconds of one broadcast

---@class cme.platform.bitrate the video bitrate of a kind of picture
---@field height integer|nil of the picture as it lies; nil: of any
---@field fps number|nil up to this frame rate; nil: any
---@field codecs string[]|nil nil: any
---@field least number|nil kbit/s
---@field most number|nil kbit/s
---@field recommended number|nil kbit/s

-- In the order of the list and the pages.
local NAMES = { "youtube", "facebook", "twitch", "kick", "tiktok", "x", "instagram", "linkedin", "wechat_channels",
  "bilibili", "douyin", "kuaishou", "weibo", "xiaohongshu" }

local sites = {}

local function site(name)
  if not sites[name] then
    sites[name] = require("cme.platforms.sites." .. name)
    sites[name].name = name
  end
  return sites[name]
end

--- The names of all platforms.
---@return string[]
function platforms.names()
  local list = {}
  for i, name in ipairs(NAMES) do list[i] = name end
  return list
end

local function answers_to(found, name)
  for _, known in ipairs(found.aliases or {}) do
    if name == known then return true end
  end
  return name == found.name or name == found.title[1]:lower() or name == found.title[2]
end

--- What is known of a platform.
---@param name string its name ("bilibili"), or its title in English or Chinese ("哔哩哔哩")
---@return cme.platform|nil platform nil: no platform has this name; not to be changed
---@return string|nil message never has the name in it, which may be a stream key in the wrong place
---@return cme.detail|nil detail code invalid.platform; detail.values.near: the name that may have been meant
---@usage require "cme.platforms".get "youtube".limits.keyframes.most --> 4
function platforms.get(name)
  name = name:lower()
  for _, known in ipairs(NAMES) do
    if answers_to(site(known), name) then return site(known) end
  end
  local near = text.nearest(name, NAMES)
  if near then return codes.refuse("invalid.platform:near", { near = near }) end
  return codes.refuse("invalid.platform:none", { names = table.concat(NAMES, ", ") })
end

--- The platform that a URL belongs to, by its host.
---@param url string with or without the stream key
---@return cme.platform|nil
function platforms.of_url(url)
  local host = address.host(url)
  for _, name in ipairs(host and NAMES or {}) do
    if address.is_of(host, site(name).hosts or {}) then return site(name) end
  end
end

--- What a platform's server said as it refused an output, with what its page says of that: a code such as "400006" in
--- its words.
---@param url string that is pushed to
---@param reason cme.reason of the refusal
---@return cme.reason|nil explained nil: no page says anything of it
function platforms.explain(url, reason)
  local known, said = platforms.of_url(url), nil
  for _, refusal in ipairs(known and known.refusals or {}) do
    said = said or codes.say(reason)
    local code = refusal.sign[1]:match "^[%w_]+$"
    if code and (" " .. said .. " "):find("%f[%w_]" .. code .. "%f[^%w_]") then
      local means = codes.reason("platform.means:" .. refusal.means)
      return codes.reason("platform.refused", { reason = reason, means = means })
    end
  end
end

---@class cme.platforms.place where an output goes: by its parts, or by its URL
---@field platform string|nil its name; nil: `server` says where
---@field server string|nil URL without the stream key; nil: the platform's first
---@field key string|nil the stream key
---@field url string|nil all of it

-- The URL that the parts of a place make.
local function join(place, known)
  local server = place.server
  if not server and known and not known.choose then server = known.servers[1][1] end
  if not server then return codes.refuse(known and "invalid.server:chosen" or "invalid.server:missing") end
  return address.join(server, place.key, known or platforms.of_url(server))
end

--- Finds the URL to push to, which joins server and stream key unless the place has it.
---@param place cme.platforms.place
---@return { url: string, platform: string|nil }|nil located platform: its name, if one was given
---@return string|nil message never has the stream key in it
---@return cme.detail|nil detail code invalid.platform, invalid.server or invalid.key
---@usage require "cme.platforms".locate { platform = "twitch", key = "live_1" }.url
---  --> rtmps://ingest.global-contribute.live-video.net/app/live_1
function platforms.locate(place)
  local known, url, message, detail
  if place.platform then
    known, message, detail = platforms.get(place.platform)
    if not known then return nil, message, detail end
  end
  url = place.url
  if url and (place.server or place.key) then return codes.refuse "invalid.key:with_url" end
  if not url then url, message, detail = join(place, known) end
  if not url then return nil, message, detail end
  return { url = url, platform = known and known.name or nil }
end

--- Takes a URL to push to apart.
---@param url string rtmp or rtmps
---@return cme.platforms.place|nil place nil: it is no such URL. `platform` is nil if no platform is known by the host
function platforms.split(url)
  local server, key = address.split(url)
  if not server then return nil end
  local known = platforms.of_url(url)
  return { platform = known and known.name, server = server, key = key }
end

--- The title of a platform.
---@param platform cme.platform
---@param language "en"|"zh"
---@return string
function platforms.title(platform, language)
  return platform.title[language == "zh" and 2 or 1]
end

--- What is known of a platform, in words.
---@param platform cme.platform
---@param language "en"|"zh"
---@return cme.platforms.fact[]
function platforms.facts(platform, language)
  return facts.of(platform, language)
end

--- Judges a stream by what a platform takes. Nothing is said of what is unknown, of the stream or of the platform.
---@param platform cme.platform
---@param media cme.platforms.media
---@return cme.platforms.finding[] findings empty: nothing is known to be wrong with it
function platforms.judge(platform, media)
  return judge.all(platform, media)
end

-- A still picture needs little, so that what is low for a moment says nothing.
local PASSING = { ["platform.bitrate:low"] = true }

--- Judges what is on the air by what the platform of an output takes.
---@param url string of the output
---@param input cme.project.input_health of the input on the air
---@param now number unix seconds; rates count some seconds after the input has become live
---@return cme.platforms.finding[] findings empty: nothing is known to be wrong with it
---@return cme.platform|nil platform
---@usage local found = require "cme.platforms".on_air(output.url, health.inputs.main, os.time())
---  local words = require "cme.platforms".say(found, "en")
function platforms.on_air(url, input, now)
  local platform, seen, found = platforms.of_url(url), measured.of_input(input, now), {}
  for _, one in ipairs(platform and seen and judge.all(platform, measured.pushed(url, seen)) or {}) do
    if not PASSING[one.reason.sentence] then found[#found + 1] = one end
  end
  return found, platform
end

local BETWEEN = { en = "; ", zh = "；" }

--- All findings in words.
---@param findings cme.platforms.finding[]
---@param language "en"|"zh"
---@return string
function platforms.say(findings, language)
  local said = {}
  for i, found in ipairs(findings) do said[i] = codes.say(found.reason, language) end
  return table.concat(said, BETWEEN[language])
end

return platforms
