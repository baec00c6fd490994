-- SPDX-License-Identifier: MIT
-- What the cloud's documentation says of the relay actions, as data, and requests that show what this service does:
-- docs/conformance.md is made from both (tools/gen_conformance.lua), and the official SDK makes the same requests of a
-- real service (sdk_node_spec.lua).

local conformance = {}

local OWNER = { Type = "PERSON", Id = "owner" }

-- ---- a world: a service with projects in each category and state

---@class spec.world
---@field source fun(): string       URL of a live source
---@field destination fun(): string  a push URL, another one each time
---@field partly fun()|nil           called before a start that is to work in part, where engines are not real
---@field playing fun(id: string)|nil told which source plays, where playouts are not real
local World = {}
World.__index = World

---@param call fun(action: string, params: table): table raises when the service refuses
---@param options { source: function, destination: function, partly: function|nil, playing: function|nil }
---@return spec.world
function conformance.world(call, options)
  local self = setmetatable({ call = call, _projects = {}, _started = {} }, World)
  for name, value in pairs(options) do self[name] = value end
  return self
end

function World:live()
  return { InputType = "LivePull", LivePullInputInfo = { InputUrl = self.source() } }
end

function World:output(id)
  return { Id = id, Name = id, PushUrl = self.destination() }
end

function World:external()
  return { Type = "EXTERNAL", Url = self.source() }
end

function World:input(category)
  if category == "STREAM_CONNECT" then
    return { MainInput = self:live(), BackupInput = self:live(), Outputs = { self:output "a", self:output "b" } }
  end
  return { SourceInfos = { self:external(), self:external() }, DestinationInfos = { self:output(), self:output() },
    PlaySetting = { LoopCount = -1 } }
end

local members = { STREAM_CONNECT = "StreamConnectProjectInput", MEDIA_CAST = "MediaCastProjectInput" }
local handlers = { STREAM_CONNECT = "HandleStreamConnectProject", MEDIA_CAST = "HandleMediaCastProject" }

--- What CreateProject needs, with members replaced.
function World.create_params(more)
  local params = { Platform = "test", Name = "conformance", Category = "STREAM_CONNECT", Owner = OWNER }
  for name, value in pairs(more or {}) do params[name] = value end
  return params
end

--- A new project: { id, sources, destinations }, the latter two the ids of a media cast's.
function World:fresh(category, status, input)
  local id = self.call("CreateProject", World.create_params { Category = category,
    [members[category]] = input or self:input(category) }).ProjectId
  local project = { id = id, category = category, sources = {}, destinations = {} }
  local info = self.call("DescribeProjects", { Platform = "test", ProjectIds = { id } }).ProjectInfoSet[1]
  if category == "MEDIA_CAST" then
    for i, one in ipairs(info.MediaCastProjectInfo.SourceInfos) do project.sources[i] = one.Id end
    for i, one in ipairs(info.MediaCastProjectInfo.DestinationInfos) do project.destinations[i] = one.Id end
  end
  if status == "Working" then self:start(project) end
  return project
end

