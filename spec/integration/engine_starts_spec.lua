-- SPDX-License-Identifier: MIT
-- How many engines are started at the same time. With real ones: engine_spec.lua.

local child = require "cme.system.child"
local engine = require "cme.server.process.engine"
local luv = require "cme.net.loop.luv"
local proc = require "spec.support.proc"
local task = require "cme.task"

describe("cme.server.process.engine", function()
  local spawn = child.spawn
  after_each(function() child.spawn = spawn end)
  teardown(function() assert.are.same({}, proc.cleanup()) end)

  it("starts three at once, and the next when one of them can be reached", function()
    local reads, ready = {}, 0
    function child.spawn()
      return { pid = 1, close = function() end, read = function(_, told) reads[#reads + 1] = told end }
    end
    local one = engine.new(proc.folder(), "/bin/engine")
    luv.run(function()
      for i = 1, 5 do
        task.spawn(function()
          assert(one:spawn("p" .. i))
          ready = ready + 1
        end)
      end
      local seen = {}
      for i = 1, 5 do
        task.sleep(0)
        seen[i] = #reads
        reads[i] "listening on p.sock\n"
      end
      while ready < 5 do task.sleep(0) end
      assert.are.same({ 3, 4, 5, 5, 5 }, seen)
    end)
  end)
end)
