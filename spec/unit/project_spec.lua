-- SPDX-License-Identifier: MIT

local cjson = require "cjson"
local fake = require "spec.support.fakes.fake"

local function raised(...)
  local ok, message = pcall(...)
  assert.is_false(ok)
  return message
end

local function spec(more)
  local made = {
    name = "live-1", owner = "user_1", input = "https://play.example.com/cme/src.flv",
    outputs = { "rtmp://push.example.com/cme/hush1", { name = "推流2", url = "rtmp://push.example.com/cme/hush2" } },
  }
  for name, value in pairs(more or {}) do made[name] = value or nil end
  return made
end

-- A project and the transport that answers it.
local function project(more, ...)
  local transport = fake.transport(...)
  return fake.client(transport):project(spec(more)), transport
end

local CREATED = fake.ok '"ProjectId":"p1","RtmpPushInputInfoSet":[]'

local function refused(code, ...)
  local value, message, detail = ...
  assert.is_nil(value)
  assert.are.equal(code, detail.code, message)
  assert.is_string(detail.op)
  return message, detail
end

-- A start that works in part: true, and what does not work yet.
local function warned(...)
  local value, message, detail = ...
  assert.is_true(value, message)
  assert.is_table(detail.pending)
  return message, detail
end

local function operations(transport)
  local done = {}
  for i, request in ipairs(transport.asked) do
    local body = fake.sent(request)
    done[i] = body.Operation or body.Name or "?"
  end
  return table.concat(done, " ")
end

