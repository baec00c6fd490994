-- SPDX-License-Identifier: MIT
-- A real `cme serve`: its process, files, sockets and signals, and the engines it starts. What the API answers to
-- which request is in spec/unit/server/actions_spec.lua; whole broadcasts are in broadcast_spec.lua.

local api = require "spec.support.api"
local json = require "cme.json"
local luv = require "cme.net.loop.luv"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"
local usage = require "spec.support.proofs.usage"
local uv = require "luv"

local function permissions(path)
  return ("%o"):format(assert(uv.fs_stat(path)).mode & 511)
end

local function project(more)
  local params = { Name = "spec", Category = "STREAM_CONNECT", Owner = { Type = "PERSON", Id = "u" },
    StreamConnectProjectInput = {
      MainInput = { InputType = "LivePull",
        LivePullInputInfo = { InputUrl = ("rtmp://127.0.0.1:%d/live/sekret"):format(proc.free_port()) } },
      Outputs = { { Id = "1", Name = "o", PushUrl = ("rtmp://127.0.0.1:%d/live/sekret"):format(proc.free_port()) } } } }
  for name, value in pairs(more or {}) do
    params[name] = value
  end
  return params
end

-- Runs `cme serve` to its end, for starts that fail.
local function refused(args)
  local edge = args[1] == "--edge" and {} or { "--edge", "off" }
  return proc.run({ "bin/cme", "serve", table.unpack(table.move(args, 1, #args, #edge + 1, edge)) }, { timeout = 20 })
end

local function resident_kb(pid)
  local file = assert(io.open(("/proc/%d/status"):format(pid)))
  local text = file:read "a"
  file:close()
  return tonumber(text:match "VmRSS:%s+(%d+)")
end

describe("cme serve", function()
  local serve

  setup(function()
    serve = service.start { args = { "--rate-limit", "off" } }
  end)

  teardown(function()
    serve:stop()
    proc.cleanup()
  end)

  local function connect()
    local socket, connected, failure = uv.new_tcp(), false, nil
    socket:connect("127.0.0.1", serve.port, function(err)
      connected, failure = true, err
    end)
    proc.eventually("a connection", 10, function()
      return connected
    end)
    assert.is_nil(failure)
    return socket
  end

  local function count()
    return assert(api.call(serve, "DescribeProjects", {})).TotalCount
  end

  it("says where it is, and answers signed requests", function()
    assert.are.equal(("listening on http://127.0.0.1:%d\nstate in %s\nkey in %s/credentials\n"):format(serve.port,
      serve.state, serve.state), serve.proc.out)
    local response, head = api.call(serve, "DescribeProjects", {})
    assert.are.equal(0, response.TotalCount)
    assert.matches("^HTTP/1.1 200", head)
    assert.matches("\r\nContent%-Type: application/json\r\n", head)
  end)

  it("keeps its files to its owner", function()
    assert(api.call(serve, "CreateProject", project()).ProjectId)
    assert.are.equal("600", permissions(serve.state .. "/credentials"))
    assert.are.equal("700", permissions(serve.state .. "/relays"))
    for _, name in ipairs(serve.etcd and { "node", "lock" } or { "cme.db", "cme.db-wal", "cme.db-shm", "lock" }) do
      assert.are.equal("600", permissions(serve.state .. "/" .. name), name)
    end
  end)

  it("refuses wrong secrets and clocks, and says by how much", function()
    local response = api.call(serve, "DescribeProjects", {}, { secret = "wrong" })
    assert.are.equal("AuthFailure.SignatureFailure", response.Error.Code)
    local signed_at = os.time() - 400
    response = api.call(serve, "DescribeProjects", {}, { timestamp = signed_at })
    assert.are.equal("AuthFailure.SignatureExpire", response.Error.Code)
    local late = tonumber(response.Error.Message:match "signed for (%d+) s earlier")
    -- os.time() reads the clock of the last tick: just after a second it still says the one before.
    assert.is_true(late >= 400 and late <= os.time() + 1 - signed_at, response.Error.Message)
  end)

  it("takes a Host with a scheme, as tccli sends it", function()
    local response = api.call(serve, "DescribeProjects", {}, { host = "http://127.0.0.1:" .. serve.port })
    assert.is_number(response.TotalCount)
  end)

  it("answers RequestSizeLimitExceeded to 11 MB, and goes on", function()
    local response = assert(api.send(serve, "CreateProject", ("x"):rep(11 * 1024 * 1024)))
    assert.are.equal("RequestSizeLimitExceeded", response.Error.Code)
    assert.is_number(count())
  end)

  it("answers others while connections are idle, broken or half done, within flat memory", function()
    local sockets = {}
    for i = 1, 1000 do
      sockets[i] = connect()
    end
    for i = 1, 50 do
      sockets[i]:write("\0\255 garbage\r\n\r\n")
      sockets[i + 50]:write "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf"
    end
    assert.is_number(count())
    local before = resident_kb(serve.proc.pid)
    for _ = 1, 20 do
      assert.is_number(count())
      assert.are.equal("InvalidParameter", api.send(serve, "DescribeProjects", "{").Error.Code)
    end
    assert.is_true(resident_kb(serve.proc.pid) - before < 8192)
    for _, socket in ipairs(sockets) do
      socket:close()
    end
    uv.run "nowait"
    assert.is_number(count())
  end)

  it("keeps what it acknowledged through kill -9, with the same key", function()
    local id = assert(api.call(serve, "CreateProject", project { Name = "留" }).ProjectId)
    local key, before = serve.secret_key, count()
    serve:crash()
    serve:up()
    assert.are.equal(key, serve.secret_key)
    assert.are.equal(before, count())
    assert.are.equal("留", api.call(serve, "DescribeProjects", { ProjectIds = { id } }).ProjectInfoSet[1].Name)
  end)

  it("refuses a second service on its folder, but not after a crash", function()
    local code, out, err = refused { "--listen", "127.0.0.1:0", "--state", serve.state }
    assert.are.equal(1, code)
    assert.are.equal("", out)
    assert.matches("another cme serve is using it", err)
    serve:crash()
    serve:up()
    assert.is_number(count())
  end)

  it("ends on SIGTERM while clients keep it busy without a pause", function()
    local own = service.start { args = { "--rate-limit", "off" } }
    local argv = { "lua5.4", "bench/service/clients.lua", "64", "1000000" }
    for _ = 1, 8 do argv[#argv + 1] = api.call(own, "CreateProject", project()).ProjectId end
    local clients = proc.spawn(argv, { env = own:environment() })
    proc.eventually("the clients to call", 20, function() return usage.cpu(clients.pid) > 0.5 end)
    own.proc:kill "sigterm"
    assert.are.equal(0, (own.proc:wait(20)))
    clients:wait()
  end)

  it("says what is in its way", function()
    local folder = proc.folder()
    local code, _, err = refused { "--listen", "127.0.0.1:" .. serve.port, "--state", folder }
    assert.are.equal(1, code)
    assert.matches("in use", err)
    assert(uv.fs_chmod(folder .. "/credentials", 420)) -- 0644
    code, _, err = refused { "--listen", "127.0.0.1:0", "--state", folder }
    assert.are.equal(1, code)
    assert.matches("mode 0644.*chmod 600", err)
    assert(uv.fs_chmod(folder .. "/credentials", 384)) -- 0600
    local file = assert(io.open(folder .. "/credentials", "w"))
    file:write "[default]\nsecret_id = a\nsecret_key = 直播\n"
    file:close()
    code, _, err = refused { "--listen", "127.0.0.1:0", "--state", folder }
    assert.are.equal(1, code)
    assert.matches("credentials '/.*': sign: secret key: .*delete the file", err)
    assert(uv.fs_unlink(folder .. "/credentials"))
    code, _, err = refused { "--listen", "127.0.0.1:0", "--state", folder .. ("/long"):rep(20) }
    assert.are.equal(1, code)
    assert.matches("too long", err)
    assert.is_nil(uv.fs_stat(folder .. "/long"), "it makes no folder that it cannot use")
    code, _, err = refused { "--listen", "127.0.0.1:0", "--state", "/proc/none" }
    assert.are.equal(1, code)
    assert.matches("make folder '/proc/none'", err)
    code, _, err = refused { "--listen", "127.0.0.1:0", "--state", folder, "--relay", "/nonexistent/relay" }
    assert.are.equal(1, code)
    assert.matches("/nonexistent/relay", err)
    for _, args in ipairs { { "--listen", "nowhere" }, { "--listen", "h:99999" }, { "--edge", "on" }, { "--nope" },
      { "--edge", "auto", "--edge-rtmp", "nowhere" }, { "--edge", "auto", "--edge-http", "[::1]:0" },
      { "--platform", "a b" } } do
      assert.are.equal(2, (refused(args)))
    end
  end)

  it("says what to do about a folder that is of no use, or a file in it", function()
    local folder, below = proc.folder(), "/sys/kernel" -- nobody can make anything there, root neither
    local function put(name)
      local file = assert(io.open(folder .. "/" .. name, "wb"))
      file:write(("no database "):rep(100))
      file:close()
    end
    put "cme.db"
    local code, _, err = refused { "--listen", "127.0.0.1:0", "--state", folder }
    assert.are.equal(1, code)
    assert.matches("open database '/.*/cme.db': file is not a database: .*move the file away", err)
    put "lock"
    code, _, err = refused { "--listen", "127.0.0.1:0", "--state", folder }
    assert.are.equal(1, code)
    assert.matches("lock '/.*/lock': file is not a database: delete it\n$", err)
    code, _, err = refused { "--listen", "127.0.0.1:0", "--state", below .. "/cme" }
    assert.are.equal(1, code)
    assert.matches("make folder '/sys/kernel/cme': .*: .*%-%-state", err)
  end)

  it("ends with 0 on SIGTERM and SIGINT, after answering what is in hand", function()
    for _, signal in ipairs { "sigterm", "sigint" } do
      local own = service.start()
      local params = project()
      -- An input that accepts and stays silent: the start waits until its bound.
      local silent = uv.new_tcp()
      silent:bind("127.0.0.1", 0)
      silent:listen(8, function() end)
      params.StreamConnectProjectInput.MainInput.LivePullInputInfo.InputUrl =
        ("http://127.0.0.1:%d/x.flv"):format(silent:getsockname().port)
      local id = assert(api.call(own, "CreateProject", params).ProjectId)
      local body = assert(json.encode { Platform = "test", ProjectId = id, Operation = "Start" })
      local argv = { "curl", "-sS", "--max-time", "90", "--data-binary", body, own.url .. "/" }
      for _, header in ipairs(api.headers(own, "HandleStreamConnectProject", body, {})) do
        argv[#argv + 1] = "-H"
        argv[#argv + 1] = header
      end
      local curl = proc.spawn(argv)
      proc.eventually("an engine", 10, function()
        return #own:engines() == 1
      end)
      own.proc:kill(signal)
      assert.are.equal(0, (own.proc:wait(30)))
      curl:wait(10)
      assert.matches("FailedOperation.StartStreamConnectPartlyErr", curl.out)
      assert.are.equal(1, #own:engines(), "the engine goes on")
      silent:close()
      own:stop()
    end
  end)

  -- How often a text stands in the database's files.
  local function in_database(text)
    local found = 0
    for _, name in ipairs { "cme.db", "cme.db-wal" } do
      local file = assert(io.open(serve.state .. "/" .. name, "rb"))
      found = found + select(2, file:read("a"):gsub(text, ""))
      file:close()
    end
    return found
  end

  it("keeps nothing of a deleted project's stream keys", function()
    if serve.etcd then return end -- where there never are any: etcd_service_spec
    local ids = {}
    for i = 1, 3 do
      local params = project()
      params.StreamConnectProjectInput.Outputs[1].PushUrl = "rtmp://127.0.0.1/live/" .. ("hushaway"):rep(i * 50)
      ids[i] = assert(api.call(serve, "CreateProject", params).ProjectId)
    end
    assert.is_true(in_database "hushaway" > 0)
    for _, id in ipairs(ids) do
      assert.is_nil(api.call(serve, "DeleteProject", { ProjectId = id }).Error)
    end
    assert.are.equal(0, in_database "hushaway")
  end)

  it("warns when others can reach its plain HTTP, and only then", function()
    assert.not_matches("plain HTTP", serve.proc.err)
    local own = proc.spawn { "bin/cme", "serve", "--listen", "0.0.0.0:0", "--state", proc.folder(), "--edge", "off" }
    own:expect "listening on"
    own:expect '"level":"warn",[^\n]*"message":"plain HTTP '
    own:stop()
  end)

  it("says how many broadcasts go on when it is stopped", function()
    local own = service.start()
    own.proc:kill "sigterm"
    own.proc:wait()
    assert.matches('"message":"stopping"', own.proc.err)
    own:up()
    for _ = 1, 2 do
      local id = assert(api.call(own, "CreateProject", project()).ProjectId)
      assert(api.call(own, "HandleStreamConnectProject", { ProjectId = id, Operation = "Start" }))
    end
    own.proc:kill "sigterm"
    own.proc:wait()
    assert.matches("stopping: 2 broadcasts go on without the service", own.proc.err)
    assert.are.equal(2, #own:engines())
    own:stop()
  end)

  it("hands no descriptor and no secret to its engines", function()
    local id = assert(api.call(serve, "CreateProject", project()).ProjectId)
    local response = api.call(serve, "HandleStreamConnectProject", { ProjectId = id, Operation = "Start" })
    assert.are.equal("FailedOperation.StartStreamConnectPartlyErr", response.Error.Code)
    assert.not_matches("sekret", response.Error.Message)
    assert.matches("main input", response.Error.Message)
    assert.matches("output 'o'", response.Error.Message)
    local pid = assert(serve:engines()[1])
    local _, listing = proc.run { "ls", "-l", ("/proc/%d/fd"):format(pid) }
    assert.not_matches("cme%.db", listing)
    assert.not_matches("lock %-> .*/lock", listing)
    local _, sockets = proc.run { "sh", "-c", "ss -ltnpH 'sport = :" .. serve.port .. "'" }
    assert.not_matches("pid=" .. pid, sockets)
    local file = assert(io.open(("/proc/%d/cmdline"):format(pid), "rb"))
    assert.not_matches("sekret", file:read "a")
    file:close()
    assert.is_nil(api.call(serve, "HandleStreamConnectProject", { ProjectId = id, Operation = "Stop" }).Error)
    assert.are.same({}, serve:engines())
    assert.not_matches("sekret", serve.proc.err)
  end)

  it("starts, stops and starts a project again without a pause, its own engine and an adopted one", function()
    local id = assert(api.call(serve, "CreateProject", project()).ProjectId)
    local function handle(operation)
      return api.call(serve, "HandleStreamConnectProject", { ProjectId = id, Operation = operation })
    end
    for round = 1, 4 do
      assert.are.equal("FailedOperation.StartStreamConnectPartlyErr", handle "Start".Error.Code)
      if round % 2 == 0 then
        serve:crash()
        serve:up()
      end
      assert.is_nil(handle "Stop".Error)
      assert.are.same({}, serve:engines())
    end
  end)

  it("stops the engine of a project that is not to run", function()
    local id = assert(api.call(serve, "CreateProject", project()).ProjectId)
    api.call(serve, "HandleStreamConnectProject", { ProjectId = id, Operation = "Start" })
    assert.are.equal(1, #serve:engines())
    serve:crash()
    local db = serve:store()
    assert(db:apply(id, "stop", { reason = "spec" })) -- as if the crash came inside a Stop
    db:close()
    serve:up()
    proc.eventually("the engine to end", 10, function()
      return #serve:engines() == 0
    end)
    assert.is_nil(uv.fs_stat(("%s/relays/%s.sock"):format(serve.state, id)))
  end)

  it("outlives the reader of its log", function()
    local ends = assert(uv.pipe())
    local own = service.start { args = { "--log-level", "debug" }, stderr = ends.write }
    uv.fs_close(ends.write)
    uv.fs_close(ends.read)
    for _ = 1, 3 do
      assert.are.equal(0, api.call(own, "DescribeProjects", {}).TotalCount)
    end
    own.proc:kill "sigterm"
    assert.are.equal(0, (own.proc:wait(20)))
    own:stop()
  end)

  it("answers while nobody reads its log, and says then how many lines were lost", function()
    local ends = assert(uv.pipe())
    -- A descriptor of its own that does not block: the service's end must stay as a shell makes it.
    local flags = uv.constants.O_WRONLY | uv.constants.O_NONBLOCK
    local filler = assert(uv.fs_open("/proc/self/fd/" .. ends.write, flags, 0))
    while uv.fs_write(filler, ("x"):rep(4096)) do end
    uv.fs_close(filler)
    local own = service.start { args = { "--log-level", "debug" }, stderr = ends.write }
    uv.fs_close(ends.write)
    for _ = 1, 3 do
      assert.are.equal(0, api.call(own, "DescribeProjects", {}).TotalCount)
    end
    local reader, log = uv.new_pipe(false), ""
    reader:open(ends.read)
    reader:read_start(function(_, chunk)
      log = log .. (chunk or "")
    end)
    proc.eventually("the pipe to be empty", 10, function()
      return #log >= 65536
    end)
    assert(api.call(own, "DescribeProjects", {}))
    proc.eventually("a line of the log", 10, function()
      return log:find("\n", 1, true)
    end)
    assert.matches('^x+{.*"left_out":3', log)
    own:stop()
    reader:close()
  end)

  it("keeps the logs of engines within their bound", function()
    local own = service.start()
    own:crash()
    local path = own.state .. "/relays/cmepid_0.log"
    local file = assert(io.open(path, "w"))
    file:write(("x"):rep(11 * 1024 * 1024))
    file:close()
    own:up()
    proc.eventually("the log to be set aside", 20, function()
      return uv.fs_stat(path).size == 0
    end)
    assert.are.equal(11 * 1024 * 1024, uv.fs_stat(path .. ".1").size)
    own:stop()
  end)

  it("has the platform that it is told to have", function()
    local own = service.start { args = { "--platform", "1000000009" } }
    assert.is_number(api.call(own, "DescribeProjects", { Platform = "1000000009" }).TotalCount)
    assert.are.equal("ResourceNotFound.Platform", api.call(own, "DescribeProjects", { Platform = "x" }).Error.Code)
    own:stop()
  end)
end)

describe("cme.server", function()
  local logged

  local function open()
    logged = {}
    return assert(require "cme.server".new {
      addresses = { { host = "127.0.0.1", port = 0, tls = false } }, state = proc.folder(),
      clock = require "cme.system.clock",
      preset = "veryfast",
      log = require "cme.server.log".new("error", function(line)
        logged[#logged + 1] = line
      end, os.time),
    })
  end

  -- Tasks run while it waits: a keeper that backs off would start another engine.
  it("keeps no engine any more when it waits for the edge to end", function()
    local subject = open()
    local kept
    subject._parts.edge = { is_needed = function() return false end, close = function()
      kept = { subject._parts.relays._around.detached, subject._parts.previews._relays._around.detached }
    end }
    subject:close()
    assert.are.same({ true, true }, kept)
    proc.cleanup()
  end)

  it("ends though answering a request failed, and the request has an answer", function()
    local subject = open()
    function subject._parts.api.handle()
      error "no handle"
    end
    local curl, in_hand
    assert(subject:run(function()
      local url = require "cme.server.http.listen".url(subject.addresses[1])
      curl = proc.spawn({ "curl", "-sS", "-i", "--max-time", "90", url .. "/" })
      luv.detach(function()
        while not curl.code do
          subject._parts.listener.progress:wait(0.1)
        end
        in_hand = subject._parts.listener.in_hand
        subject:stop()
      end)
    end))
    subject:close()
    curl:wait()
    assert.matches("^HTTP/1.1 500", curl.out)
    assert.are.equal(0, in_hand)
    assert.matches("no handle", table.concat(logged))
    proc.cleanup()
  end)
end)

describe("cme", function()
  it("shows its version and its commands", function()
    local code, out = proc.run { "bin/cme", "--version" }
    assert.are.same({ 0, "cme " .. require "cme.version" .. "\n" }, { code, out })
    code, out = proc.run { "bin/cme", "--help" }
    assert.are.equal(0, code)
    assert.matches("serve", out)
    assert.are.equal(2, (proc.run { "bin/cme" }))
    assert.are.equal(2, (proc.run { "bin/cme", "nothing" }))
  end)
end)
