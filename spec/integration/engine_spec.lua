-- SPDX-License-Identifier: MIT
-- The files of engines, on a real disk; engines themselves run in service_spec.lua and broadcast_spec.lua.

local codes = require "cme.codes"
local engine = require "cme.server.process.engine"
local luv = require "cme.net.loop.luv"
local proc = require "spec.support.proc"
local uv = require "luv"

local BOUND = 10 * 1024 * 1024

local function write(path, text)
  local fd = assert(uv.fs_open(path, "a", 384))
  uv.fs_write(fd, text)
  return fd
end

local function size(path)
  local stat = uv.fs_stat(path)
  return stat and stat.size
end

describe("cme.server.process.engine", function()
  local folder, subject

  before_each(function()
    folder = proc.folder()
    subject = engine.new(folder)
  end)

  after_each(function()
    proc.cleanup()
  end)

  local function trim()
    local done, fault, detail = false, nil, nil
    luv.detach(function()
      fault, detail = subject:trim_logs()
      done = true
    end)
    proc.eventually("the logs to be trimmed", 20, function()
      return done
    end)
    return fault, detail
  end

  it("sets aside a log that is too large, for as long as its engine writes", function()
    local path = folder .. "/p.log"
    local fd = write(path, ("x"):rep(BOUND))
    assert.is_nil(trim())
    assert.are.same({ BOUND }, { size(path), size(path .. ".1") })
    for _ = 1, 2 do
      uv.fs_write(fd, ("y"):rep(BOUND))
      assert.is_nil(trim())
      uv.fs_write(fd, "after\n")
      assert.are.equal(6, size(path))
    end
    uv.fs_close(fd)
    assert.are.equal(BOUND + 6, size(path .. ".1"))
    assert.are.equal("100600", ("%o"):format(uv.fs_stat(path .. ".1").mode))
    subject:forget "p"
    assert.is_nil(size(path) or size(path .. ".1"))
  end)

  it("says which log it could not set aside, and goes on with the others", function()
    for _, id in ipairs { "a", "b" } do
      uv.fs_close(write(("%s/%s.log"):format(folder, id), ("x"):rep(BOUND + 1)))
    end
    assert(uv.fs_mkdir(folder .. "/a.log.1", 448))
    local fault, detail = trim()
    assert.matches("^set aside log '.*/a.log': ", fault)
    assert.are.equal(fault, codes.say(detail))
    assert.are.same({ BOUND + 1, 0 }, { size(folder .. "/a.log"), size(folder .. "/b.log") })
  end)
end)
