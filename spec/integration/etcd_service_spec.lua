-- SPDX-License-Identifier: MIT
-- `cme serve` with its state in Debian's etcd: what differs from SQLite. With CME_SPEC_STORE=etcd in the environment
-- the other specs of the service run on it.

local api = require "spec.support.api"
local certificates = require "spec.support.programs.certificates"
local etcd = require "cme.etcd"
local json = require "cme.json"
local proc = require "spec.support.proc"
local programs = require "spec.support.programs.etcd"
local service = require "spec.support.programs.service"
local uv = require "luv"

local LIMIT = 30 -- seconds

local function project(more)
  local params = { Name = "spec", Category = "STREAM_CONNECT", Owner = { Type = "PERSON", Id = "u" },
    StreamConnectProjectInput = {
      MainInput = { InputType = "LivePull",
        LivePullInputInfo = { InputUrl = "rtmp://127.0.0.1:9/live/sekretmain" } },
      Outputs = { { Id = "out", Name = "o", Type = "URL", PushUrl = "rtmp://127.0.0.1:9/live/sekretout" } } } }
  for name, value in pairs(more or {}) do params.StreamConnectProjectInput[name] = value end
  return params
end

local function handle(serve, id, operation, more)
  local params = { ProjectId = id, Operation = operation }
  for name, value in pairs(more or {}) do params[name] = value end
  return api.call(serve, "HandleStreamConnectProject", params)
end

local function status(serve, id)
  return api.call(serve, "DescribeProjects", { ProjectIds = { id } }).ProjectInfoSet[1].StreamConnectProjectInfo.Status
end

local function must(argv)
  local code, out, err = proc.run(argv)
  assert.are.equal(0, code, err)
  return out
end

describe("cme serve without --etcd", function()
  it("loads nothing of etcd", function()
    local code, out, err = proc.run({ "lua5.4", "-e", [[
      require "cme.server"
      require "cme.cli.commands.serve"
      local state = { database = os.getenv "DB" }
      require "cme.server.store".open { clock = require "cme.system.clock", state = state }:close()
      for name in pairs(package.loaded) do
        if name:find "etcd" and name ~= "cme.cli.serve.etcd" then print(name) end
      end]] }, { env = { DB = proc.folder() .. "/cme.db", LUA_PATH = package.path, LUA_CPATH = package.cpath } })
    assert.are.same({ 0, "", "" }, { code, out, err })
  end)
end)

describe("cme serve --etcd, where etcd asks who is there", function()
  local folder, key

  setup(function()
    folder = proc.folder()
    key = folder .. "/seal.key"
    must { "bin/cme", "serve", "seal-key", key }
  end)
  teardown(function() assert.are.same({}, proc.cleanup()) end)

  local function list(cluster, ...)
    return proc.run { "bin/cme", "serve", "--state", folder .. "/s", "--etcd", cluster.endpoints[1], "--seal-key", key,
      "--etcd-prefix", "/mine", ..., }
  end

  it("takes user and password from a file or the environment, and no other", function()
    local cluster = programs.start()
    local root = etcd.new { endpoints = cluster.endpoints, timeout = LIMIT }
    for _, one in ipairs { { "user/add", { name = "root", password = "sekret" } }, { "role/add", { name = "root" } },
      { "user/grant", { user = "root", role = "root" } }, { "user/add", { name = "cme", password = "sekret:cme" } },
      { "role/add", { name = "cme" } }, { "role/grant", { name = "cme", perm = { permType = "READWRITE",
        key = "L21pbmUv", range_end = "L21pbmUw" } } }, { "user/grant", { user = "cme", role = "cme" } },
      { "enable", {} } } do
      assert(root._exchange:call("/v3/auth/" .. one[1], one[2], {})) -- what a product never does
    end
    local login = assert(io.open(folder .. "/login", "w"))
    login:write "cme:sekret:cme\n"
    login:close()
    local code, _, err = list(cluster, "--etcd-login", folder .. "/login", "platforms", "list")
    assert.are.equal(1, code)
    assert.matches("other users may read it", err, 1, true)
    assert(uv.fs_chmod(folder .. "/login", 384))
    code, _, err = list(cluster, "--etcd-login", folder .. "/login", "platforms", "add", "a")
    assert.are.equal(0, code, err)
    code, _, err = list(cluster, "platforms", "list")
    assert.are.equal(1, code)
    assert.matches("etcd asks for a user and a password", err, 1, true)
    local out
    code, out, err = proc.run({ "bin/cme", "serve", "--state", folder .. "/s", "--etcd", cluster.endpoints[1],
      "--seal-key", key, "--etcd-prefix", "/mine", "platforms", "list" },
      { env = { CME_ETCD_LOGIN = "cme:sekret:cme" } })
    assert.are.same({ 0, "a\n", "" }, { code, out, err })
    cluster:stop()
  end)

  it("shows a certificate, and trusts the CA that it is given", function()
    local ca = certificates.ca(folder)
    local cert, server_key = certificates.issue(folder, "server", "IP:127.0.0.1,DNS:localhost")
    local own_cert, own_key = certificates.issue(folder, "client", "DNS:client")
    local cluster = programs.start { tls = { cert = cert, key = server_key, ca = ca } }
    local code, _, err = list(cluster, "--etcd-ca", ca, "--etcd-cert", own_cert, "--etcd-key", own_key, "platforms",
      "add", "a")
    assert.are.equal(0, code, err)
    code = list(cluster, "--etcd-cert", own_cert, "--etcd-key", own_key, "platforms", "list")
    assert.are.equal(1, code)
    cluster:stop()
  end)
end)

