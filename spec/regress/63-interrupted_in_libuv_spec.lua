-- SPDX-License-Identifier: MIT
-- Ctrl-C at a command that waited in libuv's loop was an error in a callback of libuv's: a traceback, the exit code
-- 255, and nothing was put in order.

local proc = require "spec.support.proc"
local uv = require "luv"

local LIMIT = 60 -- seconds

describe("Ctrl-C while etcd does not answer", function()
  local etcd, connected, url, folder

  before_each(function()
    etcd, connected, folder = uv.new_tcp(), false, proc.folder()
    local port = proc.free_port()
    assert(etcd:bind("127.0.0.1", port))
    assert(etcd:listen(8, function()
      connected = uv.new_tcp()
      assert(etcd:accept(connected))
    end))
    url = "http://127.0.0.1:" .. port
  end)
  after_each(function()
    if connected then connected:close() end
    etcd:close()
    assert.are.same({}, proc.cleanup())
  end)

  -- Starts a command, and interrupts it when it waits for etcd.
  local function interrupt(argv)
    local command = proc.spawn(argv, { name = argv[2] .. " " .. argv[3] })
    proc.eventually("a request to etcd", LIMIT, function()
      assert(not command.code, command:output())
      uv.run "nowait"
      return connected
    end)
    command:kill "sigint"
    command:wait(LIMIT)
    return command
  end

  local function seal_key()
    local path = folder .. "/seal.key"
    local file = assert(io.open(path, "w"))
    assert(file:write(("5"):rep(64), "\n"))
    file:close()
    assert(uv.fs_chmod(path, 384))
    return path
  end

  it("is said by cme fleet", function()
    local command = interrupt { "bin/cme", "fleet", "--etcd", url, "nodes" }
    assert.are.same({ 130, "cme fleet: interrupted\n" }, { command.code, command.err })
  end)

  it("ends a service that is not there yet", function()
    local command = interrupt { "bin/cme", "serve", "--etcd", url, "--seal-key", seal_key(), "--node", "a",
      "--advertise", "http://127.0.0.1:1", "--listen", "http://127.0.0.1:0", "--state", folder .. "/state" }
    assert.are.same({ uv.constants.SIGINT, "" }, { command.signal, command.err })
  end)

  it("is not waited for by a command that needs no loop", function()
    local path = folder .. "/seal.key"
    assert.are.equal(0, (proc.run({ "bin/cme", "serve", "seal-key", path }, { timeout = LIMIT })))
    assert.is_truthy(uv.fs_stat(path))
  end)

  it("ends an export of the state", function()
    local command = interrupt { "bin/cme", "serve", "--etcd", url, "--seal-key", seal_key(), "state", "export",
      folder .. "/export.json" }
    assert.are.same({ uv.constants.SIGINT, "" }, { command.signal, command.err })
  end)
end)
