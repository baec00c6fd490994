-- SPDX-License-Identifier: MIT
-- A client that is its own service: projects of both categories in memory, after the rules of the API reference, every
-- request and answer checked by the schema. Keeps what was asked, and loses answers on demand as a broken connection
-- does, with client:call's `settle` contract.

local json = require "cme.json"
local schema = require "cme.schema"
local time = require "cme.time"

local model = {}

---@class spec.model
---@field writes string[] what changed something: the action or operation, and a key of its object
---@field calls string[] all that was asked, by action or operation
---@field projects table<string, table> ProjectInfo by id
---@field clock number
---@field slept number seconds waited
---@field lose table<string, "before"|"after"|"silent"|nil> whose next answer gets lost, before or after it was done
---@field refuse table<string, string|nil> codes for operations
---@field health table|nil what DescribeProjectHealth answers; nil: there is no such action, as in the cloud
local Model = {}
Model.__index = Model

function model.new()
  local self
  self = setmetatable({ writes = {}, calls = {}, projects = {}, clock = 1551113065, slept = 0, lose = {}, refuse = {},
    serial = 0 }, Model)
  self.now = function() return self.clock end
  self.offset = function() return self.service_ahead or 0 end
  self.transport = { sleep = function(_, seconds)
    self.slept = self.slept + seconds
    self.clock = self.clock + seconds
    if self.on_sleep then self.on_sleep() end
  end }
  return self
end

function Model:project(spec)
  return require "cme.project".new(self, spec)
end

--- client:projects; the model's own field has that name.
function Model:list(filter)
  return require "cme.project".projects(self, filter)
end

function Model:find(given)
  return require "cme.project".find(self, given)
end

function Model:new_id(prefix)
  self.serial = self.serial + 1
  return ("%s%d"):format(prefix, self.serial)
end

local function copy(value)
  if type(value) ~= "table" then return value end
  local made = setmetatable({}, getmetatable(value))
  for key, member in pairs(value) do made[key] = copy(member) end
  return made
end

local function refusal(code) return nil, code end

local function contains(list, value)
  for _, one in ipairs(list) do
    if one == value then return true end
  end
  return false
end

local function find(list, id)
  for i, entry in ipairs(list) do
    if entry.Id == id then return i, entry end
  end
end

local function assign(to, from)
  for key, value in pairs(from) do to[key] = value end
end

-- ---- STREAM_CONNECT

local STATES = { Main = "MainInput", Backup = "BackupInput" }

local function stored_input(self, input)
  local stored = { VodPullInputInfo = json.null, LivePullInputInfo = json.null, RtmpPushInputInfo = json.null }
  assign(stored, copy(input))
  if stored.RtmpPushInputInfo ~= json.null then
    stored.RtmpPushInputInfo.PushUrl = "rtmp://push.example.com/output/" .. self:new_id "stream" .. "?txSecret=hush"
  end
  return stored
end

local function output_index(state, id)
  for i, entry in ipairs(state.OutputSet) do
    if entry.StreamConnectOutput.Id == id then return i end
  end
end

local function push_of(input)
  return json.object(input.RtmpPushInputInfo).PushUrl or ""
end