describe("cme serve --etcd", function()
  local serve

  teardown(function()
    if serve then serve:stop() end
    assert.are.same({}, proc.cleanup())
  end)

  -- All that etcd has, old and new.
  local function dump(cluster)
    local texts = {}
    assert(etcd.new { endpoints = cluster.endpoints, timeout = LIMIT }:pages({ key = "", prefix = true }, function(kvs)
      for _, kv in ipairs(kvs) do texts[#texts + 1] = kv.key .. "\n" .. kv.value end
    end))
    return table.concat(texts, "\n")
  end

  it("shows etcd no stream key, no URL and no secret of a webhook", function()
    local folder = proc.folder()
    local hooks = assert(io.open(folder .. "/hooks", "w"))
    hooks:write "http://127.0.0.1:9/hook?token=sekrethook\n"
    hooks:close()
    assert(uv.fs_chmod(folder .. "/hooks", 384))
    serve = service.start { etcd = true, args = { "--webhook-file", folder .. "/hooks" } }
    local id = assert(api.call(serve, "CreateProject", project { BackupInput = { InputType = "LivePull",
      LivePullInputInfo = { InputUrl = "rtmp://127.0.0.1:9/live/sekretbackup" } } }).ProjectId)
    handle(serve, id, "Start")
    assert.is_nil(handle(serve, id, "AddOutput", { OutputInfo = { Name = "p", Type = "URL",
      PushUrl = "rtmp://127.0.0.1:9/live/sekretmore" } }).Error)
    assert.are.equal("Working", status(serve, id))
    local text = dump(serve.etcd)
    assert.is_truthy(text:find("/cme/state/projects/" .. id, 1, true))
    assert.is_truthy(text:find("/cme/state/outbox/", 1, true))
    assert.is_nil(text:find("sekret", 1, true))
    assert.is_nil(text:find("127.0.0.1:9", 1, true))
    assert.is_nil(uv.fs_stat(serve.state .. "/cme.db"))
    assert.is_nil(handle(serve, id, "Stop").Error)
  end)

  it("knows at the next request what a command has changed", function()
    local key = assert(json.decode(must(serve:command("keys", "add", "--json"))))
    local options = { secret_id = key.secret_id, secret = key.secret_key }
    assert.is_nil(api.call(serve, "DescribeProjects", {}, options).Error)
    must(serve:command("platforms", "add", "more"))
    assert.is_nil(api.call(serve, "DescribeProjects", { Platform = "more" }, options).Error)
    must(serve:command("keys", "revoke", key.secret_id))
    assert.are.equal("AuthFailure.SecretIdNotFound", api.call(serve, "DescribeProjects", {}, options).Error.Code)
  end)

  it("is refused where another service has the state, or with another key", function()
    local folder = proc.folder()
    local argv = serve:command("--listen", "127.0.0.1:0", "--edge", "off")
    argv[4] = folder
    local code, _, err = proc.run(argv)
    assert.are.equal(1, code)
    assert.matches("one service at a time may use it", err, 1, true)
    must { "bin/cme", "serve", "seal-key", folder .. "/other.key" }
    argv = serve:command("platforms", "list")
    argv[8] = folder .. "/other.key"
    code, _, err = proc.run(argv)
    assert.are.equal(1, code)
    assert.matches("another key file sealed this state", err, 1, true)
    code, _, err = proc.run { "bin/cme", "serve", "seal-key", folder .. "/other.key" }
    assert.are.equal(1, code)
    assert.matches("there already", err, 1, true)
  end)

  it("ends a broadcast while etcd is away, and writes that down when it is back", function()
    local id = assert(api.call(serve, "CreateProject", project()).ProjectId)
    handle(serve, id, "Start")
    assert.are.equal(1, #serve:engines())
    assert.is_nil(api.call(serve, "DescribeProjects", { ProjectIds = { id } }).StateAge)
    serve.etcd:kill_member(1)
    local refused = api.call(serve, "CreateProject", project())
    assert.are.equal("InternalError", refused.Error.Code)
    assert.matches("read the state", refused.Error.Message, 1, true)
    for action, params in pairs { DescribeProjects = { ProjectIds = { id } },
      DescribeProjectHealth = { ProjectId = id } } do
      local told = api.call(serve, action, params)
      assert.is_nil(told.Error, action)
      assert.are.equal("integer", math.type(told.StateAge), action) -- as old as it may be
    end
    assert.are.equal("Working", status(serve, id))
    assert.are.equal("FailedOperation", handle(serve, id, "Stop").Error.Code)
    assert.are.same({}, serve:engines())
    serve.etcd:start_member(1)
    serve.etcd:expect_serving(1)
    proc.eventually("the stop to be written down", LIMIT, function()
      local set = api.call(serve, "DescribeProjects", { ProjectIds = { id } }).ProjectInfoSet
      return set and set[1].StreamConnectProjectInfo.Status == "Idle"
    end)
  end)

  it("finds everything again after kill -9, and its engine goes on", function()
    local id = assert(api.call(serve, "CreateProject", project()).ProjectId)
    handle(serve, id, "Start")
    local engines = serve:engines()
    serve:crash()
    serve:up()
    assert.are.same({ "Working", engines }, { status(serve, id), serve:engines() })
    assert.is_nil(handle(serve, id, "Stop").Error)
    assert.are.same({}, serve:engines())
  end)

  it("moves from SQLite and back while a broadcast goes on", function()
    local first = service.start()
    local id = assert(api.call(first, "CreateProject", project()).ProjectId)
    handle(first, id, "Start")
    local engines, file = first:engines(), first.state .. "/state.json"
    assert.are.equal(1, #engines)
    first:crash()
    local told = must(first:command("state", "export", file))
    assert.matches("projects 1", told, 1, true)
    assert.are.equal(384, uv.fs_stat(file).mode & 511)
    local moved = service.start { state = first.state, etcd = true, before = function(self)
      assert.are.equal(told, must(self:command("state", "import", file)))
    end }
    assert.are.same({ "Working", engines }, { status(moved, id), moved:engines() })
    local code, _, err = proc.run(moved:command("state", "import", file))
    assert.are.equal(2, code)
    assert.matches("import into one that has nothing yet", err, 1, true)
    moved:crash()
    must(moved:command("state", "export", file))
    assert(uv.fs_unlink(first.state .. "/cme.db"))
    for _, name in ipairs { "-wal", "-shm" } do uv.fs_unlink(first.state .. "/cme.db" .. name) end
    must(first:command("state", "import", file))
    first:up()
    assert.are.same({ "Working", engines }, { status(first, id), first:engines() })
    assert.is_nil(handle(first, id, "Stop").Error)
    moved:stop()
    first:stop()
  end)
end)
