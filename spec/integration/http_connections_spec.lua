-- SPDX-License-Identifier: MIT
-- Connections of cme.http, against the servers of http_spec.lua: HTTP/2, which many requests share, TLS, and proxies.

local http_stage = require "spec.support.programs.http_stage"
local proc = require "spec.support.proc"
local transfers = require "spec.support.transfers"
local uv = require "luv"
local web_nginx = require "spec.support.programs.web_nginx"

local LIMIT, drain, call = transfers.LIMIT, transfers.drain, transfers.call
local assert_detail, assert_failure = transfers.assert_detail, transfers.assert_failure

-- Has a client an open connection to this port of 127.0.0.1, that the server has not closed?
local function connected(port)
  local hex = ("0100007F:%04X 01 "):format(port)
  for line in io.lines "/proc/net/tcp" do
    if line:find(hex, 1, true) then return true end
  end
  return false
end

describe("cme.http", function()
  local stage = http_stage.new { setup = setup, teardown = teardown, before_each = before_each,
    after_each = after_each }
  local plain, tls, raw = stage.plain, stage.tls, stage.raw
  local pool, web, server

  setup(function() web = stage.web end)
  before_each(function() pool = stage.pool end)

  describe("HTTP/2", function()
    it("carries 64 requests at once on one connection", function()
      local ids, connections = {}, 0
      for i = 1, 64 do ids[i] = pool:submit { url = tls "/slow", ca_file = web.ca_file } end
      local outcomes = drain(pool)
      local names = {}
      for i, id in ipairs(ids) do
        local response = assert(outcomes[id].response, outcomes[id].message)
        assert.same({ 200, "2", "slow\n" }, { response.status, response.http_version, response.body }, i)
        connections = connections + response.connects
        names[response.headers["x-connection"]] = true
      end
      assert.equal(1, connections)
      assert.is_not_nil(next(names))
      assert.is_nil(next(names, (next(names))))
    end)

    it("is left out when http_version says so", function()
      local response = assert(call(pool, { url = tls "/", ca_file = web.ca_file, http_version = "1.1" }))
      assert.equal("1.1", response.http_version)
    end)

    it("goes on over a new connection when the server retires one with requests underway", function()
      local other = web_nginx.start { requests = 20 }
      local url = ("https://127.0.0.1:%d/slow"):format(other.tls)
      local rounds = proc.rounds(8)
      for _ = 1, rounds do
        for _ = 1, 50 do pool:submit { url = url, ca_file = other.ca_file } end
        for _, outcome in pairs(drain(pool)) do assert(outcome.response, outcome.message) end
      end
      other:stop()
      assert.equal(50 * rounds, select(2, other:log():gsub("POST /slow 200\n", "")))
    end)

    it("loses no request to a server that retires each connection after one", function()
      local other = web_nginx.start { requests = 1 }
      local url = ("https://127.0.0.1:%d/slow"):format(other.tls)
      for _ = 1, 3 do
        for _ = 1, 50 do pool:submit { url = url, ca_file = other.ca_file } end
        for _, outcome in pairs(drain(pool)) do assert(outcome.response, outcome.message) end
      end
      other:stop()
      assert.equal(150, select(2, other:log():gsub("POST /slow 200\n", "")))
    end)

    it("goes on without the request that was making the connection", function()
      server = stage.serve(function(c)
        if c.number == 1 then c:stall() else c:pass_to(web.tls) end
      end)
      local url = ("https://127.0.0.1:%d/"):format(server.port)
      local first, others, connects = pool:submit { url = url, ca_file = web.ca_file }, {}, 0
      for i = 1, 8 do others[i] = pool:submit { url = url, ca_file = web.ca_file } end
      proc.eventually("the first connection", LIMIT, function()
        pool:run()
        return server.connections[1]
      end)
      assert.is_true(pool:cancel(first))
      local outcomes = drain(pool)
      for _, id in ipairs(others) do
        connects = connects + assert(outcomes[id].response, outcomes[id].message).connects
      end
      assert.same({ 1, 2 }, { connects, #server.connections })
    end)

    it("makes one new connection for all that come after the server closed an idle one", function()
      local other = web_nginx.start { idle = 1 }
      local url, connects = ("https://127.0.0.1:%d/"):format(other.tls), 0
      assert(call(pool, { url = url, ca_file = other.ca_file }))
      proc.eventually("nginx to close the connection", LIMIT, function()
        return not connected(other.tls)
      end)
      for _ = 1, 16 do pool:submit { url = url, ca_file = other.ca_file } end
      for _, outcome in pairs(drain(pool)) do
        connects = connects + assert(outcome.response, outcome.message).connects
      end
      other:stop()
      assert.equal(1, connects)
    end)

    it("makes one new connection for all that come after the server retired a busy one", function()
      local other, connects = web_nginx.start { requests = 5 }, 0
      local url, ids = ("https://127.0.0.1:%d"):format(other.tls), {}
      for _ = 1, 4 do pool:submit { url = url .. "/slow", ca_file = other.ca_file } end
      local last = pool:submit { url = url .. "/", ca_file = other.ca_file }
      proc.eventually("the fifth answer, before which nginx says that it is the last", LIMIT, function()
        pool:run()
        return pool:next() == last
      end)
      for i = 1, 5 do ids[i] = pool:submit { url = url .. "/", ca_file = other.ca_file } end
      local outcomes = drain(pool)
      for _, id in ipairs(ids) do connects = connects + assert(outcomes[id].response, outcomes[id].message).connects end
      other:stop()
      assert.equal(1, connects)
    end)

    it("never takes an end without an answer for an answer", function()
      server = stage.serve(function(c) c:pass_to(web.tls) end)
      local url = ("https://127.0.0.1:%d/"):format(server.port)
      assert(call(pool, { url = url, ca_file = web.ca_file }))
      server.connections[1]:close() -- without the GOAWAY that a server would send
      for _ = 1, 16 do pool:submit { url = url, ca_file = web.ca_file } end
      for _, outcome in pairs(drain(pool)) do
        if outcome.response then
          assert.equal("ok", outcome.response.body)
        else
          assert_detail("network.reset", true, outcome.detail)
        end
      end
    end)

    it("does not send a request again when a shared connection is lost", function()
      server = stage.serve(function(c) c:pass_to(web.tls) end)
      local url = ("https://127.0.0.1:%d"):format(server.port)
      assert(call(pool, { url = url .. "/", ca_file = web.ca_file }))
      local answered = select(2, web:log():gsub("/slow 200\n", ""))
      local id = pool:submit { url = url .. "/slow", ca_file = web.ca_file }
      local passed = server.connections[1].passed
      proc.eventually("the request to pass", LIMIT, function()
        pool:run()
        return server.connections[1].passed > passed
      end)
      server.connections[1]:reset()
      server.connections[1]:close()
      local outcome = drain(pool)[id]
      assert_failure("network.reset", true, outcome.response, outcome.message, outcome.detail)
      -- A second copy would be answered, and logged, before a request made after it.
      assert(call(pool, { url = url .. "/slow", ca_file = web.ca_file }))
      assert.equal(answered + 1, select(2, web:log():gsub("/slow 200\n", "")))
    end)
  end)

  describe("TLS", function()
    it("trusts ca_file", function()
      assert.equal(200, assert(call(pool, { url = tls "/", ca_file = web.ca_file })).status)
      local url = ("https://localhost:%d/"):format(web.tls)
      assert.equal(200, assert(call(pool, { url = url, ca_file = web.ca_file })).status)
    end)

    it("refuses a certificate of an unknown CA", function()
      local message = assert_failure("network.tls", false, call(pool, { url = tls "/?secret=s3cret" }))
      assert.matches("certificate", message)
      assert.not_matches("s3cret", message)
    end)

    it("refuses a certificate for another host", function()
      local url = ("https://127.0.0.1:%d/"):format(web.misnamed)
      assert_failure("network.tls", false, call(pool, { url = url, ca_file = web.ca_file }))
    end)

    it("does not take a connection of one ca_file for a request with another", function()
      assert(call(pool, { url = tls "/", ca_file = web.ca_file }))
      assert_failure("network.tls", false, call(pool, { url = tls "/" }))
    end)

    it("says so when ca_file cannot be read", function()
      local message = assert_failure("network.tls", false, call(pool, { url = tls "/", ca_file = "/nonexistent" }))
      assert.matches("ca_file", message)
    end)

    it("refuses TLS 1.1", function()
      local url = ("https://127.0.0.1:%d/"):format(web.old)
      assert_failure("network.tls", false, call(pool, { url = url, ca_file = web.ca_file }))
    end)

    it("calls a peer that hangs up in the handshake a lost connection", function()
      server = stage.serve(function(c)
        c:wait(function() return #c.input > 0 end)
      end)
      assert_failure("network.reset", false, call(pool, { url = ("https://127.0.0.1:%d/"):format(server.port) }))
    end)
  end)

  describe("a proxy", function()
    it("passes http on, and sees no connection it was not given", function()
      server = stage.proxy()
      local response = assert(call(pool, { url = plain "/", proxy = raw "" }))
      assert.equal("ok", response.body)
      assert.matches("^POST http://127%.0%.0%.1:%d+/ ", server.requests[1])
    end)

    it("tunnels https, and is not shown the request's headers", function()
      server = stage.proxy()
      local response = assert(call(pool, {
        url = tls "/", ca_file = web.ca_file, proxy = raw "", headers = { "Authorization: TC3 secret" },
      }))
      assert.same({ "ok", "2" }, { response.body, response.http_version })
      assert.is_nil(response.headers["connection"])
      assert.matches("^CONNECT 127%.0%.0%.1:%d+ ", server.requests[1])
      assert.not_matches("secret", server.requests[1])
    end)

    it("is left out for the hosts of no_proxy", function()
      server = stage.proxy()
      assert(call(pool, { url = plain "/", proxy = raw "", no_proxy = "127.0.0.1" }))
      assert.same({}, server.requests)
    end)

    it("that refuses a tunnel is named, with its answer", function()
      server = stage.proxy "407 Proxy Authentication Required"
      local proxy = ("http://user:pa55@127.0.0.1:%d"):format(server.port)
      local message = assert_failure("network.proxy", false, call(pool, { url = tls "/", proxy = proxy }))
      assert.matches("407", message)
      assert.not_matches("pa55", message)
    end)

    it("that is down or not a proxy is named, without its password", function()
      local down = ("http://user:pa55@127.0.0.1:%d"):format(proc.free_port())
      local message = assert_failure("network.proxy", false, call(pool, { url = plain "/", proxy = down }))
      assert.not_matches("pa55", message)
      local _, wrong = call(pool, { url = plain "/", proxy = "gopher://user:pa55@127.0.0.1:1" })
      assert.not_matches("pa55", wrong)
    end)

    it("is not taken from the environment", function()
      local variables = { "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" }
      for _, name in ipairs(variables) do uv.os_setenv(name, "http://127.0.0.1:1") end
      local response, message = call(pool, { url = plain "/" })
      local response_tls, message_tls = call(pool, { url = tls "/", ca_file = web.ca_file })
      for _, name in ipairs(variables) do uv.os_unsetenv(name) end
      assert(response, message)
      assert(response_tls, message_tls)
    end)

    it("is used though no_proxy of the environment says otherwise", function()
      server = stage.proxy()
      uv.os_setenv("no_proxy", "*")
      local response, message = call(pool, { url = plain "/", proxy = raw "" })
      uv.os_unsetenv "no_proxy"
      assert(response, message)
      assert.equal(1, #server.requests)
    end)
  end)
end)
