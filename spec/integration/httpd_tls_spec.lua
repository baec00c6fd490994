-- SPDX-License-Identifier: MIT
-- cme.httpd over TLS: real handshakes, and clients that do not finish theirs.

local certificates = require "spec.support.programs.certificates"
local proc = require "spec.support.proc"
local read = require "spec.support.files".read
local uv = require "luv"
local web_stage = require "spec.support.programs.web_stage"

local wait, curl, memory, busy_ms = web_stage.wait, web_stage.curl, web_stage.memory, web_stage.busy_ms
local file_of, GET, SHORT, instrumented = web_stage.file_of, web_stage.GET, web_stage.SHORT, web_stage.instrumented

describe("cme.httpd", function()
  local stage = web_stage.new { setup = setup, teardown = teardown, before_each = before_each, after_each = after_each }
  local web, start, client, answers = stage.web, stage.start, stage.client, stage.answers

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
      local body, size = ("0123456789abcdef"):rep(proc.rounds(256 * 1024)), proc.rounds(10485760)
      start({}, function(request, seen)
        seen.body = request:body()
        request:respond(200, {}, body)
      end, pair)
      local _, plain = assert(web.server:listen())
      local path = file_of(size)
      local out = secure("--data-binary", "@" .. path, "-H", "Expect:", url(), url())
      assert.is_true(out == body .. body)
      assert.same({ size, size }, { #web.seen[1].body, #web.seen[2].body })
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
        local spent_ms = busy_ms(1) -- all of it, if it were busy
        assert.is_true(spent_ms < (proc.VALGRIND and 800 or 300), spent_ms .. " ms of a second")
        assert.equal(1, web.connections())
        wait("the close", function() return web.connections() == 0 end)
        close()
        one:destroy()
      end)
    end

    it("costs bounded memory for each idle connection", function()
      start({}, nil, pair)
      secure(url())
      local rss, count = memory "VmRSS", proc.rounds(20)
      local crowd = proc.spawn { "sh", "-c", ("for i in $(seq %d); do (sleep 60 | openssl s_client -quiet -connect "
        .. "127.0.0.1:%d >/dev/null 2>&1) & done; wait"):format(count, web.port) }
      wait(count .. " connections", function() return web.connections() == count end)
      assert.is_true((memory "VmRSS" - rss) / count < (instrumented and 600 or 150), memory "VmRSS" - rss .. " KB")
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
end)
