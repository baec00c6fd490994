-- SPDX-License-Identifier: MIT
-- Every action and operation of the two categories, as a program makes them that uses an SDK, and what the answers must
-- say. Whoever calls may have lost an answer and found that the call was done all the same: such an answer has
-- `unread`, and what only the answer says is not looked at.

local assert = require "luassert"
local cjson = require "cjson"

local OWNER = { Type = "PERSON", Id = "sdk" }

local relay_actions = {}

---@class spec.relay_actions
---@field call fun(action: string, params: table): table the response, or it raises
---@field look fun(what: string, fn: function) runs what reads and compares; may run it until it raises nothing
---@field source fun(name: string): string URL of a live source
---@field film string URL of a file
---@field destination fun(): string a push URL, another one each time
---@field private _mark string ending of the projects' names
local Actions = {}
Actions.__index = Actions

--- Makes them.
---@param given { call: function, source: function, film: string, destination: function, look: function|nil,
---  mark: string|nil }
---@return spec.relay_actions
function relay_actions.new(given)
  return setmetatable({ call = given.call, source = given.source, film = given.film, destination = given.destination,
    look = given.look or function(_, fn) fn() end, _mark = given.mark or "" }, Actions)
end

local function push()
  return { InputType = "RtmpPush", RtmpPushInputInfo = { ExpiredSecond = 600 } }
end

function Actions:_live()
  return { InputType = "LivePull", LivePullInputInfo = { InputUrl = self.source "main" } }
end

function Actions:_vod()
  return { InputType = "VodPull", VodPullInputInfo = { InputUrls = { self.film, self.film }, LoopTimes = -1 } }
end

function Actions:_name(text) return text .. self._mark end

function Actions:_create(input)
  input.Outputs = { { Name = "推流1", PushUrl = self.destination() } }
  return self.call("CreateProject", { Name = self:_name "直播 & 分发=+1", Category = "STREAM_CONNECT", Owner = OWNER,
    StreamConnectProjectInput = input })
end

-- Performs operations of one project.
function Actions:_handler(action, id)
  return function(operation, params)
    params = params or {}
    params.ProjectId, params.Operation = id, operation
    return self.call(action, params)
  end
end

function Actions:_info(id)
  return self.call("DescribeProjects", { ProjectIds = { id } }).ProjectInfoSet[1]
end

local function check_created(pushed)
  if pushed.unread then return end
  assert.are.equal(600, pushed.RtmpPushInputInfoSet[1].ExpiredSecond)
  assert.matches("^rtmp://.*txSecret=.*txTime=", pushed.RtmpPushInputInfoSet[1].PushUrl)
  assert.are.same({ ExpiredSecond = 0, PushUrl = "" }, pushed.RtmpPushInputInfoSet[2])
end

function Actions:_check_pair(id, copy)
  local one, other = self:_info(id), self:_info(copy)
  assert.are.same({ self:_name "直播 & 分发=+1", "STREAM_CONNECT", OWNER, "Idle", cjson.null },
    { one.Name, one.Category, one.Owner, one.StreamConnectProjectInfo.Status, one.MediaCastProjectInfo })
  assert.are.equal(-1, one.StreamConnectProjectInfo.BackupInput.VodPullInputInfo.LoopTimes)
  assert.are.same({ self:_name "renamed", "other" }, { other.Name, other.Owner.Id })
  local page = self.call("DescribeProjects", { CategorySet = { "STREAM_CONNECT" }, Offset = 0, Limit = 1,
    Sort = { Field = "CreateTime", Order = "Asc" }, Owner = { Type = "PERSON", Id = "other" } })
  assert.are.same({ 1, copy }, { page.TotalCount, page.ProjectInfoSet[1].ProjectId })
end

--- CreateProject with each kind of input, then everything that is not an operation.
function Actions:manage()
  local call = self.call
  local pushed = self:_create { MainInput = push(), BackupInput = self:_vod() }
  check_created(pushed)
  local id = pushed.ProjectId
  local copy = call("CopyProject", { ProjectId = id, Name = self:_name "copy" }).ProjectId
  call("ModifyProject", { ProjectId = copy, Name = self:_name "renamed", Owner = { Type = "PERSON", Id = "other" } })
  self:_check_pair(id, copy)
  local platforms = call("DescribePlatforms", { Platforms = { "test" }, Limit = 20 })
  assert.are.same({ 1, "test" }, { platforms.TotalCount, platforms.PlatformInfoSet[1].Platform })
  for _, each in ipairs { id, copy } do call("DeleteProject", { ProjectId = each }) end
  assert.are.equal(0, call("DescribeProjects", { ProjectIds = { id, copy } }).TotalCount)
end

function Actions:_edit_idle(handle)
  local added = handle("AddInput", { InputEndpoint = "Backup", InputInfo = push() })
  if not added.unread then
    assert.matches("^rtmp://127.0.0.1:%d+/output/cme%-%x+%?txSecret=", added.StreamInputRtmpPushUrl)
  end
  local changed = handle("ModifyInput", { InputEndpoint = "Backup", InputInfo = self:_vod() })
  assert.are.equal("", changed.StreamInputRtmpPushUrl)
  handle("AddOutput", { OutputInfo = { Id = "second", Name = "二", PushUrl = self.destination() } })
