-- SPDX-License-Identifier: MIT
-- cme.cli.process: programs, signals and locks of this machine.

local codes = require "cme.codes"
local uv = require "luv"

local luv = require "cme.net.loop.luv"
local proc = require "spec.support.proc"
local process = require "cme.cli.process"
local task = require "cme.task"

-- Seconds: by the first a shell has said its word, but on a machine that stood still for so long.
local DEADLINES = { 3, 30 }

describe("cme.cli.process", function()
  local own, path

  before_each(function()
    own, path = process.new(), proc.folder() .. "/x.lock"
  end)

  -- A spec that is a task.
  local function task_it(name, fn)
    it(name, function() luv.run(fn) end)
  end

  after_each(function()
    own:close()
    proc.cleanup()
  end)

  task_it("runs a program with a text for it, and gives what it says", function()
    assert.same({ code = 0, signal = 0, output = "hello\n" }, own:run({ "cat" }, "hello\n", 10))
    assert.same({ code = 3, signal = 0, output = "" }, own:run({ "sh", "-c", "exit 3" }, ("x"):rep(1000000), 10))
  end)

  task_it("says of a program that is not there what can be said of it in both languages", function()
    local result, message, detail = own:run({ "/nonexistent/tell" }, "", 10)
    assert.same({ nil, "local.program", message }, { result, detail.code, codes.say(detail) })
    assert.matches("没有这个文件或目录", codes.say(detail, "zh"))
  end)

  task_it("keeps no more of what a program says than there is room for", function()
    local result = own:run({ "head", "-c", "3000000", "/dev/zero" }, "", 10)
    assert.same({ 0, 1048576 }, { result.code, #result.output })
  end)

  -- Runs a shell to its deadline, by which it has said something.
  local function until_said(script)
    for _, deadline in ipairs(DEADLINES) do
      local result = luv.run(own.run, own, { "sh", "-c", script }, "", deadline)
      if result.output ~= "" then return result end
    end
    error "it has said nothing within 30 s"
  end

  it("ends a program at its deadline, with what it started", function()
    local result = until_said "sleep 600 & echo $!; wait"
    assert.equal(15, result.signal)
    local pid = tonumber(result.output)
    proc.eventually("the child to end", 5, function() return not uv.kill(pid, 0) end)
  end)

  it("makes one end that does not want to", function()
    assert.equal(9, (until_said "trap '' TERM; echo up; while :; do sleep 0.1; done").signal)
  end)

  it("ends a task at its limit, or when this process is told to end, with the program that it runs", function()
    local function within(...) return luv.run(own.within, own, ...) end
    assert.same({ 1, 2 }, { within(60, function() return 1, 2 end) })
    assert.has_error(function() within(60, error, "boom") end)
    local path_of_pid = proc.folder() .. "/pid"
    local script = "echo $$ > " .. path_of_pid .. "; exec sleep 600"
    local function forever() return own:run({ "sh", "-c", script }, "", 600) end
    for _, deadline in ipairs(DEADLINES) do
      local result, _, detail = within(deadline, forever)
      assert.same({ nil, "task.cancelled" }, { result, detail.code })
      if uv.fs_stat(path_of_pid) then break end
    end
    proc.eventually("the program to end", 5, function()
      local file = io.open(path_of_pid)
      local pid = file and file:read "n"
      if file then file:close() end
      return pid and not uv.kill(pid, 0)
    end)
    local timer = uv.new_timer()
    timer:start(100, 0, function()
      uv.kill(uv.os_getpid(), "sigterm")
      timer:close()
    end)
    assert.is_nil(within(600, forever))
    assert.equal("sigterm", own.quit)
    assert.is_nil(within(600, forever))
  end)

  task_it("leaves a task a grace once this process is told to end", function()
    local never = task.signal()
    assert.same({ 1, 2 }, { own:finish(0, function() return 1, 2 end) })
    local finished = task.spawn(own.finish, own, 600, function()
      own.told:wait()
      task.sleep(0.05)
      return "done"
    end)
    local given_up = task.spawn(own.finish, own, 0.01, never.wait, never)
    task.sleep(0)
    uv.kill(uv.os_getpid(), "sigterm")
    assert.equal("done", finished:wait())
    assert.same({ nil, "task.cancelled" }, { (given_up:wait()), select(3, given_up:wait()).code })
  end)

  task_it("says which program it cannot start", function()
    local result, message = own:run({ "no-such-program" }, "", 1)
    assert.same({ nil, "start 'no-such-program': no such file or directory" }, { result, message })
  end)

  task_it("is told to end by a signal, and takes it back at the end", function()
    assert.is_false(own:pause(0.01))
    uv.kill(uv.os_getpid(), "sigterm")
    assert.is_true(own:pause(10))
    assert.equal("sigterm", own.quit)
    assert.is_true(own:pause(10))
  end)

  it("takes a lock once, and gives it back", function()
    assert.is_true(luv.run(own.lock, own, path))
    local second = process.new()
    assert.are.equal("local.locked", select(3, luv.run(second.lock, second, path)).code)
    own:close()
    assert.is_true(luv.run(second.lock, second, path))
    second:close()
  end)

  it("has the lock free after a kill -9", function()
    local script = ([[
      package.path, package.cpath = %q, %q
      local own = require "cme.cli.process".new()
      print(require "cme.net.loop.luv".run(own.lock, own, %q))
      io.stdout:flush()
      require "luv".sleep(60000)]]):format(package.path, package.cpath, path)
    local holder = proc.spawn { "lua5.4", "-e", script }
    holder:expect "true"
    assert.are.equal("local.locked", select(3, luv.run(own.lock, own, path)).code)
    holder:kill "sigkill"
    holder:wait(5)
    assert.is_true(luv.run(own.lock, own, path))
  end)

  task_it("says that a lock cannot be made", function()
    local taken, message, detail = own:lock "/dev/null/x.lock"
    assert.is_nil(taken)
    assert.are.equal("lock '/dev/null/x.lock': it cannot be made or opened (--state names another folder)", message)
    assert.are.equal("local.lock", detail.code)
  end)
end)
