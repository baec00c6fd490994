-- SPDX-License-Identifier: MIT
-- Every fault of the way to the service against every kind of operation, for real: the client, a server that spoils the
-- exchange as scripted, and `cme serve` behind it. One row of the printed table is one call; "done" counts how often
-- the service did it, by its own answers.

local client = require "cme.client"
local faulty = require "spec.support.fakes.faulty"
local loop = require "spec.support.loop"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local raw_server = require "spec.support.fakes.raw_server"
local service = require "spec.support.programs.service"

local FAULTS = { "connection refused", "reset before the request was read", "reset after it was read, not done",
  "reset after it was done", "closed after it was done", "cut body, done", "502, not done", "502, done",
  "503, not done", "silence, not done", "slow answer, done", "rate limit" }
local HANDLE = "HandleStreamConnectProject"
-- Seconds after which an attempt is given up. What the service has to do first may take it a while.
local GIVEN_UP = { ["silence, not done"] = 0.5, ["slow answer, done"] = 5 }
local PATIENCE = 50

describe("the client's retries", function()
  local rtmp, serve, source, direct, adder
  local outputs = {} -- of the adder's project, their ids
  local cleanups, rows = {}, {}

  local start_adder

  setup(function()
    rtmp = nginx.start { apps = { "source", "platform" } }
    serve = service.start()
    source = media.publish(rtmp:url("source", "main"), media.MAIN)
    rtmp:expect_publish("source", 1)
    direct = client.new(serve:client_options())
    adder = start_adder()
  end)

  teardown(function()
    if source then source:stop() end
    if adder then adder:stop() end
    if serve then serve:stop() end
    if rtmp then rtmp:stop() end
    proc.cleanup()
    io.write(("\n%-36s %-18s %-37s %8s %4s\n"):format("fault", "operation", "result", "attempts", "done"),
      table.concat(rows, "\n"), "\n")
  end)

  after_each(function()
    for i = #cleanups, 1, -1 do cleanups[i]() end
    cleanups = {}
  end)

  -- Only the attempt that meets a fault is given up early.
  local function give_up_early(transport, between, fault)
    local request = transport.request
    function transport.request(self, asked)
      local head, action = table.concat(asked.headers, "\n"), "X-TC-Action: " .. between.action
      local meets = between.left > 0 and head:find(action, 1, true)
      asked.timeout = meets and GIVEN_UP[fault] or PATIENCE
      return request(self, asked)
    end
  end

  -- A client that reaches the service through a fault.
  local function through(fault, action, more)
    local upstream = more.scripted and adder.port or serve.port
    local between = faulty.start { upstream = upstream, action = action, fault = fault, times = more.times }
    local transport = loop.new()
    transport.on_sleep = function() if not more.stays then between:open() end end
    cleanups[#cleanups + 1] = function() transport:close() end
    cleanups[#cleanups + 1] = function() between:stop() end
    give_up_early(transport, between, fault)
    local options = serve:client_options()
    options.endpoint, options.transport = ("http://127.0.0.1:%d"):format(between.port), transport
    options.now, options.retries = more.now, more.retries
    return client.new(options), between, transport
  end

  -- `cme serve` has no AddOutput yet: a service that has nothing else. It adds as often as it is told.
  start_adder = function()
    local output = '{"StreamConnectOutput":{"Id":"%s","PushUrl":"rtmp://127.0.0.1/app/key"}}'
    local listed = '{"Response":{"TotalCount":1,"ProjectInfoSet":[{"ProjectId":"p","Category":"STREAM_CONNECT",'
      .. '"StreamConnectProjectInfo":{"Status":"Idle","OutputSet":[%s]}}],"RequestId":"r"}}'
    return raw_server.start(function(connection)
      for head, body in connection.request, connection do
        if head:find("X-TC-Action: DescribeProjects", 1, true) then
          local set = {}
          for i, id in ipairs(outputs) do set[i] = output:format(id) end
          connection:answer(listed:format(table.concat(set, ",")), nil, "Content-Type: application/json\r\n")
        else
          outputs[#outputs + 1] = body:match '"Id":"([%w-]+)"'
          connection:answer('{"Response":{"RequestId":"r"}}', nil, "Content-Type: application/json\r\n")
        end
      end
    end)
  end

  local serial = 0

  local function projects_named(made, name)
    local owner = { Type = "PERSON", Id = "spec" }
    local found, message, detail = made:call("DescribeProjects", { Owner = owner, Limit = 100 })
    if not found then return nil, message, detail end
    local list = {}
    for _, entry in ipairs(found.ProjectInfoSet) do
      if entry.Name == name then list[#list + 1] = entry end
    end
    return list
  end

  local function request(name)
    local stream = name:gsub("%W", "")
    return { Name = name, Owner = { Type = "PERSON", Id = "spec" }, Category = "STREAM_CONNECT",
      StreamConnectProjectInput = {
        MainInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = rtmp:url("source", "main") } },
        Outputs = { { Id = "1", Name = "p", PushUrl = rtmp:url("platform", stream) } },
      } }
  end

  local function fresh_name()
    serial = serial + 1
    return "case " .. serial
  end

  local function existing_project()
    local name = fresh_name()
    return assert(direct:call("CreateProject", request(name))).ProjectId, name
  end

  local function entry_of(made, id)
    local found, message, detail = made:call("DescribeProjects", { ProjectIds = { id } })
    return found and found.ProjectInfoSet[1], message, detail
  end

  -- Each prepares what it needs and returns: the call, and the check of what it left. One that reads the project first
  -- meets with that read what meets every request.
  local OPERATIONS = {
    {
      name = "DescribeProjects", action = "DescribeProjects", read = true,
      prepare = function()
        return function(made) return made:call("DescribeProjects", { Limit = 1 }) end, function() end
      end,
    },
    {
      name = "CreateProject", action = "CreateProject",
      prepare = function()
        local name = fresh_name()
        return function(made)
          local show = made:project { name = name, owner = "spec", input = rtmp:url("source", "main"),
            outputs = { rtmp:url("platform", "created") } }
          return show:create()
        end, function(id)
          local list = assert(projects_named(direct, name))
          assert.are.equal(1, #list)
          assert.are.equal(list[1].ProjectId, id)
        end
      end,
    },
    {
      name = "Start", action = HANDLE, reads_first = true,
      prepare = function()
        local id = existing_project()
        cleanups[#cleanups + 1] = function()
          direct:call(HANDLE, { ProjectId = id, Operation = "Stop" })
        end
        return function(made) return made:project(id):start() end,
          function() assert.are.equal("working", direct:project(id):status()) end
      end,
    },
    {
      name = "DeleteProject", action = "DeleteProject", reads_first = true,
      prepare = function()
        local id, name = existing_project()
        return function(made) return made:project(id):delete() end,
          function() assert.are.equal(0, #projects_named(direct, name)) end
      end,
    },
    {
      name = "AddOutput", action = HANDLE, scripted = true, reads_first = true,
      prepare = function()
        cleanups[#cleanups + 1] = function() outputs = {} end
        return function(made)
          return made:project("p"):add_output { id = "client-given", url = "rtmp://127.0.0.1/app/key" }
        end, function() assert.are.same({ "client-given" }, outputs) end
      end,
    },
  }

  local function row(fault, operation, response, detail, attempts, done)
    local result = response and "done" or detail.code .. (detail.unknown_outcome and ", unknown outcome" or "")
    rows[#rows + 1] = ("%-36s %-18s %-37s %8d %4d"):format(fault, operation.name, result, attempts, done)
  end

  local function try(fault, operation, more)
    local go, check = operation.prepare()
    more.scripted = operation.scripted
    local made, between, transport = through(fault, operation.action, more)
    local response, message, detail = go(made)
    local attempts, done = transport:count(operation.action), between.done[operation.action] or 0
    row(more.label or fault, operation, response, detail, attempts, done)
    return response, message, detail, attempts, done, check
  end

  for _, operation in ipairs(OPERATIONS) do
    for _, fault in ipairs(FAULTS) do
      it(("gets %s through '%s', once"):format(operation.name, fault), function()
        local response, message, _, attempts, done, check = try(fault, operation, {})
        assert.is_truthy(response, message) -- a start may say that it is not all live yet
        check(response)
        local met = faulty.FAULTS[fault]
        local once = met.done and not operation.read or operation.reads_first and (met.unread or met.absent)
        assert.are.equal(once and 1 or 2, attempts)
        assert.are.equal(met.done and operation.read and 2 or 1, done)
      end)
    end

    local clock_it = operation.scripted and function() end or it -- only a service that checks signatures minds
    clock_it(("gets %s through a clock that is an hour off"):format(operation.name), function()
      for _, off in ipairs { -3600, 3600 } do
        local label = "clock an hour " .. (off < 0 and "behind" or "ahead")
        local response, message, _, attempts, done, check = try("none", operation, { label = label, now = function()
          return os.time() + off
        end })
        assert.is_truthy(response, message)
        check(response)
        assert.are.same({ operation.reads_first and 1 or 2, 1 }, { attempts, done })
      end
    end)
  end

  it("makes one project through a lost answer with a clock that is an hour off", function()
    for _, fault in ipairs { "reset after it was done", "502, not done" } do
      for _, off in ipairs { -3600, 3600 } do
        local go, check = OPERATIONS[2].prepare()
        local made, between, transport = through(fault, "CreateProject", { now = function()
          return os.time() + off
        end })
        assert(made:call("DescribeProjects", { Limit = 1 })) -- the clock is corrected here
        local response, message, detail = go(made)
        row(fault .. ", an hour off", OPERATIONS[2], response, detail, transport:count "CreateProject",
          between.done.CreateProject or 0)
        assert.are.equal(nil, message)
        check(response)
      end
    end
  end)

  it("gives up a fault that stays, with nothing done, and says so", function()
    for _, operation in ipairs(OPERATIONS) do
      local response, _, detail, attempts, done = try("503, not done", operation, { times = math.huge, retries = 2,
        label = "503 for ever, not done" })
      assert.is_nil(response)
      assert.are.same({ "network.http_status", 3, 0, true },
        { detail.code, attempts, done, detail.retryable })
      assert.are.equal(3, detail.attempts)
      assert.is_nil(detail.unknown_outcome)
    end
    local operation = OPERATIONS[2]
    local response, _, detail, attempts, done = try("connection refused", operation, { stays = true, retries = 2,
      label = "connection refused for ever" })
    assert.is_nil(response)
    assert.are.same({ "network.connect", 3, 3, 0 }, { detail.code, detail.attempts, attempts, done })
  end)

  it("finds out what became of the last attempt too", function()
    local response, _, _, attempts, done, check = try("reset after it was done", OPERATIONS[2], { retries = 0,
      label = "reset after it was done, retries 0" })
    check(response)
    assert.are.same({ 1, 1 }, { attempts, done })
  end)

  it("leaves a write of unknown outcome alone when nobody can tell what became of it", function()
    for _, fault in ipairs(FAULTS) do
      -- A reset in that moment comes before or after the request is sent: either way nothing is done.
      if not faulty.FAULTS[fault].refused and not faulty.FAULTS[fault].unread then
        local name = fresh_name()
        local made, between, transport = through(fault, "CreateProject", {})
        local response, message, detail = made:call("CreateProject", request(name))
        row(fault, { name = "Create, no settle" }, response, detail, transport:count "CreateProject",
          between.done.CreateProject or 0)
        assert.is_nil(response)
        assert.is_true(detail.unknown_outcome)
        assert.are.equal(1, detail.attempts)
        assert.truthy(message:find("whether the service did it is not known", 1, true), message)
        assert.are.equal(faulty.FAULTS[fault].done and 1 or 0, #assert(projects_named(direct, name)))
      end
    end
  end)

  describe("over the wire", function()
    local FORMS = {
      { http_method = "GET" }, { sign_method = "HmacSHA1" }, { sign_method = "HmacSHA256" },
      { sign_method = "HmacSHA1", http_method = "GET" }, { sign_method = "HmacSHA256", http_method = "GET" },
      { unsigned_payload = true }, { unsigned_payload = true, http_method = "GET" },
      { language = "en-US", region = "ap-guangzhou" },
      { sign_method = "HmacSHA256", language = "zh-CN", region = "ap-guangzhou" },
    }

    it("every form creates, reads and deletes a project", function()
      for i, more in ipairs(FORMS) do
        local options = serve:client_options()
        for name, value in pairs(more) do options[name] = value end
        local made = client.new(options)
        local name = ("表单 & form=%d+%%"):format(i)
        local id = assert(made:call("CreateProject", request(name))).ProjectId
        local entry = assert(entry_of(made, id))
        assert.are.equal(name, entry.Name)
        assert.are.equal(rtmp:url("source", "main"),
          entry.StreamConnectProjectInfo.MainInput.LivePullInputInfo.InputUrl)
        assert(made:call("DeleteProject", { ProjectId = id }))
      end
    end)

    it("a wrong key is refused in every form", function()
      for _, more in ipairs(FORMS) do
        local options = serve:client_options()
        for name, value in pairs(more) do options[name] = value end
        options.secret_key = "another"
        local _, _, detail = client.new(options):call "DescribeProjects"
        assert.are.same({ "api.AuthFailure.SignatureFailure", 1 }, { detail.code, detail.attempts })
      end
    end)

    it("every form corrects the clock", function()
      for _, more in ipairs(FORMS) do
        local options = serve:client_options()
        for name, value in pairs(more) do options[name] = value end
        options.now = function() return os.time() - 7200 end
        local made = client.new(options)
        local before = os.time()
        assert(made:call "DescribeProjects")
        local off = made:offset() - 7200
        assert.is_true(off >= -2 - (os.time() - before) and off <= 2, off)
      end
    end)
  end)

  it("serves 64 callers at the rate of a server that allows 20 in a second", function()
    local window, refused, served = {}, 0, 0
    local server = raw_server.start(function(connection)
      while connection:request() do
        local now = loop.time()
        served = served + 1
        while window[1] and now - window[1] >= 1 do table.remove(window, 1) end
        local headers = "Content-Type: application/json\r\n"
        if #window < 20 then
          window[#window + 1] = now
          connection:answer('{"Response":{"TotalCount":0,"ProjectInfoSet":[],"RequestId":"r"}}', nil, headers)
        else
          refused = refused + 1
          connection:answer('{"Response":{"Error":{"Code":"RequestLimitExceeded","Message":"m"},"RequestId":"r"}}', nil,
            headers)
        end
      end
    end)
    cleanups[#cleanups + 1] = function() server:stop() end
    local transport = loop.new()
    cleanups[#cleanups + 1] = function() transport:close() end
    local options = serve:client_options()
    options.endpoint, options.transport = ("http://127.0.0.1:%d"):format(server.port), transport
    local made, answered, callers = client.new(options), 0, {}
    for i = 1, 64 do
      callers[i] = function()
        for _ = 1, 2 do
          assert(made:call("DescribeProjects", {}))
          answered = answered + 1
        end
      end
    end
    local began = loop.time()
    transport:all(callers)
    local took = loop.time() - began
    rows[#rows + 1] = ("64 callers, %d calls at a server of 20/s: %.1f s, %d refused and tried again"):format(answered,
      took, refused)
    assert.are.equal(128, answered)
    assert.are.equal(128, served - refused)
  end)
end)
