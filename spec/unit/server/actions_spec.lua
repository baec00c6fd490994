-- SPDX-License-Identifier: MIT
-- The actions on projects, through the API: every code of theirs.

local front = require "spec.support.fakes.front"
local json = require "cme.json"
local schema = require "cme.schema"

local code_of, create_params = front.code_of, front.create_params

describe("cme.server.actions", function()
  local service

  before_each(function()
    service = front.new()
  end)

  after_each(function()
    service:close()
  end)

  local function send(...)
    return service:send(...)
  end

  local function call(action, params)
    return service:call(action, params)
  end

  local function create(more)
    return service:create(more)
  end

  local function handle(id, operation, more)
    return service:handle(id, operation, more)
  end

  local function describe_one(id)
    return service:describe(id)
  end

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
      { "UnsupportedOperation", { Category = "SWITCHER", StreamConnectProjectInput = json.null } },
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
        service.clock = service.clock + 1
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
      ["InvalidParameterValue.OwnerId"] = { Owner = { Type = "PERSON", Id = "" } },
      ["InvalidParameterValue.AspectRatioSet"] = { AspectRatioSet = { "16:9", "wide" } },
      ["ResourceNotFound.Platform"] = { Platform = "nope" },
    } do
      it("answers " .. code, function()
        assert.are.equal(code, code_of(call("DescribeProjects", params)))
      end)
    end

    it("knows that relays have no aspect ratio, and filters by category and mode", function()
      create { Mode = "a" }
      create { Mode = "b" }
      for want, params in pairs { [0] = { AspectRatioSet = { "16:9" } }, [1] = { Modes = { "a", "c" } },
        [2] = { CategorySet = { "MEDIA_CAST", "STREAM_CONNECT" }, AspectRatioSet = json.array {} } } do
        assert.are.equal(want, call("DescribeProjects", params).TotalCount)
      end
    end)

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
      assert.are.equal(id, service.relays.forgotten)
      local response = call("DeleteProject", { ProjectId = id })
      assert.are.equal("InvalidParameterValue.ProjectId", code_of(response))
      assert.matches("unknown id on platform 'test': see DescribeProjects", response.Error.Message)
    end)

    it("refuses a working one", function()
      local id = create()
      handle(id, "Start")
      assert.are.equal("FailedOperation", code_of(call("DeleteProject", { ProjectId = id })))
      assert.is_table(describe_one(id))
    end)
  end)

  describe("CopyProject", function()
    it("makes an idle project of the same, under another name and owner if so asked", function()
      local id = create { Name = "first", Description = "d", Mode = "m" }
      handle(id, "Start")
      local copy = assert(call("CopyProject", { ProjectId = id }).ProjectId)
      local named = assert(call("CopyProject", { ProjectId = id, Name = "second", Operator = "u",
        Owner = { Type = "PERSON", Id = "other" } }).ProjectId)
      local one, two, three = describe_one(id), describe_one(copy), describe_one(named)
      assert.are.same({ "first(副本)", "u", "Idle" }, { two.Name, two.Owner.Id, two.StreamConnectProjectInfo.Status })
      assert.are.same({ "second", "other" }, { three.Name, three.Owner.Id })
      for _, member in ipairs { "MainInput", "BackupInput", "OutputSet" } do
        assert.are.same(one.StreamConnectProjectInfo[member], three.StreamConnectProjectInfo[member])
      end
      assert.are.equal(3, call("DescribeProjects", {}).TotalCount)
    end)

    for code, params in pairs {
      ["InvalidParameterValue.ProjectId"] = { ProjectId = "cmepid_0" },
      ["OperationDenied.PermissionDeny"] = { Operator = "stranger" },
      ["InvalidParameterValue.NameLenLimt"] = { Name = ("n"):rep(31) },
      ["InvalidParameterValue.OwnerType"] = { Owner = { Type = "TEAM", Id = "t" } },
    } do
      it("answers " .. code .. " and makes nothing", function()
        params.ProjectId = params.ProjectId or create()
        local before = call("DescribeProjects", {}).TotalCount
        assert.are.equal(code, code_of(call("CopyProject", params)))
        assert.are.equal(before, call("DescribeProjects", {}).TotalCount)
      end)
    end
  end)

  describe("ModifyProject", function()
    it("changes what is given, also while Working, and tells no engine", function()
      local id = create { Name = "old" }
      handle(id, "Start")
      assert.is_nil(code_of(call("ModifyProject", { ProjectId = id, Name = "new", AspectRatio = "16:9" })))
      assert.are.same({ "new", "u", "" },
        { describe_one(id).Name, describe_one(id).Owner.Id, describe_one(id).AspectRatio })
      assert.is_nil(code_of(call("ModifyProject",
        { ProjectId = id, Owner = { Type = "PERSON", Id = "v" }, Mode = "m" })))
      assert.are.same({ "new", "v" }, { describe_one(id).Name, describe_one(id).Owner.Id })
      assert.are.equal(1, call("DescribeProjects", { Modes = { "m" } }).TotalCount)
      assert.is_nil(service.relays.told)
    end)

    for code, params in pairs {
      ["InvalidParameterValue.Name"] = { Name = "" },
      ["InvalidParameterValue.AspectRatio"] = { AspectRatio = "wide" },
      ["InvalidParameterValue.OwnerId"] = { Owner = { Type = "PERSON", Id = "" } },
      ["InvalidParameterValue.ProjectId"] = { ProjectId = "cmepid_0" },
      ["ResourceNotFound.Platform"] = { Platform = "nope" },
    } do
      it("answers " .. code, function()
        params.ProjectId = params.ProjectId or create()
        assert.are.equal(code, code_of(call("ModifyProject", params)))
      end)
    end
  end)

  describe("DescribePlatforms", function()
    it("shows the platforms, page by page", function()
      assert(service.db:add_platform "more")
      local response = send("DescribePlatforms", "{}")
      assert.are.equal(2, response.TotalCount)
      local info = response.PlatformInfoSet[1]
      assert.are.same({ "more", "Normal", 0 }, { info.Platform, info.Status, info.VodSubAppId })
      for _, field in ipairs(schema.objects.PlatformInfo) do
        assert.is_not_nil(info[field.name], field.name)
      end
      response = send("DescribePlatforms", '{"Offset":1,"Limit":1}')
      assert.are.same({ 2, "test" }, { response.TotalCount, response.PlatformInfoSet[1].Platform })
      local _, _, _, text = send("DescribePlatforms", '{"LicenseIds":["l"]}')
      assert.matches('"PlatformInfoSet":%[%]', text)
      assert.are.equal(1, send("DescribePlatforms", '{"Platforms":["test","nope"]}').TotalCount)
      assert.are.equal("InvalidParameterValue.Limit", code_of(send("DescribePlatforms", '{"Limit":21}')))
    end)

    it("shows a key the platforms that it is for", function()
      assert(service.db:add_platform "more")
      local response = service.actions.DescribePlatforms { params = {}, grant = { platforms = { "more" } } }
      assert.are.same({ 1, "more" }, { response.TotalCount, response.PlatformInfoSet[1].Platform })
    end)
  end)
end)
