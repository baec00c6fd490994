-- SPDX-License-Identifier: MIT
-- `cme fleet`: what operators see of two nodes, and how they move what runs there. Nothing is on the air: the source
-- and the platform are not there, which an engine waits for.

local api = require "spec.support.api"
local etcd = require "cme.etcd"
local fleet = require "spec.support.programs.fleet"
local json = require "cme.json"
local proc = require "spec.support.proc"
local uv = require "luv"

local LIMIT = 40 -- seconds
local ABSENT = "cmepid_" .. ("0"):rep(24)

describe("cme fleet", function()
  local nodes

  setup(function()
    nodes = fleet.start()
    nodes:add("a", { "--capacity", "8" })
    nodes:add("b", { "--label", "media_cast=yes" })
  end)
  teardown(function()
    nodes:stop()
    assert.are.same({}, proc.cleanup())
  end)

  local function run(...) return nodes:run(...) end

  local function ask(...) return nodes:ask(...) end

  local function start()
    local made = api.call(nodes.nodes.a, "CreateProject", { Name = "n", Category = "STREAM_CONNECT",
      Owner = { Type = "PERSON", Id = "u" }, StreamConnectProjectInput = {
        MainInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = "rtmp://127.0.0.1:9/live/x" } },
        Outputs = { { Id = "out", Name = "o", Type = "URL", PushUrl = "rtmp://127.0.0.1:9/live/y" } } } })
    api.call(nodes.nodes.a, "HandleStreamConnectProject", { ProjectId = made.ProjectId, Operation = "Start" })
    return made.ProjectId
  end

  local function stop(id)
    local ended = api.call(nodes.nodes.a, "HandleStreamConnectProject", { ProjectId = id, Operation = "Stop" })
    assert.is_nil(ended.Error)
  end

  local function until_at(id, name)
    proc.eventually(id .. " at " .. name, LIMIT, function()
      return ask("where", id).node == name and #nodes.nodes[name]:engines() == 1
    end)
    assert.are.equal(0, #nodes.nodes[name == "a" and "b" or "a"]:engines())
  end

  it("gives all nodes the keys of the first, and etcd none of them in the clear", function()
    local a, b = nodes.nodes.a, nodes.nodes.b
    assert.are.same({ a.secret_id, a.secret_key }, { b.secret_id, b.secret_key })
    for _, name in ipairs { "master.key", "webhook_secret", "edge/keys" } do
      local texts = {}
      for i, one in ipairs { a, b } do
        local file = assert(io.open(one.state .. "/" .. name))
        texts[i] = file:read "a"
        file:close()
      end
      assert.are.equal(texts[1], texts[2])
    end
    local client = etcd.new { endpoints = nodes.etcd.endpoints, timeout = LIMIT }
    local sealed = assert(client:get "/cme/fleet/secret/credentials").value
    assert.is_nil(sealed:find(a.secret_key, 1, true))
    b:crash()
    local file = assert(io.open(b.state .. "/webhook_secret", "w"))
    file:write(("x"):rep(64))
    file:close()
    local code, _, err = proc.run(b:command("--listen", "127.0.0.1:0", "--edge", "off", "--node", "b"))
    assert.are.equal(1, code)
    assert.matches("webhook_secret' is not what the other nodes have", err, 1, true)
    os.remove(b.state .. "/webhook_secret")
    b:up()
  end)

  it("lists the nodes", function()
    local code, out, err = run "nodes"
    assert.are.equal(0, code, err)
    assert.matches("a +0 +0 +8 +open", out)
    assert.matches("b +0 +0 +100 +open +media_cast=yes +http://127", out)
    local list = ask "nodes"
    assert.are.same({ "a", 8, "b", false }, { list[1].node, list[1].capacity, list[2].node, list[2].draining })
  end)

  it("says where it found no node", function()
    local code, out, err = run("--etcd-prefix", "/nope", "nodes")
    assert.are.same({ 0, "no node of '/nope/fleet/' lives (see --etcd-prefix)\n", "" }, { code, out, err })
    assert.are.same({}, ask("--etcd-prefix", "/nope", "nodes"))
  end)

  it("wants the id of a project", function()
    for _, given in ipairs { { "where", "gala" }, { "move", "cmepid_12", "a" } } do
      local code, _, err = run(table.unpack(given))
      assert.are.equal(2, code)
      assert.matches("'" .. given[2] .. "': a project's id is needed", err, 1, true)
    end
  end)

  it("moves a project, and moves it back", function()
    local id = start()
    local at = ask("where", id).node
    local other = at == "a" and "b" or "a"
    ask("move", id, other)
    until_at(id, other)
    ask("move", id, at)
    until_at(id, at)
    stop(id)
    proc.eventually("the end of the run", LIMIT, function() return ask("where", id).node == json.null end)
  end)

  it("refuses a copy of a node's state folder, and another service of its name, and gives them nothing", function()
    for name, want in pairs { c = "is that of node 'b', which lives", b = "has the name 'b'" } do
      local folder = proc.folder()
      local own = nodes.nodes.b.state .. "/node"
      if name == "c" then assert.are.equal(0, (proc.run { "cp", "-p", own, folder .. "/node" })) end
      local argv = nodes.nodes.b:command("--listen", "127.0.0.1:0", "--edge", "off", "--node", name)
      argv[4] = folder
      local code, _, err = proc.run(argv)
      assert.are.equal(1, code)
      assert.matches(want, err, 1, true)
      for _, file in ipairs { "credentials", "master.key", "webhook_secret" } do
        assert.is_nil(uv.fs_stat(folder .. "/" .. file))
      end
    end
  end)

  it("only says with --dry-run what it would do", function()
    local id = start()
    local at = ask("where", id).node
    local other = at == "a" and "b" or "a"
    local code, out, err = run("--dry-run", "drain", at)
    assert.are.same({ 0, ('drain {"draining":true,"node":"%s"}\n'):format(at), "" }, { code, out, err })
    local told = ask("--dry-run", "move", id, other)
    assert.are.same({ dry_run = true, calls = { { action = "move", params = { project = id, node = other } } } }, told)
    assert.are.equal(1, (run("--dry-run", "drain", "c")))
    local client = etcd.new { endpoints = nodes.etcd.endpoints, timeout = LIMIT }
    for _, order in ipairs { "drain/" .. at, "move/" .. id } do
      assert.is_false(client:get("/cme/fleet/order/" .. order))
    end
    stop(id)
  end)

  it("drains a node, which takes nothing until that is taken back", function()
    local id = start()
    local at = ask("where", id).node
    local other = at == "a" and "b" or "a"
    ask("drain", at)
    until_at(id, other)
    local code, _, err = run("move", id, at)
    assert.are.equal(1, code)
    assert.matches(("node '%s' is drained"):format(at), err, 1, true)
    local more = start()
    assert.are.equal(other, ask("where", more).node)
    stop(more)
    ask("drain", at, "--off")
    proc.eventually("the node to be open", LIMIT, function() return not ask("nodes")[at == "a" and 1 or 2].draining end)
    ask("drain", other)
    until_at(id, at)
    ask("drain", other, "--off")
    stop(id)
  end)

  it("starts a project at its time once, on one node", function()
    local client = require "cme".client(nodes.nodes.a:client_options())
    local cast = client:project { category = "MEDIA_CAST", name = "cast", owner = "spec",
      sources = { "http://127.0.0.1:9/a.mp4" }, outputs = { "rtmp://127.0.0.1:9/live/y" },
      play = { loop_count = 100, auto_start_at = os.time() + 3 } }
    assert(cast:create())
    local other = require "cme".client(nodes.nodes.b:client_options()) -- waits when it has asked too often
    local function told()
      return assert(other:call("DescribeProjectHistory", { ProjectId = cast.id })).Changes
    end
    proc.eventually("its start", LIMIT, function() return #told() > 1 end)
    -- The node that has the label has both, once each; the start was stored before.
    proc.eventually("engine and playout", LIMIT, function() return #nodes.nodes.b:engines() > 1 end)
    assert.are.same({ 0, 2 }, { #nodes.nodes.a:engines(), #nodes.nodes.b:engines() })
    local code, _, err = run("move", cast.id, "a")
    assert.are.equal(1, code)
    assert.matches("node 'a' lacks the label", err, 1, true)
    assert(client:call("HandleMediaCastProject", { ProjectId = cast.id, Operation = "Stop" }))
    assert.are.equal(3, #told()) -- create, start, stop
  end)

  it("refuses names that are not there", function()
    for _, argv in ipairs { { "drain", "c" }, { "drain", "c", "--off" }, { "move", ABSENT, "c" },
      { "move", ABSENT, "a" } } do
      local code, _, err = run(table.unpack(argv))
      assert.are.equal(1, code)
      assert.matches(argv[3] == "a" and "no node runs it" or "no node 'c' lives", err, 1, true)
    end
    local code, _, err = proc.run { "bin/cme", "fleet", "nodes" }
    assert.are.equal(2, code)
    assert.matches("needs --etcd", err, 1, true)
  end)
end)
