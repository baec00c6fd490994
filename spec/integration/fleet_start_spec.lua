-- SPDX-License-Identifier: MIT
-- A node that loses its lease in the midst of a start: whoever asked is told to look again, since another node goes on.

local api = require "spec.support.api"
local fleet = require "spec.support.programs.fleet"
local json = require "cme.json"
local proc = require "spec.support.proc"
local sign = require "cme.sign"
local stage = require "spec.support.programs.fleet_stage"

local LIMIT = 60 -- seconds

describe("a start on a node that loses its lease", function()
  local nodes

  setup(function()
    local engine = proc.folder() .. "/engine" -- which never listens
    local file = assert(io.open(engine, "w"))
    file:write "#!/bin/sh\nexec sleep 300\n"
    file:close()
    assert(proc.run { "chmod", "700", engine } == 0)
    nodes = fleet.start()
    nodes:add("a", { "--relay", engine })
  end)
  teardown(function()
    nodes:stop()
    proc.cleanup()
  end)

  local function ask(path, request)
    local _, out = proc.run { "curl", "-sS", "-d", json.encode(request), nodes.etcd.endpoints[1] .. "/v3" .. path }
    return json.object(json.decode(out))
  end

  -- The lease on which a node has a project.
  local function lease_of(id)
    local answer = ask("/kv/range", { key = sign.base64_encode("/cme/fleet/run/" .. id) })
    return answer.kvs and answer.kvs[1] and answer.kvs[1].lease
  end

  local function start(id)
    local body = assert(json.encode { Platform = "test", ProjectId = id, Operation = "Start" })
    local argv = { "curl", "-sS", "--max-time", tostring(LIMIT), "-d", body, nodes.nodes.a.url .. "/" }
    for _, header in ipairs(api.headers(nodes.nodes.a, "HandleStreamConnectProject", body, {})) do
      table.move({ "-H", header }, 1, 2, #argv + 1, argv)
    end
    return proc.spawn(argv, { name = "curl" })
  end

  it("says to try again, and not that somebody stopped it", function()
    local made = api.call(nodes.nodes.a, "CreateProject", { Name = "n", Category = "STREAM_CONNECT",
      Owner = { Type = "PERSON", Id = "u" }, StreamConnectProjectInput = {
        MainInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = "rtmp://127.0.0.1:9/live/x" } },
        Outputs = { { Id = "out", Name = "o", Type = "URL", PushUrl = "rtmp://127.0.0.1:9/live/y" } } } })
    local call = start(made.ProjectId)
    local lease = proc.eventually("the node to take it", LIMIT, function() return lease_of(made.ProjectId) end)
    proc.eventually("the start to be stored", LIMIT, function()
      return stage.status(nodes.nodes.a, made.ProjectId) == "Working"
    end)
    ask("/lease/revoke", { ID = lease })
    call:wait(LIMIT)
    local failure = json.decode(call.out).Response.Error
    assert.are.equal("InternalError", failure.Code, failure.Message)
    assert.matches("does not run it any more: try again", failure.Message, 1, true)
    assert.is_nil(api.call(nodes.nodes.a, "HandleStreamConnectProject", { ProjectId = made.ProjectId,
      Operation = "Stop" }).Error)
  end)
end)