local SC = {
  Start = function(self, state)
    if state.Status == "Working" or state.MainInput == json.null then return refusal "FailedOperation.StreamConnect" end
    state.Status, state.CurrentStartTime = "Working", time.format(self.clock)
    state.CurrentStopTime = time.format(self.clock + 7200)
  end,
  Stop = function(self, state)
    if state.Status == "Idle" then return refusal "FailedOperation.StreamConnect" end
    state.Status, state.CurrentInputEndpoint, state.LastStopTime = "Idle", "Main", time.format(self.clock)
  end,
  SwitchInput = function(_, state, params)
    if state.Status == "Idle" or state[STATES[params.InputEndpoint]] == json.null then
      return refusal "FailedOperation.StreamConnect"
    end
    state.CurrentInputEndpoint = params.InputEndpoint
  end,
  ModifyCurrentStopTime = function(_, state, params) state.CurrentStopTime = params.CurrentStopTime end,
  AddInput = function(self, state, params)
    local member = STATES[params.InputEndpoint]
    if state[member] ~= json.null then return refusal "InvalidParameterValue.Input" end
    state[member] = stored_input(self, params.InputInfo)
    return { StreamInputRtmpPushUrl = push_of(state[member]) }
  end,
  ModifyInput = function(self, state, params)
    local member = STATES[params.InputEndpoint]
    if state[member] == json.null or state.Status == "Working" and state.CurrentInputEndpoint == params.InputEndpoint
    then
      return refusal "FailedOperation.StreamConnect"
    end
    state[member] = stored_input(self, params.InputInfo)
  end,
  DeleteInput = function(_, state, params)
    local member = STATES[params.InputEndpoint]
    if state[member] == json.null or state.Status == "Working" and state.CurrentInputEndpoint == params.InputEndpoint
    then
      return refusal "FailedOperation.StreamConnect"
    end
    state[member] = json.null
  end,
  AddOutput = function(_, state, params)
    local output = copy(params.OutputInfo)
    if output_index(state, output.Id) then return refusal "InvalidParameterValue.StreamConnectOutputInvalid" end
    table.insert(state.OutputSet, { StreamConnectOutput = output, PushSwitch = "On" })
  end,
  ModifyOutput = function(_, state, params)
    local at = output_index(state, params.OutputInfo.Id)
    if not at then return refusal "InvalidParameterValue.StreamConnectOutputInvalid" end
    assign(state.OutputSet[at].StreamConnectOutput, params.OutputInfo)
  end,
  DeleteOutput = function(_, state, params)
    local at = output_index(state, params.OutputInfo.Id)
    if not at then return refusal "InvalidParameterValue.StreamConnectOutputInvalid" end
    table.remove(state.OutputSet, at)
  end,
  DescribeInputPlayInfo = function(_, state, params)
    local input = state[STATES[params.InputEndpoint]]
    local urls = json.object(json.object(input).VodPullInputInfo).InputUrls
    return { VodPullInputPlayInfo = urls and { Url = urls[1], TimeOffset = 12.5 } or json.null }
  end,
}

local function new_stream_connect(self, input)
  input = input or {}
  local state = { Status = "Idle", CurrentInputEndpoint = "Main", CurrentStartTime = "", CurrentStopTime = "",
    LastStopTime = "", MainInput = input.MainInput and stored_input(self, input.MainInput) or json.null,
    BackupInput = input.BackupInput and stored_input(self, input.BackupInput) or json.null, OutputSet = {} }
  for i, output in ipairs(input.Outputs or {}) do
    state.OutputSet[i] = { StreamConnectOutput = copy(output), PushSwitch = "On" }
  end
  return state
end

-- ---- MEDIA_CAST

