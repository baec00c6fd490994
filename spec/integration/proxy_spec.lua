-- SPDX-License-Identifier: MIT
-- The client through a real proxy (tinyproxy, with user and password), to `cme serve` over http, and over https through
-- a tunnel to nginx before it, whose certificate is of a private CA.

local client = require "cme.client"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"
local tinyproxy = require "spec.support.programs.tinyproxy"
local uv = require "luv"
local web_nginx = require "spec.support.programs.web_nginx"

describe("a client behind a proxy", function()
  local serve, web, proxy

  setup(function()
    serve = service.start()
    web = web_nginx.start { upstream = serve.port }
    proxy = tinyproxy.start()
  end)

  teardown(function()
    if proxy then proxy:stop() end
    if web then web:stop() end
    if serve then serve:stop() end
    assert.same({}, proc.cleanup())
  end)

  local function make(more)
    local options = serve:client_options()
    options.retries = 2 -- tinyproxy closes after each answer: a kept connection may be gone when it is used again
    for name, value in pairs(more) do options[name] = value end
    return client.new(options)
  end

  local function https(more)
    more.endpoint = ("https://127.0.0.1:%d"):format(web.tls)
    return make(more)
  end

  -- How many requests the proxy was asked while `body` ran.
  local function asked(body)
    local before = proxy:count()
    body()
    return proxy:count() - before
  end

  it("passes it with user and password, in every form", function()
    for _, form in ipairs { {}, { http_method = "GET" }, { sign_method = "HmacSHA256" },
      { sign_method = "HmacSHA1", http_method = "GET" } } do
      form.proxy = proxy:url()
      assert.are.equal(1, asked(function() assert(make(form):call "DescribeProjects") end))
    end
  end)

  it("tunnels https through it, trusting ca_file beside the system's", function()
    assert.are.equal(1, asked(function()
      assert(https { proxy = proxy:url(), ca_file = web.ca_file }:call "DescribeProjects")
    end))
    assert(https { ca_file = web.ca_file }:call "DescribeProjects") -- and without the proxy
    local _, _, detail = https { proxy = proxy:url() }:call "DescribeProjects"
    assert.are.equal("network.tls", detail.code)
  end)

  it("says that the proxy refused, not repeating the password", function()
    -- A GET over http: tinyproxy does not read a body before it refuses, so that its answer may be lost in a reset.
    for _, made in ipairs { make { proxy = proxy:url "spec:hush-wrong", http_method = "GET" },
      https { proxy = proxy:url "spec:hush-wrong", ca_file = web.ca_file } } do
      local response, message, detail = made:call "DescribeProjects"
      assert.is_nil(response)
      assert.truthy(detail.code == "network.proxy" or detail.code == "network.http_status", message)
      assert.truthy(message:find "40[17]", message) -- 401 where 407 is meant: tinyproxy's own
      assert.is_nil((message .. tostring(made)):find("hush", 1, true))
    end
  end)

  it("says that the proxy is not there, and a write was not sent", function()
    local made = make { proxy = ("http://spec:hush@127.0.0.1:%d"):format(proc.free_port()) }
    local _, message, detail = made:call("CreateProject", { Name = "n", Owner = { Type = "PERSON", Id = "o" },
      Category = "STREAM_CONNECT" })
    assert.are.same({ "network.proxy", true }, { detail.code, detail.retryable })
    assert.is_nil(detail.unknown_outcome)
    assert.is_nil(message:find("hush", 1, true))
  end)

  it("goes around it for the hosts of no_proxy only", function()
    local function with(no_proxy)
      return asked(function() assert(make { proxy = proxy:url(), no_proxy = no_proxy }:call "DescribeProjects") end)
    end
    assert.are.equal(0, with "127.0.0.1")
    assert.are.equal(0, with "example.com, 127.0.0.1")
    assert.are.equal(1, with "example.com")
  end)

  it("takes none from the environment", function()
    local names = { "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" }
    local nowhere = ("http://127.0.0.1:%d"):format(proc.free_port())
    for _, name in ipairs(names) do uv.os_setenv(name, nowhere) end
    local ok, message = pcall(function()
      assert(make {}:call "DescribeProjects")
      assert(https { ca_file = web.ca_file }:call "DescribeProjects")
    end)
    for _, name in ipairs(names) do uv.os_unsetenv(name) end
    assert(ok, message)
    uv.os_setenv("NO_PROXY", "127.0.0.1")
    uv.os_setenv("no_proxy", "*")
    local count = asked(function() assert(make { proxy = proxy:url() }:call "DescribeProjects") end)
    uv.os_unsetenv "NO_PROXY"
    uv.os_unsetenv "no_proxy"
    assert.are.equal(1, count)
  end)
end)
