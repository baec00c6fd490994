-- SPDX-License-Identifier: MIT

local files = require "cme.system.files"
local nginx = require "cme.server.edge.nginx"
local luv = require "cme.net.loop.luv"
local process = require "cme.server.edge.process"
local processes = require "cme.system.processes"
local task = require "cme.task"

describe("cme.server.edge.nginx", function()
  it("says why one could not be started, not why there was none", function()
    local running, stop = process.running, process.stop
    finally(function() process.running, process.stop = running, stop end)
    function process.running() return false end
    function process.stop() return files.fail("in.read_file", "/proc", nil, "EMFILE") end
    local subject = nginx.new { folder = "/nonexistent", clock = {}, log = {} }
    local how, message, detail = subject:raise()
    assert.is_nil(how)
    assert.are.same({ "read '/proc': too many open files", "local.file" }, { message, detail.code })
  end)

  it("is told at once that an adopted one has ended", function()
    local running, read, on_end = process.running, files.read, processes.on_end
    finally(function() process.running, files.read, processes.on_end = running, read, on_end end)
    local pid, ended, forgotten = 7, nil, false
    function process.running() return pid end
    function files.read() return "conf" end
    function processes.on_end(of, fn)
      assert.are.equal(7, of)
      ended = fn
      return function() forgotten = true end
    end
    local subject = nginx.new { folder = "/nonexistent", clock = { monotonic = function() return 0 end }, log = {},
      text = function() return "conf" end, came_up = function() end }
    subject.alive = function() return true end
    luv.run(function()
      assert.are.equal("adopted", subject:raise())
      local watching = task.spawn(subject.watch, subject)
      task.sleep(0)
      assert.is_true(subject.up)
      pid = false
      ended()
      watching:wait()
    end)
    assert.are.same({ false, true }, { subject.up, forgotten })
  end)
end)