function World:start(project)
  self._started[#self._started + 1] = project
  if self.playing then self.playing(project.sources[1]) end
  self:handle(project, "Start", {})
  if project.category == "MEDIA_CAST" then self:handle(project, "Confirm", {}) end
end

--- One project of each category and state, for what changes nothing.
function World:project(category, status)
  local name = category .. status
  self._projects[name] = self._projects[name] or self:fresh(category, status)
  return self._projects[name]
end

--- Action and parameters of an operation.
function World.operation(project, name, params)
  params.Platform, params.ProjectId, params.Operation = "test", project.id, name
  return handlers[project.category], params
end

function World:handle(project, name, params)
  return self.call(World.operation(project, name, params))
end

--- Stops what was started.
function World:close()
  for _, project in ipairs(self._started) do pcall(self.handle, self, project, "Stop", {}) end
end

-- ---- operations: allowed or refused in each state by the cloud's pages, where they say; what else is ours to decide

local ALLOWED, REFUSED, SILENT = "allowed", "refused", "not documented"
conformance.ALLOWED, conformance.REFUSED, conformance.SILENT = ALLOWED, REFUSED, SILENT

local function stop_time()
  return os.date("!%Y-%m-%dT%H:%M:%SZ", os.time() + 3600)
end

local function output_of(id)
  return function(w) return { OutputInfo = id == "c" and w:output(id) or { Id = id, Name = "other" } } end
end

local function input_of(endpoint)
  return function(w) return { InputEndpoint = endpoint, InputInfo = w:live() } end
end

local function at(endpoint)
  return function() return { InputEndpoint = endpoint } end
end

local function nothing() return {} end

local function without_backup(w, project)
  w:handle(project, "DeleteInput", { InputEndpoint = "Backup" })
end

local function without_b(w, project)
  w:handle(project, "DeleteOutput", { OutputInfo = { Id = "b" } })
end

local function source(i)
  return function(_, project) return { SourceInfos = { { Id = project.sources[i] } } } end
end

local function destination(more)
  return function(_, project)
    local one = { Id = project.destinations[2] }
    for name, value in pairs(more or {}) do one[name] = value end
    return { DestinationInfos = { one } }
  end
end

local VIDEO = { VideoSetting = { Width = 640, Height = 360, Bitrate = 800, FrameRate = 25 } }

-- operation, variant, the cloud while Idle, while Working, parameters, what is done before
conformance.operations = {
  STREAM_CONNECT = {
    { "AddInput", "", SILENT, SILENT, input_of "Backup", without_backup },
    { "AddInput", "where there is one", SILENT, SILENT, input_of "Backup" },
    { "ModifyInput", "", SILENT, SILENT, input_of "Backup" },
    { "ModifyInput", "the one on air", SILENT, SILENT, input_of "Main" },
    { "ModifyInput", "where there is none", SILENT, SILENT, input_of "Backup", without_backup },
    { "DeleteInput", "", SILENT, SILENT, at "Backup" },
    { "DeleteInput", "the one on air", SILENT, SILENT, at "Main" },
    { "AddOutput", "", SILENT, SILENT, output_of "c" },
    { "AddOutput", "with the Id of another", SILENT, SILENT, function(w) return { OutputInfo = w:output "a" } end },
    { "ModifyOutput", "", SILENT, SILENT, output_of "b" },
    { "ModifyOutput", "with an unknown Id", SILENT, SILENT, output_of "z" },
    { "DeleteOutput", "", SILENT, SILENT, output_of "b" },
    { "DeleteOutput", "the last one", SILENT, SILENT, output_of "a", without_b },
    { "Start", "", ALLOWED, REFUSED, nothing },
    { "Stop", "", REFUSED, ALLOWED, nothing },
    { "SwitchInput", "", SILENT, ALLOWED, at "Backup" },
    { "SwitchInput", "where there is none", SILENT, SILENT, at "Backup", without_backup },
    { "ModifyCurrentStopTime", "", REFUSED, ALLOWED, function() return { CurrentStopTime = stop_time() } end },
    { "DescribeInputPlayInfo", "", SILENT, ALLOWED, at "Main" },
  },
  MEDIA_CAST = {
    { "AddSource", "", ALLOWED, ALLOWED, function(w) return { SourceInfos = { w:external() } } end },
    { "DeleteSource", "", ALLOWED, ALLOWED, source(2) },
    { "DeleteSource", "the one that plays", ALLOWED, REFUSED, source(1) },
    { "SwitchSource", "", REFUSED, ALLOWED, source(2) },
    { "AddDestination", "", ALLOWED, ALLOWED, function(w) return { DestinationInfos = { w:output() } } end },
    { "ModifyDestination", "", ALLOWED, ALLOWED, destination { Name = "other" } },
    { "DeleteDestination", "", ALLOWED, ALLOWED, destination() },
    { "EnableDestination", "", REFUSED, ALLOWED, destination() },
    { "DisableDestination", "", REFUSED, ALLOWED, destination() },
    { "Start", "", ALLOWED, REFUSED, nothing },
    { "Confirm", "", REFUSED, ALLOWED, nothing },
    { "Stop", "", REFUSED, ALLOWED, nothing },
    { "ModifyOutputMediaSetting", "", ALLOWED, REFUSED, function() return { OutputMediaSetting = VIDEO } end },
    { "ModifyPlaySetting", "", ALLOWED, ALLOWED, function() return { PlaySetting = { LoopCount = 3 } } end },
    { "ModifyPlaySetting", "with AutoStartTime", ALLOWED, REFUSED, function()
      return { PlaySetting = { AutoStartTime = stop_time() } }
    end },
    { "DescribePlayInfo", "", ALLOWED, ALLOWED, nothing },
  },
}

-- ---- actions: what the cloud's page says, and a request

conformance.actions = {
  { "CreateProject", "a project of one of six categories; push addresses for `RtmpPush` inputs", function(w)
    return World.create_params { StreamConnectProjectInput = w:input "STREAM_CONNECT" }
  end, note = "categories STREAM_CONNECT and MEDIA_CAST" },
  { "CopyProject", "an editing project copied", function(w)
    return { Platform = "test", ProjectId = w:project("STREAM_CONNECT", "Idle").id }
  end, note = "relays are copied, Idle" },
  { "DescribeProjects", "projects by id, owner, category, ..., in pages", function()
    return { Platform = "test", Limit = 1 }
  end, note = "`Limit` up to 100" },
  { "ModifyProject", "name, owner, aspect ratio, mode", function(w)
    return { Platform = "test", ProjectId = w:project("MEDIA_CAST", "Idle").id, Name = "other" }
  end },
  { "DeleteProject", "a project that does not push", function(w)
    return { Platform = "test", ProjectId = w:fresh("STREAM_CONNECT", "Idle").id }
  end },
  { "DescribePlatforms", "the platforms of the account", nothing, note = "those that the key is for" },
}

-- ---- refusals: every code that a request can bring about here

local function create(more)
  return function(w) return "CreateProject", World.create_params(more(w)) end
end

local function with_input(make)
  return create(function(w)
    local input = w:input "STREAM_CONNECT"
    make(input)
    return { StreamConnectProjectInput = input }
  end)
end

local function list(more)
  return function()
    local params = { Platform = "test" }
    for name, value in pairs(more) do params[name] = value end
    return "DescribeProjects", params
  end
end

local function on(category, status, name, make)
  return function(w)
    local project = w:project(category, status)
    return World.operation(project, name, make and make(w, project) or {})
  end
end

local function action_on(action, category, status, more)
  return function(w)
    local params = { Platform = "test", ProjectId = w:project(category, status).id }
    for name, value in pairs(more or {}) do params[name] = value end
    return action, params
  end
end

local function many(n, make)
  local all = {}
  for i = 1, n do all[i] = make(i) end
  return all
end

local SC, MC = "STREAM_CONNECT", "MEDIA_CAST"

-- code, when, request
local refusals = {
  { "InvalidAction", "an action that the product does not have", function() return "NoSuchAction", {} end },
  { "UnsupportedOperation", "an action that this service does not offer", function()
    return "DescribeMaterials", { Platform = "test", MaterialIds = { "x" } }
  end },
  { "UnsupportedOperation", "a category that it does not run", create(function()
    return { Category = "SWITCHER" }
  end) },
  { "MissingParameter", "a required member is missing", function() return "CreateProject", { Platform = "test" } end },
  { "MissingParameter", "what the operation needs is missing", on(SC, "Idle", "AddInput") },
  { "UnknownParameter", "a member that the action does not have", list { Nonsense = "x" } },
  { "InvalidParameter", "a member of another type", list { Limit = "ten" } },
  { "InvalidParameter", "the input of another category", create(function()
    return { MediaCastProjectInput = { SourceInfos = { { Type = "VOD", FileId = "x" } } } }
  end) },
  { "InvalidParameterValue", "a number or time out of its range", on(SC, "Working", "ModifyCurrentStopTime",
    function() return { CurrentStopTime = "2000-01-01T00:00:00Z" } end) },
  { "InvalidParameterValue.Platform", "an empty platform", list { Platform = "" } },
  { "ResourceNotFound.Platform", "an unknown platform", list { Platform = "nowhere" } },
  { "InvalidParameterValue.Name", "an empty name", create(function() return { Name = "" } end) },
  { "InvalidParameterValue.NameLenLimt", "a name of more than 30 characters", action_on("ModifyProject", SC, "Idle",
    { Name = ("播"):rep(31) }) },
  { "InvalidParameterValue.Category", "an unknown category", create(function()
    return { Category = "NONE" }
  end) },
  { "InvalidParameterValue.Category", "the project is of the other category", action_on("HandleMediaCastProject", SC,
    "Idle", { Operation = "Start" }) },
  { "InvalidParameterValue.CategorySet", "an unknown category", list { CategorySet = { "NONE" } } },
  { "InvalidParameterValue.OwnerType", "an owner that is not a PERSON", create(function()
    return { Owner = { Type = "TEAM", Id = "t" } }
  end) },
  { "InvalidParameterValue.OwnerId", "an empty owner", list { Owner = { Type = "PERSON", Id = "" } } },
  { "InvalidParameterValue.AspectRatio", "not of the form 16:9", create(function()
    return { AspectRatio = "wide" }
  end) },
  { "InvalidParameterValue.AspectRatioSet", "not of the form 16:9", list { AspectRatioSet = { "wide" } } },
  { "InvalidParameterValue.Limit", "a page of none, or of too many", list { Limit = 0 } },
  { "InvalidParameterValue.Limit", "a page of none, or of more than 20", function()
    return "DescribePlatforms", { Limit = 21 }
  end },
  { "InvalidParameterValue.SortOrder", "an unknown order or field", list {
    Sort = { Field = "CreateTime", Order = "Up" } } },
  { "InvalidParameterValue.ProjectId", "an unknown project", function()
    return "DeleteProject", { Platform = "test", ProjectId = "cmepid_0" }
  end },
  { "InvalidParameterValue.ProjectId", "more than 20 ids", list { ProjectIds = many(21, tostring) } },
  { "OperationDenied.PermissionDeny", "the operator is not the owner", action_on("DeleteProject", SC, "Idle",
    { Operator = "somebody" }) },
  { "FailedOperation", "the project is Working", action_on("DeleteProject", SC, "Working") },
  { "FailedOperation.StreamConnect", "the operation does not fit the state", on(SC, "Idle", "Stop") },
  { "FailedOperation.StreamConnect", "the input is on air", on(SC, "Working", "DeleteInput", at "Main") },
  { "FailedOperation.StartStreamConnectPartlyErr", "not everything works within 8 s; it is Working and keeps trying",
    function(w)
      local input = w:input(SC)
      input.MainInput.LivePullInputInfo.InputUrl = "rtmp://127.0.0.1:1/live/none"
      input.BackupInput = nil
      local project = w:fresh(SC, "Idle", input)
      w._started[#w._started + 1] = project
      if w.partly then w.partly() end
      return World.operation(project, "Start", {})
    end },
  { "InvalidParameterValue.Input", "an unknown endpoint", on(SC, "Idle", "SwitchInput", at "Third") },
  { "InvalidParameterValue.StreamConnectInputInvalid", "an invalid input", with_input(function(input)
    input.MainInput.LivePullInputInfo.InputUrl = "file:///etc/passwd"
  end) },
  { "InvalidParameterValue.StreamConnectInputInvalid", "no input, or one already", on(SC, "Idle", "AddInput",
    input_of "Main") },
  { "InvalidParameterValue.StreamConnectOutputInvalid", "an invalid output", with_input(function(input)
    input.Outputs[1].PushUrl = "https://example.com/"
  end) },
  { "InvalidParameterValue.StreamConnectOutputInvalid", "no output of this Id, or one already", on(SC, "Idle",
    "DeleteOutput", output_of "z") },
  { "InvalidParameterValue.OperationInvalid", "an unknown operation", on(SC, "Idle", "Pause") },
  { "InvalidParameterValue.OperationInvalid", "the operation does not fit the state", on(MC, "Idle", "Confirm") },
  { "InvalidParameterValue.OperationInvalid", "the source plays", on(MC, "Working", "DeleteSource", function(w, project)
    local play = not w.playing and w:handle(project, "DescribePlayInfo", {}).PlayInfo
    return { SourceInfos = { { Id = play and play.CurrentSourceId or project.sources[1] } } }
  end) },
  { "InvalidParameterValue.MediaCastSourceInfosInvalid", "an invalid or unknown source",
    on(MC, "Idle", "AddSource", function() return { SourceInfos = { { Type = "EXTERNAL", Url = "file:///x" } } } end) },
  { "InvalidParameterValue.EndTime", "not a time, or past", on(MC, "Idle", "ModifyPlaySetting", function()
    return { PlaySetting = { EndTime = "2000-01-01T00:00:00Z" } }
  end) },
  { "LimitExceeded", "more than 50 outputs", with_input(function(input)
    input.Outputs = many(51, function(i) return { Id = "o" .. i, PushUrl = "rtmp://127.0.0.1/live/hush" } end)
  end) },
  { "LimitExceeded", "more than 10 destinations", create(function(w)
    return { Category = MC, MediaCastProjectInput = { DestinationInfos = many(11, function() return w:output() end) } }
  end) },
  { "LimitExceeded", "more than 100 sources", create(function(w)
    return { Category = MC, MediaCastProjectInput = { SourceInfos = many(101, function() return w:external() end) } }
  end) },
}

--- Requests that are refused, each with the code that it must bring.
---@return { code: string, when: string, request: fun(world: spec.world): string, table }[]
function conformance.refusals()
  local cases = {}
  for i, row in ipairs(refusals) do cases[i] = { code = row[1], when = row[2], request = row[3] } end
  return cases
end

-- ---- the codes that the cloud documents: when, by its pages; and why one is never given here

conformance.codes = {
  { "AuthFailure.InvalidAuthorization", "the Authorization header cannot be read" },
  { "AuthFailure.InvalidSecretId", "a key of a wrong kind", absent = "there is one kind of key: SecretIdNotFound" },
  { "AuthFailure.SecretIdNotFound", "an unknown or disabled key" },
  { "AuthFailure.MFAFailure", "a second factor failed", absent = "there is no second factor" },
  { "AuthFailure.TokenFailure", "a session token is wrong or expired" },
  { "AuthFailure.SignatureExpire", "the clocks differ by more than five minutes" },
  { "AuthFailure.SignatureFailure", "the signature does not match" },
  { "AuthFailure.UnauthorizedOperation, AuthFailure", "the account's policies refuse",
    absent = "UnauthorizedOperation" },
  { "UnauthorizedOperation", "the account's policies refuse" },
  { "RequestLimitExceeded", "too many calls in a second" },
  { "RequestLimitExceeded.IPLimitExceeded, .UinLimitExceeded, .GlobalRegionUinLimitExceeded",
    "too many calls, by address, account or region", absent = "there is one limit" },
  { "InternalError", "the service failed" },
  { "ServiceUnavailable, ResourceUnavailable", "temporarily unavailable", absent = "while it is down nobody answers" },
  { "RequestSizeLimitExceeded", "the request is too large" },
  { "ResponseSizeLimitExceeded", "the answer would be too large", absent = "pages are bounded" },
  { "MissingParameter", "a parameter is missing" },
  { "InvalidParameter", "a parameter is wrong in kind" },
  { "InvalidParameterValue", "a value is wrong" },
  { "UnknownParameter", "an unknown parameter" },
  { "InvalidAction", "an unknown action" },
  { "NoSuchVersion", "an unknown version" },
  { "NoSuchProduct", "an unknown product", absent = "one product: an unknown host is SignatureFailure" },
  { "ActionOffline", "an action that was removed", absent = "UnsupportedOperation" },
  { "UnsupportedOperation", "an operation that is not offered" },
  { "UnsupportedProtocol", "a method other than GET and POST" },
  { "UnsupportedRegion", "a region that is not served", absent = "the region is not checked" },
  { "InvalidRequest", "a malformed multipart body", differs = "no action here takes multipart" },
  { "LimitExceeded", "a quota is used up" },
  { "ResourceInsufficient, ResourceInUse", "resources", absent = "FailedOperation says what is in the way" },
  { "ResourceNotFound", "an unknown resource", absent = "InvalidParameterValue names the member" },
  { "ResourceNotFound.Platform", "an unknown platform" },
  { "OperationDenied", "the operation is denied", absent = "OperationDenied.PermissionDeny" },
  { "OperationDenied.PermissionDeny", "the operator is not the owner" },
  { "FailedOperation", "the operation failed; deleting a project that pushes" },
  { "DryRunOperation", "a dry run would succeed", absent = "relay actions have none" },
  { "IpInBlacklist, IpNotInWhitelist", "the caller's address", absent = "a matter of the firewall" },
  { "InvalidParameterValue.Platform", "a wrong platform" },
  { "InvalidParameter.Platform", "the same, of the two Handle actions", absent = "InvalidParameterValue.Platform" },
  { "InvalidParameterValue.NameLenLimt", "a name of more than 30 characters" },
  { "InvalidParameterValue.Name", "a name that is not UTF-8" },
  { "InvalidParameterValue.Category", "a wrong category; HandleMediaCastProject does not list it",
    differs = "both Handle actions" },
  { "InvalidParameterValue.CategorySet", "a wrong category in a filter" },
  { "InvalidParameterValue.OwnerType", "a wrong kind of owner" },
  { "InvalidParameterValue.OwnerId", "a wrong owner" },
  { "InvalidParameterValue.ProjectId", "an unknown project" },
  { "InvalidParameterValue.AspectRatio", "a wrong aspect ratio" },
  { "InvalidParameterValue.AspectRatioSet", "the same in a filter" },
  { "InvalidParameterValue.Limit", "a wrong page" },
  { "InvalidParameterValue.SortOrder", "a wrong order" },
  { "InvalidParameterValue.Input", "a wrong parameter of an input" },
  { "InvalidParameterValue.StreamInput", "a wrong input stream", absent = "StreamConnectInputInvalid" },
  { "InvalidParameterValue.StreamConnect", "wrong stream-connect settings",
    absent = "StreamConnectInputInvalid or StreamConnectOutputInvalid" },
  { "InvalidParameterValue.StreamConnectInputInvalid", "an input that is not allowed" },
  { "InvalidParameterValue.StreamConnectOutputInvalid", "an output that is not allowed" },
  { "InvalidParameterValue.ExtInfoInvalid", "wrong extension data", absent = "relays have none" },
  { "FailedOperation.StreamConnect", "an operation on a relay failed" },
  { "FailedOperation.StartStreamConnectPartlyErr", "a start succeeded in part" },
  { "LimitExceeded.BillItemLiveDispatchMaxCount, .BillItemLiveDispatchDuration", "what was paid for is used up",
    absent = "nothing is billed" },
  { "InvalidParameterValue.OperationInvalid", "an operation of a media cast that is not allowed",
    differs = "also for stream connect, if it is unknown" },
  { "InvalidParameterValue.MediaCastSourceInfosInvalid", "a source that is not allowed" },
  { "InvalidParameterValue.EndTime", "a wrong end" },
  { "InvalidParameterValue.Operator", "a wrong operator", absent = "OperationDenied.PermissionDeny" },
  { "InvalidParameterValue.ProjectInfoError", "a project's record is broken", absent = "InternalError" },
  { "InvalidParameterValue.MaterialId, .ExternalMediaInfoNotExist, .VodSubAppid, .SwitcherProjectInput, .TrackItem",
    "inputs of other categories", absent = "those are not run here" },
  { "FailedOperation.CreateRecordTask, .RecordNotSupport, .SwitcherOnWorking", "other categories",
    absent = "those are not run here" },
}

return conformance
