-- SPDX-License-Identifier: MIT
-- cme.httpd over real sockets: the server runs on the loop of this process, its clients are curl and raw TCP
-- connections of the same loop. TLS, and clients that are slow or hostile, have files of their own.

local httpd = require "cme.httpd"
local net = require "spec.support.net"
local proc = require "spec.support.proc"
local sign = require "cme.sign"
local uv = require "luv"
local web_stage = require "spec.support.programs.web_stage"

local connect = require "spec.support.programs.web_loop".connect
local wait, curl, GET = web_stage.wait, web_stage.curl, web_stage.GET

describe("cme.httpd", function()
  local stage = web_stage.new { setup = setup, teardown = teardown, before_each = before_each, after_each = after_each }
  local web, start, client, answers = stage.web, stage.start, stage.client, stage.answers

  describe("request", function()
    it("gives method, path and the query byte for byte", function()
      start()
      curl("--path-as-is", "--globoff", web.url "/a%2Fb/../c?b=%2F&a=+&&%zz?#x")
      curl("--path-as-is", web.url "/")
      curl("-X", "DELETE", web.url "/x?")
      assert.same({ "GET", "/a%2Fb/../c", "b=%2F&a=+&&%zz?" },
        { web.seen[1].method, web.seen[1].path, web.seen[1].query })
      assert.same({ "/", "" }, { web.seen[2].path, web.seen[2].query })
      assert.same({ "DELETE", "/x", "" }, { web.seen[3].method, web.seen[3].path, web.seen[3].query })
    end)

    it("finds headers whatever their case, joins repeats, and knows the peer", function()
      local got
      start({}, function(request)
        got = { request:header "x-tc-action", request:header "X-TC-ACTION", request:header "X-Many",
          request:header "absent" == nil, request:peer(), tostring(request) }
        request:respond(200)
      end)
      curl("-H", "X-TC-Action: CreateProject", "-H", "X-Many: a", "-H", "X-Many:  b ", web.url "/secret")
      assert.same({ "CreateProject", "CreateProject", "a, b", true }, { table.unpack(got, 1, 4) })
      assert.matches("^127%.0%.0%.1:%d+$", got[5])
      assert.equal("cme.httpd.request (GET from " .. got[5] .. ")", got[6])
    end)

    it("takes bodies of any bytes, chunked ones too", function()
      start()
      local all = {}
      for i = 0, 255 do all[#all + 1] = string.char(i) end
      all = table.concat(all):rep(400)
      local path = proc.folder() .. "/all"
      local file = assert(io.open(path, "wb"))
      file:write(all)
      file:close()
      curl("--data-binary", "@" .. path, web.url())
      curl("--data-binary", "@" .. path, "-H", "Transfer-Encoding: chunked", web.url())
      curl("--data-binary", "@" .. path, "-H", "Expect: 100-continue", web.url())
      for i = 1, 3 do assert.is_true(all == web.seen[i].body, "body " .. i) end
    end)

    it("has no body after the answer unless it was read before", function()
      local kept, unread
      start({}, function(request, seen)
        if seen.path == "/read" then request:body() end
        request:respond(200)
        if seen.path == "/read" then kept = request:body() else unread = { pcall(request.body, request) } end
      end)
      curl("-d", "abc", web.url "/read")
      curl("-d", "abc", web.url "/unread")
      assert.equal("abc", kept)
      assert.matches("its body is gone", unread[2])
    end)
  end)

  describe("answer", function()
    it("has the given headers, Content-Length and Date, and nothing else", function()
      start({}, function(request)
        request:respond(200, { ["Content-Type"] = "application/json", ["X-Request-Id"] = "7" }, '{"a":1}')
      end)
      local one = client(GET)
      wait("an answer", function() return one.received:match "}$" end)
      local names = {}
      for name, value in one.received:gmatch "\r\n([%w-]+): ([^\r\n]*)" do names[name] = value end
      assert.matches("^HTTP/1%.1 200 OK\r\n", one.received)
      assert.matches("^%a%a%a, %d%d %a%a%a %d%d%d%d %d%d:%d%d:%d%d GMT$", names.Date)
      names.Date = nil
      assert.same({ ["Content-Type"] = "application/json", ["Content-Length"] = "7", ["X-Request-Id"] = "7" }, names)
      assert.equal('\r\n\r\n{"a":1}', one.received:sub(-11))
    end)

    it("to HEAD has the length and no body", function()
      start({}, function(request) request:respond(200, nil, "12345") end)
      local one = client("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      wait("the end", function() return one.ended end)
      assert.matches("Content%-Length: 5\r\n", one.received)
      assert.matches("\r\n\r\n$", one.received)
    end)

    it("may have any bytes and several megabytes", function()
      local body = ("\0\1\2\255"):rep(1024 * 1024)
      start({}, function(request) request:respond(200, {}, body) end)
      assert.is_true(curl(web.url()) == body)
    end)

    it("can be given once, later, and only well formed", function()
      local held
      start({ idle_timeout = 86400 }, function(request) held = request end) -- no timer helps: the answer itself wakes
      local one = client(GET)
      wait("a request", function() return held end)
      for text, args in pairs {
        ["status from 200"] = { 99 },
        ["token"] = false,
        ["no header may have"] = { 200, { ["a b"] = "c" } },
        ["more than one line"] = { 200, { a = "b\r\nc: d" } },
        ["set by the server"] = { 200, { ["content-length"] = "1" } },
        ["names and values are strings"] = { 200, { a = 1 } },
        ["has no body"] = { 204, nil, "x" },
      } do
        if args then
          local ok, message = pcall(held.respond, held, table.unpack(args, 1, 3))
          assert.is_false(ok)
          assert.matches(text, message, 1, true)
        end
      end
      assert.is_true(held:respond(204))
      assert.has_error(function() held:respond(200) end)
      wait("the answer", function() return one.received:match "^HTTP/1.1 204" end)
    end)

    it("is a 500 when the request is collected unanswered", function()
      start({}, function() end)
      local one = client(GET)
      wait("a 500", function()
        collectgarbage()
        return one.received:match "^HTTP/1.1 500"
      end)
    end)

    it("is a 500 when the request is closed unanswered", function()
      start({}, function(request)
        local scoped <close> = request
        assert.equal("/", scoped:path())
      end)
      assert.equal("500", (curl("-o", "/dev/null", "-w", "%{http_code}", web.url())))
    end)
  end)

  describe("connection", function()
    it("is kept alive, and pipelined requests are answered in order", function()
      local held = {}
      start({}, function(request) held[#held + 1] = request end)
      local one = client("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n"
        .. "POST /3 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
      for i = 1, 3 do
        wait("request " .. i, function() return held[i] end)
        assert.equal("/" .. i, held[i]:path())
        assert.equal(1, web.connections())
        held[i]:respond(200, nil, "answer " .. i)
      end
      wait("three answers", function() return one.received:match "answer 1.*answer 2.*answer 3" end)
      assert.is_nil(one.ended)
    end)

    it("whose client has closed its sending half still gets its answers", function()
      start()
      local one = client(GET .. GET)
      wait("to be connected", function() return one.connected end)
      one.socket:shutdown()
      wait("the end", function() return one.ended end)
      assert.matches("^HTTP/1.1 200.*HTTP/1.1 200", one.received)
    end)

    it("is hashed and counted where it lies", function()
      local text = ("a,b\0,"):rep(100000)
      start({}, function(request, seen)
        seen.digest, seen.many, seen.more = request:digest(), request:exceeds(",", 199999), request:exceeds(",", 200000)
        seen.none, seen.wrong = request:exceeds("&", 0), { pcall(request.exceeds, request, "&&", 0) }
        request:respond(200)
        seen.late = { pcall(request.digest, request) }
      end)
      local one = client(("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"):format(#text) .. text)
      wait("200", function() return one.received:match "HTTP/1.1 200" end)
      local seen = web.seen[1]
      assert.same({ sign.sha256_hex(text), true, false, false }, { seen.digest, seen.many, seen.more, seen.none })
      assert.matches("one byte expected", seen.wrong[2])
      assert.matches("is answered, its body is gone", seen.late[2])
    end)

    it("waits for 100 Continue, and is spared a body that would be refused", function()
      start({ max_body = 1000 }, function(request, seen)
        seen.too_large, seen.body = request:too_large(), request:body()
        request:respond(request:too_large() and 413 or 200)
      end)
      local head = "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
      local good = client(head:format(5))
      wait("100", function() return good.received:match "^HTTP/1.1 100 Continue\r\n\r\n$" end)
      good.send "hello"
      wait("200", function() return good.received:match "HTTP/1.1 200" end)
      assert.equal("hello", web.seen[1].body)
      local bad = client(head:format(5000))
      wait("413", function() return bad.received:match "^HTTP/1.1 413" and bad.ended end)
      assert.is_true(web.seen[2].too_large)
    end)

    it("speaks IPv6 and names its peer in brackets", function()
      local peer
      start({}, function(request)
        peer = request:peer()
        request:respond(200)
      end, { host = "::1" })
      assert.equal("::1", web.host)
      assert.equal("200", (curl("-o", "/dev/null", "-w", "%{http_code}", ("http://[::1]:%d/"):format(web.port))))
      assert.matches("^%[::1%]:%d+$", peer)
    end)

    it("past the cap is refused while the others go on", function()
      start { max_connections = 3 }
      local open = {}
      for i = 1, 3 do open[i] = client() end
      wait("three connections", function() return web.connections() == 3 end)
      local refused = client(GET)
      wait("a refusal", function() return refused.ended end)
      assert.equal("", refused.received)
      open[2].send(GET)
      wait("an answer", function() return open[2].received:match "^HTTP/1.1 200" end)
      open[1].close()
      wait("room", function() return web.connections() == 2 end)
      answers()
    end)

    it("is not inherited by children", function()
      local files = {}
      start({}, function(request)
        for name in uv.fs_scandir_next, assert(uv.fs_scandir "/proc/self/fd") do
          local target = uv.fs_readlink("/proc/self/fd/" .. name) or ""
          local info = io.open("/proc/self/fdinfo/" .. name)
          if info and tonumber(name) > 2 and target:match "socket:" or target:match "event" then
            files[#files + 1] = target
            local flags = tonumber(info:read("a"):match "flags:%s+(%d+)", 8)
            assert.is_true(flags & tonumber("02000000", 8) ~= 0, target .. " lacks close-on-exec")
          end
          if info then info:close() end
        end
        request:respond(200)
      end)
      answers()
      assert.is_true(#files >= 4)
    end)
  end)

  describe("address", function()
    it("may be one of several, and the limits are of all together", function()
      start { max_connections = 2 }
      local _, second = assert(web.server:listen())
      local _, third = assert(web.server:listen { host = "::1" })
      assert.equal("200", (curl("-o", "/dev/null", "-w", "%{http_code}", ("http://[::1]:%d/"):format(third))))
      wait("no connection", function() return web.connections() == 0 end)
      local one = client(GET)
      local two = connect(second, GET)
      stage.keep(two)
      wait("answers", function() return one.received:match "^HTTP/1.1 200" and two.received:match "^HTTP/1.1 200" end)
      local refused = connect(second, GET)
      stage.keep(refused)
      wait("a refusal", function() return refused.ended end)
      assert.equal("", refused.received)
      web.server:quiesce()
      for _, port in ipairs { web.port, second } do
        local late = connect(port)
        stage.keep(late)
        wait("a refusal", function() return late.ended end)
        assert.is_nil(late.connected)
      end
      local host, message = web.server:listen()
      assert.is_nil(host)
      assert.equal("listen: the server is closing", message)
    end)

    it("can be one of 16 at most", function()
      start()
      for _ = 2, 16 do assert(web.server:listen()) end
      local host, message = web.server:listen()
      assert.is_nil(host)
      assert.equal("listen: more than 16 addresses", message)
      answers()
    end)
  end)

  describe("one client's address", function()
    it("has max_per_address connections at most; this machine's have no such limit", function()
      local outward = net.outward_address()
      if not outward then
        pending "this machine has no address but its loopback"
        return
      end
      start({ max_per_address = 3 }, nil, { host = "0.0.0.0" })
      for _ = 1, 8 do client() end
      wait("eight of this machine", function() return web.connections() == 8 end)
      local own = {}
      for i = 1, 3 do own[i] = connect(web.port, nil, outward) end
      wait("three more", function() return web.connections() == 11 end)
      local refused = connect(web.port, GET, outward)
      for _, one in ipairs { own[1], own[2], own[3], refused } do stage.keep(one) end
      wait("a refusal", function() return refused.ended end)
      assert.equal("", refused.received)
      own[2].send(GET)
      wait("an answer", function() return own[2].received:match "^HTTP/1.1 200" end)
      own[1].close()
      wait("room", function() return web.connections() == 10 end)
      local late = connect(web.port, GET, outward)
      stage.keep(late)
      wait("an answer", function() return late.received:match "^HTTP/1.1 200" end)
    end)
  end)

  describe("life", function()
    it("refuses unknown and wrong options at the caller's line", function()
      assert.error_matches(function() httpd.new { prot = 1 } end, "unknown option 'prot'")
      assert.error_matches(function() httpd.new { idle_timeout = 0.5 } end, "option 'idle_timeout'")
      start()
      local function listen(options) return function() web.server:listen(options) end end
      assert.error_matches(listen { prot = 1 }, "unknown option 'prot'")
      assert.error_matches(listen { port = "80" }, "option 'port': number expected, got string")
      assert.error_matches(listen { port = 65536 }, "option 'port': a whole number from 0 to 65535")
      assert.error_matches(listen { tls = true }, "TLS needs a certificate: call identify first")
    end)

    it("says why it cannot listen", function()
      start()
      local host, message, detail = web.server:listen { port = web.port }
      assert.is_nil(host)
      assert.equal(("listen '127.0.0.1:%d': address already in use "):format(web.port)
        .. "(another process listens there: stop it or choose another port)", message)
      assert.equal("server.listen", detail.code)
      host, message = web.server:listen { host = "example.com", port = 1 }
      assert.is_nil(host)
      assert.matches("^listen 'example.com:1': not an address", message)
    end)

    it("closed with parked requests answers them, and each may go first", function()
      local held = {}
      start({}, function(request) held[#held + 1] = request end)
      local first = client(GET)
      wait("one request", function() return #held == 1 end)
      local second = client("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody")
      local half = client("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab")
      wait("two requests", function() return #held == 2 and web.connections() == 3 end)
      web.close()
      wait("the ends", function() return first.ended and second.ended and half.ended end)
      assert.matches("^HTTP/1.1 503", first.received)
      assert.equal("/", held[1]:path())
      assert.equal("body", held[2]:body())
      local ok, message, detail = held[1]:respond(200)
      assert.is_nil(ok)
      assert.matches("the client is gone %(server closed%)$", message)
      assert.equal("server.client_gone", detail.code)
      assert.has_error(function() held[1]:respond(200) end)
      held = nil
      collectgarbage()
    end)

    it("gone quiet takes no connection, answers what it holds, and refuses what comes later", function()
      local held
      start({}, function(request) held = request end)
      local one, idle = client(GET), client()
      wait("a request", function() return held and idle.connected and web.connections() == 2 end)
      assert.equal(1, web.server:busy())
      web.server:quiesce()
      web.server:quiesce()
      local late = client(GET)
      wait("a refusal", function() return late.ended end)
      assert.is_nil(late.connected)
      held:respond(200, {}, "in hand")
      wait("the answer", function() return one.received:match "in hand" end)
      web.step()
      assert.equal(0, web.server:busy())
      idle.send(GET)
      wait("the other answer", function() return idle.ended end)
      assert.matches("^HTTP/1.1 503", idle.received)
    end)

    it("closed with requests that nobody took answers those too", function()
      local server = assert(httpd.new {})
      local one = connect(select(2, assert(server:listen())), GET)
      wait("a request in the queue", function()
        assert(server:run())
        return tostring(server):match "1 of at most" and one.connected
      end)
      uv.run "nowait"
      for _ = 1, 3 do
        uv.run "nowait"
        server:run()
      end
      server:close()
      server:close()
      wait("the end", function() return one.ended end)
      assert.matches("^HTTP/1.1 503", one.received)
      one.close()
      assert.equal("cme.httpd.server (closed)", tostring(server))
      for _, method in ipairs { "run", "next", "fd", "timeout", "listen", "identify" } do
        assert.error_matches(function() server[method](server) end, "the server is closed")
      end
    end)

    it("survives any order of collection at the end of a Lua state", function()
      local script = [[
        local httpd, uv = require "cme.httpd", require "luv"
        local server = assert(httpd.new {})
        local socket = uv.new_tcp()
        socket:connect("127.0.0.1", select(2, assert(server:listen())), function() socket:write %q end)
        local first = %s
        repeat uv.run "nowait"; server:run(); request = server:next() until request
        if first then holder = setmetatable({ server, request }, { __gc = function() server:close() end }) end
        server = not first and server or nil
      ]]
      for _, first in ipairs { "true", "false" } do
        local code, out, err = proc.run({ "lua5.4", "-e", "package.cpath = " .. ("%q"):format(package.cpath),
          "-e", script:format(GET, first) }, { name = "lua" })
        assert.same({ 0, "", "" }, { code, out, err })
      end
    end)
  end)
end)
