-- SPDX-License-Identifier: MIT
-- The API from a request's text to the answer's, with a store in memory and relays that are a table: every code
-- of the actions. Signatures have their own spec; here the request is signed with its own key.

local actions = require "cme.server.actions"
local api = require "cme.server.api"
local json = require "cme.json"
local keys = require "cme.server.keys"
local log = require "cme.server.log"
local schema = require "cme.schema"
local sign = require "cme.sign"
local store = require "cme.server.store"
local task = require "cme.server.task"
local uv = require "luv"

local clock = 1763848800

local function now()
  return clock
end

describe("the service's API", function()
  local db, front, relays, logged, perform, settings

  before_each(function()
    db = assert(store.open(":memory:", now))
    assert(db:add_platform "test")
    logged = {}
    relays = { verdict = "live", started = {}, stopped = {}, current = "main" }
    function relays:start(id)
      self.started[#self.started + 1] = id
      return not self.failure or nil, self.failure
    end
    function relays:wait_live()
      return self.verdict, self.faults
    end
    function relays:stop(id)
      self.stopped[#self.stopped + 1] = id
    end
    function relays:forget(id)
      self.forgotten = id
    end
    function relays:active()
      return self.current
    end
    function relays:switch(_, to)
      if self.failure then
        return nil, self.failure
      end
      self.current = to
      return { active = to }
    end
    function relays:update(id)
      self.told = assert(db:get(id))
      return not self.failure or nil, self.failure
    end
    local logger = log.new("debug", function(line)
      logged[#logged + 1] = line
    end, now)
    settings = { change_active_input = false }
    perform = actions.new { store = db, relays = relays, locks = task.locks(), settings = settings, now = now,
      log = logger }
    front = api.new { keys = keys.new { id = "key" }, now = now, log = logger, actions = perform }
  end)

  after_each(function()
    db:close()
    uv.run "nowait"
  end)

  -- Sends a body as it is; returns the Response and what came with it.
  local function send(action, body, more)
    more = more or {}
    local method, query = more.method or "POST", more.query or ""
    local content_type = more.content_type or method == "GET" and "application/x-www-form-urlencoded"
      or "application/json"
    local headers = {
      host = "h", ["content-type"] = content_type, ["x-tc-action"] = action,
      ["x-tc-version"] = more.version or "2019-10-29", ["x-tc-timestamp"] = tostring(clock),
      ["x-tc-traceid"] = more.trace,
      authorization = sign.new("id", more.secret or "key"):tc3 {
        service = "cme", host = "h", timestamp = clock, payload = method == "GET" and "" or body, method = method,
        query = query, content_type = content_type },
    }
    for name, value in pairs(more.headers or {}) do
      headers[name] = value or nil
    end
    local status, sent, text
    task.spawn(function()
      status, sent, text = front:handle { method = method, path = more.path or "/", query = query, body = body,
        too_large = more.too_large or false, header = function(name)
          return headers[name:lower()]
        end }
    end)
    assert.is_not_nil(status, "the answer waits for something")
    return assert(json.decode(text)).Response, status, sent, text
  end

  local function call(action, params)
    params.Platform = params.Platform or "test"
    return send(action, assert(json.encode(params)))
  end

  local function code_of(response)
    return response.Error and response.Error.Code
  end

  local function create_params(more)
    local params = { Name = "n", Category = "STREAM_CONNECT", Owner = { Type = "PERSON", Id = "u" },
      StreamConnectProjectInput = {
        MainInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = "http://a.example/x.flv" } },
        BackupInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = "http://b.example/x.flv" } },
        Outputs = { { Name = "o", PushUrl = "rtmp://c.example/live/sekret" } } } }
    for name, value in pairs(more or {}) do
      params[name] = value ~= json.null and value or nil
    end
    return params
  end

  local function create(more)
    return assert(call("CreateProject", create_params(more)).ProjectId)
  end

  local function handle(id, operation, more)
    local params = { ProjectId = id, Operation = operation }
    for name, value in pairs(more or {}) do
      params[name] = value
    end
    return call("HandleStreamConnectProject", params)
  end

  local function describe_one(id)
    return call("DescribeProjects", { ProjectIds = { id } }).ProjectInfoSet[1]
  end

  describe("envelope", function()
    it("is HTTP 200 and exactly application/json, with a request id, for success and failure", function()
      for _, action in ipairs { "DescribeProjects", "NoSuchAction" } do
        local response, status, headers = send(action, '{"Platform":"test"}', { trace = "trace-1" })
        assert.are.equal(200, status)
        assert.are.same({ ["Content-Type"] = "application/json", ["X-TC-TraceId"] = "trace-1" }, headers)
        assert.matches("^%x+%-%x+%-4%x+%-[89ab]%x+%-%x+$", response.RequestId)
        assert.are.equal(36, #response.RequestId)
      end
    end)

    it("does not echo a trace id that could be something else", function()
      local _, _, headers = send("DescribeProjects", '{"Platform":"test"}', { trace = "a\r\nSet-Cookie: x" })
      assert.are.same({ ["Content-Type"] = "application/json" }, headers)
    end)

    it("is 404 for other paths", function()
      local response, status = send("DescribeProjects", "{}", { path = "/x" })
      assert.are.equal(404, status)
      assert.are.equal("InvalidRequest", code_of(response))
    end)

    it("is InternalError, without details, when an action raises", function()
      db:close()
      local response = send("DescribeProjects", '{"Platform":"test"}')
      assert.are.equal("InternalError", code_of(response))
      assert.not_matches("used after close", response.Error.Message)
      assert.matches("used after close", table.concat(logged))
    end)
  end)

  it("answers InternalError when what an action returns cannot be written", function()
    local logger = log.new("error", function(line)
      logged[#logged + 1] = line
    end, now)
    front = api.new { keys = keys.new { id = "key" }, now = now, log = logger, actions = {
      DescribeProjects = function()
        return { TotalCount = print }
      end,
    } }
    local response, status = send("DescribeProjects", '{"Platform":"test"}')
    assert.are.equal("InternalError", code_of(response))
    assert.are.equal(200, status)
    assert.matches(response.RequestId, table.concat(logged), 1, true)
  end)

  local broken = {
    { "InvalidAction", "DescribeProject", '{"Platform":"test"}', message = "DescribeProjects" },
    { "UnsupportedOperation", "DescribeTeams", '{"Platform":"test"}' },
    { "NoSuchVersion", "DescribeProjects", "{}", { version = "2017-03-12" } },
    { "MissingParameter", "DescribeProjects", "{}", { headers = { ["x-tc-version"] = false } } },
    { "MissingParameter", "DescribeProjects", "{}", { headers = { ["x-tc-action"] = false } } },
    { "MissingParameter", "DescribeProjects", "{}", message = "Platform" },
    { "MissingParameter", "DescribeProjects", '{"Platform":null}', message = "Platform" },
    { "UnknownParameter", "DescribeProjects", '{"Platform":"test","Limits":1}', message = "Limit" },
    { "InvalidParameter", "DescribeProjects", '{"Platform":1}', message = "Platform" },
    { "InvalidParameter", "DescribeProjects", '{"Platform":"test","Limit":1.5}', message = "Limit" },
    { "InvalidParameter", "DescribeProjects", '{"Platform":"test","Offset":-1}', message = "Offset" },
    { "InvalidParameter", "DescribeProjects", '{"Platform":"test","ProjectIds":{}}', message = "ProjectIds" },
    { "InvalidParameter", "DescribeProjects", '{"Platform":"te\\u0000st"}', message = "Platform" },
    { "InvalidParameter", "DescribeProjects", '{"Platform":"test",' },
    { "InvalidParameter", "DescribeProjects", "" },
    { "InvalidParameter", "DescribeProjects", "[]" },
    { "InvalidParameter", "DescribeProjects", '"x"' },
    { "InvalidParameter", "DescribeProjects", "\0\1\2\255" },
    { "InvalidParameter", "DescribeProjects", ("["):rep(5000) },
    { "InvalidParameterValue.Name", "CreateProject", '{"Platform":"test","Name":"\255"}' },
    { "InvalidRequest", "DescribeProjects", "{}", { content_type = "multipart/form-data; boundary=x" } },
    { "UnsupportedProtocol", "DescribeProjects", "{}", { method = "PUT" } },
    { "RequestSizeLimitExceeded", "DescribeProjects", "{}", { too_large = true } },
    { "RequestSizeLimitExceeded", "DescribeProjects", "", { method = "GET", query = ("a"):rep(32769) } },
    { "AuthFailure.SignatureFailure", "DescribeProjects", "{}", { secret = "wrong" } },
    { "InvalidParameter", "DescribeProjects", "", { method = "GET", query = "Platform=%zz" } },
  }
  for i, case in ipairs(broken) do
    it(("answers %s to broken request %d"):format(case[1], i), function()
      local response = send(case[2], case[3], case[4])
      assert.are.equal(case[1], code_of(response))
      assert.matches(case.message or ".", response.Error.Message)
    end)
  end

  it("takes GET with a query", function()
    local id = create()
    local response = send("DescribeProjects", "", { method = "GET",
      query = "Platform=test&ProjectIds.0=" .. id .. "&Limit=5" })
    assert.are.equal(1, response.TotalCount)
    assert.are.equal(id, response.ProjectInfoSet[1].ProjectId)
  end)

  it("takes v1 with a query and with a form", function()
    for _, method in ipairs { "GET", "POST" } do
      local params = { Action = "DescribeProjects", Version = "2019-10-29", Platform = "test", Limit = "1",
        Timestamp = tostring(clock), Nonce = "7", SecretId = "id", Region = "" }
      local signature = sign.new("id", "key"):v1 { method = method, host = "h", params = params }
      params.Signature = signature:gsub("[+/=]", function(char)
        return ("%%%02X"):format(char:byte())
      end)
      local pairs_of = {}
      for name, value in pairs(params) do
        pairs_of[#pairs_of + 1] = name .. "=" .. value
      end
      local text = table.concat(pairs_of, "&")
      local response = send(nil, method == "POST" and text or "", { method = method,
        query = method == "GET" and text or "", content_type = "application/x-www-form-urlencoded",
        headers = { authorization = false } })
      assert.is_nil(code_of(response))
      assert.are.equal(0, response.TotalCount)
    end
  end)

  describe("CreateProject", function()
    it("makes a project that DescribeProjects shows", function()
      local response, _, _, text = call("CreateProject", create_params { Name = "直播多平台分发" })
      assert.matches("^cmepid_%x+$", response.ProjectId)
      assert.matches('"RtmpPushInputInfoSet":%[%]', text)
      local info = describe_one(response.ProjectId)
      assert.are.equal("直播多平台分发", info.Name)
      local connect = info.StreamConnectProjectInfo
      assert.are.equal("Idle", connect.Status)
      assert.are.equal("Main", connect.CurrentInputEndpoint)
      assert.are.equal("http://b.example/x.flv", connect.BackupInput.LivePullInputInfo.InputUrl)
      assert.are.equal("On", connect.OutputSet[1].PushSwitch)
      assert.matches("^%x+$", connect.OutputSet[1].StreamConnectOutput.Id)
      for _, field in ipairs(schema.actions.CreateProject.response) do
        assert.is_not_nil(response[field.name])
      end
    end)

    for i, case in ipairs {
      { "InvalidParameterValue.NameLenLimt", { Name = ("直"):rep(31) } },
      { "InvalidParameterValue.Name", { Name = "" } },
      { "InvalidParameterValue.Category", { Category = "STREAMCONNECT" } },
      { "UnsupportedOperation", { Category = "MEDIA_CAST", StreamConnectProjectInput = json.null } },
      { "InvalidParameter", { MediaCastProjectInput = {} } },
      { "InvalidParameterValue.OwnerType", { Owner = { Type = "TEAM", Id = "u" } } },
      { "InvalidParameterValue.OwnerId", { Owner = { Type = "PERSON", Id = "" } } },
      { "ResourceNotFound.Platform", { Platform = "nope" } },
      { "InvalidParameterValue.Platform", { Platform = "" } },
      { "InvalidParameterValue.StreamConnectOutputInvalid",
        { StreamConnectProjectInput = { Outputs = { { PushUrl = "x" } } } } },
      { "MissingParameter", { Owner = { Type = "PERSON" } } },
    } do
      it(("answers %s to case %d and makes nothing"):format(case[1], i), function()
        assert.are.equal(case[1], code_of(call("CreateProject", create_params(case[2]))))
        assert.are.equal(0, call("DescribeProjects", {}).TotalCount)
      end)
    end

    it("takes a name of 30 characters", function()
      create { Name = ("直"):rep(30) }
    end)
  end)

  describe("DescribeProjects", function()
    it("pages, and keeps [] for nothing", function()
      for i = 1, 12 do
        clock = clock + 1
        create { Name = "n" .. i }
      end
      local first = call("DescribeProjects", {})
      assert.are.same({ 12, 10, "n12" }, { first.TotalCount, #first.ProjectInfoSet, first.ProjectInfoSet[1].Name })
      local last = call("DescribeProjects",
        { Offset = 11, Limit = 100, Sort = { Field = "CreateTime", Order = "Desc" } })
      assert.are.same({ 12, 1, "n1" }, { last.TotalCount, #last.ProjectInfoSet, last.ProjectInfoSet[1].Name })
      local _, _, _, text = call("DescribeProjects", { Offset = 12 })
      assert.matches('"ProjectInfoSet":%[%]', text)
    end)

    it("shows an operator what is his", function()
      create { Owner = { Type = "PERSON", Id = "a" } }
      create { Owner = { Type = "PERSON", Id = "b" } }
      assert.are.equal(2, call("DescribeProjects", { Operator = "cmeid_system" }).TotalCount)
      assert.are.equal(1, call("DescribeProjects", { Operator = "a" }).TotalCount)
      assert.are.equal(1, call("DescribeProjects", { Owner = { Type = "PERSON", Id = "b" } }).TotalCount)
      assert.are.equal("OperationDenied.PermissionDeny",
        code_of(call("DescribeProjects", { Operator = "a", Owner = { Type = "PERSON", Id = "b" } })))
    end)

    for code, params in pairs {
      ["InvalidParameterValue.Limit"] = { Limit = 0 },
      ["InvalidParameterValue.SortOrder"] = { Sort = { Field = "CreateTime", Order = "Up" } },
      ["InvalidParameterValue.CategorySet"] = { CategorySet = { "X" } },
      ["InvalidParameterValue.OwnerType"] = { Owner = { Type = "X", Id = "u" } },
      ["ResourceNotFound.Platform"] = { Platform = "nope" },
    } do
      it("answers " .. code, function()
        assert.are.equal(code, code_of(call("DescribeProjects", params)))
      end)
    end

    it("takes at most 20 ids and 100 projects a page", function()
      local many = {}
      for i = 1, 21 do
        many[i] = "p" .. i
      end
      assert.are.equal("InvalidParameterValue.ProjectId", code_of(call("DescribeProjects", { ProjectIds = many })))
      assert.are.equal("InvalidParameterValue.Limit", code_of(call("DescribeProjects", { Limit = 101 })))
    end)
  end)

  describe("DeleteProject", function()
    it("removes an idle project, for its owner or the administrator", function()
      local id = create()
      assert.are.equal("OperationDenied.PermissionDeny",
        code_of(call("DeleteProject", { ProjectId = id, Operator = "x" })))
      assert.is_nil(code_of(call("DeleteProject", { ProjectId = id, Operator = "u" })))
      assert.are.equal(id, relays.forgotten)
      local response = call("DeleteProject", { ProjectId = id })
      assert.are.equal("InvalidParameterValue.ProjectId", code_of(response))
      assert.matches("none of this id on platform 'test': see DescribeProjects", response.Error.Message)
    end)

    it("refuses a working one", function()
      local id = create()
      handle(id, "Start")
      assert.are.equal("FailedOperation", code_of(call("DeleteProject", { ProjectId = id })))
      assert.is_table(describe_one(id))
    end)
  end)

  describe("HandleStreamConnectProject", function()
    it("starts, switches, plans the end and stops", function()
      local id = create()
      local response, _, _, text = handle(id, "Start")
      assert.is_nil(code_of(response))
      assert.matches('"StreamInputRtmpPushUrl":""', text)
      assert.matches('"VodPullInputPlayInfo":null', text)
      assert.are.same({ id }, relays.started)
      assert.are.equal("Working", describe_one(id).StreamConnectProjectInfo.Status)
      assert.is_nil(code_of(handle(id, "SwitchInput", { InputEndpoint = "Backup" })))
      assert.are.equal("Backup", describe_one(id).StreamConnectProjectInfo.CurrentInputEndpoint)
      assert.is_nil(code_of(handle(id, "ModifyCurrentStopTime", { CurrentStopTime = "2025-11-23T00:00:00Z" })))
      assert.are.equal("2025-11-23T00:00:00Z", describe_one(id).StreamConnectProjectInfo.CurrentStopTime)
      assert.are.equal(1763856000, relays.told.stop_at)
      assert.is_nil(code_of(handle(id, "Stop")))
      assert.are.same({ id }, relays.stopped)
      local info = describe_one(id).StreamConnectProjectInfo
      assert.are.equal("Idle", info.Status)
      assert.are_not.equal("", info.LastStopTime)
      assert.are.equal("", info.CurrentStopTime)
    end)

    it("is Working, and says what does not work, when a start is partial", function()
      local id = create()
      relays.verdict, relays.faults = "partial", { "output 'o' refused: do this" }
      local response = handle(id, "Start")
      assert.are.equal("FailedOperation.StartStreamConnectPartlyErr", code_of(response))
      assert.matches("output 'o' refused: do this", response.Error.Message, 1, true)
      assert.are.equal("Working", describe_one(id).StreamConnectProjectInfo.Status)
    end)

    it("is Idle again when no engine can be started", function()
      local id = create()
      relays.failure = "no such program"
      local response = handle(id, "Start")
      assert.are.equal("FailedOperation.StreamConnect", code_of(response))
      assert.matches("no such program", response.Error.Message)
      local info = describe_one(id).StreamConnectProjectInfo
      assert.are.same({ "Idle", "" }, { info.Status, info.LastStopTime })
      assert.are.same({ id }, relays.stopped)
    end)

    it("stays on its input, and says why, when a switch fails", function()
      local id = create()
      handle(id, "Start")
      relays.failure = "no keyframe within 5 s"
      local response = handle(id, "SwitchInput", { InputEndpoint = "Backup" })
      assert.are.equal("FailedOperation.StreamConnect", code_of(response))
      assert.matches("no keyframe within 5 s: still on main", response.Error.Message)
      assert.are.equal("Main", describe_one(id).StreamConnectProjectInfo.CurrentInputEndpoint)
    end)

    it("keeps the planned end when the engine does not take another", function()
      local id = create()
      handle(id, "Start")
      relays.failure = "no answer"
      local response = handle(id, "ModifyCurrentStopTime", { CurrentStopTime = "2025-11-23T00:00:00Z" })
      assert.are.equal("FailedOperation.StreamConnect", code_of(response))
      assert.are.equal("", describe_one(id).StreamConnectProjectInfo.CurrentStopTime)
    end)

    it("keeps nothing of what the database refuses", function()
      local id = create()
      assert(db._db:exec "PRAGMA query_only = ON")
      local response = handle(id, "Start")
      assert.are.equal("InternalError", code_of(response))
      assert.matches("nothing was changed", response.Error.Message)
      assert.are.same({}, relays.started)
      assert(db._db:exec "PRAGMA query_only = OFF")
      handle(id, "Start")
      assert(db._db:exec "PRAGMA query_only = ON")
      assert.are.equal("InternalError", code_of(handle(id, "Stop")))
      assert.are.same({}, relays.stopped)
      assert.are.equal("InternalError", code_of(call("CreateProject", create_params())))
    end)

    it("switches though the database refuses to note it, and says which input is on air", function()
      local id = create()
      handle(id, "Start")
      assert(db._db:exec "PRAGMA query_only = ON")
      assert.is_nil(code_of(handle(id, "SwitchInput", { InputEndpoint = "Backup" })))
      assert.are.equal("backup", relays.current)
      assert.are.equal("Backup", describe_one(id).StreamConnectProjectInfo.CurrentInputEndpoint)
      assert.matches('"level":"error".*switch is not stored', table.concat(logged))
    end)

    local idle = {
      { "FailedOperation.StreamConnect", "Stop" },
      { "FailedOperation.StreamConnect", "SwitchInput", { InputEndpoint = "Backup" } },
      { "FailedOperation.StreamConnect", "ModifyCurrentStopTime", { CurrentStopTime = "2025-11-23T00:00:00Z" } },
      { "InvalidParameterValue.OperationInvalid", "Begin" },
      { "UnsupportedOperation", "DescribeInputPlayInfo" },
      { "MissingParameter", "SwitchInput" },
      { "InvalidParameterValue.Input", "SwitchInput", { InputEndpoint = "main" } },
      { "MissingParameter", "ModifyCurrentStopTime" },
      { "InvalidParameterValue", "ModifyCurrentStopTime", { CurrentStopTime = "tomorrow" } },
      { "InvalidParameterValue", "ModifyCurrentStopTime", { CurrentStopTime = "2000-01-01T00:00:00Z" } },
      { "InvalidParameterValue", "ModifyCurrentStopTime", { CurrentStopTime = "2030-01-01T00:00:00Z" } },
      { "OperationDenied.PermissionDeny", "Start", { Operator = "stranger" } },
      { "InvalidParameterValue.ProjectId", "Start", { ProjectId = "cmepid_0" } },
    }
    for i, case in ipairs(idle) do
      it(("answers %s to %s while Idle (case %d)"):format(case[1], case[2], i), function()
        assert.are.equal(case[1], code_of(handle(create(), case[2], case[3])))
      end)
    end

    it("knows no project of another platform, whatever is asked of it", function()
      local id = create()
      assert(db:add_platform "other")
      for operation, more in pairs { Start = {}, Stop = {}, SwitchInput = { InputEndpoint = "Backup" },
        ModifyCurrentStopTime = { CurrentStopTime = "2025-11-23T00:00:00Z" } } do
        for _, status in ipairs { "Idle", "Working" } do
          if (status == "Working") ~= (#relays.started > #relays.stopped) then
            assert.is_nil(code_of(handle(id, status == "Working" and "Start" or "Stop")))
          end
          local before, started, stopped = describe_one(id), #relays.started, #relays.stopped
          more.Platform = "other"
          assert.are.equal("InvalidParameterValue.ProjectId", code_of(handle(id, operation, more)), operation)
          before.RequestId = nil
          assert.are.same(before, describe_one(id))
          assert.are.same({ started, stopped, "main" }, { #relays.started, #relays.stopped, relays.current })
        end
      end
      assert.is_nil(code_of(handle(id, "Stop")))
      assert.are.equal("InvalidParameterValue.ProjectId",
        code_of(call("DeleteProject", { Platform = "other", ProjectId = id })))
      assert.are.equal(0, call("DescribeProjects", { Platform = "other", ProjectIds = { id } }).TotalCount)
      assert.is_table(describe_one(id))
    end)

    it("does one switch of a project after the other", function()
      local id, gate, asked, answered = create(), task.signal(), {}, {}
      handle(id, "Start")
      function relays:switch(_, to)
        asked[#asked + 1] = to
        gate:wait()
        self.current = to
        return { active = to }
      end
      for _, to in ipairs { "Backup", "Main" } do
        task.spawn(function()
          assert(perform.HandleStreamConnectProject { request_id = "r", params = { Platform = "test", ProjectId = id,
            Operation = "SwitchInput", InputEndpoint = to } })
          answered[to] = true
        end)
      end
      assert.are.same({ "backup" }, asked)
      gate:notify()
      assert.are.same({ "backup", "main" }, asked)
      assert.are.equal("Backup", describe_one(id).StreamConnectProjectInfo.CurrentInputEndpoint)
      gate:notify()
      assert.are.same({ Backup = true, Main = true }, answered)
      assert.are.equal("Main", describe_one(id).StreamConnectProjectInfo.CurrentInputEndpoint)
    end)

    it("refuses Start while Working, without an output, without a main input, and a switch to no backup", function()
      local id = create()
      handle(id, "Start")
      assert.are.equal("FailedOperation.StreamConnect", code_of(handle(id, "Start")))
      assert.are.equal(1, #relays.started)
      local input = create_params().StreamConnectProjectInput
      local bare = create { StreamConnectProjectInput = { MainInput = input.MainInput } }
      assert.are.equal("InvalidParameterValue.StreamConnectOutputInvalid", code_of(handle(bare, "Start")))
      local blind = create { StreamConnectProjectInput = { Outputs = input.Outputs } }
      assert.are.equal("InvalidParameterValue.StreamConnectInputInvalid", code_of(handle(blind, "Start")))
      local single = create { StreamConnectProjectInput = { MainInput = input.MainInput, Outputs = input.Outputs } }
      handle(single, "Start")
      assert.are.equal("InvalidParameterValue.StreamConnectInputInvalid",
        code_of(handle(single, "SwitchInput", { InputEndpoint = "Backup" })))
    end)
  end)

  it("never logs a stream key or a secret", function()
    local id = create()
    handle(id, "Start")
    assert.not_matches("sekret", table.concat(logged))
  end)
end)
