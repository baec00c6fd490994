-- SPDX-License-Identifier: MIT
-- Real processes that stop answering: an engine, one before its planned end, one while no service runs, the edge; and
-- a service that has no descriptors left, or stood still itself, and must leave all of them alone.

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

  local function wait_edge(but)
    return proc.eventually("an edge", WIDE, function()
      local now = proc.matching(serve.state .. "/edge/edge.sock")[1]
      return now ~= but and now
    end)
  end

  -- How often a process has waited for something; nil when it is gone. The edge, which nobody publishes to, does so
  -- whenever the service has asked it for a sign of life.
  local function waits(pid)
    local file = io.open(("/proc/%d/status"):format(pid))
    local text = file and file:read "a"
    if file then file:close() end
    return text and tonumber(text:match "\nvoluntary_ctxt_switches:%s*(%d+)")
  end

  local function wait_asked(pid)
    local before = waits(pid)
    proc.eventually("the edge to be asked", WIDE, function()
      local now = waits(pid)
      return not now or now >= before + 2
    end)
  end

  -- By then the engine is to be stopped; the time may have passed when the service reads of it.
  local function plan_end(id)
    proc.eventually("the planned end to be taken", WIDE, function()
      return not api.call(serve, "HandleStreamConnectProject", { ProjectId = id, Operation = "ModifyCurrentStopTime",
        CurrentStopTime = time.format(os.time() + 3) }).Error
    end)
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
    proc.halt(engines[lost]) -- while no service runs
    serve:up()
    local first = wait_edge()
    plan_end(ending)
    for _, pid in ipairs { engines[plain], engines[ending], first } do proc.halt(pid) end

    proc.eventually("the planned end", WIDE, function() return status(ending) == "Idle" end)
    proc.eventually("its engine to be gone", WIDE, function() return not engine_of(ending) end)
    wait_another(lost, engines[lost])
    wait_another(plain, engines[plain])
    wait_event("Engine", "Hung", plain)
    wait_event("Edge", "Hung")
    wait_edge(first)
    serve.proc:expect '"message":"engine is hung: killing it"'
    assert.are.same({ "Working", "Working" }, { status(plain), status(lost) })
    stop(plain)
    stop(lost)
  end)

  it("leaves all alone while it has no descriptors, and after it stood still", function()
    local id = start()
    local engine = engine_of(id)
    local first = wait_edge()
    local said = #serve.proc.err
    proc.run { "prlimit", "--pid", tostring(serve.proc.pid), "--nofile=3:1048576" }
    proc.elapse(5)
    proc.run { "prlimit", "--pid", tostring(serve.proc.pid), "--nofile=1024:1048576" }
    proc.halt(serve.proc.pid)
    proc.elapse(12)
    uv.kill(serve.proc.pid, "sigcont")
    assert.are.equal("Working", status(id))
    wait_asked(first)
    assert.are.equal(engine, engine_of(id))
    assert.are.equal(first, wait_edge())
    assert.not_matches("ended unexpectedly", serve.proc.err:sub(said + 1))
    stop(id)
  end)
end)
