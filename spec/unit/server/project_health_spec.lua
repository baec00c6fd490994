-- SPDX-License-Identifier: MIT

local actions = require "cme.server.actions"
local codes = require "cme.codes"
local json = require "cme.json"
local project_health = require "cme.server.project_health"
local schema = require "cme.schema"
local store = require "cme.server.store.sqlite"

local STAT = assert(json.decode [[{"pid":4242,"project":"p","revision":7,"version":"0.2.0","active":"main",
  "started_at":1763841600.25,"stop_at":null,
  "inputs":{"backup":null,"main":{"state":"live","since":1763841600.5,"opens":1,"error":null,"fps":25.0,"kbps":763.4,
    "packets":348,"age_ms":8,"gop_packets":41,"gop_ms":2000,"gop_frames":50,"dts_jumps":0,"dropped":2,
    "codecs":{"video":"h264","width":1280,"height":720,"audio":"aac","sample_rate":44100,"channels":2}}},
  "outputs":[{"id":"1","name":"推流1","state":"backoff","since":1763841601.0,"connects":1,
    "error":{"code":"network.reset","message":"write 'rtmp://h/live/sekret': reset","at":1763841601.0},
    "bytes":137437,"packets":306,"dropped":3,"overflows":2,"kbps":0,"fps":0,"queue_packets":0,"queue_bytes":0,
    "queue_ms":0,"queue_high_bytes":41210,"queue_high_ms":480,"unsent_bytes":null,"write_age_ms":12,
    "last_dts_ms":12280,"delay_p50_ms":null,"delay_p99_ms":4.5}]}]])

local RECORD = { id = "p", category = "STREAM_CONNECT", input = { Outputs = {} } }

