-- SPDX-License-Identifier: MIT
-- The client inside Debian's nginx: the transport table over cosockets, tasks on light threads, and what only a server
-- can get wrong: workers that block, phases that cannot wait, an error log that fills.

local cases = require "spec.support.proofs.transport_cases"
local cjson = require "cjson"
local dns = require "spec.support.fakes.dns"
local openresty = require "spec.support.programs.openresty"
local proc = require "spec.support.proc"
local raw_server = require "spec.support.fakes.raw_server"
local task_cases = require "spec.support.proofs.task_cases"
local uv = require "luv"
local web_nginx = require "spec.support.programs.web_nginx"

-- One function per path. What they need comes as the body.
local CONTENT = [[
local paths = {}
local cjson = require "cjson"

local function client(port, more)
  local options = { secret_id = "AKIDEXAMPLE", secret_key = "key", platform = "test",
    endpoint = "http://127.0.0.1:" .. port, timeout = 90 }
  for name, value in pairs(more or {}) do options[name] = value end
  return require "cme".client(options)
end

paths["/request"] = function(body)
  ngx.print(require "spec.support.proofs.transport_client" (require "cme.net.transport.resty".shared(), body))
end

paths["/fast"] = function() ngx.print "fast" end

paths["/call"] = function(port)
  local one = client(port)
  local response, message = one:call("DescribePlatforms", {})
  ngx.print(getmetatable(one.transport).__name, " ", response and response.RequestId or message)
end

paths["/parallel"] = function(port)
  local one = client(port)
  local list = {}
  for i = 1, 200 do list[i] = i end
  local results, failures = require "cme".parallel(list, function() return one:call("DescribePlatforms", {}) end)
  ngx.print(#results, " ", #failures, " ", failures[1] and failures[1].message or "")
end

paths["/tasks"] = function()
  for _, case in ipairs(require "spec.support.proofs.task_cases") do
    local ok, message = xpcall(case[2], debug.traceback, require "cme")
    ngx.say(ok and "ok " or "not ok ", case[1], ok and "" or ": " .. message:gsub("\n", " | "))
  end
end

paths["/cancel"] = function(port)
  local cme = require "cme"
  local transport = require "cme.net.transport".shared()
  local request = { url = "http://127.0.0.1:" .. port .. "/", method = "POST", body = "", timeout = 60 }
  local after = false
  cme.run(function()
    local one = cme.spawn(function()
      transport:request(request)
      after = true
    end)
    cme.spawn(function() -- ended by the end of the run
      transport:request(request)
      after = true
    end)
    cme.sleep(0.3)
    ngx.print(tostring(one:cancel()), " ", tostring(select(2, one:wait())), " ")
    -- Answered when the server has seen the first one's connection end.
    ngx.print(transport:request { url = request.url .. "seen", method = "GET", timeout = 20 }.body)
  end)
  ngx.print(" ", tostring(after))
end

-- Ends the request in the middle of a run.
paths["/exit"] = function()
  local cme = require "cme"
  package.loaded.seen = package.loaded.seen or setmetatable({}, { __mode = "k" })
  cme.run(function()
    package.loaded.seen[cme.spawn(cme.sleep, 1000)] = true
    cme.sleep(0.01)
    ngx.exit(204)
  end)
end

paths["/seen"] = function()
  collectgarbage()
  collectgarbage()
  local count = 0
  for _ in pairs(package.loaded.seen) do count = count + 1 end
  ngx.print(count)
end

paths["/until"] = function()
  local cme = require "cme"
  ngx.update_time()
  local before = ngx.now()
  cme.sleep_until(before + 0.2)
  ngx.print(tostring(require "cme.net.transport".shared():time() >= before + 0.2))
end

ngx.req.read_body()
paths[ngx.var.uri](ngx.req.get_body_data())
]]

local HTTP = [[
  resolver 127.0.0.1:%d ipv6=off valid=1s;
  lua_socket_log_errors off;
  lua_ssl_protocols TLSv1.2 TLSv1.3;
  lua_ssl_verify_depth 3;
  %s
]]

local LOCATIONS = [[
    location = /log {
      content_by_lua_block { ngx.print "logging" }
      log_by_lua_block {
        local cme = require "cme"
        local transport = require "cme.net.transport".shared()
        local function note(...) ngx.log(ngx.NOTICE, "noted: ", ...) end
        note(select(2, pcall(function() transport:request { url = "http://127.0.0.1:1/" } end)))
        note(select(2, pcall(function() cme.sleep(1) end)))
        note(select(2, pcall(function() cme.parallel({ 1 }, print) end)))
        note("started ", tostring(cme.run(function(word)
          cme.sleep(0.01)
          note("ran ", word, " in phase ", ngx.get_phase())
        end, "later")))
      }
    }
]]

describe("the client in nginx", function()
  local web, names, server, untrusted

  setup(function()
    web = web_nginx.start()
    names = dns.start()
    server = openresty.start(CONTENT, {
      http = HTTP:format(names.port, "lua_ssl_trusted_certificate " .. web.ca_file .. ";"), locations = LOCATIONS,
    })
    untrusted = openresty.start(CONTENT, { http = HTTP:format(names.port, "") })
  end)

  teardown(function()
    server:stop()
    untrusted:stop()
    web:stop()
    names:stop()
    uv.run "nowait"
    assert.are.same({}, proc.cleanup())
  end)

  -- What nginx itself writes about a peer's fault (a reset, a failed handshake), by pattern; all else is ours to avoid.
  local expected, seen = nil, 0
  after_each(function()
    local errors = server:errors()
    for i = seen + 1, #errors do assert.matches(expected or "no error line", errors[i]) end
    expected, seen = nil, #errors
    assert.are.same({}, untrusted:errors())
  end)

  local function ok(path, data)
    local status, body = server:get(path, data)
    assert.are.equal(200, status, body)
    return body
  end

  describe("cme.net.transport.resty", function()
    local function run(requests, case)
      for _, request in ipairs(requests) do request.ca_file = nil end
      local status, body = (case.untrusted and untrusted or server):get("/request", cjson.encode(requests))
      assert.are.equal(200, status, body)
      return cjson.decode(body)
    end

    for _, case in ipairs(cases.cases) do
      it("copes with " .. case[1], function()
        expected = case.nginx_says
        local wrong = cases.run(case, web, run)
        assert.is_nil(wrong, wrong)
      end)
    end

    it("keeps connections from request to request of the worker", function()
      local raw = raw_server.start(function(c) while c:request() do c:answer "ok" end end)
      local list = { { url = ("http://127.0.0.1:%d/"):format(raw.port), method = "GET" } }
      for i = 1, 5 do assert.are.equal(i == 1 and 1 or 0, run(list, {})[1].connects) end
      assert.are.equal(1, #raw.connections)
      raw:stop()
    end)

    it("says what nginx.conf lacks", function()
      local url = ("https://localhost:%d/"):format(web.tls)
      local outcomes = run({ { url = url, method = "GET" } }, { untrusted = true })
      assert.matches("lua_ssl_trusted_certificate", outcomes[1].message)
      local _, body = server:get("/request", cjson.encode { { url = url, method = "GET", ca_file = web.ca_file } })
      assert.matches("'ca_file': nginx trusts what nginx.conf names", cjson.decode(body)[1].message)
      assert.are.equal("invalid.unsupported", cjson.decode(body)[1].code)
    end)
  end)

  it("is used by cme.client there by itself", function()
    local raw = raw_server.start(function(c)
      while c:request() do c:answer '{"Response":{"PlatformInfoSet":[],"TotalCount":0,"RequestId":"req-7"}}' end
    end)
    assert.are.equal("cme.net.transport.resty req-7", ok("/call", tostring(raw.port)))
    assert.matches("\r\nAuthorization: TC3%-HMAC%-SHA256 Credential=AKIDEXAMPLE/", raw.requests[1])
    raw:stop()
  end)

  it("serves 1,000 others while a call waits, on one worker", function()
    local released = false
    local raw = raw_server.start(function(c)
      c:request()
      c.hold = uv.new_timer()
      c.hold:start(2000, 0, function() c:_resume() end)
      c:wait(function() return released and not c.hold:is_active() end)
      c.hold:close()
      c:answer '{"Response":{"RequestId":"late"}}'
    end)
    local call = proc.spawn({ "curl", "-s", "--noproxy", "*", "--max-time", "90", "--data", tostring(raw.port),
      ("http://127.0.0.1:%d/call"):format(server.port) }, { name = "the call" })
    proc.eventually("the call to reach the service", 20, function() return raw.requests[1] end)
    local code, out = proc.run({ "curl", "-s", "--noproxy", "*", "--max-time", "90", "--parallel", "--parallel-max",
      "20", ("http://127.0.0.1:%d/fast?[1-1000]"):format(server.port) })
    assert.are.equal(0, code)
    assert.are.equal(("fast"):rep(1000), out)
    assert.is_nil(call.code)
    released = true
    raw.connections[1]:_resume()
    assert.are.equal(0, (call:wait(20)))
    assert.are.equal("cme.net.transport.resty late", call.out)
    raw:stop()
  end)

  it("has 200 calls of one request in flight at once", function()
    local raw
    raw = raw_server.start(function(c)
      c:request()
      c:wait(function() return #raw.requests == 200 end)
      c:answer '{"Response":{"RequestId":"r"}}'
    end)
    -- The last request to come lets the others go.
    local wake = uv.new_timer()
    wake:start(50, 50, function()
      if #raw.requests == 200 then for _, c in ipairs(raw.connections) do c:_resume() end end
    end)
    assert.are.equal("200 0 ", ok("/parallel", tostring(raw.port)))
    wake:close()
    raw:stop()
  end)

  it("keeps every promise of tasks", function()
    local good, bad = 0, {}
    for line in ok("/tasks"):gmatch "[^\n]+" do
      if line:match "^ok " then good = good + 1 else bad[#bad + 1] = line end
    end
    assert.are.same({}, bad)
    assert.are.equal(#task_cases, good)
  end)

  it("ends the requests of cancelled tasks, and of those that still run when the run ends", function()
    local closed, watcher = 0, nil
    local raw = raw_server.start(function(c)
      if c:request():find "^GET /seen" then
        watcher = c
        c:wait(function() return closed > 0 end)
        return c:answer(tostring(closed))
      end
      c:stall()
      closed = closed + 1
      if watcher then watcher:_resume() end
    end)
    assert.are.equal("true task: cancelled 1 false", ok("/cancel", tostring(raw.port)))
    proc.eventually("the other connection to be closed", 10, function() return closed == 2 end)
    assert.are.equal(3, #raw.connections)
    raw:stop()
  end)

  it("keeps nothing of a run whose request was ended in the middle", function()
    for _ = 1, 20 do assert.are.equal(204, (server:get "/exit")) end
    assert.is_true(tonumber(ok "/seen") <= 1, "tasks are still held")
  end)

  it("sleeps until a time", function()
    assert.are.equal("true", ok "/until")
  end)

  it("says so in a phase that cannot wait, and runs there in a timer", function()
    assert.are.equal("logging", ok "/log")
    local function log()
      local file = assert(io.open(server.dir .. "/error.log"))
      local text = file:read "a"
      file:close()
      return text
    end
    proc.eventually("the timer to run", 10, function() return log():find "noted: ran later in phase timer" end)
    local text = log()
    assert.matches("noted: log_by_lua%S*:%d+: request: nginx's phase 'log' has no sockets", text)
    assert.matches("noted: log_by_lua%S*:%d+: sleep: nginx's phase 'log' cannot wait", text)
    assert.matches("noted: log_by_lua%S*:%d+: cme.parallel: this phase of nginx cannot wait", text)
    assert.matches("noted: started true", text)
  end)
end)
