-- SPDX-License-Identifier: MIT
-- cme.httpd over real sockets: the server runs on the loop of this process, its clients are curl and raw
-- TCP connections of the same loop. Whatever a client does, the next request must be answered and no
-- descriptor may be left.

local read = require "spec.support.files".read
local uv = require "luv"
local certificates = require "spec.support.programs.certificates"
local httpd = require "cme.httpd"
local paths = require "spec.support.paths"
local proc = require "spec.support.proc"
local sign = require "cme.sign"
local web_loop = require "spec.support.programs.web_loop"

local instrumented = paths.build:match "asan" ~= nil

local serve, connect = web_loop.serve, web_loop.connect

local SHORT = 3 -- seconds a client has: those that are to be answered must not need them, on a busy machine neither

local function wait(what, condition) return proc.eventually(what, 20, condition) end

local function curl(...)
  local code, out, err = proc.run { "curl", "-sS", "--max-time", "90", ... }
  return out, code, err
end

local function descriptors()
  local count = 0
  for _ in uv.fs_scandir_next, assert(uv.fs_scandir "/proc/self/fd") do count = count + 1 end
  return count
end

local function memory(field)
  for line in io.lines "/proc/self/status" do
    local kb = line:match("^" .. field .. ":%s+(%d+) kB")
    if kb then return tonumber(kb) end
  end
end

-- Milliseconds of processor time that this process takes in so many seconds with nothing to do but serve.
local function busy_ms(seconds)
  local function used()
    local usage = uv.getrusage()
    return (usage.utime.sec + usage.stime.sec) * 1000 + (usage.utime.usec + usage.stime.usec) / 1000
  end
  local before = used()
  proc.elapse(seconds)
  return used() - before
end

-- An address of this machine that is not a loopback one, or nil.
local function outward_address()
  for _, list in pairs(uv.interface_addresses()) do
    for _, one in ipairs(list) do
      if not one.internal and one.family == "inet" then return one.ip end
    end
  end
end

