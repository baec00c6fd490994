-- SPDX-License-Identifier: MIT
-- The options of cme.project that both categories share. Each category's module takes its own part (inputs; sources,
-- play, output_media) with the helpers here. Misuse raises at the caller's line; values that the service would refuse
-- give a fault for create, start and ensure to return. URLs are never repeated in a message: an output's URL is a key.

local codes = require "cme.codes"
local limits = require "cme.api.limits"
local options = require "cme.text.options"
local platforms = require "cme.platforms"
local stream_url = require "cme.net.stream_url"
local text = require "cme.text.strings"
local time = require "cme.time"

---@class cme.project.options
local project_options = {}

---@class cme.project.spec
---@field name string at most 30 characters
---@field owner string the owner: your own id of the user
---@field description string|nil
---@field category "STREAM_CONNECT"|"MEDIA_CAST"|nil STREAM_CONNECT
---@field platform string|nil default: the client's
---@field input cme.project.input|nil STREAM_CONNECT only: the stream to relay
---@field backup cme.project.input|nil STREAM_CONNECT only: what to switch to
---@field slate string|boolean|nil STREAM_CONNECT on `cme serve` only: what is sent when no input has a picture: a video
--- or a picture, by its name in the service's media folder, or true for black and silence
---@field slate_after number|nil seconds without a picture until it comes, 0.5 to 60, 3
---@field slate_format cme.project.slate_format|nil what a start without a live source begins with
---@field silence boolean|nil STREAM_CONNECT on `cme serve` only: add a silent track to inputs without sound
---@field look_inputs boolean|nil STREAM_CONNECT on `cme serve` only: look at what the inputs show while it is on air
---@field failover_on ("black"|"frozen"|"silent")[]|nil with look_inputs: what main may not show; then the backup is
--- taken
---@field failover_on_after number|nil seconds for which it has to, once it is named; 0 to 600, default 3
---@field merge boolean|nil STREAM_CONNECT on `cme serve` only: main and backup carry the packets of one encoder; take
--- each from whichever has it
---@field merge_window number|nil seconds that one may come later than the other, 0.1 to 10; default 3
---@field standby boolean|nil STREAM_CONNECT on a fleet of `cme serve` only: another node reads the inputs as well, and
--- goes on at once when the node that runs it is lost
---@field record cme.project.recording|false|nil STREAM_CONNECT on `cme serve --recordings` only: record it while it is
--- on the air; false: do not, where an ensure would leave it as it is
---@field outputs (string|cme.project.output)[]|nil
---@field sources (string|cme.project.source)[]|nil MEDIA_CAST only: what to play, in this order
---@field play cme.project.play|nil MEDIA_CAST only
---@field output_media cme.project.output_media|nil MEDIA_CAST only

---@alias cme.project.input string|{ push: integer }|{ vod: string[], loop: integer|nil } the URL of a live stream to
--- pull; an address to push to, valid for so many seconds (see push_urls); files to play (loop: -1 until the stop)

---@class cme.project.slate_format
---@field width integer|nil pixels, 1280
---@field height integer|nil pixels, 720
---@field frame_rate number|nil 30

---@class cme.project.output where to push to: `url`, or `key` with `platform`, with `server` or with both
---@field id string|nil unique in the project; given by the client when absent (MEDIA_CAST: by the service, always)
---@field name string|nil
---@field url string|nil
---@field platform string|nil a streaming platform by its name; cme.platforms has what is known of each. With `url` it
--- says whose URL that is
---@field server string|nil URL without the stream key; with a platform that has one for all, that is the default
---@field key string|nil the stream key
---@field codecs "enhanced"|"id12"|"h264"|nil STREAM_CONNECT on `cme serve` only: what the destination takes by RTMP.
--- "enhanced": all of Enhanced RTMP; "id12": HEVC as codec id 12, as Chinese CDNs take it; "h264": H.264 alone
---@field watch string|nil where viewers watch it: an address of rtmp, rtmps, srt, http (FLV) or https (HLS). `cme run`
--- and `cme look` look at what comes there. A STREAM_CONNECT project on `cme serve` keeps it; elsewhere it stays in the
--- spec. "" takes it away from an output

---@class cme.project.source one of url, file_id and material_id
---@field url string|nil of a file or a live stream: http, https or rtmp
---@field file_id string|nil of a file in VOD
---@field material_id string|nil of a material in CME
---@field offset number|nil seconds into the file, 0
---@field duration number|nil seconds to play, all of it

---@class cme.project.play
---@field loop_count integer|nil how often the sources are played, 1
---@field end_at number|string|table|nil when to stop; not beside loop_count, which the service would follow instead
---@field auto_start_at number|string|table|nil when to start automatically

---@class cme.project.output_media
---@field width integer|nil pixels, 1280 (at most 1920)
---@field height integer|nil pixels, 720 (at most 1080)
---@field bitrate integer|nil kbit/s, 2500 (at most 10000)
---@field frame_rate number|nil 25 (at most 60)
---@field follow_source boolean|nil take all of it from the first source instead

