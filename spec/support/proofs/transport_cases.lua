-- SPDX-License-Identifier: MIT
-- What every transport does with what servers do to it. Both transports run this table: curl's in
-- spec/integration/transport_curl_spec.lua, nginx's in spec/integration/resty_spec.lua.
--
-- A case: { name, script =, requests =, want =, check = }. `script` is for spec.support.fakes.raw_server; without it
-- the requests go to the nginx of spec.support.programs.web_nginx. A request is a table or a function of the servers
-- ({ web, raw, proxy }) that makes one. `want` lists the outcomes' fields that must be so; `check` looks at
-- what the server saw; `nginx_says` is what nginx, as a client, writes to its error log about such a peer whatever Lua
-- does.

local function body_of(size)
  local bytes = {}
  for i = 0, 255 do bytes[i + 1] = string.char(i) end
  return table.concat(bytes):rep(math.ceil(size / 256)):sub(1, size)
end

local BIG = body_of(2 * 1024 * 1024)

local function raw(more)
  return function(servers)
    local request = { method = "POST", body = "x", timeout = 10 }
    request.url = ("http://127.0.0.1:%d/"):format(servers.raw.port)
    for name, value in pairs(more or {}) do request[name] = value end
    return request
  end
end

-- To the nginx: what is "http", "https", "misnamed" or "old".
local PORT = { http = "plain", https = "tls", misnamed = "misnamed", old = "old" }
local function web(what, path, more)
  return function(servers)
    local request = {
      url = ("%s://localhost:%d%s"):format(what == "http" and "http" or "https", servers.web[PORT[what]], path),
      method = "POST", body = "x", timeout = 10, ca_file = servers.web.ca_file,
    }
    for name, value in pairs(more or {}) do
      request[name] = type(value) == "function" and value(servers) or value or nil
    end
    return request
  end
end

local function through(userinfo)
  return function(servers) return ("http://%s127.0.0.1:%d"):format(userinfo or "", servers.proxy.port) end
end

-- Answers every request on a connection with the same bytes, and closes when told.
local function answers(bytes, close)
  return function(c)
    while c:request() do
      c:write(bytes)
      if close then return end
    end
  end
end

local HEAD = "HTTP/1.1 200 OK\r\n"