local function file_of(bytes)
  local path = proc.folder() .. "/body"
  local file = assert(io.open(path, "wb"))
  local piece = ("0123456789abcdef"):rep(4096)
  for _ = 1, bytes // #piece do file:write(piece) end
  file:write(piece:sub(1, bytes % #piece))
  file:close()
  return path
end

local GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

describe("cme.httpd", function()
  local web, clients, before, sigpipe
  local sigpipes = 0

  local function start(limits, handler, address)
    web = serve(limits, handler, address)
    return web
  end

  local function client(text)
    clients[#clients + 1] = connect(web.port, text)
    return clients[#clients]
  end

  -- The server still works: what every hostile test ends with.
  local function answers()
    assert.equal("200", (curl("-o", "/dev/null", "-w", "%{http_code}", web.url())))
  end

  setup(function()
    proc.run { "true" } -- the loop's own descriptors exist from now on
    sigpipe = uv.new_signal() -- libuv's sockets, our clients here, do raise it
    sigpipe:start("sigpipe", function() sigpipes = sigpipes + 1 end)
  end)

  teardown(function()
    sigpipe:close()
    uv.run "nowait"
  end)

  before_each(function()
    clients = {}
    collectgarbage()
    uv.run "nowait"
    before = descriptors()
  end)

  after_each(function()
    for _, one in ipairs(clients) do one.close() end
    if web then web.close() end
    web = nil
    collectgarbage()
    wait("closed clients", function()
      uv.run "nowait"
      return descriptors() <= before
    end)
    assert.same({}, proc.cleanup())
    assert.equal(before, descriptors())
  end)

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
      clients[#clients + 1] = two
      wait("answers", function() return one.received:match "^HTTP/1.1 200" and two.received:match "^HTTP/1.1 200" end)
      local refused = connect(second, GET)
      clients[#clients + 1] = refused
      wait("a refusal", function() return refused.ended end)
      assert.equal("", refused.received)
      web.server:quiesce()
      for _, port in ipairs { web.port, second } do
        local late = connect(port)
        clients[#clients + 1] = late
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
      local outward = outward_address()
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
      table.move({ own[1], own[2], own[3], refused }, 1, 4, #clients + 1, clients)
      wait("a refusal", function() return refused.ended end)
      assert.equal("", refused.received)
      own[2].send(GET)
      wait("an answer", function() return own[2].received:match "^HTTP/1.1 200" end)
      own[1].close()
      wait("room", function() return web.connections() == 10 end)
      local late = connect(web.port, GET, outward)
      clients[#clients + 1] = late
      wait("an answer", function() return late.received:match "^HTTP/1.1 200" end)
    end)
  end)

  describe("TLS", function()
    local dir, ca_file, pair, other

    -- Texts of a pair that a CA of its own signed.
    local function issue(name)
      local folder = proc.folder()
      local made = { folder = folder, ca_file = certificates.ca(folder), tls = true }
      local certificate, key = certificates.issue(folder, name, "IP:127.0.0.1")
      made.certificate, made.key, made.key_path = read(certificate), read(key), key
      return made
    end

    before_each(function()
      pair = issue "one"
      dir, ca_file = pair.folder, pair.ca_file
      other = nil
    end)

    local function secure(...)
      return curl("--cacert", ca_file, ...)
    end

    local function url() return ("https://127.0.0.1:%d/"):format(web.port) end

    it("carries requests and answers of several megabytes, many on one connection, beside a plain address", function()
      local body = ("0123456789abcdef"):rep(256 * 1024)
      start({}, function(request, seen)
        seen.body = request:body()
        request:respond(200, {}, body)
      end, pair)
      local _, plain = assert(web.server:listen())
      local path = file_of(10485760)
      local out = secure("--data-binary", "@" .. path, "-H", "Expect:", url(), url())
      assert.is_true(out == body .. body)
      assert.same({ 10485760, 10485760 }, { #web.seen[1].body, #web.seen[2].body })
      assert.is_true(curl(("http://127.0.0.1:%d/"):format(plain)) == body)
    end)

    it("answers a request that waited for its answer", function()
      local held
      start({ idle_timeout = 86400 }, function(request) held = request end, pair)
      local one = proc.spawn { "curl", "-sS", "--max-time", "90", "--cacert", ca_file, url() }
      wait("a request", function() return held end)
      assert.is_true(held:respond(200, nil, "late"))
      assert.equal(0, (one:wait()))
      wait("its output", function() return one.out == "late" end)
    end)

    it("is 1.2 or 1.3, and shows the certificate", function()
      start({}, nil, pair)
      for version, want in pairs { ["1.1"] = 35, ["1.2"] = 0, ["1.3"] = 0 } do
        local _, code = secure("--tls-max", version, "--ciphers", "DEFAULT:@SECLEVEL=0", "--tlsv1.0", url())
        assert.equal(want, code, version)
      end
      local _, code = curl(url())
      assert.equal(60, code, "a client that does not know the CA")
    end)

    it("takes another pair for the handshakes to come, and keeps the old one when the new is of no use", function()
      start({}, nil, pair)
      other = issue "two"
      local expires = assert(web.server:identify(pair.certificate, pair.key))
      assert.is_true(expires > os.time() + 86400 and expires < os.time() + 3 * 86400)
      assert.equal(0, select(2, secure(url())))
      assert.is_nil((web.server:identify(other.certificate, pair.key)))
      assert.equal(0, select(2, secure(url())))
      assert(web.server:identify(other.certificate, other.key))
      assert.equal(60, select(2, secure(url())))
      assert.equal(0, select(2, curl("--cacert", other.ca_file, url())))
    end)

    it("says what is wrong with a pair, and shows none of it", function()
      start()
      other = issue "two"
      certificates.openssl("pkey", "-in", pair.key_path, "-aes256", "-passout", "pass:x", "-out", dir .. "/locked")
      certificates.openssl("ec", "-in", pair.key_path, "-aes256", "-passout", "pass:x", "-out",
        dir .. "/old-locked")
      local secret = pair.key:match "\n(%S+)\n"
      for _, case in ipairs {
        { other.certificate, pair.key, "^certificate and key: they do not belong together$" },
        { pair.certificate, read(dir .. "/locked"), "^key: it has a passphrase, which nobody is there to type" },
        { pair.certificate, read(dir .. "/old-locked"), "^key: it has a passphrase" },
        { "", pair.key, "^certificate: no certificate in PEM form is in it$" },
        { "junk", pair.key, "^certificate: no certificate in PEM form is in it$" },
        { pair.key, pair.key, "^certificate: no certificate in PEM form is in it$" },
        { pair.certificate:sub(1, 300), pair.key, "^certificate: " },
        { pair.certificate:gsub("\nMII", "\nAAA"), pair.key, "^certificate: " },
        { pair.certificate, "", "^key: no private key in PEM form is in it$" },
        { pair.certificate, "junk", "^key: no private key in PEM form is in it$" },
        { pair.certificate, pair.certificate, "^key: " },
        { pair.certificate, pair.key:sub(1, 150), "^key: " },
      } do
        local expires, message, detail = web.server:identify(case[1], case[2])
        assert.is_nil(expires)
        assert.matches(case[3], message)
        assert.equal("server.certificate", detail.code)
        assert.is_nil(message:find(secret, 1, true))
      end
      assert.error_matches(function() web.server:identify(("x"):rep(1048577), "") end, "more than 1 MiB")
      answers()
    end)

    for what, text in pairs {
      nothing = "", ["plain HTTP"] = GET, garbage = ("\255"):rep(300),
      ["half a hello"] = "\22\3\1\2\0\1\0\1\252\3\3" .. ("\7"):rep(200),
    } do
      it("ends a client that sends " .. what, function()
        start({ idle_timeout = SHORT }, nil, pair)
        local one = client(text)
        wait("the close", function() return one.ended end)
        wait("no connection", function() return web.connections() == 0 end)
        assert.same({}, web.seen)
        assert.equal(0, select(2, secure(url())))
      end)
    end

    it("does not keep the processor busy with handshakes and connections that wait for their client", function()
      start({ idle_timeout = 86400 }, nil, pair)
      client "\22\3\1\2\0\1\0\1\252\3\3"
      local line = "sleep 60 | openssl s_client -quiet -connect 127.0.0.1:" .. web.port
      local idle = proc.spawn { "sh", "-c", line }
      wait("both", function() return web.connections() == 2 and idle.err:match "verify" end)
      local spent_ms = busy_ms(1)
      assert.is_true(spent_ms < 300, spent_ms .. " ms of a second")
      idle:destroy()
    end)

    -- A way to the server that carries `up` bytes to it and `down` bytes back, and then nothing more.
    local function stalling(up, down)
      local way, ends = uv.new_tcp(), {}
      local function carry(from, to, bytes)
        from:read_start(function(_, chunk)
          if not chunk then return end
          to:write(chunk:sub(1, math.max(bytes, 0)))
          bytes = bytes - #chunk
          if bytes <= 0 then from:read_stop() end
        end)
      end
      assert(way:bind("127.0.0.1", 0))
      way:listen(8, function()
        local near, far = uv.new_tcp(), uv.new_tcp()
        way:accept(near)
        table.move({ near, far }, 1, 2, #ends + 1, ends)
        far:connect("127.0.0.1", web.port, function()
          carry(near, far, up)
          carry(far, near, down)
        end)
      end)
      return way:getsockname().port, function()
        for _, one in ipairs(ends) do one:close() end
        way:close()
      end
    end

    for what, bytes in pairs {
      ["the middle of a record of its body"] = { 4000, 1 << 30 }, ["the middle of its answer"] = { 1 << 30, 70000 },
    } do
      it("does not keep the processor busy with a client that stalls in " .. what .. ", and closes it", function()
        start({ idle_timeout = 8 }, function(request) request:respond(200, nil, ("x"):rep(32 * 1048576)) end, pair)
        local port, close = stalling(bytes[1], bytes[2])
        local one = proc.spawn { "curl", "-sS", "--max-time", "90", "--cacert", ca_file, "-H", "Expect:", "-o",
          "/dev/null", "--data-binary", "@" .. file_of(100000), ("https://127.0.0.1:%d/"):format(port) }
        wait("the request", function() return web.connections() == 1 end)
        proc.elapse(0.5)
        local spent_ms = busy_ms(1)
        assert.is_true(spent_ms < 300, spent_ms .. " ms of a second")
        assert.equal(1, web.connections())
        wait("the close", function() return web.connections() == 0 end)
        close()
        one:destroy()
      end)
    end

    it("costs bounded memory for each idle connection", function()
      start({}, nil, pair)
      secure(url())
      local rss = memory "VmRSS"
      local crowd = proc.spawn { "sh", "-c", ("for i in $(seq 20); do (sleep 60 | openssl s_client -quiet -connect "
        .. "127.0.0.1:%d >/dev/null 2>&1) & done; wait"):format(web.port) }
      wait("20 connections", function() return web.connections() == 20 end)
      assert.is_true((memory "VmRSS" - rss) / 20 < (instrumented and 600 or 150), memory "VmRSS" - rss .. " KB")
      crowd:destroy()
    end)

    it("closed in the middle of a handshake and of a request leaves nothing behind", function()
      local held
      start({}, function(request) held = request end, pair)
      client "\22\3\1\2\0\1\0\1\252\3\3"
      local one = proc.spawn { "curl", "-sS", "--max-time", "90", "--cacert", ca_file, "-w", "%{http_code}", url() }
      wait("a request", function() return held and web.connections() == 2 end)
      web.close()
      one:wait()
      wait("its output", function() return one.out:match "503$" end)
      held = nil
      collectgarbage()
    end)
  end)

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
      clients[#clients + 1] = one
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
      local earlier = sigpipes
      held:respond(200, nil, ("x"):rep(8 * 1048576))
      wait("no connection", function() return web.connections() == 0 end)
      uv.run "nowait"
      assert.equal(earlier, sigpipes)
      answers()
    end)

    it("holding 1,000 idle connections costs little memory, and others are served", function()
      start()
      answers()
      collectgarbage()
      local rss = memory "VmRSS"
      for _ = 1, 1000 do client() end
      wait("1,000 connections", function() return web.connections() == 1000 end)
      answers()
      local each = (memory "VmRSS" - rss) / 1000 -- both ends are in this process
      assert.is_true(each < (instrumented and 100 or 16), each .. " KB each")
    end)

    it("killed with 1,000 half requests is forgotten", function()
      start()
      local crowd = proc.spawn { "lua5.4", "-e", ([[
        local uv = require "luv"
        for _ = 1, 1000 do
          local socket = uv.new_tcp()
          socket:connect("127.0.0.1", %d, function() socket:write "GET / HTTP/1.1\r\nHost:" end)
        end
        uv.new_timer():start(60000, 0, function() end)
        uv.run()
      ]]):format(web.port) }
      wait("1,000 connections", function() return web.connections() == 1000 end)
      crowd:kill "sigkill" -- another process: its sockets close while the server runs
      wait("no connection", function() return web.connections() == 0 end)
      crowd:wait()
      answers()
    end)

    it("sending thousands of mutated requests leaves nothing behind", function()
      local rounds, batch = 60, 50
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