local CATEGORY_NAMES = { "MEDIA_CAST", "STREAM_CONNECT" }
local CATEGORIES = { MEDIA_CAST = true, STREAM_CONNECT = true }

-- Bytes of a name that an error repeats: all of any name that the service takes.
project_options.LABEL_LIMIT = 120

--- A `fact` for the name of a category.
---@param value string
---@return string|nil fact
function project_options.category_fact(value)
  if CATEGORIES[value] then return nil end
  local near = text.nearest(value, CATEGORY_NAMES) or "STREAM_CONNECT"
  return ("'%s' is no category (did you mean '%s'?)"):format(value:sub(1, 40), near)
end

local function merge_window(value)
  local range = limits.merge_window
  if value < range.min or value > range.max then return ("%g to %g seconds"):format(range.min, range.max) end
end
project_options.MERGE_WINDOW = { "number", fact = merge_window }

local SPEC = {
  name = { "string", required = true, fact = options.plain_text },
  owner = { "string", required = true, fact = options.plain_text },
  description = { "string" },
  category = { "string", fact = project_options.category_fact },
  platform = { "string", fact = options.plain_text },
  input = { { "string", "table" } },
  backup = { { "string", "table" } },
  look_inputs = { "boolean" },
  failover_on = { "table" },
  failover_on_after = { "number" },
  merge = { "boolean" },
  merge_window = { "number", fact = merge_window },
  standby = { "boolean" },
  record = { { "table", "boolean" } },
  outputs = { "table" },
  sources = { "table" },
  play = { "table" },
  output_media = { "table" },
  slate = { { "string", "boolean" } },
  slate_after = { "number" },
  slate_format = { "table" },
  silence = { "boolean" },
}

-- What one category has and the other lacks.
local OWN = { input = "STREAM_CONNECT", backup = "STREAM_CONNECT", look_inputs = "STREAM_CONNECT",
  failover_on = "STREAM_CONNECT", failover_on_after = "STREAM_CONNECT", merge = "STREAM_CONNECT",
  merge_window = "STREAM_CONNECT", record = "STREAM_CONNECT", sources = "MEDIA_CAST", play = "MEDIA_CAST",
  output_media = "MEDIA_CAST", slate = "STREAM_CONNECT", slate_after = "STREAM_CONNECT",
  slate_format = "STREAM_CONNECT", silence = "STREAM_CONNECT", standby = "STREAM_CONNECT" }

-- A point in time, in any of its forms.
project_options.TIME = { "number", "string", "table" }

--- Checks the options of cme.project and copies them (one level).
---@param given table
---@return cme.project.spec
function project_options.check(given)
  local spec = options.check("cme.project", given, SPEC)
  spec.category = spec.category or "STREAM_CONNECT"
  for _, name in ipairs { "backup", "failover_on", "failover_on_after", "input", "look_inputs", "merge", "merge_window",
    "output_media", "play", "record", "silence",
    "slate", "slate_after", "slate_format", "sources", "standby" } do
    if spec[name] ~= nil and OWN[name] ~= spec.category then
      options.misuse(("cme.project: option '%s': only for category %s (this is %s)"):format(name, OWN[name],
        spec.category))
    end
  end
  return spec
end

local function entry_label(what, i)
  return what:find("'$") and what:sub(1, -2) .. ("[%d]'"):format(i) or ("%s[%d]"):format(what, i)
end

--- Takes a list, entry by entry; raises when it is none, or has a hole: an output left out in silence would only be
--- missed once the show is on.
---@param what string e.g. "cme.project: option 'outputs'"
---@param list table|nil nil counts as empty
---@param take fun(entry: any, what: string): any
---@return table copy
function project_options.take_list(what, list, take)
  list = list or {}
  local length, hole = options.length(list)
  if hole then options.misuse(entry_label(what, hole) .. ": missing (it is nil, and others follow it)") end
  for key in pairs(list) do
    if type(key) ~= "number" or key % 1 ~= 0 or key < 1 or key > length then
      options.misuse(("%s: a list is needed, got the key '%s'"):format(what, tostring(key)))
    end
  end
  local taken = {}
  for i, entry in ipairs(list) do taken[i] = take(entry, entry_label(what, i)) end
  return taken
end

-- What says where an output goes, and where it is watched.
local PLACE = { url = { "string" }, platform = { "string" }, server = { "string" }, key = { "string" },
  watch = { "string" } }

--- The options of an output: a category's own, and those that say where it goes.
---@param own table<string, cme.text.option>
---@return table<string, cme.text.option>
function project_options.output_fields(own)
  for name, option in pairs(PLACE) do own[name] = option end
  return own
end

local function refuse(what, message, detail)
  options.misuse(("%s: %s"):format(what, message), detail)
end

-- Puts the URL of an output in the place of its parts.
local function locate(output, what)
  local place, message, detail = output, nil, nil
  if output.platform or output.server or output.key then place, message, detail = platforms.locate(output) end
  if not place then refuse(what, message, detail) end
  output.url, output.platform, output.server, output.key = place.url, place.platform, nil, nil
