-- SPDX-License-Identifier: MIT
-- cme.system.child and cme.system.processes with real programs: what they write, how they end, and who ends them.

local child = require "cme.system.child"
local codes = require "cme.codes"
local clock = require "cme.system.clock"
local luv = require "cme.net.loop.luv"
local pidfd = require "cme.pidfd"
local processes = require "cme.system.processes"
local proc = require "spec.support.proc"
local uv = require "luv"

local LIMIT = 30 -- seconds

describe("cme.system.child", function()
  local started = {}

  local function spawn(options)
    local one, message, detail = child.spawn(options)
    started[#started + 1] = one
    return one, message, detail
  end

  local function shell(script, more)
    local options = { program = "/bin/sh", args = { "-c", script } }
    for name, value in pairs(more or {}) do options[name] = value end
    return assert(spawn(options))
  end

  local function wait(condition)
    local deadline = clock.monotonic() + LIMIT
    local tick = uv.new_timer() -- the loop turns even when nothing happens
    tick:start(20, 20, function() end)
    local met = condition() -- once a turn: it may have been true in passing
    while not met and clock.monotonic() < deadline do
      uv.run "once"
      met = condition()
    end
    tick:close()
    assert(met, "it did not happen")
  end

  after_each(function()
    for _, one in ipairs(started) do
      one:kill "sigkill"
      wait(function() return one.exit end)
      one:close()
    end
    started = {}
    uv.run "nowait"
  end)

  it("tells the end once all that the program wrote was taken", function()
    local parts, ended = {}, nil
    local one = shell("head -c 300000 /dev/zero | tr '\\0' x; echo why >&2; exit 3", { stdout = "pipe", stderr = "tail",
      on_output = function(chunk) parts[#parts + 1] = chunk end, on_end = function(exit) ended = exit end })
    wait(function() return ended end)
    assert.are.equal(300000, #table.concat(parts))
    assert.are.same({ code = 3, signal = 0, ok = false, reason = codes.reason("word:exit_code", { code = 3 }) }, ended)
    assert.are.same(ended, one.exit)
    assert.are.equal("why\n", one.words)
  end)

  it("gives the program its input, environment and folder, and nothing else", function()
    local said, ended = "", nil
    local folder = proc.folder()
    local one = shell('cat; echo "$A-$HOME-$PWD"', { stdin = "pipe", stdout = "pipe", env = { "A=1" }, cwd = folder,
      on_output = function(chunk) said = said .. chunk end, on_end = function(exit) ended = exit end })
    one:write "some "
    one:write("words\n", true)
    wait(function() return ended end)
    assert.are.equal("some words\n1--" .. folder .. "\n", said)
    assert.is_true(ended.ok)
  end)

  it("says why a program cannot be started, and leaves nothing open", function()
    local function handles()
      local open = 0
      uv.run "nowait"
      uv.walk(function(handle) open = open + (handle:is_closing() and 0 or 1) end)
      return open
    end
    local before = handles()
    local one, message, detail = spawn { program = "/nonexistent/program", args = {}, stdin = "pipe", stdout = "pipe",
      stderr = "tail" }
    assert.is_nil(one)
    assert.are.equal("start '/nonexistent/program': no such file or directory", message)
    assert.are.equal("local.program", detail.code)
    assert.are.equal(before, handles())
  end)

  it("ends a program that does not listen by force, with all that it has started", function()
    local folder, said = proc.folder(), ""
    local one = shell("trap '' TERM; sleep 1000 & echo up; wait; sleep 1000", { cwd = folder, detached = true,
      stdout = "pipe", on_output = function(chunk) said = said .. chunk end })
    wait(function() return said == "up\n" end)
    one:stop(0.2, true)
    wait(function() return one.exit end)
    assert.are.equal("killed by signal 9", tostring(one.exit.reason))
    wait(function() return #assert(processes.working_in(folder)) == 0 end)
  end)

  it("ends a program that listens by asking", function()
    local one = shell("exec sleep 1000", { detached = true })
    one:stop(LIMIT)
    wait(function() return one.exit end)
    assert.are.equal(15, one.exit.signal)
  end)

  it("lets a program wait while what it writes is not taken", function()
    local taken, ended = 0, nil
    local one = shell("head -c 1000000 /dev/zero", { stdout = "pipe", on_end = function() ended = true end })
    one:read(function(chunk)
      taken = taken + #chunk
      one:hold(true)
    end)
    wait(function() return taken > 0 end)
    local before = taken
    uv.run "nowait"
    assert.are.equal(before, taken)
    assert.is_nil(one.exit)
    one:read(function(chunk) taken = taken + #chunk end)
    wait(function() return ended end)
    assert.are.equal(1000000, taken)
  end)

  describe("run", function()
    local function run(script, seconds, program)
      return luv.run(child.run, { program = program or "/bin/sh", args = { "-c", script }, stderr = "tail" }, seconds,
        function(one) started[#started + 1] = one end)
    end

    it("waits for a program's end", function()
      local exit, one = run("echo why >&2; exit 3", LIMIT)
      assert.are.same({ 3, "why\n" }, { exit.code, one.words })
    end)

    it("kills one that takes too long, or leaves its pipes to another", function()
      local exit, one = run("exec sleep 1000", 0.1)
      assert.is_false(exit)
      wait(function() return one.exit end)
      assert.are.equal(9, one.exit.signal)
      assert.is_false((run("sleep 3 & exit 0", 0.5)))
    end)

    it("says why one cannot be started", function()
      local exit, message, detail = run("", LIMIT, "/nonexistent/program")
      assert.are.same({ nil, "start '/nonexistent/program': no such file or directory", "local.program" },
        { exit, message, detail.code })
    end)
  end)

  it("finds processes by their folder and by an argument", function()
    local folder = proc.folder()
    local one = shell("exec sleep 1000 # " .. folder, { cwd = folder })
    -- no shell between: what it forks has its arguments, and what it execs has none, for a moment
    local other = assert(spawn { program = "tail", args = { "-F", folder .. "/name" } })
    wait(function() return #assert(processes.working_in(folder)) == 1 end)
    wait(function() return #assert(processes.with_argument(folder .. "/name")) == 1 end)
    assert.are.same({ one.pid }, processes.working_in(folder))
    assert.are.same({ other.pid }, processes.with_argument(folder .. "/name"))
    assert.are.same({}, processes.with_argument(folder .. "/nam"))
    assert.is_true(processes.exists(one.pid))
    one:kill "sigkill"
    wait(function() return one.exit end)
    assert.is_false(processes.exists(one.pid))
  end)

  -- The pid of a process whose parent, a shell, has ended.
  local function stranger()
    local said = ""
    shell("exec 2>/dev/null; (exec sleep 1000 >/dev/null) & echo $!",
      { stdout = "pipe", on_output = function(chunk) said = said .. chunk end })
    wait(function() return said:find "\n" end)
    return math.tointeger(tonumber(said))
  end

  -- The calls for the end of a process, which is killed.
  local function told_of_end(pid)
    local calls = 0
    processes.on_end(pid, function() calls = calls + 1 end)
    uv.run "nowait"
    assert.are.equal(0, calls)
    processes.kill(pid, "sigkill")
    wait(function() return calls > 0 end)
    uv.run "nowait"
    return calls
  end

  it("tells the end of a process that is no child, and of one that is", function()
    assert.are.equal(1, told_of_end(stranger()))
    assert.are.equal(1, told_of_end(shell("exec sleep 1000").pid))
  end)

  it("tells the end of a process that there is not, at once", function()
    local one, told = shell "", false
    wait(function() return one.exit end)
    processes.on_end(one.pid, function() told = true end)
    assert.is_true(told)
  end)

  it("tells the end of a process for which the kernel gives no descriptor", function()
    local open = pidfd.open
    finally(function() pidfd.open = open end)
    function pidfd.open() return nil end
    assert.are.equal(1, told_of_end(shell("exec sleep 1000").pid))
  end)

  local function descriptors()
    local count = 0
    for _ in uv.fs_scandir_next, assert(uv.fs_scandir "/proc/self/fd") do count = count + 1 end
    return count
  end

  it("tells the end of a process that libuv does not watch, and keeps no descriptor", function()
    local new_poll, one, told = uv.new_poll, shell "exec sleep 1000", false
    finally(function() uv.new_poll = new_poll end)
    function uv.new_poll() return nil, "ENOMEM: not enough memory", "ENOMEM" end
    local before = descriptors()
    processes.on_end(one.pid, function() told = true end)
    assert.are.equal(before, descriptors())
    one:kill "sigkill"
    wait(function() return told end)
  end)

  it("tells nothing of a process that was let go of, and keeps no descriptor", function()
    local one, told = shell "exec sleep 1000", false
    local before = descriptors()
    local forget = processes.on_end(one.pid, function() told = true end)
    assert.are.equal(before + 1, descriptors())
    forget()
    forget()
    assert.are.equal(before, descriptors())
    one:kill "sigkill"
    wait(function() return one.exit end)
    assert.is_false(told)
  end)
end)