describe("cme.project", function()
  describe("options", function()
    it("raise at the caller's line, naming the option and the nearest valid one", function()
      local client = fake.client(fake.transport())
      local line = debug.getinfo(1, "l").currentline + 1
      local message = raised(function() client:project(spec { outptus = {} }) end)
      assert.truthy(message:find("project_spec.lua:" .. line .. ": cme.project: option 'outptus': unknown "
        .. "(did you mean 'outputs'?)", 1, true), message)
      line = debug.getinfo(1, "l").currentline + 1
      message = raised(function() client:project(spec { outputs = { "rtmp://h/a/k", nil, "rtmp://h/b/k" } }) end)
      assert.truthy(message:find("project_spec.lua:" .. line .. ": cme.project: option 'outputs[2]': missing", 1, true),
        message)
    end)

    it("raise for each wrong type, missing name or foreign option", function()
      for _, case in ipairs {
        { { name = 5 }, "option 'name': string is needed, got number" },
        { { name = false }, "option 'name': missing" },
        { { name = "" }, "option 'name': empty" },
        { { owner = false }, "option 'owner': missing" },
        { { input = 5 }, "option 'input': string or table is needed, got number" },
        { { input = { push = 0 } }, "option 'push': a number of seconds above 0 is needed" },
        { { input = { push = "1h" } }, "option 'push': number is needed, got string" },
        { { input = { push = 60, vod = {} } }, "option 'push': unknown" },
        { { backup = { vod = "x" } }, "option 'vod': table is needed, got string" },
        { { backup = { vod = { 5 } } }, "a URL is needed, got number" },
        { { backup = { vod = { "x" }, loop = -2 } }, "option 'loop': -1 (until the stop), 0 or a number" },
        { { input = {} }, "option 'input': a URL, { push = seconds } or { vod = { urls }, loop = n } is needed" },
        { { outputs = "rtmp://h/a/hush" }, "option 'outputs': table is needed, got string" },
        { { outputs = { 5 } }, "option 'outputs[1]': a URL or { id, name, url } is needed, got number" },
        { { outputs = { url = "rtmp://h/a/hush" } }, "option 'outputs': a list is needed, got the key 'url'" },
        { { outputs = { "rtmp://h/a/hush", nil, "rtmp://h/a/hush3" } }, "option 'outputs[2]': missing" },
        { { outputs = { nil, "rtmp://h/a/hush" } }, "option 'outputs[1]': missing" },
        { { outputs = { [1] = "rtmp://h/a/hush", [9] = "rtmp://h/a/hush" } }, "option 'outputs[2]': missing" },
        { { outputs = { ["1"] = "rtmp://h/a/hush" } }, "option 'outputs': a list is needed, got the key '1'" },
        { { outputs = { [0] = "rtmp://h/a/hush" } }, "option 'outputs': a list is needed, got the key '0'" },
        { { backup = { vod = { "x", nil, "y" } } }, "option 'vod[2]': missing" },
        { { category = "MEDIA_CAST", input = false, sources = { "x", nil, "y" } }, "option 'sources[2]': missing" },
        { { outputs = { { ulr = "rtmp://h/a/hush" } } }, "option 'ulr': unknown (did you mean 'url'?)" },
        { { outputs = { { name = "x" } } }, "option 'url': missing" },
        { { outputs = { { url = "rtmp://h/a/hush", id = 5 } } }, "option 'id': string is needed, got number" },
        { { outputs = { { platform = "youtube" } } }, "option 'outputs[1]': key: missing" },
        { { outputs = { { platform = "youtub", key = "hush" } } }, "(did you mean 'youtube'?)" },
        { { outputs = { { platform = "hush", key = "hush" } } }, "unknown platform" },
        { { outputs = { { platform = "kick", key = "hush" } } }, "option 'outputs[1]': server: missing (give the one" },
        { { outputs = { { key = "hush" } } }, "server: missing (give a server or a platform)" },
        { { outputs = { { server = "rtmp://hush", key = "hush" } } }, "server: no application" },
        { { outputs = { { url = "rtmp://h/a/hush", key = "hush" } } }, "options 'url' and 'key': give one" },
        { { outputs = { { url = "rtmp://h/a/hush", platform = "hush" } } }, "unknown platform" },
        { { sources = {} }, "option 'sources': only for category MEDIA_CAST" },
        { { play = {} }, "option 'play': only for category MEDIA_CAST" },
        { { output_media = {} }, "option 'output_media': only for category MEDIA_CAST" },
        { { category = "MEDIA_CAST", sources = {} }, "option 'input': only for category STREAM_CONNECT" },
        { { category = "STREAM_CONECT" }, "did you mean 'STREAM_CONNECT'?" },
        { { platform = 5 }, "option 'platform': string is needed" },
      } do
        local client = fake.client(fake.transport())
        local message = raised(client.project, client, spec(case[1]))
        assert.truthy(message:find(case[2], 1, true), message)
        assert.is_nil(message:find("hush", 1, true), message)
      end
      local client = fake.client(fake.transport())
      for _, bad in ipairs { 5, true, "", "a b" } do
        assert.truthy(raised(client.project, client, bad):find("cme.project: ", 1, true))
      end
    end)

    it("are copied: what the caller does to its table later changes nothing", function()
      local given = spec()
      local transport = fake.transport(CREATED)
      local show = fake.client(transport):project(given)
      given.name, given.outputs[2].url, given.outputs[3] = "x", "x", "x"
      assert(show:create())
      local sent = fake.sent(transport.asked[1])
      assert.are.equal("live-1", sent.Name)
      assert.are.equal(2, #sent.StreamConnectProjectInput.Outputs)
      assert.are.equal("rtmp://push.example.com/cme/hush2", sent.StreamConnectProjectInput.Outputs[2].PushUrl)
      assert.is_nil(given.outputs[2].id)
    end)
  end)

  describe("create", function()
    it("sends the spec, no more, and keeps the id", function()
      local show, transport = project({ description = "d" }, CREATED)
      assert.is_nil(show.id)
      assert.are.equal("p1", show:create())
      assert.are.equal("p1", show.id)
      assert.are.equal('{"Platform":"test","Name":"live-1","Owner":{"Type":"PERSON","Id":"user_1"},'
        .. '"Category":"STREAM_CONNECT","Description":"d","StreamConnectProjectInput":{"MainInput":'
        .. '{"InputType":"LivePull","LivePullInputInfo":{"InputUrl":"https://play.example.com/cme/src.flv"}},'
        .. '"Outputs":[{"Id":"1","Type":"URL",'
        .. '"PushUrl":"rtmp://push.example.com/cme/hush1"},{"Id":"2","Name":"推流2","Type":"URL",'
        .. '"PushUrl":"rtmp://push.example.com/cme/hush2"}]}}', transport.asked[1].body)
    end)

    it("uses the project's own platform", function()
      local show, transport = project({ platform = "other" }, CREATED)
      assert(show:create())
      assert.are.equal("other", fake.sent(transport.asked[1]).Platform)
    end)

    it("refuses bad values before anything is sent, without showing a stream key", function()
      for _, case in ipairs {
        { { name = ("直"):rep(31) }, "invalid.name_too_long", "the name has 31 characters, the service takes 30" },
        { { name = "a\255" }, "invalid.name_not_utf8", "project 'a?': " },
        { { outputs = { { name = "\255", url = "x" } } }, "invalid.url", "output '?': not a URL" },
        { { outputs = { { id = "\255", url = "rtmp://h/a/b" }, { id = "\255", url = "rtmp://h/a/c" } } },
          "invalid.duplicate_output", "output id '?' is given twice" },
        { { outputs = { "rtmp://h/a/hush", "rtmp://h/b/k", { name = "x", url = "RTMP://H/a/hush" } } },
          "invalid.duplicate_output", "output 'x': its URL is that of output '1' too" },
        { { input = "file:///tmp/x.flv" }, "invalid.url", "input: a file cannot be pulled through the API" },
        { { outputs = { "rtpm://h/a/hush" } }, "invalid.url", "output '1': scheme 'rtpm' is not supported (did you" },
        { { input = "play.example.com/hush" }, "invalid.url", "input: not a URL" },
        { { backup = "gopher://h/hush" }, "invalid.url", "backup: scheme 'gopher' is not supported" },
        { { outputs = { "push.example.com/live/hush" } }, "invalid.url", "output '1': not a URL" },
        { { outputs = { { name = "快手", url = "https://h/a/hush" } } }, "invalid.url", "output '快手': scheme 'https'" },
        { { outputs = { "rtmp://h/a/hu sh" } }, "invalid.url", "a space or control character" },
        { { outputs = { "rtmp:///a/hush" } }, "invalid.url", "no host in the URL" },
        { { outputs = { "rtmp://u:hush@:1935/a/b" } }, "invalid.url", "no host in the URL" },
        { { outputs = { { id = "a", url = "rtmp://h/a/b" }, { id = "a", url = "rtmp://h/a/c" } } },
          "invalid.duplicate_output", "output id 'a' is given twice" },
        { { description = "\255" }, "invalid.not_utf8", "field 'Description'" },
      } do
        for _, method in ipairs { "create", "start" } do
          local show, transport = project(case[1])
          local message = refused(case[2], show[method](show))
          assert.truthy(message:find(case[3], 1, true), message)
          assert.is_nil(message:find("hush", 1, true), message)
          assert.are.equal(0, #transport.asked)
        end
      end
    end)

    it("takes outputs that only look alike", function()
      local show = project({ outputs = { "rtmp://h/a/k", "rtmp://h/a/K", "rtmp://h:1936/a/k", "rtmps://h/a/k",
        "rtmp://h/a/k?x" } }, CREATED)
      assert.are.equal("p1", show:create())
    end)

    it("takes a name of exactly 30 characters", function()
      local show = project({ name = ("直"):rep(30) }, CREATED)
      assert.are.equal("p1", show:create())
    end)

    it("takes a project without inputs and outputs", function()
      local show, transport = project({ input = false, outputs = false }, CREATED)
      assert(show:create())
      assert.truthy(transport.asked[1].body:find('"StreamConnectProjectInput":{}', 1, true))
    end)

    it("refuses a second time, naming the id", function()
      local show = project(nil, CREATED)
      assert(show:create())
      local message = refused("invalid.exists", show:create())
      assert.are.equal("project 'live-1': create: created already (its id is p1)", message)
    end)

    it("does not invent an id", function()
      for _, members in ipairs { "", '"ProjectId":null,', '"ProjectId":"",', '"ProjectId":5,' } do
        local show = project(nil, fake.http('{"Response":{' .. members .. '"RequestId":"r"}}'))
        refused("network.protocol", show:create())
        assert.is_nil(show.id)
      end
    end)
  end)

  describe("start", function()
    it("creates where needed, starts, and plans the stop", function()
      local show, transport = project(nil, CREATED, fake.ok(), fake.ok())
      assert.is_true(show:start { stop_at = "2019-02-26T02:00:00+08:00" })
      assert.are.equal("p1", show.id)
      assert.are.equal("live-1 Start ModifyCurrentStopTime", operations(transport))
      assert.are.equal('{"Platform":"test","ProjectId":"p1","Operation":"Start",'
        .. '"CurrentStopTime":"2019-02-25T18:00:00Z"}', transport.asked[2].body)
      assert.are.equal('{"Platform":"test","ProjectId":"p1","Operation":"ModifyCurrentStopTime",'
        .. '"CurrentStopTime":"2019-02-25T18:00:00Z"}', transport.asked[3].body)
    end)

    it("sends the cloud no stop time with Start, which it does not document", function()
      local transport = fake.transport(CREATED, fake.ok(), fake.ok())
      local show = fake.client(transport, { endpoint = "cme.tencentcloudapi.com" }):project(spec())
      assert.is_true(show:start { stop_at = "2019-02-26T02:00:00+08:00" })
      assert.are.equal("live-1 Start ModifyCurrentStopTime", operations(transport))
      assert.is_nil(fake.sent(transport.asked[2]).CurrentStopTime)
    end)

    it("does not create twice, also when the start failed", function()
      local show, transport = project(nil, CREATED, fake.refused "FailedOperation.StreamConnect", fake.ok())
      refused("api.FailedOperation.StreamConnect", show:start())
      assert.is_true(show:start())
      assert.are.equal("live-1 Start Start", operations(transport))
    end)

    it("says which project, what was being done, and why not", function()
      local show = project(nil, function()
        return nil, "could not resolve host", { code = "network.resolve", sent = false }
      end)
      local message, detail = refused("network.resolve", show:start())
      assert.are.equal("project 'live-1': start: CreateProject: could not resolve host (127.0.0.1:8156)", message)
      assert.are.equal("CreateProject", detail.op)
      assert.is_true(detail.retryable)
    end)

    it("refuses without outputs or input, and says what to give", function()
      for missing, code in pairs { outputs = "no_outputs", input = "no_input" } do
        local show, transport = project { [missing] = false }
        local message = refused("invalid." .. code, show:start())
        assert.truthy(message:find("project 'live-1': start: no " .. missing:gsub("s$", ""), 1, true), message)
        assert.truthy(message:find(missing .. " = ", 1, true), message)
        assert.are.equal(0, #transport.asked)
      end
    end)

    it("refuses a stop time that cannot be, before anything is created", function()
      for _, case in ipairs {
        { fake.NOW, "invalid.stop_at_past", "is in the past (it is 2019-02-25T16:44:25Z)" },
        { "2019-02-25T16:44:24Z", "invalid.stop_at_past", "is in the past" },
        { fake.NOW + 31 * 86400, "invalid.stop_at_too_far", "more than 30 days ahead" },
        { "22:00", "invalid.time", "stop_at: time '22:00': not a point in time" },
        { "2026-11-22T22:00:00", "invalid.time", "no offset from UTC" },
      } do
        local show, transport = project()
        local message = refused(case[2], show:start { stop_at = case[1] })
        assert.truthy(message:find(case[3], 1, true), message)
        assert.are.equal(0, #transport.asked)
        assert.is_nil(show.id)
      end
    end)

    it("raises for an unknown option or a wrong type, at the caller's line", function()
      local show = project()
      local line = debug.getinfo(1, "l").currentline + 1
      local message = raised(function() show:start { stop_art = 1 } end)
      assert.truthy(message:find("project_spec.lua:" .. line .. ": start: option 'stop_art': unknown (did you mean "
        .. "'stop_at'?)", 1, true), message)
      assert.truthy(raised(show.start, show, { stop_at = true }):find("option 'stop_at'", 1, true))
    end)

    it("when it started only in part: sets the stop time all the same, and says so", function()
      local partly = fake.http(cjson.encode { Response = { RequestId = "r", Error = {
        Code = "FailedOperation.StartStreamConnectPartlyErr", Message = "project 'p1' is Working, but not all of it",
        Pending = { { Type = "output", Id = "1", Code = "publish.refused", Message = "output 'a': refused: do this" } },
      } } })
      local show, transport = project(nil, CREATED, partly, fake.ok())
      local message, detail = warned(show:start { stop_at = fake.NOW + 60 })
      assert.are.equal("api.FailedOperation.StartStreamConnectPartlyErr", detail.code)
      assert.are.equal("project 'live-1': start: started, but not all of it works yet: output 'a': refused: do this",
        message)
      assert.are.same({ { what = "output", id = "1", code = "publish.refused", message = "output 'a': refused: do this",
        reason = { text = "output 'a': refused: do this" } } }, detail.pending)
      assert.are.equal("live-1 Start ModifyCurrentStopTime", operations(transport))
      assert.are.equal("p1", show.id)
    end)

    it("when it started only in part: keeps what another service says", function()
      local show = project(nil, CREATED, fake.refused("FailedOperation.StartStreamConnectPartlyErr", "output 2: bad"))
      local message, detail = warned(show:start())
      assert.matches("not all of it works yet: .*output 2: bad$", message)
      assert.are.same({ "project", "p1", detail.code }, { detail.pending[1].what, detail.pending[1].id,
        detail.pending[1].code })
    end)
  end)

  describe("attached by id", function()
    local DESCRIBED = fake.ok '"ProjectInfoSet":[{"ProjectId":"cmepid_1","Category":"STREAM_CONNECT"}]'

    it("asks for the category at its first call, and until it is told", function()
      local transport = fake.transport(fake.refused "InternalError", fake.ok '"ProjectInfoSet":[]')
      local show = fake.client(transport):project "cmepid_1"
      assert.is_nil(show.category)
      local message = refused("api.InternalError", show:stop())
      assert.truthy(message:find("stop: DescribeProjects: ", 1, true), message)
      refused("invalid.unknown_project", show:stop())
    end)

    it("has no methods of a category that is neither of the two", function()
      local transport = fake.transport(fake.ok '"ProjectInfoSet":[{"ProjectId":"cmepid_1","Category":"SWITCHER"}]')
      local message = refused("invalid.unsupported", fake.client(transport):project("cmepid_1"):stop())
      assert.truthy(message:find("it is a SWITCHER project", 1, true), message)
    end)

    it("has the methods of its category, and raises for those of the other one", function()
      local transport = fake.transport(DESCRIBED, DESCRIBED, fake.ok(), DESCRIBED)
      local client = fake.client(transport)
      local message = raised(function() client:project("cmepid_1"):add_source "https://h/1.mp4" end)
      assert.truthy(message:find("add_source: a STREAM_CONNECT project has no such method (use add_input)", 1, true),
        message)
      assert.truthy(message:find("project_spec.lua:", 1, true), message)
      assert.is_true(client:project("cmepid_1"):switch("backup", { timeout = 20 }))
      assert.is_true(transport.asked[3].timeout <= 20)
      assert.truthy(raised(function() client:project("cmepid_1"):switch "bakcup" end):find("did you mean", 1, true))
      assert.are.equal(4, #transport.asked)
    end)

    it("has no spec to match", function()
      local show = fake.client(fake.transport()):project "cmepid_1"
      local message = refused("invalid.no_spec", show:ensure())
      assert.truthy(message:find("make it with cme.project", 1, true), message)
    end)

    it("starts, switches, stops and deletes without a spec", function()
      local transport = fake.transport(DESCRIBED, fake.ok(), fake.ok(), fake.ok(), fake.ok())
      local show = fake.client(transport):project "cmepid_1"
      assert.is_true(show:start())
      assert.is_true(show:switch "backup")
      assert.is_true(show:stop())
      assert.is_true(show:delete())
      assert.are.equal("? Start SwitchInput Stop ?", operations(transport))
      assert.are.equal("STREAM_CONNECT", show.category)
      assert.are.equal('{"Platform":"test","ProjectId":"cmepid_1","Operation":"SwitchInput","InputEndpoint":"Backup"}',
        transport.asked[3].body)
      assert.are.equal('{"Platform":"test","ProjectId":"cmepid_1"}', transport.asked[5].body)
      assert.is_nil(show.id)
      assert.are.equal("project 'deleted': start: deleted", (refused("invalid.not_created", show:start())))
      refused("invalid.not_created", show:create())
    end)

    it("names the id in errors", function()
      local transport = fake.transport(DESCRIBED, fake.refused "InvalidParameterValue.ProjectId")
      local show = fake.client(transport):project "cmepid_1"
      local message = refused("api.InvalidParameterValue.ProjectId", show:stop())
      assert.truthy(message:find("project 'cmepid_1': stop: HandleStreamConnectProject: ", 1, true), message)
      assert.truthy(message:find("check the id and the platform", 1, true), message)
    end)
  end)

  describe("status and info", function()
    local DESCRIBED = fake.ok [=["TotalCount":1,"ProjectInfoSet":[{"ProjectId":"p1","Name":"live-1","AspectRatio":"",
      "Category":"STREAM_CONNECT","Owner":{"Type":"PERSON","Id":"user_1"},"CoverUrl":"",
      "MediaCastProjectInfo":null,"UpdateTime":"2019-02-25T16:44:26Z","CreateTime":"2019-02-25T16:44:25.250Z",
      "StreamConnectProjectInfo":{"Status":"Working","CurrentInputEndpoint":"Backup",
      "CurrentStartTime":"2019-02-25T16:44:25Z","CurrentStopTime":"2019-02-25T18:44:25Z","LastStopTime":"",
      "MainInput":{"InputType":"LivePull","VodPullInputInfo":null,"RtmpPushInputInfo":null,
      "LivePullInputInfo":{"InputUrl":"https://a/b.flv"}},"BackupInput":null,
      "OutputSet":[{"StreamConnectOutput":{"Id":"1","Name":"推流1","Type":"URL","PushUrl":"rtmp://h/a/k"},
      "PushSwitch":"On"},{"StreamConnectOutput":null,"PushSwitch":"Off"}]}}]]=]

    it("asks for its own project and reads it", function()
      local show, transport = project(nil, CREATED, DESCRIBED, DESCRIBED)
      assert(show:create())
      assert.are.equal("working", show:status())
      assert.are.equal('{"Platform":"test","ProjectIds":["p1"]}', transport.asked[2].body)
      assert.are.same({
        id = "p1", name = "live-1", owner = "user_1", category = "STREAM_CONNECT", status = "working",
        active = "backup", started_at = 1551113065, stop_at = 1551120265,
        inputs = { main = { kind = "live_pull", url = "https://a/b.flv" } },
        outputs = { { id = "1", name = "推流1", url = "rtmp://h/a/k", enabled = true }, { enabled = false } },
        created_at = 1551113065.25, updated_at = 1551113066,
      }, show:info())
    end)

    it("says when the service has no such project", function()
      for _, members in ipairs { '"TotalCount":0,"ProjectInfoSet":[]', '"ProjectInfoSet":null', '"ProjectInfoSet":[5]',
        '"ProjectInfoSet":[{"ProjectId":"other"}]' } do
        local show = fake.client(fake.transport(fake.ok(members))):project "p1"
        local message = refused("invalid.unknown_project", show:status())
        assert.truthy(message:find("project 'p1': status: the service has no such project", 1, true), message)
      end
    end)

    it("survives a described project of another kind", function()
      local other = fake.ok '"ProjectInfoSet":[{"ProjectId":"p1","Category":"VIDEO_EDIT","Owner":null}]'
      local show = fake.client(fake.transport(other, other)):project "p1"
      assert.are.same({ id = "p1", category = "VIDEO_EDIT", inputs = {}, outputs = {} }, show:info())
      local message = refused("invalid.unsupported", show:status())
      assert.truthy(message:find("VIDEO_EDIT", 1, true))
    end)
  end)

  it("switches by the names main and backup only", function()
    local show, transport = project(nil, CREATED, fake.ok(), fake.ok())
    refused("invalid.not_created", show:switch "backup")
    assert(show:create())
    assert.is_true(show:switch "main")
    assert.are.equal("Main", fake.sent(transport.asked[2]).InputEndpoint)
    local line = debug.getinfo(1, "l").currentline + 1
    local message = raised(function() show:switch "bakcup" end)
    assert.truthy(message:find("project_spec.lua:" .. line .. ": switch: 'main' or 'backup' is needed, got 'bakcup' "
      .. "(did you mean 'backup'?)", 1, true), message)
    assert.truthy(raised(show.switch, show):find("got nil", 1, true))
  end)

  it("changes the planned stop", function()
    local show, transport = project(nil, CREATED, fake.ok())
    refused("invalid.not_created", show:set_stop_at(fake.NOW + 5))
    assert(show:create())
    assert.is_true(show:set_stop_at(fake.NOW + 5))
    assert.are.equal("2019-02-25T16:44:30Z", fake.sent(transport.asked[2]).CurrentStopTime)
    refused("invalid.stop_at_past", show:set_stop_at(fake.NOW - 5))
    assert.truthy(raised(show.set_stop_at, show):find("set_stop_at: option 'at': missing", 1, true))
  end)

  it("can be created anew after delete", function()
    local show = project(nil, CREATED, fake.ok(), CREATED)
    assert(show:create())
    assert.is_true(show:delete())
    refused("invalid.not_created", show:delete())
    assert.are.equal("p1", show:create())
  end)

  it("keeps its id when the service refuses to delete", function()
    local show = project(nil, CREATED, fake.refused "FailedOperation")
    assert(show:create())
    refused("api.FailedOperation", show:delete())
    assert.are.equal("p1", show.id)
  end)

  it("renames itself, checked as create does", function()
    local show, transport = project(nil, CREATED, fake.ok())
    refused("invalid.not_created", show:rename "x")
    assert(show:create())
    refused("invalid.name_too_long", show:rename(("x"):rep(31)))
    assert.is_true(show:rename "live-2")
    assert.are.equal('{"Platform":"test","ProjectId":"p1","Name":"live-2"}', transport.asked[2].body)
    assert.are.equal("live-2", show.name)
    assert.truthy(raised(show.rename, show):find("rename: option 'name': missing", 1, true))
  end)

  it("raises for a method of the other category, and names the right one", function()
    local foreign = {
      STREAM_CONNECT = { sources = "info().inputs", add_source = "add_input", remove_source = "remove_input",
        switch_source = "switch", set_play = "set_stop_at", set_output_media = "MEDIA_CAST" },
      MEDIA_CAST = { switch = "switch_source", add_input = "add_source", set_input = "remove_source",
        remove_input = "remove_source", push_urls = "source" },
    }
    for category, methods in pairs(foreign) do
      local show, transport = project { category = category, input = false }
      for name, right in pairs(methods) do
        local message = raised(show[name], show, "x")
        assert.truthy(message:find(name .. ": a " .. category .. " project has no such method (", 1, true), message)
        assert.truthy(message:find(right, 1, true), message)
      end
      assert.are.equal(0, #transport.asked)
    end
  end)

  it("tells how inputs and outputs do, and says where the service does not", function()
    local show, transport = project(nil, CREATED,
      fake.ok '"ProjectId":"p1","Status":"Idle","Active":"","StartTime":"","Inputs":[],"Outputs":[]',
      fake.refused "InvalidAction", fake.refused "UnsupportedOperation", fake.refused "UnauthorizedOperation")
    refused("invalid.not_created", show:health())
    assert(show:create())
    assert.are.same({ status = "idle", inputs = {}, outputs = {} }, show:health())
    assert.are.equal('{"Platform":"test","ProjectId":"p1"}', transport.asked[2].body)
    for _ = 1, 2 do
      local message = refused("invalid.unsupported", show:health())
      assert.truthy(message:find("project 'live-1': health: this service does not tell", 1, true), message)
    end
    refused("api.UnauthorizedOperation", show:health())
  end)

  it("tells what DescribePlayInfo does of a MEDIA_CAST project, where the service tells no more", function()
    local given = { category = "MEDIA_CAST", input = false, sources = { "https://h/1.mp4" } }
    local play = [["PlayInfo":{"Status":"Working","CurrentSourceId":"s1","LoopCount":0,
      "DestinationStatusSet":[{"Id":"d1","PushUrl":"rtmp://h/a/hush","Status":"Failed"}]}]]
    local show, transport = project(given, CREATED, fake.refused "InvalidAction", fake.ok(play))
    assert(show:create())
    assert.are.same({ status = "working", inputs = {},
      outputs = { { id = "d1", url = "rtmp://h/a/hush", state = "failed" } } }, show:health())
    assert.are.equal("DescribePlayInfo", fake.sent(transport.asked[3]).Operation)
  end)

  it("shows its name and id, no URL", function()
    local show = project(nil, CREATED)
    assert.are.equal("cme.relay_project 'live-1' (not created)", tostring(show))
    show:create()
    assert.are.equal("cme.relay_project 'live-1' (p1)", tostring(show))
    assert.truthy(raised(show.stop):find("call it as show:stop", 1, true))
  end)

  it("is collected when dropped, and so is its client", function()
    local seen = setmetatable({}, { __mode = "k" })
    for _ = 1, 10 do
      local show = project(nil, CREATED, fake.ok())
      assert(show:start())
      seen[show], seen[show.client] = true, true
    end
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(seen))
  end)
end)
