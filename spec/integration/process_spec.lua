-- SPDX-License-Identifier: MIT
-- cme.cli.process: programs, signals and locks of this machine.

local uv = require "luv"

local proc = require "spec.support.proc"
local process = require "cme.cli.process"

describe("cme.cli.process", function()
  local own, path

  local function new()
    return process.new(function(seconds) uv.sleep(math.floor(seconds * 1000)) end)
  end

  before_each(function()
    own, path = new(), proc.folder() .. "/x.lock"
  end)

  after_each(function()
    own:close()
    proc.cleanup()
  end)

  it("runs a program with a text for it, and gives what it says", function()
    assert.same({ code = 0, signal = 0, output = "hello\n" }, own:run({ "cat" }, "hello\n", 10))
    assert.same({ code = 3, signal = 0, output = "" }, own:run({ "sh", "-c", "exit 3" }, ("x"):rep(1000000), 10))
  end)

  it("keeps no more of what a program says than there is room for", function()
    local result = own:run({ "head", "-c", "3000000", "/dev/zero" }, "", 10)
    assert.same({ 0, 1048576 }, { result.code, #result.output })
  end)

  it("ends a program at its deadline, with what it started", function()
    local result = own:run({ "sh", "-c", "sleep 600 & echo $!; wait" }, "", 0.2)
    assert.equal(15, result.signal)
    local pid = tonumber(result.output)
    proc.eventually("the child to end", 5, function() return not uv.kill(pid, 0) end)
  end)

  it("makes one end that does not want to", function()
    assert.equal(9, own:run({ "sh", "-c", "trap '' TERM; while :; do sleep 0.1; done" }, "", 0.2).signal)
  end)

  it("ends a program, where that is wanted, when it is told to end itself", function()
    local timer = uv.new_timer()
    timer:start(100, 0, function()
      uv.kill(uv.os_getpid(), "sigterm")
      timer:close()
    end)
    assert.equal(15, own:run({ "sleep", "600" }, "", 600, true).signal)
    assert.equal(0, own:run({ "true" }, "", 10).code)
  end)

  it("says which program it cannot start", function()
    local result, message = own:run({ "no-such-program" }, "", 1)
    assert.same({ nil, "start 'no-such-program': no such file or directory" }, { result, message })
  end)

  it("is told to end by a signal, and takes it back at the end", function()
    assert.is_false(own:pause(0.01))
    uv.kill(uv.os_getpid(), "sigterm")
    assert.is_true(own:pause(10))
    assert.equal("sigterm", own.quit)
    assert.is_true(own:pause(10))
  end)

  it("takes a lock once, and gives it back", function()
    assert.is_true(own:lock(path))
    local second = new()
    assert.is_false(second:lock(path))
    own:close()
    assert.is_true(second:lock(path))
    second:close()
  end)

  it("has the lock free after a kill -9", function()
    local script = ([[
      package.path, package.cpath = %q, %q
      local own = require "cme.cli.process".new(print)
      print(own:lock(%q))
      io.stdout:flush()
      require "luv".sleep(60000)]]):format(package.path, package.cpath, path)
    local holder = proc.spawn { "lua5.4", "-e", script }
    holder:expect "true"
    assert.is_false(own:lock(path))
    holder:kill "sigkill"
    holder:wait(5)
    assert.is_true(own:lock(path))
  end)

  it("says that a lock cannot be made", function()
    local taken, message = own:lock "/dev/null/x.lock"
    assert.same({ nil, "lock '/dev/null/x.lock': it cannot be made or opened" }, { taken, message })
  end)
end)