local cases = {
  { "an answer", script = answers(HEAD .. "Content-Length: 2\r\nX-Two: a\r\nx-two: b\r\n\r\nok"),
    requests = { raw() }, want = { { status = 200, body = "ok", http_version = "1.1", connects = 1 } },
    check = function(outcomes) return outcomes[1].headers["x-two"] == "a, b" end },
  { "any status", script = answers "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
    requests = { raw() }, want = { { status = 503, body = "" } } },
  { "no redirect followed", script = answers "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
    requests = { raw() }, want = { { status = 302 } }, check = function(_, server) return #server.requests == 1 end },
  { "a connection used again", script = answers(HEAD .. "Content-Length: 2\r\n\r\nok"),
    requests = { raw(), raw(), raw() }, want = { { connects = 1 }, { connects = 0 }, { connects = 0, body = "ok" } },
    check = function(_, server) return #server.connections == 1 end },
  { "a connection that the server wants closed",
    script = answers(HEAD .. "Connection: close\r\nContent-Length: 2\r\n\r\nok", true),
    requests = { raw(), raw() }, want = { { body = "ok" }, { body = "ok", connects = 1 } } },
  { "bytes past the end, which answer nothing", script = answers(HEAD .. "Content-Length: 2\r\n\r\nok" .. HEAD
      .. "Content-Length: 4\r\n\r\nevil"),
    requests = { raw(), raw() }, want = { { body = "ok" }, { body = "ok", connects = 1 } } },
  { "chunks", script = answers(HEAD .. "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n3;x\r\n...\r\n0\r\nT: 1\r\n\r\n"),
    requests = { raw(), raw() }, want = { { body = "ok..." }, { body = "ok...", connects = 0 } } },
  { "a body until the end", script = answers(HEAD .. "\r\nall", true),
    requests = { raw() }, want = { { body = "all" } } },
  { "an interim answer",
    script = answers("HTTP/1.1 103 x\r\nEarly: 1\r\n\r\n" .. HEAD .. "Content-Length: 2\r\n\r\nok"),
    requests = { raw() }, want = { { status = 200, body = "ok" } },
    check = function(outcomes) return outcomes[1].headers.early == nil end },
  { "bytes in drips", script = function(c)
      c:request()
      for byte in (HEAD .. "Content-Length: 2\r\n\r\nok"):gmatch "." do c:write(byte) end
      c:stall()
    end, requests = { raw() }, want = { { body = "ok" } } },
  { "the request as given", script = answers(HEAD .. "Content-Length: 0\r\n\r\n"),
    requests = {
      raw { headers = { "Host: cme.example", "X-Test: a b", "Content-Type: application/json" }, body = "{}" },
    },
    want = { { status = 200 } }, check = function(_, server)
      local text = server.requests[1]
      return text:find "^POST / HTTP/1.1\r\n" and text:find("\r\nHost: cme.example\r\n", 1, true)
        and text:find("\r\nX-Test: a b\r\n", 1, true) and text:find("\r\nContent-Length: 2\r\n", 1, true)
        and text:sub(-6) == "\r\n\r\n{}" and not text:find "127.0.0.1" and not text:find "Expect"
    end },
  { "GET without a body", script = answers(HEAD .. "Content-Length: 0\r\n\r\n"),
    requests = { function(servers)
      return { url = ("http://127.0.0.1:%d/a?b=c"):format(servers.raw.port), method = "GET", timeout = 10 }
    end }, want = { { status = 200 } }, check = function(_, server)
      local text = server.requests[1]
      return text:find "^GET /a%?b=c HTTP/1.1\r\n" and not text:lower():find "content%-length"
    end },
  { "a large body both ways",
    requests = { web("http", "/echo", { body = BIG }), web("https", "/echo", { body = BIG }) },
    want = { { body = BIG }, { body = BIG } } },

  { "nobody listening", requests = { function(servers)
      return { url = ("http://127.0.0.1:%d/"):format(servers.closed), method = "POST", body = "", timeout = 10 }
    end }, want = { { code = "network.connect", sent = false } } },
  { "a name that does not exist", requests = { function()
      return { url = "http://nothing.invalid/", method = "POST", body = "", timeout = 10 }
    end }, want = { { code = "network.resolve", sent = false } } },
  { "closed after the request", script = function(c) c:request() end,
    requests = { raw() }, want = { { code = "network.reset", sent = true } } },
  { "reset after the request", nginx_says = "recv%(%) failed", script = function(c) c:request() c:reset() end,
    requests = { raw() }, want = { { code = "network.reset", sent = true } } },
  { "a body cut short", script = answers(HEAD .. "Content-Length: 3\r\n\r\nok", true),
    requests = { raw() }, want = { { code = "network.reset", sent = true } } },
  { "chunks cut short", script = answers(HEAD .. "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", true),
    requests = { raw() }, want = { { code = "network.reset", sent = true } } },
  { "a kept connection closed by the second request, which is not sent twice", script = function(c)
      c:request()
      c:answer "one"
      c:request()
    end, requests = { raw(), raw() }, want = { { body = "one" }, { code = "network.reset", sent = true } },
    check = function(_, server) return #server.requests == 2 end },
  { "another protocol", script = answers("220 mail ESMTP ready\r\n", true),
    requests = { raw() }, want = { { code = "network.protocol", sent = true } } },
  { "a length past the limit", script = answers(HEAD .. "Content-Length: 11\r\n\r\n"),
    requests = { raw { max_response = 10 } }, want = { { code = "network.too_large", sent = true } } },
  { "chunks past the limit",
    script = answers(HEAD .. "Transfer-Encoding: chunked\r\n\r\nb\r\n0123456789a\r\n0\r\n\r\n"),
    requests = { raw { max_response = 10 } }, want = { { code = "network.too_large", sent = true } } },
  { "a head past all bounds", script = answers(HEAD .. ("X: " .. ("x"):rep(1000) .. "\r\n"):rep(400) .. "\r\n"),
    requests = { raw() }, want = { { sent = true } }, check = function(outcomes) return outcomes[1].code ~= nil end },
  { "silence", script = function(c) c:request() c:stall() end,
    requests = { raw { timeout = 2 } }, want = { { code = "network.timeout", sent = true } } },
  { "drips past the deadline", script = function(c)
      local drip = require "luv".new_timer()
      c:request()
      c:write(HEAD .. "Content-Length: 1000000\r\n\r\n")
      drip:start(20, 20, function() if not c.socket:is_closing() then c:write "x" end end)
      c:stall()
      drip:close()
    end, requests = { raw { timeout = 2 } }, want = { { code = "network.timeout", sent = true } } },
  { "silence instead of TLS", script = function(c) c:stall() end, requests = { function(servers)
      return { url = ("https://localhost:%d/"):format(servers.raw.port), method = "POST", body = "", timeout = 10,
        connect_timeout = 0.3 }
    end }, want = { { code = "network.timeout", sent = false } } },
  { "misuse", script = answers(HEAD .. "Content-Length: 0\r\n\r\n"), requests = {
      raw { headers = { "X: 1\r\nY: 2" } }, raw { method = "GET / HTTP/1.1\r\nX:" }, raw { url = "ftp://127.0.0.1/" },
      raw { url = "http://127.0.0.1/\r\n" },
    }, check = function(outcomes, server)
      for i = 1, 4 do
        if not outcomes[i].raised then return false end
      end
      return #server.requests == 0
    end },

  { "TLS", requests = { web("https", "/"), web("https", "/") },
    want = { { status = 200, body = "ok" }, { body = "ok", connects = 0 } } },
  { "TLS of an unknown CA", untrusted = true, requests = { web("https", "/", { ca_file = false }) },
    want = { { code = "network.tls", sent = false } } },
  { "TLS of another host's certificate", requests = { web("misnamed", "/") },
    want = { { code = "network.tls", sent = false } } },
  { "TLS 1.1", nginx_says = "SSL_do_handshake%(%) failed", requests = { web("old", "/") },
    want = { { code = "network.tls", sent = false } } },
  { "no TLS where it was asked for", script = answers("HTTP/1.1 400 x\r\nContent-Length: 0\r\n\r\n", true),
    requests = { function(servers)
      return { url = ("https://localhost:%d/"):format(servers.raw.port), method = "POST", body = "", timeout = 5 }
    end }, check = function(outcomes) return outcomes[1].sent == false and outcomes[1].code ~= nil end },

  { "parts of an answer, as they come", script = function(c)
      c:request()
      c:write(HEAD .. "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n")
      c:stall()
    end, requests = { raw { parts = 0.3 } },
    want = { { status = 200, http_version = "1.1", body = "ok", pieces = 1, whole = false, code = "network.timeout",
      again = "the answer was closed before it was read" } } },
  { "all parts, and a connection used again",
    script = answers(HEAD .. "Transfer-Encoding: chunked\r\nX: 1\r\n\r\n2\r\nok\r\n3\r\n...\r\n0\r\n\r\n"),
    requests = { raw { parts = 20 }, raw { parts = 20 }, raw() },
    want = { { body = "ok...", whole = true }, { body = "ok...", whole = true }, { body = "ok...", connects = 0 } },
    check = function(outcomes, server) return #server.connections == 1 and outcomes[1].headers.x == "1" end },
  { "parts until the connection ends", script = answers(HEAD .. "\r\nall", true),
    requests = { raw { parts = 20 } }, want = { { body = "all", whole = true } } },
  { "parts of an answer without a body", script = answers("HTTP/1.1 204 x\r\n\r\n"),
    requests = { raw { parts = 20 } }, want = { { status = 204, body = "", whole = true } } },
  { "parts of an answer after an interim one",
    script = answers("HTTP/1.1 103 x\r\nEarly: 1\r\n\r\n" .. HEAD .. "Content-Length: 2\r\n\r\nok"),
    requests = { raw { parts = 20 } }, want = { { status = 200, body = "ok", whole = true } } },
  { "parts cut short", script = answers(HEAD .. "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", true),
    requests = { raw { parts = 20 } }, want = { { body = "ok", whole = false, code = "network.reset" } } },
  { "a large body in parts", requests = {
      web("http", "/echo", { body = BIG, parts = 20 }), web("https", "/echo", { body = BIG, parts = 20 }),
    }, want = { { body = BIG, whole = true }, { body = BIG, whole = true } },
    check = function(outcomes) return outcomes[1].pieces > 1 and outcomes[2].pieces > 1 end },
  { "parts that nobody sends", requests = { function(servers)
      return { url = ("http://127.0.0.1:%d/"):format(servers.closed), method = "POST", body = "", timeout = 10,
        parts = 20 }
    end }, want = { { code = "network.connect", sent = false } } },
  { "silence before the first part", script = function(c) c:request() c:stall() end,
    requests = { raw { timeout = 2, parts = 20 } }, want = { { code = "network.timeout", sent = true } } },

  { "a proxy", proxy = true, requests = { web("http", "/header", { proxy = through(), headers = { "X-Test: here" } }) },
    want = { { body = "here|||POST" } }, check = function(_, _, proxy)
      return #proxy.requests == 1 and proxy.requests[1]:find "^POST http://localhost:%d+/header HTTP/1.1\r\n"
    end },
  { "a tunnel", proxy = true, requests = { web("https", "/", { proxy = through() }) },
    want = { { body = "ok" } }, check = function(_, _, proxy)
      return #proxy.requests == 1 and proxy.requests[1]:find "^CONNECT localhost:%d+ HTTP/1.1\r\n"
    end },
  { "a tunnel's user", proxy = true,
    requests = { web("https", "/", { proxy = through "user:p%40ss@", headers = { "X-Test: secret" } }) },
    want = { { body = "ok" } }, check = function(_, _, proxy)
      return proxy.requests[1]:find("\r\nProxy-Authorization: Basic dXNlcjpwQHNz\r\n", 1, true)
        and not proxy.requests[1]:find "secret"
    end },
  { "a proxy passed by", proxy = true,
    requests = { web("http", "/", { proxy = through(), no_proxy = "example.com,localhost" }) },
    want = { { body = "ok" } }, check = function(_, _, proxy) return #proxy.requests == 0 end },
  { "a proxy that refuses a tunnel", proxy = "407 Proxy Authentication Required",
    requests = { web("https", "/", { proxy = through() }) }, want = { { code = "network.proxy", sent = false } } },
  { "a proxy that is not there", requests = { function(servers)
      local request = web("https", "/")(servers)
      request.proxy = ("http://127.0.0.1:%d"):format(servers.closed)
      return request
    end }, want = { { code = "network.proxy", sent = false } } },
}

local transport_cases = { cases = cases }

-- What differs between an outcome and what was wanted, as text.
local function difference(i, outcome, want)
  for name, value in pairs(want) do
    local got = outcome and outcome[name]
    if got ~= value then
      return ("outcome %d: %s: wanted %s, got %s (%s)"):format(i, name, tostring(value):sub(1, 60),
        tostring(got):sub(1, 60), outcome and (outcome.message or outcome.raised) or "nothing")
    end
  end
end

--- Runs a case.
---@param case table
---@param web_server spec.web_nginx
---@param run fun(requests: table[], case: table): table[] does requests, returns their outcomes
---@return string|nil wrong
function transport_cases.run(case, web_server, run)
  local proc, raw_server = require "spec.support.proc", require "spec.support.fakes.raw_server"
  local servers = { web = web_server, closed = proc.free_port() }
  if case.script then servers.raw = raw_server.start(case.script) end
  if case.proxy then servers.proxy = raw_server.proxy(case.proxy ~= true and case.proxy or nil) end
  local requests = {}
  for i, request in ipairs(case.requests) do requests[i] = request(servers) end
  local outcomes = run(requests, case)
  local wrong
  for i, want in ipairs(case.want or {}) do wrong = wrong or difference(i, outcomes[i], want) end
  if not wrong and case.check and not case.check(outcomes, servers.raw, servers.proxy) then
    wrong = "check: " .. require "cjson".encode(outcomes):sub(1, 500)
  end
  if servers.raw then servers.raw:stop() end
  if servers.proxy then servers.proxy:stop() end
  return wrong
end

return transport_cases