describe("cme.server.project_health", function()
  it("tells how main and backup lie to each other", function()
    assert.are.equal(json.null, project_health.response(RECORD, STAT).Merge)
    local stat = { merge = { state = "aligned", distance_ms = -700, held_ms = 0,
      main = { taken = 5, doubled = 1, late = 0 }, backup = { taken = 1, doubled = 4, late = 2 } } }
    assert.are.same({ State = "Aligned", Window = 3, Distance = -700, Held = 0, TakenMain = 5, TakenBackup = 1,
      LateMain = 0, LateBackup = 2, Error = json.null }, project_health.response(RECORD, stat).Merge)
  end)

  it("tells which node stands by, and whether it is ready", function()
    local record = { id = "p", category = "STREAM_CONNECT", input = { Outputs = {}, Standby = true } }
    local one
    local parts = { fleet = { standby_of = function() return one end } }
    local function standby(stat) return project_health.response(record, stat, parts).Standby end
    assert.are.same({ State = "Idle", Node = "" }, standby(nil))
    assert.are.same({ State = "Missing", Node = "" }, standby(STAT))
    one = { node = "b", warm = false }
    assert.are.same({ State = "Starting", Node = "b" }, standby(STAT))
    one.warm = true
    assert.are.same({ State = "Warm", Node = "b" }, standby(STAT))
    parts.fleet = false
    assert.are.same({ State = "Missing", Node = "" }, standby(STAT))
  end)

  it("puts an engine's stat into the API's form, every member of it", function()
    local response = project_health.response(RECORD, STAT)
    assert.are.same({ ProjectId = "p", Status = "Working", Active = "Main", StartTime = "2025-11-22T20:00:00.250Z",
      Inputs = { { Endpoint = "Main", State = "Live", Since = "2025-11-22T20:00:00.500Z", Error = json.null,
        Bitrate = 763.4, FrameRate = 25, PacketAge = 8, GopMs = 2000, DtsJumps = 0, Opens = 1, Dropped = 2,
        VideoCodec = "h264", Width = 1280, Height = 720, AudioCodec = "aac", SampleRate = 44100, Channels = 2,
        Look = json.null } },
      Outputs = { { Id = "1", Name = "推流1", State = "Backoff", Since = "2025-11-22T20:00:01.000Z", Connects = 1,
        Error = { Code = "network.reset", Message = "write 'rtmp://h/live/***': reset",
          Time = "2025-11-22T20:00:01.000Z" },
        Bitrate = 0, FrameRate = 0, Packets = 306, Dropped = 3, Overflows = 2, QueueMs = 0, QueueHighMs = 480,
        UnsentBytes = json.null, WriteAge = 12, DelayP50 = json.null, DelayP99 = 4.5, Bytes = 137437,
        WaitsFor = "", Look = json.null } }, OnSlate = false, Recording = json.null, Slate = json.null,
      Silence = false, Merge = json.null, Standby = json.null,
      Uplink = { Full = false, Bitrate = 0, Limit = json.null, Error = json.null } }, response)
    assert.is_true(schema.check(response, schema.actions.DescribeProjectHealth.response))
    for object, one in pairs { ProjectInputHealth = response.Inputs[1], ProjectOutputHealth = response.Outputs[1],
      ProjectHealthError = response.Outputs[1].Error } do
      for _, field in ipairs(schema.objects[object]) do
        assert.is_not_nil(one[field.name], object .. "." .. field.name)
      end
    end
  end)

  it("says what a platform's page tells of its refusal", function()
    local record = { id = "p", category = "STREAM_CONNECT",
      input = { Outputs = { { Id = "1", PushUrl = "rtmp://push.yximgs.com/live/sekret" } } } }
    local stat = { outputs = { { id = "1", state = "backoff", error = { code = "publish.refused", at = 1764100801,
      message = "publish: the server refused (400009)",
      parts = { Code = "engine:%s: the server refused (%s)", Values = { ["1"] = "publish", ["2"] = "400009" } } } } } }
    local fault = project_health.response(record, stat).Outputs[1].Error
    assert.are.same({ "publish.refused", "publish: the server refused (400009) (the name of the stream is not valid, "
      .. "says the platform's page)" }, { fault.Code, fault.Message })
    assert.matches("非法流名", codes.say(codes.unpack(fault.Reason, tostring), "zh"))
    record.input.Outputs[1].PushUrl = "rtmp://other.example/live/sekret"
    assert.are.equal("publish: the server refused (400009)",
      project_health.response(record, stat).Outputs[1].Error.Message)
  end)

  it("says what it can of an engine that says little", function()
    local response = project_health.response(RECORD, { inputs = { main = { codecs = json.null } }, outputs = { {} } })
    assert.are.same({ "", "", json.null, 0, "" }, { response.Active, response.Inputs[1].State,
      response.Inputs[1].PacketAge, response.Inputs[1].Opens, response.Inputs[1].VideoCodec })
    assert.are.same({ "", json.null, 0 }, { response.Outputs[1].Id, response.Outputs[1].UnsentBytes,
      response.Outputs[1].Dropped })
  end)

  it("tells of the slate, what is wished and how it is", function()
    local record = { id = "p", category = "STREAM_CONNECT", input = { Outputs = {}, Silence = true,
      Slate = { Name = "soon", Format = { Width = 640 } } } }
    local fault = { detail = select(3, codes.fail "server.slate:nothing"), at = 1.5 }
    local slates = { state = function() return "failed", fault end }
    local said = project_health.response(record, STAT, { slates = slates })
    assert.are.same({ "soon", 3, 640, "Failed", "server.slate", true, false }, { said.Slate.Name, said.Slate.After,
      said.Slate.Format.Width, said.Slate.State, said.Slate.Error.Code, said.Silence, said.OnSlate })
    local idle = project_health.response(record)
    assert.is_true(schema.check(idle, schema.actions.DescribeProjectHealth.response))
    assert.are.equal("On", project_health.response(record, { on_slate = true }, { slates = slates }).Slate.State)
    assert.are.equal("Idle", idle.Slate.State)
  end)

  it("tells of a full uplink, what goes out, and what it carries", function()
    local said = project_health.response(RECORD, { uplink_full = true, outputs = { { id = "1", kbps = 700.4 },
      { id = "2", kbps = 200 }, { id = "cme:recording", kbps = 5000 } } }, { limit = 1000 })
    assert.are.same({ true, 900.4, 1000, "uplink.full" }, { said.Uplink.Full, said.Uplink.Bitrate, said.Uplink.Limit,
      said.Uplink.Error.Code })
  end)

  it("has the outputs that the engine is not told of", function()
    local record = { id = "p", category = "MEDIA_CAST", input = { DestinationInfos = { { Id = "1", Name = "推流1" },
      { Id = "2" } } } }
    local outputs = project_health.response(record, STAT).Outputs
    assert.are.same({ 2, "1", "Backoff", "2", "", "Stopped", 0 }, { #outputs, outputs[1].Id, outputs[1].State,
      outputs[2].Id, outputs[2].Name, outputs[2].State, outputs[2].Packets })
  end)

  describe("the action", function()
    local db, relays, stat, failure, params

    before_each(function()
      db = assert(store.open(":memory:", function() return 1763848800 end))
      assert(db:add_platform "test")
      assert(db:create { id = "p", platform = "test", category = "STREAM_CONNECT", name = "n",
        owner = { type = "PERSON", id = "u" }, input = { Outputs = json.array {} } })
      stat, failure = STAT, nil
      relays = { stat = function() return stat, failure end }
      params = { Platform = "test", ProjectId = "p" }
    end)

    after_each(function()
      db:close()
    end)

    local function ask()
      return actions.new { store = db, relays = relays, services = {} }
        .DescribeProjectHealth { action = "DescribeProjectHealth", params = params }
    end

    it("has empty lists for an Idle project", function()
      assert.are.equal('{"Active":"","Inputs":[],"Merge":null,"OnSlate":false,"Outputs":[],'
        .. '"ProjectId":"p","Recording":null,"Silence":false,"Slate":null,"Standby":null,"StartTime":"",'
        .. '"Status":"Idle","Uplink":{"Bitrate":0,"Error":null,"Full":false,"Limit":null}}',
        json.encode(ask()))
    end)

    it("asks the engine of a Working one, and says why it cannot", function()
      assert(db:apply("p", "start", { reason = "spec" }))
      assert.are.equal("Backoff", ask().Outputs[1].State)
      stat, failure = nil, "its engine is not up"
      local response, message, detail = ask()
      assert.is_nil(response)
      assert.are.equal("api.FailedOperation.StreamConnect", detail.code)
      assert.are.equal("health of project 'p': its engine is not up", message)
    end)

    it("is Idle when it was stopped while the engine was asked", function()
      assert(db:apply("p", "start", { reason = "spec" }))
      function relays.stat()
        assert(db:apply("p", "stop", { reason = "spec" }))
        return nil, "it was stopped"
      end
      assert.are.equal("Idle", ask().Status)
    end)

    it("is for the owner and the administrator", function()
      params.Operator = "u"
      assert.are.equal("Idle", ask().Status)
      params.Operator = "stranger"
      assert.are.equal("api.OperationDenied.PermissionDeny", select(3, ask()).code)
    end)
  end)
end)
