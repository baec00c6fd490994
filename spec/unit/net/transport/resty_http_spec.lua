-- SPDX-License-Identifier: MIT
-- Against a stand-in with lua-resty-http's interface; Debian has no package of it.

local codes = require "cme.codes"
local exchange = require "cme.net.transport.exchange"
local resty_http = require "cme.net.transport.resty_http"
local url = require "cme.net.url"

describe("cme.net.transport.resty_http", function()
  local globals = getmetatable(_G) and getmetatable(_G).__index or _G
  local now, client, http, said

  setup(function()
    local function encode_base64(text) return "<" .. text .. ">" end
    rawset(globals, "ngx", { now = function() return now end, encode_base64 = encode_base64 })
  end)
  teardown(function() rawset(globals, "ngx", nil) end)

  before_each(function()
    now, said = 100, { timeouts = {} }
    client = {
      set_timeouts = function(_, ...) table.insert(said.timeouts, (...)) end,
      connect = function(_, options)
        said.connect = options
        return true
      end,
      request = function(_, request)
        said.request = request
        local pieces = { "one", "two" }
        return { status = 200, headers = { ["Content-Type"] = "text/plain", ["X-Two"] = { "a", "b" } }, has_body = true,
          body_reader = function() return table.remove(pieces, 1) end }
      end,
      get_reused_times = function() return 1 end,
      set_keepalive = function()
        said.kept = true
        return true
      end,
      close = function() said.closed = true end,
    }
    http = { new = function() return client end }
  end)

  local function carry(more, proxy)
    local request = { url = "https://Host:8/p?q", method = "POST", body = "b", timeout = 9, connect_timeout = 2,
      headers = { "Host: signed", "X-Empty:" } }
    for name, value in pairs(more or {}) do request[name] = value end
    return resty_http.carry(exchange.new(request, (url.parse(request.url)), proxy), http)
  end

  local function assert_failed(code, sent, pattern, response, message, detail)
    assert.is_nil(response)
    assert.matches(pattern, message)
    assert.is_true(said.closed)
    assert.is_nil(said.kept)
    assert.are.same({ code, sent, message }, { detail.code, detail.sent, codes.say(detail) })
  end

  it("hands the request over, TLS verified, and its answer back", function()
    local response = assert(carry())
    assert.are.same({ status = 200, body = "onetwo", connects = 0, http_version = "1.1", time = 0,
      headers = { ["content-type"] = "text/plain", ["x-two"] = "a, b" } }, response)
    assert.are.same({ "https", "host", 8, true, "host" }, { said.connect.scheme, said.connect.host, said.connect.port,
      said.connect.ssl_verify, said.connect.ssl_server_name })
    assert.are.same({ method = "POST", path = "/p?q", body = "b", headers = { Host = "signed", ["X-Empty"] = "" } },
      said.request)
    assert.are.equal(2000, said.timeouts[1])
    assert.is_true(said.kept)
  end)

  it("names the proxy and its user", function()
    assert(carry(nil, (url.parse "http://me:pw@proxy:3128")))
    assert.are.same({ "http://proxy:3128", "Basic <me:pw>" },
      { said.connect.proxy_opts.https_proxy, said.connect.proxy_opts.https_proxy_authorization })
  end)

  it("tells what failed, and whether the request may have arrived", function()
    for _, case in ipairs {
      { "connection refused", "network.connect" }, { "timeout", "network.timeout" },
      { "certificate host mismatch", "network.tls" }, { "no resolver defined to resolve \"h\"", "network.resolve" },
    } do
      client.connect = function() return nil, case[1] end
      assert_failed(case[2], false, "connect to 'host:8': " .. case[1], carry())
    end
    client.connect = function() error("resty/core/socket.lua:244: assertion failed!", 0) end
    assert_failed("network.tls", false, "certificate not accepted %(is its CA named", carry())
    client.connect = function() error "a bug" end
    assert.has_error(function() carry() end)
    client.connect = function() return true end
    client.request = function() return nil, "closed" end
    assert_failed("network.reset", true, "receive from 'host:8': closed", carry())
  end)

  it("bounds the body and the time", function()
    assert_failed("network.too_large", true, "more than 5 bytes", carry { max_response = 5 })
    client.request = function()
      return { status = 200, headers = {}, has_body = true, body_reader = function()
        now = now + 5
        return "drip"
      end }
    end
    said.closed = nil
    assert_failed("network.timeout", true, "receive from 'host:8': timeout", carry { timeout = 12 })
  end)

  it("says in Chinese what nginx says, as far as its words are known", function()
    local chinese = {
      timeout = "连接“host:8”：超时",
      ["connection refused"] = "连接“host:8”：连接被拒绝",
      ["certificate not accepted"]
        = "连接“host:8”：证书不受信任（nginx.conf 的 lua_ssl_trusted_certificate 中是否有其 CA）",
      ["some new words"] = "connect to 'host:8': some new words",
    }
    for words, expected in pairs(chinese) do
      client.connect = function() return nil, words end
      local _, _, detail = carry()
      assert.are.equal(expected, codes.say(detail, "zh"))
    end
  end)

  it("closes a connection that cannot be kept", function()
    client.set_keepalive = function() return nil, "unread data" end
    assert(carry())
    assert.is_true(said.closed)
  end)
end)
