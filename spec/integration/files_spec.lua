-- SPDX-License-Identifier: MIT
-- cme.system.files with real folders: who waits for a file is told by the kernel.

local files = require "cme.system.files"
local proc = require "spec.support.proc"
local uv = require "luv"

local LIMIT = 30 -- seconds

describe("cme.system.files", function()
  local folder

  before_each(function() folder = proc.folder() end)
  after_each(function()
    uv.walk(function(handle) if not handle:is_closing() then handle:close() end end)
    uv.run "nowait"
  end)
  teardown(proc.cleanup)

  -- Turns the loop, which nothing but the watch (or the limit) wakes, until the condition holds.
  local function wait(condition)
    local limit, over = uv.new_timer(), false
    limit:start(LIMIT * 1000, 0, function() over = true end)
    while not condition() and not over do uv.run "once" end
    limit:close()
    assert(not over, "it did not happen")
  end

  local function write(path)
    assert(io.open(path, "w")):close()
  end

  it("tells that a file has come, whose folders come first", function()
    local told = 0
    files.on_arrival(folder .. "/a/b/list", function() told = told + 1 end)
    assert(uv.fs_mkdir(folder .. "/a", 448))
    uv.run "nowait"
    assert(uv.fs_mkdir(folder .. "/a/b", 448))
    assert.are.equal(0, told)
    write(folder .. "/a/b/draft")
    assert(uv.fs_rename(folder .. "/a/b/draft", folder .. "/a/b/list"))
    wait(function() return told == 1 end)
    write(folder .. "/a/b/list")
    uv.run "nowait"
    assert.are.equal(1, told)
  end)

  it("tells of a file whose folder went, and came again", function()
    local told = 0
    assert(uv.fs_mkdir(folder .. "/a", 448))
    files.on_arrival(folder .. "/a/list", function() told = told + 1 end)
    assert(uv.fs_rmdir(folder .. "/a"))
    uv.run "nowait"
    assert(uv.fs_mkdir(folder .. "/a", 448))
    uv.run "nowait"
    write(folder .. "/a/list")
    wait(function() return told == 1 end)
  end)

  it("tells of a file though the kernel has no more watches", function()
    local new_watch, told = uv.new_fs_event, 0
    finally(function() uv.new_fs_event = new_watch end)
    function uv.new_fs_event()
      return { start = function() return nil, "ENOSPC: no space left on device", "ENOSPC" end, close = function() end }
    end
    files.on_arrival(folder .. "/list", function() told = told + 1 end)
    write(folder .. "/list")
    wait(function() return told == 1 end)
  end)

  it("tells of a file that is there, at once, and of none that was let go of", function()
    local told = 0
    local function count() told = told + 1 end
    write(folder .. "/there")
    files.on_arrival(folder .. "/there", count)
    assert.are.equal(1, told)
    files.on_arrival(folder .. "/not", count)()
    write(folder .. "/not")
    files.on_change(folder, function() told = told + 10 end)
    write(folder .. "/other")
    wait(function() return told >= 11 end)
    assert.are.equal(1, told % 10)
  end)
end)
