-- SPDX-License-Identifier: MIT
-- MEDIA_CAST's part of a spec: sources, outputs, play settings and picture; taken from the caller (misuse raises),
-- checked, written as the service has it, and read back from a described project. Pure.
-- A source reads { id, url | file_id | material_id, offset, duration }; times are unix seconds.

local codes = require "cme.codes"
local json = require "cme.json"
local limits = require "cme.api.limits"
local options = require "cme.text.options"
local project_options = require "cme.project.options"
local stream_url = require "cme.net.stream_url"
local time = require "cme.time"

---@class cme.project.cast_options
local forms = {}

local LIMITS = limits.cast

local STATUSES = { Idle = "idle", Working = "working" }

-- What a source is, by the option that says so.
local SOURCE_TYPES = {
  { option = "url", type = "EXTERNAL", member = "Url" },
  { option = "file_id", type = "VOD", member = "FileId" },
  { option = "material_id", type = "CME", member = "MaterialId" },
}

-- The picture: option, member, the default that is sent where the service needs a value, and the most it takes.
local VIDEO = {
  { option = "width", member = "Width", default = 1280, most = LIMITS.width, integer = true },
  { option = "height", member = "Height", default = 720, most = LIMITS.height, integer = true },
  { option = "bitrate", member = "Bitrate", most = LIMITS.bitrate, integer = true },
  { option = "frame_rate", member = "FrameRate", most = LIMITS.frame_rate },
}

local TIMES = { { option = "end_at", member = "EndTime" }, { option = "auto_start_at", member = "AutoStartTime" } }

local function is_integer(value)
  if value % 1 ~= 0 then return "an integer is needed" end
end

local function is_offset(value)
  if not (value >= 0 and value < math.huge) then return "a number of seconds is needed" end
end

local SOURCE = {
  url = { "string" },
  file_id = { "string", fact = options.plain_text },
  material_id = { "string", fact = options.plain_text },
  offset = { "number", fact = is_offset },
  duration = { "number", fact = options.positive },
}

forms.OUTPUT = project_options.output_fields { name = { "string" } }
forms.CHANGED_OUTPUT = project_options.output_fields {
  id = { "string", required = true, fact = options.plain_text },
  name = { "string" },
}

local PLAY = {
  loop_count = { "number", fact = is_integer },
  end_at = { project_options.TIME },
  auto_start_at = { project_options.TIME },
}

local OUTPUT_MEDIA = {
  width = { "number", fact = is_integer },
  height = { "number", fact = is_integer },
  bitrate = { "number", fact = is_integer },
  frame_rate = { "number", fact = options.positive },
  follow_source = { "boolean" },
}

-- ---- taking

--- Takes a source: a URL or a table.
---@param entry any
---@param what string
---@return cme.project.source
function forms.take_source(entry, what)
  if type(entry) == "string" then return { url = entry } end
  if type(entry) ~= "table" then
    options.misuse(("%s: a URL, { file_id } or { material_id } is needed, got %s"):format(what, type(entry)))
  end
  local source, kinds = options.check(what, entry, SOURCE), 0
  for _, kind in ipairs(SOURCE_TYPES) do
    if source[kind.option] then kinds = kinds + 1 end
  end
  if kinds ~= 1 then options.misuse(what .. ": one of url, file_id and material_id is needed") end
  return source
end

--- Takes play settings.
---@param what string
---@param given table
---@return cme.project.play
function forms.take_play(what, given)
  return options.check(what, given, PLAY)
end

--- Takes the picture's settings.
---@param what string
---@param given table
---@return cme.project.output_media
function forms.take_output_media(what, given)
  return options.check(what, given, OUTPUT_MEDIA)
end

local function take_output(entry, what)
  if type(entry) == "table" and entry.id ~= nil then
    options.misuse(what .. ": option 'id': the service makes the ids of a MEDIA_CAST project (info() has them)")
  end
  return project_options.take_output(entry, what, forms.OUTPUT)
end

