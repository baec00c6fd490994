-- SPDX-License-Identifier: MIT
-- What a media cast is in the API, to the store, to its engine and to its playout, and the ways between them.
--   MediaCastProjectInput (API)  --check-->  the same, completed  --> store
--   stored project  --info-->        MediaCastProjectInfo (API)
--   stored project  --spec-->        the engine's desired state: the playout's stream to the destinations
--   stored project  --playout_spec-->  what the playout plays

local codes = require "cme.codes"
local common = require "cme.server.project"
local destinations = require "cme.server.categories.media_cast.destinations"
local engine_spec = require "cme.server.process.spec"
local json = require "cme.json"
local limits = require "cme.api.limits"
local settings = require "cme.server.categories.media_cast.settings"
local sign = require "cme.sign"
local sources = require "cme.server.categories.media_cast.sources"
local time = require "cme.time"

local project = {}

--- A new id for a source or a destination.
---@return string
function project.new_id()
  return sign.random_hex(6)
end

--- Checks what CreateProject got and completes it.
---@param input table MediaCastProjectInput, its members as schema.check leaves them
---@param library cme.server.library
---@param now number unix seconds
---@return table|nil input
---@return string|nil message
---@return cme.detail|nil detail
function project.check(input, library, now)
  local list, message, detail = sources.check(input.SourceInfos or {}, project.new_id, library)
  if not list then return nil, message, detail end
  local pushes, media, play
  pushes, message, detail = destinations.check(input.DestinationInfos or {}, project.new_id)
  if not pushes then return nil, message, detail end
  media, message, detail = settings.check_media(input.OutputMediaSetting)
  if not media then return nil, message, detail end
  play, message, detail = settings.read_play(input.PlaySetting or {}, now)
  if not play then return nil, message, detail end
  return { SourceInfos = list, DestinationInfos = pushes, OutputMediaSetting = media,
    PlaySetting = settings.merge_play({}, play) }
end

--- The same of what a project has, for a copy of it; times that are past are left out.
---@param input table a stored one
---@param library cme.server.library
---@param now number unix seconds
---@return table|nil input
---@return string|nil message
---@return cme.detail|nil detail
function project.copy(input, library, now)
  local play = { LoopCount = input.PlaySetting.LoopCount }
  for _, member in ipairs { "EndTime", "AutoStartTime" } do
    local at = input.PlaySetting[member] and time.parse(input.PlaySetting[member])
    play[member] = at and at > now and input.PlaySetting[member] or nil
  end
  return project.check({ SourceInfos = input.SourceInfos, DestinationInfos = input.DestinationInfos,
    OutputMediaSetting = input.OutputMediaSetting, PlaySetting = play }, library, now)
end

--- The run that a project is in, or its last one.
---@param record cme.server.project
---@return table|nil run { Id, StartedAt, Confirmed, Disabled }
function project.run(record)
  return record.input.Run
end

--- The input with some members changed.
---@param input table
---@param change table<string, any>
---@return table
function project.with(input, change)
  local copy = {}
  for _, from in ipairs { input, change } do
    for name, value in pairs(from) do
      copy[name] = value
    end
  end
  return copy
end

--- Whether a project has all that a start needs.
---@param record cme.server.project
---@param now number
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function project.check_startable(record, now)
  if #record.input.SourceInfos == 0 then
    return codes.fail("api.InvalidParameterValue.MediaCastSourceInfosInvalid:no_source", { id = record.id })
  end
  local end_at = settings.end_at(record.input.PlaySetting)
  if end_at and end_at <= now then
    return codes.fail("api.InvalidParameterValue.EndTime:past", { id = record.id, time = time.format(end_at) })
  end
  return true
end

--- The planned end of a run.
---@param input table a stored one
---@param started_at number
---@param confirmed boolean
---@return number|nil unix seconds
function project.stop_at(input, started_at, confirmed)
  local end_at = settings.end_at(input.PlaySetting)
  if confirmed then return end_at end
  return math.min(end_at or math.huge, started_at + limits.cast.confirm_seconds)
end

local function list_of(entries, form)
  local list = json.array {}
  for i, entry in ipairs(entries) do
    list[i] = form and form(entry) or entry
  end
  return list
end

--- A project as DescribeProjects tells about it. StartTime and StopTime are of the run, or the last one.
---@param record cme.server.project
---@return table MediaCastProjectInfo
function project.info(record)
  local input, run = record.input, project.run(record)
  local working = record.status == "Working"
  local stopped_at = not working and run and record.stopped_at or nil
  return {
    Status = record.status,
    SourceInfos = list_of(input.SourceInfos, sources.info),
    DestinationInfos = list_of(input.DestinationInfos),
    OutputMediaSetting = input.OutputMediaSetting,
    PlaySetting = settings.play_info(input.PlaySetting),
    StartTime = common.stamp(run and run.StartedAt),
    StopTime = common.stamp(stopped_at),
    Duration = stopped_at and math.max(0, stopped_at - run.StartedAt) or 0,
  }
end

---@param record cme.server.project
---@return table<string, boolean> ids of destinations that are off the air
function project.disabled(record)
  local set, run = {}, project.run(record)
  for _, id in ipairs(run and run.Disabled or {}) do
    set[id] = true
  end
  return set
end

--- The state an engine is to have.
---@param record cme.server.project a Working one
---@param files cme.server.categories.media_cast.playout_files
---@return table spec of the control protocol's `set`
function project.spec(record, files)
  local list, off = json.array {}, project.disabled(record)
  for _, one in ipairs(record.input.DestinationInfos) do
    if not off[one.Id] then
      list[#list + 1] = { id = one.Id, name = one.Name, url = one.PushUrl }
    end
  end
  return engine_spec.new {
    project = record.id,
    revision = record.revision,
    inputs = { main = { url = "unix:" .. files:feed(record.id) } },
    outputs = list,
    stop_at = files:end_of(record) or record.stop_at,
  }
end

--- What the playout plays. It has neither inputs nor outputs, which are an engine's.
---@param record cme.server.project a Working one
---@param files cme.server.categories.media_cast.playout_files
---@param library cme.server.library
---@param public boolean|nil URLs are read from public addresses alone
---@return table spec of the playout's `set`
function project.playout_spec(record, files, library, public)
  local list, input = json.array {}, record.input
  for i, source in ipairs(input.SourceInfos) do
    list[i] = sources.playable(source, library, public)
  end
  return {
    project = record.id,
    revision = record.revision,
    run = project.run(record).Id,
    sources = list,
    loop_count = settings.loops(input.PlaySetting),
    picture = settings.picture(input.OutputMediaSetting),
    follow = input.OutputMediaSetting.FollowSourceInfo,
    at = files:reached(record),
    inputs = {},
    outputs = {},
    stop_at = files:end_of(record) or record.stop_at or json.null,
  }
end

return project
