-- SPDX-License-Identifier: MIT
-- The service's end of a control connection against a peer that misbehaves, over a real unix socket.

local control = require "cme.server.process.control"
local luv = require "cme.net.loop.luv"
local proc = require "spec.support.proc"
local task = require "cme.task"
local uv = require "luv"

local LONGEST = 8 * 1024 * 1024 -- bytes of a line, as docs/control-protocol.md has it

describe("cme.server.process.control", function()
  local signal, listener, peer, subject, closed, events

  before_each(function()
    closed, events = 0, {}
    signal = uv.new_signal() -- as cme serve does: writing to a closed end sends SIGPIPE
    signal:start("sigpipe", function() end)
    local path = proc.folder() .. "/engine.sock"
    listener = uv.new_pipe(false)
    assert(listener:bind(path))
    listener:listen(1, function()
      peer = uv.new_pipe(false)
      listener:accept(peer)
    end)
    luv.detach(function()
      subject = assert(control.connect(path, function(event)
        events[#events + 1] = event
      end, function()
        closed = closed + 1
      end))
    end)
    proc.eventually("a connection", 10, function()
      return subject and peer
    end)
  end)

  after_each(function()
    subject:close()
    for _, handle in ipairs { peer, listener, signal } do
      if not handle:is_closing() then
        handle:close()
      end
    end
    subject, peer = nil, nil
    proc.cleanup()
  end)

  it("hands on a line of the greatest length, and closes when one is longer", function()
    local frame = '{"event":"x","pad":""}'
    peer:write(frame:gsub('""', function()
      return '"' .. ("x"):rep(LONGEST - #frame) .. '"'
    end) .. "\n")
    proc.eventually("the event", 10, function()
      return #events == 1
    end)
    peer:write(("x"):rep(LONGEST + 1))
    proc.eventually("the end of the connection", 10, function()
      return closed == 1
    end)
    assert.is_false(subject.open)
  end)

  it("leaves no descriptor open when a task is cancelled while it connects", function()
    local new_pipe, pipe = uv.new_pipe, nil
    finally(function() uv.new_pipe = new_pipe end)
    function uv.new_pipe()
      pipe = { closed = false }
      function pipe.connect() end -- whoever listens never takes it
      function pipe:is_closing() return self.closed end
      function pipe:close() self.closed = true end
      return pipe
    end
    luv.run(function()
      local one = task.spawn(control.connect, "/nobody", function() end, function() end)
      task.sleep(0)
      assert.is_false(pipe.closed)
      one:cancel()
    end)
    assert.is_true(pipe.closed)
  end)

  it("closes when a line is not JSON, and tells those who wait", function()
    local message, detail
    luv.detach(function()
      message, detail = select(2, subject:request({ op = "stat" }, 60))
    end)
    peer:write "no engine\n"
    proc.eventually("the end of the connection", 10, function()
      return closed == 1
    end)
    assert.are.same({ "the engine is gone", "control.lost" }, { message, detail.code })
  end)

  it("answers a request to an engine that is gone already", function()
    peer:close()
    local detail
    luv.detach(function()
      detail = select(3, subject:request({ op = "stat" }, 60))
    end)
    proc.eventually("an answer", 10, function()
      return detail
    end)
    assert.are.equal("control.lost", detail.code)
    assert.are.equal(1, closed)
  end)

  it("says of the edge what befalls the edge", function()
    local path, said = proc.folder() .. "/edge.sock", {}
    local silent = uv.new_pipe(false)
    assert(silent:bind(path))
    silent:listen(1, function() end) -- whoever connects gets no answer
    luv.run(function()
      local function nothing() end
      said[1] = select(2, control.connect(path .. ".absent", nothing, nothing, "edge"))
      local edge = assert(control.connect(path, nothing, nothing, "edge"))
      said[2] = select(2, edge:request({ op = "stat" }, 0.01))
      edge:close()
      said[3] = select(2, edge:request({ op = "stat" }, 60))
    end)
    silent:close()
    assert.are.same({ ("connect to the edge '%s.absent': no such file or directory"):format(path),
      "the edge did not answer within 0.01 s", "the edge is gone" }, said)
  end)
end)
