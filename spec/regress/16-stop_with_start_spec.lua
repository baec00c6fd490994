-- SPDX-License-Identifier: MIT
-- Ctrl-C while `cme start` waits for the picture: the service has the planned stop already.

local uv = require "luv"

local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"

describe("cme start --for, interrupted while it waits", function()
  local serve, silent, connected

  setup(function()
    serve = service.start { args = { "--default-stop", "none" } }
    silent, connected = uv.new_tcp(), {}
    assert(silent:bind("127.0.0.1", 0))
    assert(silent:listen(8, function() -- a source that takes connections and says nothing
      local one = uv.new_tcp()
      silent:accept(one)
      connected[#connected + 1] = one
    end))
  end)

  teardown(function()
    for _, one in ipairs(connected) do one:close() end
    silent:close()
    serve:stop()
    proc.cleanup()
  end)

  it("leaves a project with its planned stop", function()
    local port = silent:getsockname().port
    local show = require "cme".client(serve:client_options()):project { name = "slow", owner = "me",
      input = ("rtmp://127.0.0.1:%d/live/slow"):format(port), outputs = { "rtmp://127.0.0.1:9/live/out" } }
    assert(show:create())
    local started_at = os.time()
    local command = proc.spawn({ "bin/cme", "start", "slow", "--for", "5m" }, { env = serve:environment() })
    proc.eventually("the engine at the source", 30, function() return connected[1] end)
    proc.halt(serve.proc.pid) -- its answer cannot come before the interrupt
    command:kill "sigint"
    assert.are.equal(130, (command:wait()))
    uv.kill(serve.proc.pid, "sigcont")
    assert.are.equal("cme start: interrupted: 'slow' may be on the air: 'cme status slow' shows its state, "
      .. "'cme stop slow' stops it\n", command.err)
    local info = assert(show:info())
    assert.are.equal("working", info.status)
    assert.is_number(info.stop_at)
    assert.is_true(info.stop_at >= started_at + 299, "stop_at " .. info.stop_at)
    assert(show:stop())
  end)
end)
