-- SPDX-License-Identifier: MIT
-- The actions on projects, through the API: every code of theirs.

local front = require "spec.support.fakes.front"
local front_stage = require "spec.support.fakes.front_stage"
local json = require "cme.json"
local schema = require "cme.schema"

local code_of, create_params = front.code_of, front.create_params

describe("cme.server.actions", function()
  local service = front_stage.new(before_each, after_each)

  describe("CreateProject", function()
    it("makes a project that DescribeProjects shows", function()
      local response, _, _, text = service:call("CreateProject", create_params { Name = "直播多平台分发" })
      assert.matches("^cmepid_%x+$", response.ProjectId)
      assert.matches('"RtmpPushInputInfoSet":%[%]', text)
      local info = service:describe(response.ProjectId)
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
        assert.are.equal(case[1], code_of(service:call("CreateProject", create_params(case[2]))))
        assert.are.equal(0, service:call("DescribeProjects", {}).TotalCount)
      end)
    end

    it("takes a name of 30 characters", function()
      service:create { Name = ("直"):rep(30) }
    end)
  end)

  describe("DescribeProjects", function()
    it("pages, and keeps [] for nothing", function()
      for i = 1, 12 do
        service.clock = service.clock + 1
        service:create { Name = "n" .. i }
      end
      local first = service:call("DescribeProjects", {})
      assert.are.same({ 12, 10, "n12" }, { first.TotalCount, #first.ProjectInfoSet, first.ProjectInfoSet[1].Name })
      local last = service:call("DescribeProjects",
        { Offset = 11, Limit = 100, Sort = { Field = "CreateTime", Order = "Desc" } })
      assert.are.same({ 12, 1, "n1" }, { last.TotalCount, #last.ProjectInfoSet, last.ProjectInfoSet[1].Name })
      local _, _, _, text = service:call("DescribeProjects", { Offset = 12 })
      assert.matches('"ProjectInfoSet":%[%]', text)
    end)

    it("shows an operator what is his", function()
      service:create { Owner = { Type = "PERSON", Id = "a" } }
      service:create { Owner = { Type = "PERSON", Id = "b" } }
      assert.are.equal(2, service:call("DescribeProjects", { Operator = "cmeid_system" }).TotalCount)
      assert.are.equal(1, service:call("DescribeProjects", { Operator = "a" }).TotalCount)
      assert.are.equal(1, service:call("DescribeProjects", { Owner = { Type = "PERSON", Id = "b" } }).TotalCount)
      assert.are.equal("OperationDenied.PermissionDeny",
        code_of(service:call("DescribeProjects", { Operator = "a", Owner = { Type = "PERSON", Id = "b" } })))
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
        assert.are.equal(code, code_of(service:call("DescribeProjects", params)))
      end)
    end

    it("knows that relays have no aspect ratio, and filters by category and mode", function()
      service:create { Mode = "a" }
      service:create { Mode = "b" }
      for want, params in pairs { [0] = { AspectRatioSet = { "16:9" } }, [1] = { Modes = { "a", "c" } },
        [2] = { CategorySet = { "MEDIA_CAST", "STREAM_CONNECT" }, AspectRatioSet = json.array {} } } do
        assert.are.equal(want, service:call("DescribeProjects", params).TotalCount)
      end
    end)

    it("takes at most 20 ids and 100 projects a page", function()
      local many = {}
      for i = 1, 21 do
        many[i] = "p" .. i
      end
      assert.are.equal("InvalidParameterValue.ProjectId",
        code_of(service:call("DescribeProjects", { ProjectIds = many })))
      assert.are.equal("InvalidParameterValue.Limit", code_of(service:call("DescribeProjects", { Limit = 101 })))
    end)
  end)

  describe("DeleteProject", function()
    it("removes an idle project, for its owner or the administrator", function()
      local id = service:create()
      assert.are.equal("OperationDenied.PermissionDeny",
        code_of(service:call("DeleteProject", { ProjectId = id, Operator = "x" })))
      assert.is_nil(code_of(service:call("DeleteProject", { ProjectId = id, Operator = "u" })))
      assert.are.equal(id, service.relays.forgotten)
      local response = service:call("DeleteProject", { ProjectId = id })
      assert.are.equal("InvalidParameterValue.ProjectId", code_of(response))
      assert.matches("unknown id on platform 'test': see DescribeProjects", response.Error.Message)
    end)

    it("refuses a working one", function()
      local id = service:create()
      service:handle(id, "Start")
      assert.are.equal("FailedOperation", code_of(service:call("DeleteProject", { ProjectId = id })))
      assert.is_table(service:describe(id))
    end)
  end)

  describe("CopyProject", function()
    it("makes an idle project of the same, under another name and owner if so asked", function()
      local id = service:create { Name = "first", Description = "d", Mode = "m" }
      service:handle(id, "Start")
      local copy = assert(service:call("CopyProject", { ProjectId = id }).ProjectId)
      local named = assert(service:call("CopyProject", { ProjectId = id, Name = "second", Operator = "u",
        Owner = { Type = "PERSON", Id = "other" } }).ProjectId)
      local one, two, three = service:describe(id), service:describe(copy), service:describe(named)
      assert.are.same({ "first(副本)", "u", "Idle" }, { two.Name, two.Owner.Id, two.StreamConnectProjectInfo.Status })
      assert.are.same({ "second", "other" }, { three.Name, three.Owner.Id })
      for _, member in ipairs { "MainInput", "BackupInput", "OutputSet" } do
        assert.are.same(one.StreamConnectProjectInfo[member], three.StreamConnectProjectInfo[member])
      end
      assert.are.equal(3, service:call("DescribeProjects", {}).TotalCount)
    end)

    for code, params in pairs {
      ["InvalidParameterValue.ProjectId"] = { ProjectId = "cmepid_0" },
      ["OperationDenied.PermissionDeny"] = { Operator = "stranger" },
      ["InvalidParameterValue.NameLenLimt"] = { Name = ("n"):rep(31) },
      ["InvalidParameterValue.OwnerType"] = { Owner = { Type = "TEAM", Id = "t" } },
    } do
      it("answers " .. code .. " and makes nothing", function()
        params.ProjectId = params.ProjectId or service:create()
        local before = service:call("DescribeProjects", {}).TotalCount
        assert.are.equal(code, code_of(service:call("CopyProject", params)))
        assert.are.equal(before, service:call("DescribeProjects", {}).TotalCount)
      end)
    end
  end)

  describe("ModifyProject", function()
    it("changes what is given, also while Working, and tells no engine", function()
      local id = service:create { Name = "old" }
      service:handle(id, "Start")
      assert.is_nil(code_of(service:call("ModifyProject", { ProjectId = id, Name = "new", AspectRatio = "16:9" })))
      assert.are.same({ "new", "u", "" },
        { service:describe(id).Name, service:describe(id).Owner.Id, service:describe(id).AspectRatio })
      assert.is_nil(code_of(service:call("ModifyProject",
        { ProjectId = id, Owner = { Type = "PERSON", Id = "v" }, Mode = "m" })))
      assert.are.same({ "new", "v" }, { service:describe(id).Name, service:describe(id).Owner.Id })
      assert.are.equal(1, service:call("DescribeProjects", { Modes = { "m" } }).TotalCount)
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
        params.ProjectId = params.ProjectId or service:create()
        assert.are.equal(code, code_of(service:call("ModifyProject", params)))
      end)
    end
  end)

  describe("DescribePlatforms", function()
    it("shows the platforms, page by page", function()
      assert(service.db:add_platform "more")
      local response = service:send("DescribePlatforms", "{}")
      assert.are.equal(2, response.TotalCount)
      local info = response.PlatformInfoSet[1]
      assert.are.same({ "more", "Normal", 0 }, { info.Platform, info.Status, info.VodSubAppId })
      for _, field in ipairs(schema.objects.PlatformInfo) do
        assert.is_not_nil(info[field.name], field.name)
      end
      response = service:send("DescribePlatforms", '{"Offset":1,"Limit":1}')
      assert.are.same({ 2, "test" }, { response.TotalCount, response.PlatformInfoSet[1].Platform })
      local _, _, _, text = service:send("DescribePlatforms", '{"LicenseIds":["l"]}')
      assert.matches('"PlatformInfoSet":%[%]', text)
      assert.are.equal(1, service:send("DescribePlatforms", '{"Platforms":["test","nope"]}').TotalCount)
      assert.are.equal("InvalidParameterValue.Limit", code_of(service:send("DescribePlatforms", '{"Limit":21}')))
    end)

    it("shows a key the platforms that it is for", function()
      assert(service.db:add_platform "more")
      local response = service.actions.DescribePlatforms { action = "DescribePlatforms", params = {},
        grant = { platforms = { "more" } } }
      assert.are.same({ 1, "more" }, { response.TotalCount, response.PlatformInfoSet[1].Platform })
    end)
  end)

  describe("ModifyProjectStandby", function()
    it("is stored in a fleet, and refused where no other node can stand by", function()
      local id = service:call("CreateProject", create_params {}).ProjectId
      local function modify(on) return service:call("ModifyProjectStandby", { ProjectId = id, Standby = on }) end
      local function stored() return service:describe(id).StreamConnectProjectInfo.Standby end
      local refused = modify(true)
      assert.are.equal("UnsupportedOperation", code_of(refused))
      assert.matches("no node of a fleet", refused.Error.Message, 1, true)
      assert.is_nil(modify(false).Error)
      service.services.STREAM_CONNECT.in_fleet = true
      assert.is_nil(modify(true).Error)
      assert.is_true(stored())
      assert.is_true(service.relays.told.input.Standby)
      assert.is_nil(modify(false).Error)
      assert.is_nil(stored())
    end)
  end)
end)
