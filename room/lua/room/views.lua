-- SPDX-License-Identifier: MIT
-- What the browser may know of a project: of every URL what redaction leaves, of keys nothing. Pure.

local json = require "cme.json"
local platforms = require "cme.platforms"
local redact = require "cme.redact"
local time = require "cme.time"

local views = {}

local LONGEST = 500 -- bytes of a message

local function failure_of(one)
  if type(one) ~= "table" then return nil end
  return { code = one.code, message = redact.text(one.message or "", LONGEST), time = one.time }
end

local function url_of(input)
  if input.url then return redact.url(input.url) end
  local first = input.urls and input.urls[1]
  return first and redact.url(first) .. (#input.urls > 1 and (" +%d"):format(#input.urls - 1) or "") or nil
end

local function picture_of(url)
  return url and url:match "/(%x+)%.jpg$"
end

-- What viewers of an output see, or an input shows. Pictures are named by the last part of their address, by which the
-- room fetches them. When it was looked at is left out: the rest is news.
local function look_of(look)
  if type(look) ~= "table" then return nil end
  return { state = look.state, good = look.good, since = look.since, delay = look.delay, loudness = look.loudness,
    picture = picture_of(look.picture), alarm = picture_of(look.error_picture) }
end

-- Which node stands by; nil: none is to.
local function standby_of(health)
  local one = health and health.standby
  return one and { state = one.state, node = one.node } or nil
end

-- What both inputs and outputs tell of how they do.
local function add_health(view, health)
  view.state, view.since = health.state, health.since
  view.bitrate, view.frame_rate = health.bitrate, health.frame_rate
  view.failure, view.look = failure_of(health.error), look_of(health.look)
  return view
end

local function input_view(key, input, health)
  local view = add_health({ key = key, kind = input.kind, url = input.kind ~= "push" and url_of(input) or nil }, health)
  view.width, view.height = health.width, health.height
  view.video, view.audio = health.video_codec, health.audio_codec
  view.age = health.packet_age
  return view
end

local function source_view(source)
  return { key = source.id, kind = "source", url = source.url and redact.url(source.url) or source.file_id
    or source.material_id }
end

-- What the platform of an output does not take of the input on the air, in each language; nil: nothing is known.
local function unsuitable(output, input, now)
  local findings, known = {}, nil
  if output.url and input then findings, known = platforms.on_air(output.url, input, now) end
  if not findings[1] then return nil end
  local said = {}
  for language, between in pairs { en = ": ", zh = "：" } do
    said[language] = platforms.title(known, language) .. between .. platforms.say(findings, language)
  end
  return said
end

local function output_view(output, health)
  local view = add_health({ id = output.id, name = output.name, url = output.url and redact.url(output.url),
    enabled = output.enabled }, health)
  view.state = view.state or output.status
  view.dropped, view.delay, view.connects = health.dropped, health.delay_p50, health.connects
  return view
end

local function inputs_of(info, health)
  local list = {}
  for _, key in ipairs { "main", "backup" } do
    local input = info.inputs and info.inputs[key]
    if input then list[#list + 1] = input_view(key, input, health.inputs and health.inputs[key] or {}) end
  end
  for _, source in ipairs(info.sources or {}) do list[#list + 1] = source_view(source) end
  return list
end

--- A project as the page shows it.
---@param info cme.project.info
---@param health cme.project.health|nil nil: idle, or the service does not tell
---@param now number unix seconds
---@return table
function views.project(info, health, now)
  local by_id, outputs = {}, {}
  local on_air = health and health.inputs[health.active or ""]
  for _, one in ipairs(health and health.outputs or {}) do by_id[one.id or ""] = one end
  for i, output in ipairs(info.outputs or {}) do
    outputs[i] = output_view(output, by_id[output.id] or {})
    outputs[i].unsuitable = unsuitable(output, on_air, now)
  end
  return {
    id = info.id, name = info.name, owner = info.owner, category = info.category, status = info.status,
    active = health and health.active or info.active, started_at = info.started_at, stop_at = info.stop_at,
    on_slate = health and health.on_slate or nil,
    stopped_at = info.stopped_at, created_at = info.created_at, updated_at = info.updated_at, told = health ~= nil,
    inputs = inputs_of(info, health or {}), outputs = outputs,
    uplink_full = health and health.uplink and health.uplink.full or nil,
    merge = health and health.merge and health.merge.state or nil,
    recording = health and health.recording and health.recording.state or nil,
    standby = standby_of(health),
    recording_failure = health and health.recording and failure_of(health.recording.error) or nil,
  }
end

--- An event as the page shows it; nil for what is not about a project, or is seen by the looks at the service.
---@param event cme.event
---@return table|nil
function views.event(event)
  if event.type == "Service.RecordingFinished" then
    local content = json.object(event.content)
    return { project = json.string(content.ProjectId), status = "recording_finished", time = event.time,
      reason = json.string(content.File) }
  end
  if not event.project then return nil end
  return { project = event.project, status = event.status, endpoint = event.endpoint, operator = event.operator,
    output = event.output and (event.output.name or event.output.id), reason = event.reason, time = event.time }
end

-- What a change of the service's history is called on the page.
local CHANGES = { Create = "created", Start = "started", Stop = "stopped", Ended = "stopped", Failed = "stopped",
  Switch = "switched", SetStopAt = "stop_moved", Edit = "edited", Modify = "edited" }

--- The history of a project as the page shows it, the newest first.
---@param response table of DescribeProjectHistory
---@return table[]
function views.history(response)
  local list = json.array {}
  for i, change in ipairs(json.object(response.Changes)) do
    local reason = redact.text(json.string(change.Reason) or "", LONGEST)
    list[i] = { status = CHANGES[change.Operation] or "edited", time = time.read(change.Time),
      reason = not reason:find "^request" and reason or nil }
  end
  return list
end

local function servers_of(known)
  local list = json.array {}
  for _, kind in ipairs { "servers", "backups" } do
    for _, server in ipairs(known[kind] or {}) do list[#list + 1] = server[1] end
  end
  return list
end

--- The streaming platforms as the page offers them for a destination.
---@param language "en"|"zh"
---@return { name: string, title: string, servers: string[], choose: boolean|nil, where: string|nil }[]
function views.platforms(language)
  local list = {}
  for i, name in ipairs(platforms.names()) do
    local known = platforms.get(name)
    list[i] = { name = name, title = platforms.title(known, language), servers = servers_of(known),
      choose = known.choose, where = known.where and known.where[language == "zh" and 2 or 1] }
  end
  return list
end

--- A message for the page.
---@param message string
---@return string
function views.message(message)
  return redact.text(message, 2 * LONGEST)
end

return views
