-- SPDX-License-Identifier: MIT
-- Real processes that stop answering: an engine, one before its planned end, one while no service runs, the edge's
-- worker; and a service that has no descriptors left, or stood still itself, and must leave all of them alone.

local api = require "spec.support.api"
local proc = require "spec.support.proc"
local receiver = require "spec.support.fakes.receiver"
local service = require "spec.support.programs.service"
local time = require "cme.time"
local uv = require "luv"

local WIDE = 60 -- seconds

local function project()
  local function url(name) return ("rtmp://127.0.0.1:%d/live/%s-hush"):format(proc.free_port(), name) end
  return { Name = "spec", Category = "STREAM_CONNECT", Owner = { Type = "PERSON", Id = "u" },
    StreamConnectProjectInput = {
      MainInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = url "in" } },
      Outputs = { { Name = "o", PushUrl = url "out" } } } }
end

describe("cme serve, beside processes that hang,", function()
  local serve, hook, secret

  setup(function()
    hook = receiver.start()
    serve = service.start { edge = true, args = { "--rate-limit", "off", "--webhook", hook.url } }
    local file = assert(io.open(serve.state .. "/webhook_secret"))
    secret = file:read "l"
    file:close()
  end)

  teardown(function()
    serve:stop()
    hook:down()
    proc.cleanup()
  end)

  local function start()
    local id = assert(api.call(serve, "CreateProject", project()).ProjectId)
    api.call(serve, "HandleStreamConnectProject", { ProjectId = id, Operation = "Start" })
    return id
  end

  local function stop(id)
    api.call(serve, "HandleStreamConnectProject", { ProjectId = id, Operation = "Stop" })
  end

  local function status(id)
    return api.call(serve, "DescribeProjects", { ProjectIds = { id } }).ProjectInfoSet[1].StreamConnectProjectInfo
      .Status
  end

  local function engine_of(id)
    return proc.matching(("%s/relays/%s.sock"):format(serve.state, id))[1]
  end

  -- The master's children, which nginx's own log names.
  local function worker()
    local master = tonumber(assert(io.open(serve.state .. "/edge/nginx.pid")):read "a")
    for _, pid in ipairs(serve:edge()) do
      if pid ~= master then return pid, master end
    end
  end

  local function wait_event(process, reason, id)
    proc.eventually(process .. " replaced, as an event", WIDE, function()
      for _, one in ipairs(hook:events(secret)) do
        if one.type == "Service.ProcessReplaced" and one.content.Process == process and one.content.Reason == reason
          and one.project == id then
          return true
        end
      end
    end)
  end

  local function wait_another(id, first)
    proc.eventually("another engine", WIDE, function()
      local now = engine_of(id)
      return now and now ~= first
    end)
  end

  it("replaces them, says so, posts events, and keeps planned ends", function()
    local plain, ending, lost = start(), start(), start()
    local engines = { [plain] = engine_of(plain), [ending] = engine_of(ending), [lost] = engine_of(lost) }
    serve:crash()
    uv.kill(engines[lost], "sigstop") -- while no service runs
    serve:up()
    local first = worker()
    api.call(serve, "HandleStreamConnectProject", { ProjectId = ending, Operation = "ModifyCurrentStopTime",
      CurrentStopTime = time.format(os.time() + 3) })
    for _, pid in ipairs { engines[plain], engines[ending], first } do uv.kill(pid, "sigstop") end

    proc.eventually("the planned end", WIDE, function() return status(ending) == "Idle" end)
    proc.eventually("its engine to be gone", WIDE, function() return not engine_of(ending) end)
    wait_another(lost, engines[lost])
    wait_another(plain, engines[plain])
    wait_event("Engine", "Hung", plain)
    wait_event("Edge", "Hung")
    proc.eventually("another worker", WIDE, function()
      local now = worker()
      return now and now ~= first
    end)
    assert.matches('"message":"engine is hung: killing it"', serve.proc.err)
    assert.are.same({ "Working", "Working" }, { status(plain), status(lost) })
    stop(plain)
    stop(lost)
  end)

  it("leaves all alone while it has no descriptors, and after it stood still", function()
    local id = start()
    local engine = engine_of(id)
    local first, master = worker()
    local said = #serve.proc.err
    proc.run { "prlimit", "--pid", tostring(serve.proc.pid), "--nofile=3:1048576" }
    proc.elapse(5)
    proc.run { "prlimit", "--pid", tostring(serve.proc.pid), "--nofile=1024:1048576" }
    uv.kill(serve.proc.pid, "sigstop")
    proc.elapse(12)
    uv.kill(serve.proc.pid, "sigcont")
    assert.are.equal("Working", status(id))
    proc.elapse(3)
    assert.are.equal(engine, engine_of(id))
    assert.are.same({ first, master }, { worker() })
    assert.not_matches("ended unexpectedly", serve.proc.err:sub(said + 1))
    stop(id)
  end)
end)
