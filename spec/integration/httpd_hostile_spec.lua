-- SPDX-License-Identifier: MIT
-- cme.httpd and clients that send too much, too slowly, or what is none of HTTP. Whatever a client does, the next
-- request must be answered and no descriptor may be left.

local proc = require "spec.support.proc"
local uv = require "luv"
local web_stage = require "spec.support.programs.web_stage"

local connect = require "spec.support.programs.web_loop".connect
local wait, curl, memory, file_of = web_stage.wait, web_stage.curl, web_stage.memory, web_stage.file_of
local GET, SHORT, instrumented = web_stage.GET, web_stage.SHORT, web_stage.instrumented

describe("cme.httpd", function()
  local stage = web_stage.new { setup = setup, teardown = teardown, before_each = before_each, after_each = after_each }
  local web, start, client, answers = stage.web, stage.start, stage.client, stage.answers

  describe("body limit", function()
    local sent = "%{http_code} %{size_upload}"

    it("takes 10 MB", function()
      start()
      local out = curl("--data-binary", "@" .. file_of(10485760), "-o", "/dev/null", "-w", sent, web.url())
      assert.equal("200 10485760", out)
      assert.equal(10485760, #web.seen[1].body)
    end)

    for how, header in pairs {
      ["announced"] = "X: y",
      ["announced, sent at once"] = "Expect:",
      ["chunked"] = "Transfer-Encoding: chunked",
    } do
      it("refuses 11 MB (" .. how .. "), and the client reads the answer", function()
        start({}, function(request, seen)
          seen.too_large, seen.body = request:too_large(), request:body()
          request:respond(413, { ["Content-Type"] = "application/json" }, "{}")
        end)
        local path = file_of(11 * 1048576)
        collectgarbage()
        local clear = assert(io.open("/proc/self/clear_refs", "w"))
        clear:write "5" -- VmHWM counts anew
        clear:close()
        local rss = memory "VmRSS"
        local out, code = curl("--data-binary", "@" .. path, "-H", header, "-w", " %{http_code}", web.url())
        assert.same({ "{} 413", 0 }, { out, code })
        assert.same({ true, "" }, { web.seen[1].too_large, web.seen[1].body })
        local most = (how == "chunked" and 24 or 4) * (instrumented and 4 or 1)
        assert.is_true(memory "VmHWM" - rss < most * 1024, ("%d KB more"):format(memory "VmHWM" - rss))
        wait("the close", function() return web.connections() == 0 end)
      end)
    end

    it("cuts a client that never stops sending", function()
      start({ max_body = 1000 }, function(request) request:respond(request:too_large() and 413 or 200) end)
      local one = client("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
      local chunk = "10000\r\n" .. ("x"):rep(65536) .. "\r\n"
      wait("the cut", function()
        one.send(chunk)
        return one.ended
      end)
      answers()
      assert.equal(1, #web.seen)
    end)

    it("of all requests together gives 503 beyond max_buffered, until there is room again", function()
      local held = {}
      start({ max_body = 100000, max_buffered = 150000 }, function(request) held[#held + 1] = request end)
      local path = file_of(100000)
      client("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" .. ("x"):rep(100000))
      wait("the first", function() return held[1] end)
      local post = { "-o", "/dev/null", "-w", "%{http_code}", "--data-binary", "@" .. path, web.url() }
      assert.equal("503", (curl(table.unpack(post))))
      assert.equal("503", (curl("-H", "Expect: 100-continue", table.unpack(post))))
      assert.equal("503", (curl("-H", "Transfer-Encoding: chunked", table.unpack(post))))
      assert.equal(1, #held)
      held[1]:respond(200)
      local second = proc.spawn { "curl", "-sS", "--max-time", "90", table.unpack(post) }
      wait("the second", function() return held[2] end)
      held[2]:respond(200)
      assert.equal(0, (second:wait()))
      wait("its output", function() return second.out == "200" end)
    end)
  end)

  describe("slow client", function()
    it("that says nothing, half a header or half a body is closed", function()
      start { idle_timeout = SHORT, keep_alive = 1 }
      local silent, header = client(), client("GET / HTTP/1.1\r\nHos")
      local body = client("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
      local kept = client(GET)
      wait("all four to be closed", function()
        return silent.ended and header.ended and body.ended and kept.ended
      end)
      assert.matches("^HTTP/1.1 200", kept.received)
      assert.equal(1, #web.seen)
      answers()
    end)

    for what, text in pairs {
      header = "GET / HTTP/1.1\r\nX: ",
      body = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n",
    } do
      it("that dribbles its " .. what .. " is closed too", function()
        start { idle_timeout = SHORT }
        local one = client(text)
        local dribble = uv.new_timer()
        dribble:start(100, 100, function() if not one.ended then one.send "x" end end)
        local ok, message = pcall(wait, "the close", function() return one.ended end)
        dribble:close()
        assert(ok, message)
        assert.same({}, web.seen)
        answers()
      end)
    end

    it("that does not read its answer is closed", function()
      start({ idle_timeout = SHORT }, function(request) request:respond(200, nil, ("x"):rep(16 * 1048576)) end)
      local one = { socket = uv.new_tcp() }
      function one.close() one.socket:close() end
      stage.keep(one)
      one.socket:connect("127.0.0.1", web.port, function() one.socket:write(GET) end)
      wait("the request", function() return #web.seen == 1 end)
      wait("the close", function() return web.connections() == 0 end)
    end)

    it("times out without the request that waits in Lua", function()
      local held
      start({ idle_timeout = SHORT }, function(request) held = held or request end)
      local one, other = client(GET), client()
      wait("the other's end", function() return held and other.ended end)
      proc.elapse(2 * SHORT) -- longer than any time a client has
      assert.is_true(held:respond(200))
      wait("the answer", function() return one.received:match "^HTTP/1.1 200" end)
    end)
  end)

  describe("hostile client", function()
    for what, text in pairs {
      ["garbage"] = "\0\1\2\255\254 garbage \r\n\r\n\r\n",
      ["HTTP/0.9"] = "GET /\r\n\r\n",
      ["HTTP/2 preface"] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      ["no Host"] = "GET / HTTP/1.1\r\n\r\n",
      ["no Host but a body"] = "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
      ["a target with a space"] = "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
      ["a query with a space"] = "GET /a?b c HTTP/1.1\r\nHost: x\r\n\r\n",
      ["a TLS hello"] = "\22\3\1\2\0\1\0\1\252\3\3" .. ("\7"):rep(200),
      ["a huge header"] = "GET / HTTP/1.1\r\nHost: x\r\nX: " .. ("y"):rep(100000) .. "\r\n\r\n",
      ["a huge target"] = "GET /" .. ("y"):rep(100000) .. " HTTP/1.1\r\nHost: x\r\n\r\n",
      ["a header past max_header"] = "GET / HTTP/1.1\r\nHost: x\r\nX: " .. ("y"):rep(16500) .. "\r\n\r\n",
      ["thousands of headers"] = "GET / HTTP/1.1\r\nHost: x\r\n" .. ("a:b\r\n"):rep(3000) .. "\r\n",
      ["a bad length"] = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\nabc",
      ["a bad chunk"] = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
    } do
      it("sending " .. what .. " is refused", function()
        start()
        local one = client(text)
        wait("an end", function()
          if not one.ended then one.send "\r\n\r\n" end
          return one.ended
        end)
        assert.same({}, web.seen)
        assert.is_truthy(one.received == "" or one.received:match "^HTTP/1.1 [45]")
        local _, heads = one.received:gsub("HTTP/1%.1 %d", "")
        -- libmicrohttpd 0.9.75 writes this one's head twice, with no callback of ours in between
        assert.is_true(heads <= (what == "a bad length" and 2 or 1), one.received)
        answers()
      end)
    end

    it("of HTTP/1.0 needs no Host", function()
      start()
      local one = client "GET /old HTTP/1.0\r\n\r\n"
      wait("an answer", function() return one.received:match "^HTTP/1.%d 200" and one.ended end)
      assert.equal("/old", web.seen[1].path)
    end)

    it("may use a header up to max_header", function()
      start()
      local one = client("GET /last HTTP/1.1\r\nHost: x\r\nX: " .. ("y"):rep(16300) .. "\r\n\r\n")
      wait("an answer", function() return one.received:match "^HTTP/1.1 200" end)
    end)

    for what, cut in pairs {
      ["request line"] = "GET / HT",
      ["header"] = "GET / HTTP/1.1\r\nHost:",
      ["body"] = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab",
    } do
      it("sending half a " .. what .. " and its end in one go is forgotten at once", function()
        start { idle_timeout = 86400 } -- no sweep may be what ends it
        web.pause()
        local one = client()
        wait("to be connected", function() return one.connected end)
        one.send(cut)
        local sent
        one.socket:shutdown(function() sent = true end)
        wait("all to be sent", function() return sent end)
        web.resume()
        wait("the end", function() return one.ended end)
        wait("no connection", function() return web.connections() == 0 end)
        assert.same({}, web.seen)
        answers()
      end)

      it("closing after half a " .. what .. " is forgotten", function()
        start()
        local one = client(cut)
        wait("a connection", function() return web.connections() == 1 end)
        one.close()
        wait("no connection", function() return web.connections() == 0 end)
        assert.same({}, web.seen)
        answers()
      end)
    end

    it("gone by reset makes respond a harmless failure", function()
      local held
      start({}, function(request) held = held or request end)
      local one = client(GET)
      wait("a request", function() return held end)
      one.socket:close_reset()
      local ok, message, detail
      wait("the reset", function() return one.socket:is_closing() end)
      ok, message, detail = held:respond(200, nil, "x")
      assert.is_nil(ok)
      assert.matches("^respond '127%.0%.0%.1:%d+': the client is gone", message)
      assert.equal("server.client_gone", detail.code)
      assert.has_error(function() held:respond(200) end)
      wait("no connection", function() return web.connections() == 0 end)
    end)

    it("gone by close costs neither the process nor the server", function()
      local held
      start({}, function(request, seen)
        if seen.path == "/gone" then held = request else request:respond(200) end
      end)
      local one = client("GET /gone HTTP/1.1\r\nHost: x\r\n\r\n")
      wait("a request", function() return held end)
      one.close()
      uv.run "nowait"
      local earlier = stage.sigpipes
      held:respond(200, nil, ("x"):rep(8 * 1048576))
      wait("no connection", function() return web.connections() == 0 end)
      uv.run "nowait"
      assert.equal(earlier, stage.sigpipes)
      answers()
    end)

    local many = proc.rounds(1000)

    it("holding 1,000 idle connections costs little memory, and others are served", function()
      start()
      answers()
      collectgarbage()
      local rss = memory "VmRSS"
      for _ = 1, many do client() end
      wait("all connections", function() return web.connections() == many end)
      answers()
      local each = (memory "VmRSS" - rss) / many -- both ends are in this process
      assert.is_true(each < (instrumented and 100 or 16), each .. " KB each")
    end)

    it("killed with 1,000 half requests is forgotten", function()
      start()
      local crowd = proc.spawn { "lua5.4", "-e", ([[
        local uv = require "luv"
        for _ = 1, %d do
          local socket = uv.new_tcp()
          socket:connect("127.0.0.1", %d, function() socket:write "GET / HTTP/1.1\r\nHost:" end)
        end
        uv.new_timer():start(60000, 0, function() end)
        uv.run()
      ]]):format(many, web.port) }
      wait("all connections", function() return web.connections() == many end)
      crowd:kill "sigkill" -- another process: its sockets close while the server runs
      wait("no connection", function() return web.connections() == 0 end)
      crowd:wait()
      answers()
    end)

    it("sending thousands of mutated requests leaves nothing behind", function()
      local rounds, batch = proc.rounds(60), 50
      local seed = tonumber(os.getenv "CME_SEED" or 20191029)
      math.randomseed(seed)
      local whole = {
        "GET /a?b=c HTTP/1.1\r\nHost: x\r\nX-A: b\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nhello world",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
        "HEAD / HTTP/1.0\r\n\r\n" .. GET .. GET,
      }
      local function mutate(text)
        for _ = 1, math.random(0, 6) do
          local at, kind = math.random(#text), math.random(5)
          local head, tail = text:sub(1, at - 1), text:sub(at + 1)
          if kind == 1 then text = head .. string.char(math.random(0, 255)) .. tail end
          if kind == 2 then text = head .. tail end
          if kind == 3 then text = head .. text:sub(at, at):rep(math.random(2, 400)) .. tail end
          if kind == 4 then text = head end
          if kind == 5 then text = head .. text:sub(math.random(#text)) .. tail end
          if #text == 0 then text = "\r" end
        end
        return text
      end
      start { max_body = 64 }
      for _ = 1, rounds do
        local some = {}
        for i = 1, batch do some[i] = connect(web.port, mutate(whole[math.random(#whole)])) end
        wait("connections (seed " .. seed .. ")", function()
          for _, one in ipairs(some) do if not (one.connected or one.ended) then return false end end
          return true
        end)
        for i = 1, 4 do uv.run(i == 1 and "once" or "nowait") end
        for i, one in ipairs(some) do
          if i % 3 == 0 and not one.socket:is_closing() then one.socket:close_reset() else one.close() end
        end
      end
      wait("no connection", function() return web.connections() == 0 end)
      assert.is_true(#web.seen > rounds)
      answers()
    end)
  end)
end)
