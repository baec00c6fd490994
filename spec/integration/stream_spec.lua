-- SPDX-License-Identifier: MIT
-- Answers that tasks read in parts, over libuv's loop and in one embedded in another: servers that are faster than the
-- reader, tasks that end, and connections that do.

local cme = require "cme"
local curl = require "cme.net.transport.curl"
local http = require "cme.http"
local luv = require "cme.net.loop.luv"
local proc = require "spec.support.proc"
local raw_server = require "spec.support.fakes.raw_server"
local uv = require "luv"

local LIMIT = 20 * proc.PATIENCE
local HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
local PIECE = 65536

local function chunk(text) return ("%x\r\n%s\r\n"):format(#text, text) end

-- Writes chunks for as long as they are taken; `written` counts the bytes that left.
local function flood(c)
  c:request()
  c:write(HEAD)
  local text, waiting = chunk(("x"):rep(PIECE)), false
  c.written = 0
  while not c.ended do
    if not waiting then
      waiting = true
      c.socket:write(text, function(err)
        waiting = false
        if not err then c.written = c.written + #text end
        c:_resume()
      end)
    end
    coroutine.yield()
  end
end

describe("an answer in parts", function()
  local server

  after_each(function()
    if server then server:stop() end
    server = nil
  end)
  teardown(function() assert.are.same({}, proc.cleanup()) end)

  local function request(more)
    local asked = { url = ("http://127.0.0.1:%d/"):format(server.port), method = "POST", body = "x", timeout = LIMIT }
    for name, value in pairs(more or {}) do asked[name] = value end
    return asked
  end

  local function open(more)
    return assert(curl.shared():open(request(more)))
  end

  -- Waits for what a server's connection tells.
  local function until_true(what)
    local due = uv.hrtime() + LIMIT * 1e9
    while not what() do
      assert(uv.hrtime() < due, "it does not happen")
      cme.sleep(0.01)
    end
  end

  it("is read by a task while others run", function()
    local sent = cme.signal()
    server = raw_server.start(function(c)
      c:request()
      c:write(HEAD .. chunk "one")
      c:wait(function() return c.go end)
      c:write(chunk "two" .. "0\r\n\r\n")
    end)
    luv.run(function()
      local stream = open()
      assert.are.same({ 200, "chunked" }, { stream.status, stream.headers["transfer-encoding"] })
      assert.are.equal("one", stream:read(LIMIT))
      local reader = cme.spawn(function() return stream:read(LIMIT) end)
      cme.spawn(function()
        server.connections[1].go = true
        server.connections[1]:_resume()
        sent:notify()
      end)
      assert.are.equal("two", reader:wait())
      assert.are.same({ n = 3 }, table.pack(stream:read(LIMIT)))
      local _, message, detail = stream:read(LIMIT)
      assert.are.same({ "the answer was closed before it was read", "network.cancelled" }, { message, detail.code })
    end)
  end)

  it("is held back by a reader that is slower than the server", function()
    server = raw_server.start(flood)
    luv.run(function()
      local stream, read = open(), 0
      local c = server.connections[1]
      local function still()
        local before = c.written
        cme.sleep(0.2)
        return c.written == before
      end
      until_true(still)
      -- What lies in the kernel's buffers and in the pool's; without a bound there would be no end to it.
      local held = c.written
      assert.is_true(held < 32 * 1024 * 1024)
      while read <= held do read = read + #assert(stream:read(LIMIT)) end
      until_true(function() return c.written > held end)
      stream:close()
      until_true(function() return c.ended end)
    end)
  end)

  it("says that nothing came in time, and may be read on", function()
    server = raw_server.start(function(c)
      c:request()
      c:write(HEAD)
      c:wait(function() return c.go end)
      c:write(chunk "late")
      c:stall()
    end)
    luv.run(function()
      local stream = open()
      local piece, message, detail = stream:read(0.05)
      assert.is_nil(piece)
      assert.are.equal(("timed out (127.0.0.1:%d: nothing came for 0.05 s)"):format(server.port), message)
      assert.are.same({ "network.timeout", true }, { detail.code, detail.sent })
      server.connections[1].go = true
      server.connections[1]:_resume()
      assert.are.equal("late", stream:read(LIMIT))
    end)
  end)

  it("ends with the task that opened it, whatever ends that", function()
    server = raw_server.start(flood)
    luv.run(function()
      cme.spawn(function() open() end):wait()
      local failed = cme.spawn(function() open() error "x" end)
      pcall(failed.wait, failed)
      local cancelled = cme.spawn(function()
        local stream = open()
        while true do stream:read(LIMIT) end
      end)
      until_true(function() return #server.connections == 3 end)
      until_true(function() return server.connections[3].written end)
      cancelled:cancel()
      until_true(function()
        for i = 1, 3 do
          if not server.connections[i].ended then return false end
        end
        return true
      end)
    end)
  end)

  it("is ended under its reader by the task that owns it", function()
    server = raw_server.start(function(c) c:request() c:write(HEAD) c:stall() end)
    luv.run(function()
      local opened, stream = cme.signal(), nil
      local owner = cme.spawn(function()
        stream = open()
        opened:notify()
        cme.sleep(LIMIT)
      end)
      opened:wait(LIMIT)
      local reader = cme.spawn(function() return stream:read(LIMIT) end)
      cme.sleep(0)
      assert.has_error(function() stream:read(0.1) end, "stream:read: another task is reading")
      owner:cancel()
      assert.are.equal("network.cancelled", select(3, reader:wait()).code)
    end)
  end)

  it("is read again after its reader was cancelled", function()
    server = raw_server.start(function(c)
      c:request()
      c:write(HEAD)
      c:wait(function() return c.go end)
      c:write(chunk "here")
      c:stall()
    end)
    luv.run(function()
      local stream = open()
      local reader = cme.spawn(function() return stream:read(LIMIT) end)
      cme.sleep(0)
      reader:cancel()
      server.connections[1].go = true
      server.connections[1]:_resume()
      assert.are.equal("here", stream:read(LIMIT))
      stream:close()
      stream:close()
    end)
  end)

  it("says that the connection was lost after what came before", function()
    server = raw_server.start(function(c) c:request() c:write(HEAD .. chunk "part") end)
    luv.run(function()
      local stream = open()
      assert.are.equal("part", stream:read(LIMIT))
      local piece, message, detail = stream:read(LIMIT)
      assert.are.same({ nil, "network.reset", true }, { piece, detail.code, detail.sent })
      assert.matches("connection closed in the middle of the answer", message)
    end)
  end)

  it("is read over a loop of somebody else's", function()
    server = raw_server.start(function(c) c:request() c:write(HEAD .. chunk "one" .. chunk "two" .. "0\r\n\r\n") end)
    local embedded = cme.embed(function()
      local parts = {}
      for piece in function(stream) return stream:read(LIMIT) end, open() do parts[#parts + 1] = piece end
      return table.concat(parts)
    end)
    local due = uv.hrtime() + LIMIT * 1e9
    local ended, text
    repeat
      assert(uv.hrtime() < due, "it does not end")
      uv.run "nowait"
      embedded:run()
      ended, text = embedded:next()
    until ended
    embedded:close()
    assert.are.equal("onetwo", text)
  end)

  describe("of a pool", function()
    local pool

    before_each(function() pool = http.new() end)
    after_each(function() pool:close() end)

    local function next_of()
      local due = uv.hrtime() + LIMIT * 1e9
      while true do
        pool:run()
        uv.run "nowait"
        local id, what, message, detail = pool:next()
        if id then return id, what, message, detail end
        assert(uv.hrtime() < due, "nothing comes")
        pool:poll(0.01)
      end
    end

    it("is told of once, when there is something again", function()
      server = raw_server.start(function(c)
        c:request()
        c:write(HEAD .. chunk "one")
        c:wait(function() return c.go end)
        c:write(chunk "two" .. "0\r\n\r\n")
        c:stall()
      end)
      local id = pool:submit(request { stream = true })
      local told, head = next_of()
      assert.are.same({ id, 200, true }, { told, head.status, head.stream })
      assert.is_nil(head.body)
      local piece = pool:read(id)
      while not piece do
        assert.are.same({ id, true }, { next_of() })
        piece = pool:read(id)
      end
      assert.are.equal("one", piece)
      assert.is_false(pool:read(id))
      assert.is_nil(pool:next())
      server.connections[1].go = true
      server.connections[1]:_resume()
      assert.are.same({ id, true }, { next_of() })
      assert.are.equal("two", pool:read(id))
      piece = pool:read(id)
      if piece == false then
        next_of()
        piece = pool:read(id)
      end
      assert.is_nil(piece)
      assert.has_error(function() pool:read(id) end, "bad argument #1 to 'read' (no stream of this id is open)")
    end)

    it("is nobody's to read before its head was told, or after it was cancelled", function()
      server = raw_server.start(flood)
      local id = pool:submit(request { stream = true })
      assert.has_error(function() pool:read(id) end)
      next_of()
      assert.is_true(pool:cancel(id))
      assert.is_false(pool:cancel(id))
      assert.is_nil(pool:next())
      local other = pool:submit(request { stream = true })
      assert.is_true(pool:cancel(other))
      local told, response, _, detail = pool:next()
      assert.are.same({ other, nil, "network.cancelled" }, { told, response, detail.code })
    end)

    it("counts what is not read yet into the pool's memory", function()
      pool:close()
      pool = http.new { max_memory = 100000 }
      server = raw_server.start(flood)
      local id = pool:submit(request { stream = true })
      next_of()
      while not server.connections[1].ended do
        pool:run()
        uv.run "nowait"
      end
      local piece, message, detail
      repeat piece, message, detail = pool:read(id) until not piece
      assert.are.equal("network.too_large", detail.code)
      assert.matches("too much in flight", message)
    end)
  end)
end)
