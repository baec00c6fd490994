-- SPDX-License-Identifier: MIT
-- A service, engine or playout that crashed could leave its keys on the disk, in a core dump.

local api = require "spec.support.api"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"
local service = require "spec.support.programs.service"

local function core_limit(pid)
  local file = assert(io.open(("/proc/%d/limits"):format(pid)))
  local soft, hard = file:read("a"):match "Max core file size%s+(%S+)%s+(%S+)"
  file:close()
  return soft .. " " .. hard
end

describe("core dumps", function()
  after_each(proc.cleanup)

  it("are left neither by the service nor by what it starts", function()
    local serve = service.start()
    local url = ("rtmp://127.0.0.1:%d/live/hush"):format(proc.free_port())
    local id = assert(api.call(serve, "CreateProject", { Name = "spec", Category = "STREAM_CONNECT",
      Owner = { Type = "PERSON", Id = "u" }, StreamConnectProjectInput = {
        MainInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = url } },
        Outputs = { { Name = "o", PushUrl = url .. "-out" } } } }).ProjectId)
    api.call(serve, "HandleStreamConnectProject", { ProjectId = id, Operation = "Start" })
    assert.are.equal("0 0", core_limit(serve.proc.pid))
    assert.are.equal("0 0", core_limit(serve:engines()[1]))
    serve:stop()
  end)

  it("are not left by a command that calls the service", function()
    local server = require "spec.support.fakes.raw_server".start(function(connection) connection:stall() end)
    local command = proc.spawn({ "bin/cme", "list", "--timeout", "60" }, { env = { CME_PLATFORM = "test",
      CME_ENDPOINT = "http://127.0.0.1:" .. server.port, TENCENTCLOUD_SECRET_ID = "id",
      TENCENTCLOUD_SECRET_KEY = "hush-key" } })
    proc.eventually("its limit", 60, function() return command.code or core_limit(command.pid) == "0 0" end)
    assert.is_nil(command.code, command:output())
    command:stop()
    server:stop()
  end)

  it("are not left by an engine that is started by hand", function()
    local path = proc.folder() .. "/x.sock"
    local engine = proc.spawn { relay.program, "--control", path }
    engine:expect "listening on"
    assert.are.equal("0 0", core_limit(engine.pid))
    engine:stop()
  end)
end)
