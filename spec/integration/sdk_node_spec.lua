-- SPDX-License-Identifier: MIT
-- The official Node SDK, unchanged, against a real service with its engines, edge and playouts: every relay action and
-- operation over HTTP and over TLS, each of the ways in which it signs, and what it makes of errors.

local certificates = require "spec.support.programs.certificates"
local cjson = require "cjson"
local conformance = require "spec.support.proofs.conformance"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local node_sdk = require "spec.support.programs.node_sdk"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"

local LOOK = { size = "320x180", rate = 25, gop = 25, bitrate = "200k", picture = "testsrc2", tone = 440,
  sample_rate = 44100, profile = "main", bframes = 0 }
local UUID = "^%x+%-%x+%-4%x+%-%x+%-%x+$"
local OWNER = { Type = "PERSON", Id = "sdk" }

describe("the official Node SDK", function()
  local rtmp, serve, sdk, secure

  setup(function()
    local dir, library = proc.folder(), proc.folder()
    local ca_file = certificates.ca(dir)
    certificates.issue(dir, "server", "IP:127.0.0.1")
    rtmp = nginx.start { apps = { "source", "platform" } }
    local film = media.file(library .. "/film.flv", 5, LOOK)
    proc.run { "cp", film, rtmp.dir .. "/hls/source/film.flv" }
    media.replay(rtmp:url("source", "main"), film)
    media.replay(rtmp:url("source", "backup"), film)
    serve = service.start { edge = true, args = { "--rate-limit", "off", "--media", library, "--preset", "ultrafast",
      "--cert", dir .. "/server.pem", "--key", dir .. "/server.key", "--listen", "127.0.0.1:0" } }
    secure = serve.proc:expect "listening on https://(127.0.0.1:%d+)\n"
    sdk = node_sdk.start { secret_id = serve.secret_id, secret_key = serve.secret_key, ca_file = ca_file }
    rtmp:expect_publish("source", 2)
  end)

  teardown(function()
    if sdk then sdk:stop() end
    if serve then serve:stop() end
    proc.cleanup()
  end)

  local function http(more)
    local profile = { httpProfile = { protocol = "http://", endpoint = "127.0.0.1:" .. serve.port } }
    for name, value in pairs(more or {}) do profile[name] = value end
    return { profile = profile }
  end

  local function https()
    return { profile = { httpProfile = { protocol = "https://", endpoint = secure } }, region = "ap-guangzhou" }
  end

  local function get(profile)
    profile.profile.httpProfile.reqMethod = "GET"
    return profile
  end

  -- The caller of one way: call(action, params) returns the response or raises.
  local function caller(options)
    return function(action, params)
      params.Platform = action ~= "DescribePlatforms" and "test" or nil
      local response, failure = sdk:call(action, params, options)
      assert(response, failure and ("%s %s: %s"):format(action, failure.code, failure.message))
      assert.matches(UUID, response.RequestId)
      return response
    end
  end

  local function live(name)
    return { InputType = "LivePull", LivePullInputInfo = { InputUrl = rtmp:url("source", name or "main") } }
  end

  local function vod()
    local url = ("http://127.0.0.1:%d/hls/source/film.flv"):format(rtmp.http_port)
    return { InputType = "VodPull", VodPullInputInfo = { InputUrls = { url, url }, LoopTimes = -1 } }
  end

  local function push()
    return { InputType = "RtmpPush", RtmpPushInputInfo = { ExpiredSecond = 600 } }
  end

  local serial = 0

  local function destination()
    serial = serial + 1
    return rtmp:url("platform", "sdk" .. serial)
  end

  local function create(call, input)
    input.Outputs = { { Name = "推流1", PushUrl = destination() } }
    return call("CreateProject", { Name = "直播 & 分发=+1", Category = "STREAM_CONNECT", Owner = OWNER,
      StreamConnectProjectInput = input })
  end

  local function handler(call, action, id)
    return function(operation, params)
      params = params or {}
      params.ProjectId, params.Operation = id, operation
      return call(action, params)
    end
  end

  local function info(call, id)
    return call("DescribeProjects", { ProjectIds = { id } }).ProjectInfoSet[1]
  end

  -- CreateProject with each kind of input, then everything that is not an operation.
  local function manage(call)
    local pushed = create(call, { MainInput = push(), BackupInput = vod() })
    assert.are.equal(600, pushed.RtmpPushInputInfoSet[1].ExpiredSecond)
    assert.matches("^rtmp://.*txSecret=.*txTime=", pushed.RtmpPushInputInfoSet[1].PushUrl)
    assert.are.same({ ExpiredSecond = 0, PushUrl = "" }, pushed.RtmpPushInputInfoSet[2])
    local id = pushed.ProjectId
    local copy = call("CopyProject", { ProjectId = id, Name = "copy" }).ProjectId
    call("ModifyProject", { ProjectId = copy, Name = "renamed", Owner = { Type = "PERSON", Id = "other" } })
    local one, other = info(call, id), info(call, copy)
    assert.are.same({ "直播 & 分发=+1", "STREAM_CONNECT", OWNER, "Idle", cjson.null },
      { one.Name, one.Category, one.Owner, one.StreamConnectProjectInfo.Status, one.MediaCastProjectInfo })
    assert.are.equal(-1, one.StreamConnectProjectInfo.BackupInput.VodPullInputInfo.LoopTimes)
    assert.are.same({ "renamed", "other" }, { other.Name, other.Owner.Id })
    local page = call("DescribeProjects", { CategorySet = { "STREAM_CONNECT" }, Offset = 0, Limit = 1,
      Sort = { Field = "CreateTime", Order = "Asc" }, Owner = { Type = "PERSON", Id = "other" } })
    assert.are.same({ 1, copy }, { page.TotalCount, page.ProjectInfoSet[1].ProjectId })
    local platforms = call("DescribePlatforms", { Platforms = { "test" }, Limit = 20 })
    assert.are.same({ 1, "test" }, { platforms.TotalCount, platforms.PlatformInfoSet[1].Platform })
    for _, each in ipairs { id, copy } do call("DeleteProject", { ProjectId = each }) end
    assert.are.equal(0, call("DescribeProjects", { ProjectIds = { id, copy } }).TotalCount)
  end

  -- The eleven operations, while Idle and while Working.
  local function relay(call)
    local id = create(call, { MainInput = live() }).ProjectId
    local handle = handler(call, "HandleStreamConnectProject", id)
    local address = handle("AddInput", { InputEndpoint = "Backup", InputInfo = push() }).StreamInputRtmpPushUrl
    assert.matches("^rtmp://127.0.0.1:%d+/output/cme%-%x+%?txSecret=", address)
    assert.are.equal("", handle("ModifyInput", { InputEndpoint = "Backup", InputInfo = vod() }).StreamInputRtmpPushUrl)
    local second = { Id = "second", Name = "二", PushUrl = destination() }
    handle("AddOutput", { OutputInfo = second })
    handle "Start"
    handle("ModifyCurrentStopTime", { CurrentStopTime = os.date("!%Y-%m-%dT%H:%M:%SZ", os.time() + 3600) })
    handle("ModifyOutput", { OutputInfo = { Id = "second", Name = "zwei" } })
    local state = info(call, id).StreamConnectProjectInfo
    assert.are.same({ "Working", "Main", "zwei", "On" }, { state.Status, state.CurrentInputEndpoint,
      state.OutputSet[2].StreamConnectOutput.Name, state.OutputSet[2].PushSwitch })
    handle("DeleteOutput", { OutputInfo = { Id = "second" } })
    handle("SwitchInput", { InputEndpoint = "Backup" })
    local position = handle("DescribeInputPlayInfo", { InputEndpoint = "Backup" }).VodPullInputPlayInfo
    assert.matches("film.flv$", position.Url)
    assert.is_number(position.TimeOffset)
    assert.are.equal("Backup", info(call, id).StreamConnectProjectInfo.CurrentInputEndpoint)
    handle("DeleteInput", { InputEndpoint = "Main" })
    handle "Stop"
    state = info(call, id).StreamConnectProjectInfo
    assert.are.same({ "Idle", cjson.null, 1 }, { state.Status, state.MainInput, #state.OutputSet })
    call("DeleteProject", { ProjectId = id })
  end

  -- The fourteen operations of a media cast.
  local function cast(call)
    local id = call("CreateProject", { Name = "cast", Category = "MEDIA_CAST", Owner = OWNER, MediaCastProjectInput = {
      SourceInfos = { { Type = "VOD", FileId = "film", Offset = 1, Duration = 2.5 } },
      DestinationInfos = { { Name = "one", PushUrl = destination() } },
      OutputMediaSetting = { VideoSetting = { Width = 320, Height = 180, Bitrate = 300, FrameRate = 25 } },
      PlaySetting = { LoopCount = 1 } } }).ProjectId
    local handle = handler(call, "HandleMediaCastProject", id)
    local added = handle("AddSource", { Position = 0, SourceInfos = {
      { Type = "CME", MaterialId = "film" }, { Type = "EXTERNAL", Url = rtmp:url("source", "main") } } }).SourceInfoSet
    assert.are.same({ "CME", "EXTERNAL" }, { added[1].Type, added[2].Type })
    local gone = handle("AddSource", { SourceInfos = { { Type = "VOD", FileId = "film" } } }).SourceInfoSet[1].Id
    handle("DeleteSource", { SourceInfos = { { Id = gone } } })
    handle("ModifyPlaySetting", { PlaySetting = { LoopCount = 50 } })
    handle("ModifyOutputMediaSetting", { OutputMediaSetting = { FollowSourceInfo = false,
      VideoSetting = { Width = 240, Height = 136, Bitrate = 250, FrameRate = 12.5 } } })
    handle "Start"
    handle "Confirm"
    local two = handle("AddDestination", { DestinationInfos = { { Name = "two", PushUrl = destination() } } })
      .DestinationInfoSet[1].Id
    handle("ModifyDestination", { DestinationInfos = { { Id = two, Name = "zwei" } } })
    handle("DisableDestination", { DestinationInfos = { { Id = two } } })
    local play = handle("DescribePlayInfo").PlayInfo
    assert.are.same({ "Working", "Stopped" }, { play.Status, play.DestinationStatusSet[2].Status })
    handle("EnableDestination", { DestinationInfos = { { Id = two } } })
    handle("SwitchSource", { SourceInfos = { { Id = added[2].Id } } })
    play = handle("DescribePlayInfo").PlayInfo
    assert.are.equal(added[2].Id, play.CurrentSourceId)
    handle("DeleteDestination", { DestinationInfos = { { Id = two } } })
    handle "Stop"
    local state = info(call, id).MediaCastProjectInfo
    assert.are.same({ "Idle", 3, 1, 12.5, 50 }, { state.Status, #state.SourceInfos, #state.DestinationInfos,
      state.OutputMediaSetting.VideoSetting.FrameRate, state.PlaySetting.LoopCount })
    call("DeleteProject", { ProjectId = id })
  end

  for name, way in pairs { ["HTTP on 127.0.0.1"] = http, ["TLS with a CA of ours"] = https } do
    it("does every relay action over " .. name, function()
      local call = caller(way())
      manage(call)
      relay(call)
      cast(call)
    end)
  end

  it("is understood however it signs", function()
    local ways = { TC3 = http(), ["TC3, GET"] = get(http()), ["v1, SHA1"] = http { signMethod = "HmacSHA1" },
      ["v1, SHA256"] = http { signMethod = "HmacSHA256" }, ["v1, GET"] = get(http { signMethod = "HmacSHA1" }),
      ["v1, SHA256, GET"] = get(http { signMethod = "HmacSHA256" }), ["v1, TLS"] = https() }
    ways["v1, TLS"].profile.signMethod = "HmacSHA1"
    for name, way in pairs(ways) do
      local ok, message = pcall(manage, caller(way))
      assert(ok, name .. ": " .. tostring(message))
    end
  end)

  -- What it throws: its own exception with the service's code, message and RequestId, and our trace id.
  local function fails(code, action, params, options)
    options = options or http()
    options.headers = { ["X-TC-TraceId"] = "trace-" .. code }
    local response, failure = sdk:call(action, params, options)
    assert(not response, code .. " was not thrown")
    assert.are.same({ code, true }, { failure.code, failure.own }, failure.message)
    assert.matches(UUID, failure.requestId)
    assert.is_true(#failure.message > 10)
    assert.are.equal("trace-" .. code, failure.traceId)
    return failure
  end

  local function with(more)
    local options = http()
    for name, value in pairs(more) do options[name] = value end
    return options
  end

  it("throws its own exception with Code, Message, RequestId and TraceId for what is wrong with a signature", function()
    local list = { Platform = "test" }
    fails("AuthFailure.SignatureFailure", "DescribeProjects", list, with { credential = { secretKey = "wrong" } })
    fails("AuthFailure.SecretIdNotFound", "DescribeProjects", list, with { credential = { secretId = "unknown" } })
    fails("AuthFailure.TokenFailure", "DescribeProjects", list, with { credential = { token = "none" } })
    fails("AuthFailure.InvalidAuthorization", "DescribeProjects", list, with { skip = true })
    fails("AuthFailure.SignatureExpire", "DescribeProjects", list, with { skew = -1000 })
    fails("AuthFailure.SignatureFailure", "DescribeProjects", list,
      with { credential = { secretKey = "wrong" }, profile = http { signMethod = "HmacSHA1" }.profile })
  end)

  it("throws it for each refusal, in the language that was asked for", function()
    local english, chinese = http { language = "en-US" }, http { language = "zh-CN" }
    local world = conformance.world(caller(http()), { destination = destination,
      source = function() return rtmp:url("source", "main") end })
    for _, case in ipairs(conformance.refusals()) do
      local action, params = case.request(world)
      local failure = fails(case.code, action, params, english)
      assert.not_matches("[\228-\233]", failure.message)
    end
    assert.matches("[\228-\233]", fails("InvalidParameterValue.NameLenLimt", "CreateProject", { Platform = "test",
      Name = ("n"):rep(31), Category = "STREAM_CONNECT", Owner = OWNER }, chinese).message)
    world:close()
  end)

  it("throws RequestLimitExceeded for calls past the limit", function()
    local own = service.start { args = { "--rate-limit", "1" } }
    local key = { secretId = own.secret_id, secretKey = own.secret_key }
    local failure
    for _ = 1, 5 do
      local options = with { credential = key }
      options.profile.httpProfile.endpoint = "127.0.0.1:" .. own.port
      local _, thrown = sdk:call("DescribeProjects", { Platform = "test" }, options)
      failure = failure or thrown
    end
    assert.are.same({ "RequestLimitExceeded", true }, { failure.code, failure.own })
    assert.matches("frequency limit `1`", failure.message)
    own:stop()
  end)
end)