end

function Actions:_switch(handle, id)
  handle("SwitchInput", { InputEndpoint = "Backup" })
  self.look("the backup to play", function()
    local position = handle("DescribeInputPlayInfo", { InputEndpoint = "Backup" }).VodPullInputPlayInfo
    assert.matches("film.flv$", position.Url)
    assert.is_number(position.TimeOffset)
  end)
  assert.are.equal("Backup", self:_info(id).StreamConnectProjectInfo.CurrentInputEndpoint)
  handle("DeleteInput", { InputEndpoint = "Main" })
end

--- The eleven operations of a relay, while Idle and while Working.
function Actions:relay()
  local id = self:_create({ MainInput = self:_live() }).ProjectId
  local handle = self:_handler("HandleStreamConnectProject", id)
  self:_edit_idle(handle)
  handle "Start"
  handle("ModifyCurrentStopTime", { CurrentStopTime = os.date("!%Y-%m-%dT%H:%M:%SZ", os.time() + 3600) })
  handle("ModifyOutput", { OutputInfo = { Id = "second", Name = "zwei" } })
  local state = self:_info(id).StreamConnectProjectInfo
  assert.are.same({ "Working", "Main", 2, "zwei", "On" }, { state.Status, state.CurrentInputEndpoint, #state.OutputSet,
    state.OutputSet[2].StreamConnectOutput.Name, state.OutputSet[2].PushSwitch })
  handle("DeleteOutput", { OutputInfo = { Id = "second" } })
  self:_switch(handle, id)
  handle "Stop"
  state = self:_info(id).StreamConnectProjectInfo
  assert.are.same({ "Idle", cjson.null, 1 }, { state.Status, state.MainInput, #state.OutputSet })
  self.call("DeleteProject", { ProjectId = id })
end

function Actions:_create_cast()
  return self.call("CreateProject", { Name = self:_name "cast", Category = "MEDIA_CAST", Owner = OWNER,
    MediaCastProjectInput = {
      SourceInfos = { { Type = "VOD", FileId = "film", Offset = 1, Duration = 2.5 } },
      DestinationInfos = { { Name = "one", PushUrl = self.destination() } },
      OutputMediaSetting = { VideoSetting = { Width = 320, Height = 180, Bitrate = 300, FrameRate = 25 } },
      PlaySetting = { LoopCount = 1 } } }).ProjectId
end

-- Gives the id of the live source.
function Actions:_edit_cast(handle)
  local added = handle("AddSource", { Position = 0, SourceInfos = {
    { Type = "CME", MaterialId = "film" }, { Type = "EXTERNAL", Url = self.source "main" } } }).SourceInfoSet
  assert.are.same({ "CME", "EXTERNAL" }, { added[1].Type, added[2].Type })
  local gone = handle("AddSource", { SourceInfos = { { Type = "VOD", FileId = "film" } } }).SourceInfoSet[1].Id
  handle("DeleteSource", { SourceInfos = { { Id = gone } } })
  handle("ModifyPlaySetting", { PlaySetting = { LoopCount = 50 } })
  handle("ModifyOutputMediaSetting", { OutputMediaSetting = { FollowSourceInfo = false,
    VideoSetting = { Width = 240, Height = 136, Bitrate = 250, FrameRate = 12.5 } } })
  return added[2].Id
end

function Actions:_run_cast(handle, live)
  handle "Start"
  handle "Confirm"
  local two = handle("AddDestination", { DestinationInfos = { { Name = "two", PushUrl = self.destination() } } })
    .DestinationInfoSet[1].Id
  handle("ModifyDestination", { DestinationInfos = { { Id = two, Name = "zwei" } } })
  handle("DisableDestination", { DestinationInfos = { { Id = two } } })
  self.look("a destination to be stopped", function()
    local play = handle("DescribePlayInfo").PlayInfo
    assert.are.same({ "Working", "Stopped" }, { play.Status, play.DestinationStatusSet[2].Status })
  end)
  handle("EnableDestination", { DestinationInfos = { { Id = two } } })
  self.look("the other source", function() -- a playout that is started anew begins with the first one
    handle("SwitchSource", { SourceInfos = { { Id = live } } })
    assert.are.equal(live, handle("DescribePlayInfo").PlayInfo.CurrentSourceId)
  end)
  handle("DeleteDestination", { DestinationInfos = { { Id = two } } })
  handle "Stop"
end

--- The fourteen operations of a media cast.
function Actions:cast()
  local id = self:_create_cast()
  local handle = self:_handler("HandleMediaCastProject", id)
  self:_run_cast(handle, self:_edit_cast(handle))
  local state = self:_info(id).MediaCastProjectInfo
  assert.are.same({ "Idle", 3, 1, 12.5, 50 }, { state.Status, #state.SourceInfos, #state.DestinationInfos,
    state.OutputMediaSetting.VideoSetting.FrameRate, state.PlaySetting.LoopCount })
  self.call("DeleteProject", { ProjectId = id })
end

return relay_actions