--- The category's part of a project's spec, copied; raises on misuse.
---@param given cme.project.spec
---@return table part { sources, outputs, play, output_media }
function forms.spec(given)
  return {
    sources = project_options.take_list("cme.project: option 'sources'", given.sources, forms.take_source),
    outputs = project_options.take_list("cme.project: option 'outputs'", given.outputs, take_output),
    play = given.play and forms.take_play("cme.project: option 'play'", given.play),
    output_media = given.output_media
      and forms.take_output_media("cme.project: option 'output_media'", given.output_media),
  }
end

-- ---- checking

local function source_fault(source)
  if not source.url then return nil end
  if source.offset or source.duration then return codes.reason "invalid.source:offset_of_url" end
  return stream_url.fault(source.url, LIMITS.source_schemes)
end

--- Checks sources that are to be sent.
---@param sources cme.project.source[]
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail code invalid.source
function forms.check_sources(sources)
  for i, source in ipairs(sources) do
    local fact = source_fault(source)
    if fact then
      return codes.within("in.nth_source", { index = i },
        select(2, codes.fail(fact, nil, { code = "invalid.source", attempts = 0 })))
    end
  end
  return true
end

--- Checks play settings.
---@param play cme.project.play
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function forms.check_play(play)
  for _, at in ipairs(TIMES) do
    if play[at.option] ~= nil then
      local seconds, message, detail = project_options.seconds(at.option, play[at.option])
      if not seconds then return nil, message, detail end
    end
  end
  if play.loop_count and play.end_at ~= nil then return codes.refuse "invalid.play:two_ends" end
  return true
end

--- Checks the picture's settings.
---@param media cme.project.output_media
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail code invalid.output_media
function forms.check_output_media(media)
  for _, setting in ipairs(VIDEO) do
    local value = media[setting.option]
    if value and (value <= 0 or value > setting.most) then
      return codes.refuse("invalid.output_media", { option = setting.option, value = value, most = setting.most })
    end
  end
  return true
end

