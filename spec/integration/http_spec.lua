-- SPDX-License-Identifier: MIT
-- cme.http against real servers on loopback: nginx for what should work, scripted TCP servers for what goes wrong.
-- Connections that many share, TLS and proxies: http_connections_spec.lua.

local http = require "cme.http"
local http_stage = require "spec.support.programs.http_stage"
local proc = require "spec.support.proc"
local transfers = require "spec.support.transfers"
local uv = require "luv"

local LIMIT, drain, call = transfers.LIMIT, transfers.drain, transfers.call
local assert_detail, assert_failure = transfers.assert_detail, transfers.assert_failure

local function descriptors()
  local count = 0
  for _ in uv.fs_scandir_next, assert(uv.fs_scandir "/proc/self/fd") do count = count + 1 end
  return count
end

describe("cme.http", function()
  local stage = http_stage.new { setup = setup, teardown = teardown, before_each = before_each,
    after_each = after_each }
  local plain, tls, raw = stage.plain, stage.tls, stage.raw
  local pool, web, server

  setup(function() web = stage.web end)
  before_each(function() pool = stage.pool end)

  describe("a call", function()
    it("returns status, headers, body, version, connections and time", function()
      local response = assert(call(pool, { url = plain "/", method = "GET" }))
      assert.equal(200, response.status)
      assert.equal("ok", response.body)
      assert.equal("1.1", response.http_version)
      assert.equal(1, response.connects)
      assert.equal("text/plain", response.headers["content-type"])
      assert.equal("2", response.headers["content-length"])
      assert.is_true(response.time > 0)
    end)

    it("uses the connection again", function()
      local first = assert(call(pool, { url = plain "/" }))
      local second = assert(call(pool, { url = plain "/" }))
      assert.same({ 1, 0 }, { first.connects, second.connects })
      assert.equal(first.headers["x-connection"], second.headers["x-connection"])
    end)

    it("sends the body byte by byte, NULs included, and returns it so", function()
      local bytes = {}
      for i = 0, 255 do bytes[#bytes + 1] = string.char(i) end
      local body = table.concat(bytes):rep(8192) -- 2 MiB: past one write, past where libcurl asks to continue
      for _, url in ipairs { plain "/echo", tls "/echo" } do
        local response = assert(call(pool, { url = url, body = body, ca_file = web.ca_file }))
        assert.is_true(response.body == body)
      end
    end)

    it("sends the headers given, empty ones too, and adds no type and no expectation", function()
      local response = assert(call(pool, {
        url = plain "/header", body = ("x"):rep(2 * 1024 * 1024), headers = { "X-Test: a b", "X-Empty:" },
      }))
      assert.equal("a b|||POST", response.body)
      server = stage.serve(function(c) c:request() c:answer "" end)
      assert(call(pool, { url = raw(), headers = { "X-Empty:", "Content-Type: application/json" } }))
      assert.matches("\r\nX%-Empty:\r\n", server.requests[1])
      assert.matches("\r\nContent%-Type: application/json\r\n", server.requests[1])
    end)

    it("takes other methods", function()
      for _, method in ipairs { "GET", "PUT", "DELETE", "OPTIONS" } do
        assert.equal("|||" .. method, assert(call(pool, { url = plain "/header", method = method })).body)
      end
      local response = assert(call(pool, { url = plain "/", method = "HEAD", max_response = 1 }))
      assert.same({ "", "2" }, { response.body, response.headers["content-length"] })
    end)

    it("does not follow redirects", function()
      server = stage.serve(function(c)
        while c:request() do c:answer("", "302 Found", "Location: " .. plain "/" .. "\r\n") end
      end)
      local response = assert(call(pool, { url = raw() }))
      assert.same({ 302, plain "/" }, { response.status, response.headers.location })
    end)

    it("gives lazy headers that can be walked, looked at before or not", function()
      for _, look in ipairs { function() end, function(headers) assert.is_nil(headers["x-none"]) end } do
        local headers, names = assert(call(pool, { url = plain "/", lazy_headers = true })).headers, {}
        assert.is_table(getmetatable(headers))
        look(headers)
        for name, value in pairs(headers) do names[name] = value end
        assert.equal("2", names["content-length"])
        assert.same({ nil, "text/plain" }, { names[1], headers["content-type"] })
        assert.is_nil(getmetatable(headers))
      end
    end)

    it("joins repeated headers and forgets interim answers", function()
      server = stage.serve(function(c)
        c:request()
        c:write "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n"
        c:answer("done", nil, "X-Two: a\r\nx-two: b\r\n")
      end)
      local response = assert(call(pool, { url = raw() }))
      assert.same({ "done", "a, b" }, { response.body, response.headers["x-two"] })
      assert.is_nil(response.headers["x-early"])
    end)

    it("gives a transfer back as many times as it was submitted: once", function()
      local ids = {}
      for _ = 1, 5 do ids[pool:submit { url = plain "/" }] = true end
      for id in pairs(drain(pool)) do
        assert.is_true(ids[id])
        ids[id] = nil
      end
      assert.same({}, ids)
      assert.equal(0, select("#", pool:next()))
    end)
  end)

  describe("a fault", function()
    it("refused: nothing was sent", function()
      local url = ("http://user:pa55@127.0.0.1:%d/path?key=s3cret"):format(proc.free_port())
      local message = assert_failure("network.connect", false, call(pool, { url = url }))
      assert.matches("could not connect %(127%.0%.0%.1:%d+: Connection refused%)", message)
    end)

    it("a name that does not exist: nothing was sent", function()
      -- .invalid never resolves (RFC 6761); without a name server the resolver says so too.
      assert_failure("network.resolve", false, call(pool, { url = "http://cme.invalid/" }))
    end)

    it("reset before the request is read", function()
      server = stage.serve(function(c) c:reset() end)
      local response, message, detail = call(pool, { url = raw() })
      -- Whether libcurl meets the reset while connecting or while sending is the kernel's choice.
      local sent = detail.code == "network.reset"
      assert_failure(sent and "network.reset" or "network.connect", sent, response, message, detail)
    end)

    it("reset after the request", function()
      server = stage.serve(function(c)
        c:request()
        c:reset()
      end)
      assert_failure("network.reset", true, call(pool, { url = raw() }))
    end)

    it("closed after the request", function()
      server = stage.serve(function(c) c:request() end)
      assert_failure("network.reset", true, call(pool, { url = raw() }))
    end)

    it("closed after the request on a kept connection: it is not sent again", function()
      server = stage.serve(function(c)
        c:request()
        c:answer "first"
        c:request()
      end)
      assert.equal("first", assert(call(pool, { url = raw(), body = "1" })).body)
      assert_failure("network.reset", true, call(pool, { url = raw(), body = "2" }))
      assert.same({ 2, 1 }, { #server.requests, #server.connections - 1 })
    end)

    it("closed while idle: a new connection is made", function()
      server = stage.serve(function(c)
        c:request()
        c:answer "ok"
      end)
      assert(call(pool, { url = raw() }))
      uv.run "nowait"
      assert.equal(1, assert(call(pool, { url = raw() })).connects)
    end)

    it("cut in the body", function()
      server = stage.serve(function(c)
        c:request()
        c:write "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
      end)
      assert_failure("network.reset", true, call(pool, { url = raw() }))
    end)

    it("cut in the head", function()
      server = stage.serve(function(c)
        c:request()
        c:write "HTTP/1.1 200 OK\r\nContent-Le"
      end)
      assert.is_nil((call(pool, { url = raw() })))
    end)

    it("not HTTP", function()
      server = stage.serve(function(c)
        c:request()
        c:write "220 mail.example ESMTP\r\n"
      end)
      assert_failure("network.protocol", true, call(pool, { url = raw() }))
    end)

    it("silence", function()
      server = stage.serve(function(c) c:stall() end)
      local message = assert_failure("network.timeout", true, call(pool, { url = raw(), timeout = 1.5 }))
      assert.matches("1%.5 s", message)
    end)

    it("silence in the TLS handshake: nothing was sent", function()
      server = stage.serve(function(c) c:stall() end)
      local url = ("https://127.0.0.1:%d/"):format(server.port)
      assert_failure("network.timeout", false, call(pool, { url = url, connect_timeout = 0.2 }))
    end)

    it("silence while others wait for the same connection: all of them end", function()
      server = stage.serve(function(c) c:stall() end)
      local url = ("https://127.0.0.1:%d/"):format(server.port)
      for _ = 1, 5 do pool:submit { url = url, timeout = 0.3, connect_timeout = 60 } end
      local count = 0
      for _, outcome in pairs(drain(pool)) do
        assert_failure("network.timeout", false, outcome.response, outcome.message, outcome.detail)
        count = count + 1
      end
      assert.equal(5, count)
    end)

    it("an answer that trickles for ever", function()
      server = stage.serve(function(c)
        c:request()
        c:write "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        local timer = uv.new_timer()
        timer:start(0, 10, function()
          if c.socket:is_closing() then timer:close() else c:write "1\r\nx\r\n" end
        end)
        c:stall()
      end)
      assert_failure("network.timeout", true, call(pool, { url = raw(), timeout = 2 }))
      proc.eventually("the script to end", LIMIT, function() return server.connections[1].socket:is_closing() end)
    end)
  end)

  describe("a bound", function()
    local function answering(bytes)
      server = stage.serve(function(c)
        while c:request() do c:write(bytes) end
      end)
    end

    it("refuses an answer announced larger than max_response", function()
      answering "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world"
      assert_failure("network.too_large", true, call(pool, { url = raw(), max_response = 10 }))
    end)

    it("takes an answer of exactly max_response", function()
      answering "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world"
      assert.equal("hello world", assert(call(pool, { url = raw(), max_response = 11 })).body)
    end)

    it("refuses an answer without a length when it grows past max_response", function()
      answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" .. "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")
      assert_failure("network.too_large", true, call(pool, { url = raw(), max_response = 10 }))
    end)

    it("refuses a head that is too long, or of too many lines", function()
      answering("HTTP/1.1 200 OK\r\n" .. ("X-A: " .. ("a"):rep(1000) .. "\r\n"):rep(70) .. "\r\n")
      assert_failure("network.too_large", true, call(pool, { url = raw() }))
      server:stop()
      answering("HTTP/1.1 200 OK\r\n" .. ("X-A: a\r\n"):rep(300) .. "\r\n")
      assert_failure("network.too_large", true, call(pool, { url = raw() }))
    end)

    it("holds no more than max_memory, and gets it back", function()
      local small = http.new { max_memory = 100000 }
      assert_failure("network.too_large", false, call(small, { url = plain "/echo", body = ("x"):rep(100000) }))
      assert_failure("network.too_large", true, call(small, { url = plain "/echo", body = ("x"):rep(60000) }))
      for _ = 1, 10 do
        assert.equal(30000, #assert(call(small, { url = plain "/echo", body = ("x"):rep(30000) })).body)
      end
      small:close()
    end)

    it("opens no more connections to a host than max_connections", function()
      local narrow, connects = http.new { max_connections = 2 }, 0
      for _ = 1, 10 do narrow:submit { url = plain "/slow" } end
      for _, outcome in pairs(drain(narrow)) do
        connects = connects + assert(outcome.response, outcome.message).connects
      end
      assert.equal(2, connects)
      narrow:close()
    end)

    it("opens no more connections than there were ever transfers at once, when these end together too", function()
      local connects = 0
      for _ = 1, 3 do
        for _ = 1, 80 do pool:submit { url = plain "/slow" } end
        for _, outcome in pairs(drain(pool)) do
          connects = connects + assert(outcome.response, outcome.message).connects
        end
      end
      assert.equal(80, connects)
    end)

    it("ends a transfer that waits for a connection at its deadline", function()
      local narrow = http.new { max_connections = 1 }
      server = stage.serve(function(c) c:stall() end)
      local first = narrow:submit { url = raw(), timeout = 6 }
      local second = narrow:submit { url = raw(), timeout = 1 }
      local order, outcomes = {}, {}
      while narrow:run() > 0 do
        narrow:poll(0.01)
        uv.run "nowait"
      end
      for id, _, _, detail in narrow.next, narrow do
        order[#order + 1] = id
        outcomes[id] = detail
      end
      assert.same({ second, first }, order)
      assert_detail("network.timeout", false, outcomes[second])
      assert_detail("network.timeout", true, outcomes[first])
      narrow:close()
    end)
  end)

  describe("ending early", function()
    it("cancels one transfer and leaves the others", function()
      local gone = pool:submit { url = plain "/slow" }
      local stays = pool:submit { url = plain "/slow" }
      pool:run()
      assert.is_true(pool:cancel(gone))
      assert.is_false(pool:cancel(gone))
      assert.is_false(pool:cancel(999))
      local outcomes = drain(pool)
      assert.equal("network.cancelled", outcomes[gone].detail.code)
      assert.equal(200, outcomes[stays].response.status)
      assert.is_false(pool:cancel(stays))
    end)

    it("knows that a transfer cancelled before it began sent nothing", function()
      local id = pool:submit { url = plain "/" }
      pool:cancel(id)
      assert_detail("network.cancelled", false, drain(pool)[id].detail)
    end)

    it("closes with transfers in flight, and the server sees it", function()
      server = stage.serve(function(c)
        c:request()
        c:stall()
      end)
      local closing = http.new()
      for _ = 1, 3 do closing:submit { url = raw() } end
      proc.eventually("the requests to arrive", LIMIT, function()
        closing:run()
        return #server.requests == 3
      end)
      assert.equal("cme.http.pool (3 in flight)", tostring(closing))
      closing:close()
      closing:close()
      proc.eventually("the server to see the end", LIMIT, function()
        for _, connection in ipairs(server.connections) do
          if not connection.ended then return false end
        end
        return true
      end)
      assert.error_matches(function() closing:run() end, "pool is closed")
    end)

    it("is what the collector does to a pool that nobody holds", function()
      local before = descriptors()
      do
        local lost = http.new()
        lost:submit { url = plain "/slow" }
        lost:run()
        assert.is_true(descriptors() > before)
      end
      collectgarbage()
      collectgarbage()
      assert.equal(before, descriptors())
    end)
  end)

  describe("waiting", function()
    it("returns when an answer arrives, long before its time is over", function()
      local id = pool:submit { url = plain "/slow" }
      while pool:run() > 0 do assert.is_true(pool:poll(3600)) end
      assert.equal(id, (pool:next()))
    end)

    it("returns at once when a transfer is done", function()
      pool:submit { url = plain "/" }
      while pool:run() > 0 do pool:poll(1) end
      assert.is_true(pool:poll(3600))
    end)

    it("with nothing in flight waits and says that nothing came", function()
      local before = uv.hrtime()
      assert.is_false(pool:poll(0.05))
      assert.is_true(uv.hrtime() - before >= 0.05e9)
    end)

    it("is done by any loop that knows a descriptor and a timeout", function()
      local id = pool:submit { url = plain "/slow" }
      local got, watch, timer = nil, uv.new_poll(pool:fd()), uv.new_timer()
      local function turn()
        pool:run()
        got = pool:next() or got
        local seconds = pool:timeout()
        if seconds then timer:start(math.ceil(seconds * 1000), 0, turn) else timer:stop() end
      end
      watch:start("r", turn)
      turn()
      proc.eventually("the answer", LIMIT, function() return got end)
      assert.equal(id, got)
      watch:close()
      timer:close()
    end)

    it("needs no loop while nothing is in flight", function()
      assert.is_nil(pool:timeout())
      pool:submit { url = plain "/" }
      assert.equal(0, pool:timeout())
      while pool:run() > 0 do pool:poll(1) end
      assert.equal(0, pool:timeout())
      assert.is_number(pool:next())
      assert.is_nil(pool:timeout())
    end)

    it("is interrupted by a signal", function()
      local waiter = proc.spawn { "lua5.4", "-e", ([[
        package.cpath = %q
        local pool = require("cme.http").new()
        io.stdout:write "waiting\n"; io.stdout:flush()
        pool:poll(3600)
        io.stdout:write "over\n"
      ]]):format(package.cpath) }
      waiter:expect "waiting"
      proc.eventually("it to sleep in epoll_wait", LIMIT, function()
        local file = assert(io.open(("/proc/%d/syscall"):format(waiter.pid)))
        local number = file:read "a":match "^%d+"
        file:close()
        return number == "232" or number == "281"
      end)
      waiter:kill "sigint" -- lua's own handler raises "interrupted!" as soon as C returns
      waiter:expect "interrupted!"
      waiter:wait()
    end)
  end)

  it("does not grow: 1,000 transfers, good and bad, leave no descriptor", function()
    server = stage.serve(function(c)
      c:request()
      if c.number % 2 == 0 then c:reset() end
    end)
    for _ = 1, 5 do uv.run "nowait" end -- pipes of children that have ended
    local base = descriptors()
    local own = http.new()
    local urls = { plain "/", tls "/", raw(), plain "/echo" }
    for _ = 1, proc.rounds(40) do
      for i = 1, 25 do own:submit { url = urls[i % 4 + 1], ca_file = web.ca_file, body = "x" } end
      drain(own)
    end
    own:close()
    for _, connection in ipairs(server.connections) do connection:close() end
    uv.run "nowait"
    assert.equal(base, descriptors())
  end)
end)
