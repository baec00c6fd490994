-- SPDX-License-Identifier: MIT

local clock = require "cme.system.clock"
local folder = require "cme.server.edge.folder"
local luv = require "cme.net.loop.luv"
local proc = require "spec.support.proc"
local task = require "cme.task"

local OPEN = '#EXTM3U\n#EXTINF:2.0,\n7.m4s\n#EXT-X-PART:DURATION=0.4,URI="8.0.m4s",INDEPENDENT=YES\n'
local WHOLE = OPEN .. '#EXT-X-PART:DURATION=0.4,URI="8.1.m4s"\n#EXTINF:0.8,\n8.m4s\n'

describe("cme.server.edge.folder", function()
  local path

  before_each(function() path = proc.folder() end)
  teardown(function() assert.are.same({}, proc.cleanup()) end)

  local function write(name, text)
    local file <close> = assert(io.open(path .. "/" .. name, "w"))
    file:write(text)
  end

  it("knows what comes last in a playlist", function()
    assert.are.same({ 8, 0, false }, { folder.last(OPEN) })
    assert.are.same({ 8, 1, true }, { folder.last(WHOLE) })
    assert.are.same({ nil, nil, false }, { folder.last "#EXTM3U\n" })
    for _, case in ipairs { { OPEN, 7, nil, true }, { OPEN, 7, 99, true }, { OPEN, 8, 0, true }, { OPEN, 8, 1, false },
      { OPEN, 8, nil, false }, { WHOLE, 8, nil, true }, { WHOLE, 8, 5, true }, { WHOLE, 9, 0, false },
      { "#EXTM3U\n", 0, 0, false } } do
      assert.are.equal(case[4], folder.has(case[1], case[2], case[3]))
    end
  end)

  it("gives parts, and a segment as all of its parts", function()
    write("8.0.m4s", "one ")
    write("8.1.m4s", "two")
    write("7.mp4", "head")
    assert.are.equal("one two", folder.read(path, "8.m4s"))
    assert.are.equal("two", folder.read(path, "8.1.m4s"))
    assert.are.equal("head", folder.read(path, "7.mp4"))
    assert.is_nil(folder.read(path, "9.m4s"))
    assert.is_nil(folder.read(path, "9.0.m4s"))
  end)

  it("waits for the part that a viewer asks for", function()
    write("index.m3u8", OPEN)
    luv.run(function()
      assert.are.equal(OPEN, folder.playlist(path, clock))
      assert.are.equal(OPEN, folder.playlist(path, clock, 8, 0))
      local asked = task.spawn(folder.playlist, path, clock, 8, 1)
      task.sleep(0)
      write("index.m3u8", WHOLE)
      local good, text = asked:wait()
      assert.are.equal(WHOLE, text or good)
    end)
  end)

  it("gives no playlist that nobody writes any more", function()
    write("index.m3u8", OPEN)
    local later = { now = function() return os.time() + 60 end, monotonic = clock.monotonic }
    assert.is_nil(folder.playlist(path, later))
    assert.is_nil(folder.playlist(path .. "/none", clock))
    assert.is_true(folder.age(path, os.time() + 60) > 50)
    assert.is_nil(folder.age(path .. "/none", os.time()))
  end)

  it("waits until a first playlist is there, and is removed as a whole", function()
    luv.run(function()
      local waiting = task.spawn(folder.wait, path, 20, clock)
      task.sleep(0)
      write("index.m3u8", OPEN)
      waiting:wait()
      assert.is_true(folder.wait(path, 0, clock))
    end)
    folder.remove(path)
    assert.is_nil(io.open(path))
  end)
end)