local function check_counts(part)
  if #part.sources > LIMITS.sources then
    return codes.refuse("invalid.too_many:sources", { count = #part.sources, limit = LIMITS.sources })
  elseif #part.outputs > LIMITS.outputs then
    return codes.refuse("invalid.too_many:outputs", { count = #part.outputs, limit = LIMITS.outputs })
  end
  return true
end

--- Whether a project can be created so.
---@param part table
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function forms.validate(part)
  for _, check in ipairs {
    { check_counts, part },
    { forms.check_sources, part.sources },
    { project_options.check_outputs, part.outputs },
    { forms.check_play, part.play or {} },
    { forms.check_output_media, part.output_media or {} },
  } do
    local ok, message, detail = check[1](check[2])
    if not ok then return nil, message, detail end
  end
  return true
end

--- Whether a project has what a start needs.
---@param part table
---@param stop_at number|nil a planned stop
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail code invalid.no_input, invalid.no_outputs or invalid.play
function forms.ready(part, stop_at)
  if #part.sources == 0 then
    return codes.refuse "invalid.no_input:sources"
  elseif #part.outputs == 0 then
    return codes.refuse "invalid.no_outputs"
  elseif stop_at and part.play and part.play.loop_count then
    return codes.refuse "invalid.play:stop_at"
  end
  return true
end

-- ---- writing

--- A source as the service has it.
---@param source cme.project.source
---@return table
function forms.source_form(source)
  local form = { Offset = source.offset, Duration = source.duration }
  for _, kind in ipairs(SOURCE_TYPES) do
    if source[kind.option] then form.Type, form[kind.member] = kind.type, source[kind.option] end
  end
  return form
end

--- An output as the service has it.
---@param output cme.project.output
---@return table
function forms.output_form(output)
  return { Id = output.id, Name = output.name, PushUrl = output.url }
end

--- Play settings as the service has them; checked ones only.
---@param play cme.project.play
---@return table
function forms.play_form(play)
  local form = { LoopCount = play.loop_count }
  for _, at in ipairs(TIMES) do
    form[at.member] = play[at.option] ~= nil and time.format((time.parse(play[at.option]))) or nil
  end
  return form
end

--- The picture's settings as the service has them: size always, for it needs one.
---@param media cme.project.output_media
---@return table
function forms.output_media_form(media)
  local video = {}
  for _, setting in ipairs(VIDEO) do video[setting.member] = media[setting.option] or setting.default end
  return { VideoSetting = video, FollowSourceInfo = media.follow_source }
end

local function map(list, form)
  if #list == 0 then return nil end
  local mapped = {}
  for i, entry in ipairs(list) do mapped[i] = form(entry) end
  return mapped
end

--- What CreateProject takes for this category; members that the spec lacks are left out.
---@param part table
---@return string member
---@return table value
function forms.input(part)
  return "MediaCastProjectInput", {
    SourceInfos = map(part.sources, forms.source_form),
    DestinationInfos = map(part.outputs, forms.output_form),
    PlaySetting = part.play and forms.play_form(part.play),
    OutputMediaSetting = part.output_media and forms.output_media_form(part.output_media),
  }
end

-- ---- reading

local function read_source(entry)
  entry = json.object(entry)
  local source = { id = json.string(entry.Id) }
  for _, kind in ipairs(SOURCE_TYPES) do
    local value = json.string(entry[kind.member])
    if value ~= "" then source[kind.option] = value end
  end
  -- The service writes 0 for what was not given.
  for option, member in pairs { offset = "Offset", duration = "Duration" } do
    local value = tonumber(entry[member])
    if value and value > 0 then source[option] = value end
  end
  return source
end

local function read_output(entry)
  entry = json.object(entry)
  return { id = json.string(entry.Id), name = json.string(entry.Name), url = json.string(entry.PushUrl) }
end

local function read_play(setting)
  setting = json.object(setting)
  local play = { loop_count = tonumber(setting.LoopCount) }
  for _, at in ipairs(TIMES) do play[at.option] = time.read(setting[at.member]) end
  return play
end

local function read_output_media(setting)
  setting = json.object(setting)
  local video, media = json.object(setting.VideoSetting), {}
  for _, one in ipairs(VIDEO) do media[one.option] = tonumber(video[one.member]) end
  if type(setting.FollowSourceInfo) == "boolean" then media.follow_source = setting.FollowSourceInfo end
  return media
end

local function read_list(list, read)
  local found = json.array {}
  for i, entry in ipairs(json.object(list)) do found[i] = read(entry) end
  return found
end

--- Adds what this category knows to what info() returns.
---@param described table a ProjectInfo
---@param info cme.project.info
function forms.read(described, info)
  local state = json.object(described.MediaCastProjectInfo)
  info.status = STATUSES[state.Status]
  info.inputs = {}
  info.sources = read_list(state.SourceInfos, read_source)
  info.outputs = read_list(state.DestinationInfos, read_output)
  info.play = read_play(state.PlaySetting)
  info.output_media = read_output_media(state.OutputMediaSetting)
  if info.status == "working" then
    info.started_at, info.stop_at = time.read(state.StartTime), info.play.end_at
  elseif info.status == "idle" then
    info.stopped_at = time.read(state.StopTime)
  end
end

-- ---- comparing

--- Whether two sources are the same, whatever their ids.
---@param a cme.project.source
---@param b cme.project.source
---@return boolean
function forms.same_source(a, b)
  return a.url == b.url and a.file_id == b.file_id and a.material_id == b.material_id
    and (a.offset or 0) == (b.offset or 0) and (a.duration or 0) == (b.duration or 0)
end

--- Whether what the spec gives is there already; what it does not give may be anything.
---@param wanted table|nil
---@param there table
---@return boolean
function forms.covers(there, wanted)
  for option, value in pairs(wanted or {}) do
    if option == "end_at" or option == "auto_start_at" then
      local at = time.parse(value)
      if not there[option] or math.abs(there[option] - at) >= 1 then return false end
    elseif there[option] ~= value then
      return false
    end
  end
  return true
end

return forms