local function add_all(self, list, entries, prefix, limit, at)
  if #list + #entries > limit then return refusal "LimitExceeded" end
  local added = {}
  for i, entry in ipairs(entries) do
    added[i] = copy(entry)
    added[i].Id = self:new_id(prefix)
    table.insert(list, at and at + i or #list + 1, added[i])
  end
  return added
end

local MC = {
  Start = function(self, state)
    if state.Status == "Working" then return refusal "InvalidParameterValue.OperationInvalid" end
    state.Status, state.playing, state.StartTime = "Working", state.SourceInfos[1].Id, time.format(self.clock)
    state.StopTime = ""
  end,
  Confirm = function(_, state)
    if state.Status == "Idle" then return refusal "InvalidParameterValue.OperationInvalid" end
  end,
  Stop = function(self, state)
    if state.Status == "Idle" then return refusal "InvalidParameterValue.OperationInvalid" end
    state.Status, state.StopTime = "Idle", time.format(self.clock)
  end,
  AddSource = function(self, state, params)
    local added, code = add_all(self, state.SourceInfos, params.SourceInfos, "s", 100, params.Position)
    return added and { SourceInfoSet = added }, code
  end,
  DeleteSource = function(_, state, params)
    for _, one in ipairs(params.SourceInfos) do
      local at = find(state.SourceInfos, one.Id)
      if not at or state.Status == "Working" and state.playing == one.Id then
        return refusal "InvalidParameterValue.MediaCastSourceInfosInvalid"
      end
      table.remove(state.SourceInfos, at)
    end
  end,
  SwitchSource = function(_, state, params)
    local id = params.SourceInfos[1].Id
    if state.Status == "Idle" or not find(state.SourceInfos, id) then
      return refusal "InvalidParameterValue.MediaCastSourceInfosInvalid"
    end
    state.playing = id
  end,
  AddDestination = function(self, state, params)
    local added, code = add_all(self, state.DestinationInfos, params.DestinationInfos, "d", 10)
    return added and { DestinationInfoSet = added }, code
  end,
  ModifyDestination = function(_, state, params)
    local _, entry = find(state.DestinationInfos, params.DestinationInfos[1].Id)
    if not entry then return refusal "InvalidParameterValue" end
    assign(entry, params.DestinationInfos[1])
  end,
  DeleteDestination = function(_, state, params)
    local at = find(state.DestinationInfos, params.DestinationInfos[1].Id)
    if not at then return refusal "InvalidParameterValue" end
    table.remove(state.DestinationInfos, at)
  end,
  EnableDestination = function(_, state, params) state.stopped[params.DestinationInfos[1].Id] = nil end,
  DisableDestination = function(_, state, params) state.stopped[params.DestinationInfos[1].Id] = true end,
  ModifyOutputMediaSetting = function(_, state, params)
    if state.Status == "Working" then return refusal "InvalidParameterValue.OperationInvalid" end
    state.OutputMediaSetting = copy(params.OutputMediaSetting)
  end,
  ModifyPlaySetting = function(_, state, params)
    if state.Status == "Working" and params.PlaySetting.AutoStartTime then return refusal "InvalidParameterValue" end
    assign(state.PlaySetting, params.PlaySetting)
  end,
  DescribePlayInfo = function(_, state)
    local statuses = {}
    for i, one in ipairs(state.DestinationInfos) do
      local on = state.Status == "Working" and not state.stopped[one.Id]
      statuses[i] = { Id = one.Id, PushUrl = one.PushUrl, Status = on and "Working" or "Stopped" }
    end
    return { PlayInfo = { Status = state.Status, CurrentSourceId = state.Status == "Working" and state.playing or "",
      CurrentSourcePosition = 3.5, CurrentSourceDuration = 60, LoopCount = 0, DestinationStatusSet = statuses } }
  end,
}

local function new_media_cast(self, input)
  input = input or {}
  local state = { Status = "Idle", SourceInfos = {}, DestinationInfos = {}, StartTime = "", StopTime = "", Duration = 0,
    OutputMediaSetting = copy(input.OutputMediaSetting) or { VideoSetting = { Width = 1280, Height = 720,
      Bitrate = 2500, FrameRate = 25 }, FollowSourceInfo = false },
    PlaySetting = { LoopCount = 1, EndTime = "0001-01-01T00:00:00Z", AutoStartTime = "0001-01-01T00:00:00Z" },
    stopped = {} }
  assign(state.PlaySetting, copy(input.PlaySetting) or {})
  add_all(self, state.SourceInfos, input.SourceInfos or {}, "s", 100)
  add_all(self, state.DestinationInfos, input.DestinationInfos or {}, "d", 10)
  return state
end

-- ---- actions

local KINDS = {
  STREAM_CONNECT = { member = "StreamConnectProjectInfo", operations = SC },
  MEDIA_CAST = { member = "MediaCastProjectInfo", operations = MC },
}

local function handler(category)
  local kind = KINDS[category]
  return function(self, params)
    local entry = self.projects[params.ProjectId]
    if not entry then return refusal "InvalidParameterValue.ProjectId" end
    if entry.Category ~= category then return refusal "InvalidParameterValue.Category" end
    local operation = assert(kind.operations[params.Operation], params.Operation)
    local response, code = operation(self, entry[kind.member], params)
    if code then return nil, code end
    return response or {}
  end
end

local ACTIONS = {
  CreateProject = function(self, params)
    local id = self:new_id "p"
    local entry = { ProjectId = id, Name = params.Name, Owner = copy(params.Owner), Category = params.Category,
      AspectRatio = "", CoverUrl = "", StreamConnectProjectInfo = json.null, MediaCastProjectInfo = json.null,
      CreateTime = time.format(self.clock + (self.service_ahead or 0)) }
    entry.UpdateTime = entry.CreateTime
    local set = {}
    if params.Category == "STREAM_CONNECT" then
      local state = new_stream_connect(self, params.StreamConnectProjectInput)
      entry.StreamConnectProjectInfo = state
      for i, member in ipairs { "MainInput", "BackupInput" } do
        local url = state[member] ~= json.null and push_of(state[member]) or ""
        set[i] = { ExpiredSecond = url ~= "" and 3600 or 0, PushUrl = url }
      end
    else
      entry.MediaCastProjectInfo = new_media_cast(self, params.MediaCastProjectInput)
    end
    self.projects[id] = entry
    return { ProjectId = id, RtmpPushInputInfoSet = set }
  end,
  DescribeProjects = function(self, params)
    local all, wanted = {}, {}
    for _, id in ipairs(params.ProjectIds or {}) do wanted[id] = true end
    for id, entry in pairs(self.projects) do
      if (not params.ProjectIds or wanted[id]) and (not params.Owner or params.Owner.Id == entry.Owner.Id)
        and (not params.CategorySet or contains(params.CategorySet, entry.Category)) then
        all[#all + 1] = entry
      end
    end
    table.sort(all, function(a, b)
      if a.CreateTime ~= b.CreateTime then return a.CreateTime > b.CreateTime end
      return a.ProjectId > b.ProjectId
    end)
    local offset, page = params.Offset or 0, {}
    for i = offset + 1, math.min(#all, offset + (params.Limit or 10)) do page[#page + 1] = copy(all[i]) end
    return { TotalCount = #all, ProjectInfoSet = page }
  end,
  ModifyProject = function(self, params)
    local entry = self.projects[params.ProjectId]
    if not entry then return refusal "InvalidParameterValue.ProjectId" end
    entry.Name, entry.Owner = params.Name or entry.Name, params.Owner or entry.Owner
    return {}
  end,
  DeleteProject = function(self, params)
    local entry = self.projects[params.ProjectId]
    if not entry then return refusal "InvalidParameterValue.ProjectId" end
    for _, kind in pairs(KINDS) do
      if entry[kind.member] ~= json.null and entry[kind.member].Status == "Working" then
        return refusal "FailedOperation"
      end
    end
    self.projects[params.ProjectId] = nil
    return {}
  end,
  HandleStreamConnectProject = handler "STREAM_CONNECT",
  HandleMediaCastProject = handler "MEDIA_CAST",
  SwitchProjectOutput = function() return refusal "InvalidAction" end, -- as the cloud
  ModifyProjectMerge = function(self, params)
    if not self.merges then return refusal "InvalidAction" end -- as the cloud
    self.merges[#self.merges + 1] = { params.Merge, params.Window }
    return {}
  end,
  ModifyProjectStandby = function(self, params)
    if not self.standbys then return refusal "InvalidAction" end -- as the cloud
    self.standbys[#self.standbys + 1] = params.Standby
    return {}
  end,
  ModifyProjectLooks = function(self, params)
    if not self.looks then return refusal "InvalidAction" end -- as the cloud
    self.looks[#self.looks + 1] = { params.Inputs, params.FailoverOn or false, params.After }
    local state = self:state(params.ProjectId)
    state.LookInputs, state.FailoverOn, state.FailoverAfter = params.Inputs, params.FailoverOn, params.After
    return {}
  end,
  ModifyProjectSlate = function(self, params)
    if not self.slates then return refusal "InvalidAction" end -- as the cloud
    self.slates[#self.slates + 1] = { params.Slate or false, params.Silence }
    local state = self:state(params.ProjectId)
    state.Slate, state.Silence = params.Slate, params.Silence
    return {}
  end,
  ModifyProjectRecording = function(self, params)
    if not self.recordings then return refusal "InvalidAction" end -- as the cloud
    self.recordings[params.ProjectId] = params.Recording or false
    self:state(params.ProjectId).Recording = params.Recording
    return {}
  end,
  DescribeProjectHealth = function(self)
    if not self.health then return refusal "InvalidAction" end -- as the cloud
    return copy(self.health)
  end,
}

local function perform(self, action, params, name)
  local response, code
  if self.refuse[name] then
    code = self.refuse[name]
  else
    response, code = ACTIONS[action](self, params)
  end
  if response then
    response.RequestId = "r"
    return response
  end
  return nil, ("%s: %s: no"):format(action, code),
    { code = "api." .. code, op = action, retryable = false, attempts = 1 }
end

-- Done or not, the answer is lost: what client:call makes of it.
local function lost(self, action, params, name, options)
  local how = self.lose[name]
  self.lose[name] = nil
  if how == "after" then perform(self, action, params, name) end
  local verdict
  if options and options.settle then verdict = options.settle() end
  self.verdict = verdict
  if verdict then return verdict end
  if verdict == false then return self:call(action, params, options) end
  return nil, action .. ": connection reset", { code = "network.reset", op = action, unknown_outcome = true,
    retryable = false, attempts = 1 }
end

--- As client:call.
function Model:call(action, params, options)
  params.Platform = params.Platform or "test"
  local ok, message = schema.check(params, schema.actions[action].request)
  assert(ok, message)
  local name = params.Operation or action
  self.calls[#self.calls + 1] = name
  if not name:find "^Describe" then self.writes[#self.writes + 1] = name end
  if self.on_call then self.on_call(name, params) end
  if self.lose[name] then return lost(self, action, params, name, options) end
  return perform(self, action, params, name)
end

--- Forgets what was asked so far.
function Model:clear()
  self.writes, self.calls = {}, {}
end

--- The state of a project, as the service keeps it.
function Model:state(id)
  local entry = self.projects[id]
  return entry.StreamConnectProjectInfo ~= json.null and entry.StreamConnectProjectInfo or entry.MediaCastProjectInfo
end

return model