end

--- Takes an output: a URL or a table. What comes of it has its URL, and the name of the platform if one was given.
---@param entry any
---@param what string
---@param fields table<string, cme.text.option> what the table may have
---@return cme.project.output
function project_options.take_output(entry, what, fields)
  if type(entry) == "string" then return { url = entry } end
  if type(entry) ~= "table" then
    options.misuse(("%s: a URL or { id, name, url } is needed, got %s"):format(what, type(entry)))
  end
  local output = options.check(what, entry, fields)
  locate(output, what)
  if fields.url and not output.url and not (fields.id and fields.id.required) then
    refuse(what, select(2, codes.refuse "invalid.url:or_key"))
  end
  return output
end

--- Takes the id of an output or source that the service has.
---@param what string
---@param id any
---@return string id
function project_options.take_id(what, id)
  if type(id) ~= "string" then options.misuse(("%s: an id is needed, got %s"):format(what, type(id))) end
  local fact = options.plain_text(id)
  if fact then options.misuse(("%s: the id is %s"):format(what, fact)) end
  return id
end

local function duplicate_output(outputs, labels)
  local ids, urls = {}, {}
  for i, output in ipairs(outputs) do
    if output.id and ids[output.id] then
      return codes.reason("invalid.duplicate_output:id",
        { id = text.printable(output.id, project_options.LABEL_LIMIT) })
    end
    local url = output.url and stream_url.identity(output.url)
    if url and urls[url] then
      return codes.reason("invalid.duplicate_output:url", { id = labels[i], other = urls[url] })
    end
    ids[output.id or i], urls[url or i] = true, labels[i]
  end
end

--- Checks outputs that are to be sent.
---@param outputs cme.project.output[]
---@param new boolean|nil true: the only one is to be added to those of a project, and has no place among them
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail code invalid.url or invalid.duplicate_output
function project_options.check_outputs(outputs, new)
  local labels = {}
  for i, output in ipairs(outputs) do
    local known = output.name or output.id
    labels[i] = text.printable(known or i, project_options.LABEL_LIMIT)
    local fact = output.url and stream_url.fault(output.url, limits.output_schemes)
    local frame = new and not known and "in.new_output" or "in.output"
    if fact then return codes.within(frame, { id = labels[i] }, select(2, codes.refuse(fact))) end
    fact = output.watch and output.watch ~= "" and stream_url.fault(output.watch, limits.watch_schemes)
    if fact then
      fact = codes.reason("invalid.url:watch", { fact = fact })
      return codes.within(frame, { id = labels[i] }, select(2, codes.refuse(fact)))
    end
  end
  local fact = duplicate_output(outputs, labels)
  if fact then return codes.refuse(fact) end
  return true
end

--- A category's part of a spec without the addresses where viewers watch, for a service that does not keep them. Pure.
---@param part table
---@return table part
function project_options.without_watch(part)
  local copy, list = {}, {}
  for name, value in pairs(part) do copy[name] = value end
  for i, output in ipairs(part.outputs) do
    list[i] = {}
    for name, value in pairs(output) do list[i][name] = name ~= "watch" and value or nil end
  end
  copy.outputs = list
  return copy
end

--- Adds where viewers watch, as the spec says, to outputs of which the service does not tell. Pure.
---@param info cme.project.info
---@param part table|nil the category's part of the spec
function project_options.add_watch(info, part)
  for _, wanted in ipairs(part and part.outputs or {}) do
    for _, output in ipairs(info.outputs) do
      if output.url == wanted.url and wanted.watch ~= "" then output.watch = output.watch or wanted.watch end
    end
  end
end

--- Checks a project's name.
---@param name string
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function project_options.check_name(name)
  local length = text.utf8_len(name)
  if not length then return codes.refuse "invalid.name_not_utf8" end
  if length > limits.name_length then
    return codes.refuse("invalid.name_too_long", { count = length, limit = limits.name_length })
  end
  return true
end

--- Reads a point in time that an option gave.
---@param name string the option
---@param value number|string|table
---@return number|nil seconds unix seconds
---@return string|nil message
---@return cme.detail|nil detail
function project_options.seconds(name, value)
  local seconds, message, detail = time.parse(value)
  if seconds then return seconds end
  detail.retryable, detail.attempts = false, 0
  return codes.within("in.variable", { variable = name }, message, detail)
end

--- Reads a planned stop; refused here when the service could only refuse it later.
---@param value number|string|table
---@param now number unix seconds
---@return number|nil seconds unix seconds
---@return string|nil message
---@return cme.detail|nil detail
function project_options.stop_seconds(value, now)
  local seconds, message, detail = project_options.seconds("stop_at", value)
  if not seconds then return nil, message, detail end
  if seconds <= now then
    return codes.refuse("invalid.stop_at_past", { stop_at = time.format(seconds), now = time.format(now) })
  elseif seconds > now + limits.stop_ahead then
    return codes.refuse("invalid.stop_at_too_far", { stop_at = time.format(seconds) })
  end
  return seconds
end

return project_options
