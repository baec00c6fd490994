-- SPDX-License-Identifier: MIT
-- `cme serve` with TLS: our client, in Lua and in nginx, talks to it with a CA of ours; certificates are renewed while
-- it runs; what is wrong with files is said at the start.

local api = require "spec.support.api"
local certificates = require "spec.support.programs.certificates"
local cme = require "cme"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"
local uv = require "luv"

local function copy(from, to)
  assert.are.equal(0, (proc.run { "cp", from, to }))
end

local function options_for(serve, url, ca_file)
  local options = serve:client_options()
  options.endpoint, options.ca_file = url, ca_file
  return options
end

local function describe_by(options)
  return cme.client(options):call("DescribeProjects", {})
end

describe("cme serve with TLS", function()
  local dir, ca_file, serve, url

  setup(function()
    dir = proc.folder()
    ca_file = certificates.ca(dir)
    certificates.issue(dir, "server", "IP:127.0.0.1,DNS:localhost")
    certificates.issue(dir, "next", "IP:127.0.0.1,DNS:localhost")
    serve = service.start { args = { "--cert", dir .. "/server.pem", "--key", dir .. "/server.key", "--listen",
      "127.0.0.1:0" } }
    url = serve.proc:expect "listening on (https://127.0.0.1:%d+)\n"
  end)

  teardown(function()
    serve:stop()
    proc.cleanup()
  end)

  local function refused(...)
    return proc.run({ "bin/cme", "serve", "--edge", "off", "--state", proc.folder(), ... }, { timeout = 20 })
  end

  it("says each address, and answers our client on both", function()
    assert.are.equal(("listening on %s\nlistening on %s\n"):format(serve.url, url),
      serve.proc.out:match "^(.-)state in ")
    assert.are.equal(0, assert(describe_by(options_for(serve, url, ca_file))).TotalCount)
    assert.are.equal(0, assert(describe_by(serve:client_options())).TotalCount)
    local answer, message, detail = describe_by(options_for(serve, url))
    assert.is_nil(answer)
    assert.are.equal("network.tls", detail.code, message)
    assert.matches("name the CA's file by ca_file, %-%-ca%-file or CME_CA_FILE$", message)
    local environment = serve:environment()
    environment.CME_ENDPOINT, environment.CME_CA_FILE = url, ca_file
    local code, _, err = proc.run({ "bin/cme", "list" }, { env = environment })
    assert.are.equal(0, code, err)
    local response = api.call({ url = url, port = url:match ":(%d+)$", secret_id = serve.secret_id,
      secret_key = serve.secret_key, ca_file = ca_file }, "DescribeProjects", {})
    assert.are.equal(0, response.TotalCount)
  end)

  it("answers a client in nginx", function()
    local names = require "spec.support.fakes.dns".start() -- nginx takes no address for the name of a certificate
    local web = require "spec.support.programs.openresty".start(([[
      local client = require "cme".client { endpoint = %q, secret_id = %q, secret_key = %q, platform = "test" }
      local answer, message = client:call("DescribeProjects", {})
      ngx.print(answer and answer.TotalCount or message)
    ]]):format((url:gsub("127.0.0.1", "localhost")), serve.secret_id, serve.secret_key), { http = ([[
      resolver 127.0.0.1:%d ipv6=off;
      lua_ssl_verify_depth 3;
      lua_ssl_trusted_certificate %s;
    ]]):format(names.port, ca_file) })
    assert.are.same({ 200, "0" }, { web:get() })
    web:stop()
    names:stop()
  end)

  it("reads the files again on SIGHUP, and keeps what it has when they are of no use", function()
    local function shown()
      local _, out = proc.run { "sh", "-c", ("openssl s_client -connect 127.0.0.1:%s </dev/null 2>/dev/null "
        .. "| openssl x509 -noout -subject"):format(url:match ":(%d+)$") }
      return out:match "CN ?= ?(%w+)"
    end
    assert.are.equal("server", shown())
    copy(dir .. "/next.pem", dir .. "/server.pem")
    serve.proc:kill "sighup"
    serve.proc:expect "the TLS certificate stays as it was"
    serve.proc:expect "they do not belong together"
    assert.are.equal("server", shown())
    copy(dir .. "/next.key", dir .. "/server.key")
    serve.proc:kill "sighup"
    serve.proc:expect "the TLS certificate was read again"
    assert.are.equal("next", shown())
    assert.are.equal(0, assert(describe_by(options_for(serve, url, ca_file))).TotalCount)
  end)

  it("is not ended by a SIGHUP without TLS", function()
    local own = service.start()
    own.proc:kill "sighup"
    assert.are.equal(0, api.call(own, "DescribeProjects", {}).TotalCount)
    own:stop()
  end)

  it("warns of a key that all may read, of an end that is near, and of plain addresses only", function()
    assert.not_matches("TLS key can be read", serve.proc.err)
    local folder = proc.folder()
    for _, name in ipairs { "ca.pem", "ca.key" } do copy(dir .. "/" .. name, folder .. "/" .. name) end
    certificates.issue(folder, "open", "IP:127.0.0.1")
    assert(uv.fs_chmod(folder .. "/open.key", 420)) -- 0644
    local own = proc.spawn { "bin/cme", "serve", "--edge", "off", "--state", folder .. "/state", "--listen",
      "0.0.0.0:0", "--cert", folder .. "/open.pem", "--key", folder .. "/open.key" }
    own:expect "listening on https://0%.0%.0%.0"
    assert.matches('"message":"the TLS key can be read by every user', own.err)
    assert.matches('"message":"the TLS certificate expires soon"', own.err) -- those of the specs live for two days
    assert.not_matches("plain HTTP", own.err)
    own:stop()
  end)

  it("says at the start what is wrong with its files and addresses", function()
    local cert, key = dir .. "/next.pem", dir .. "/next.key"
    for _, case in ipairs {
      { 1, "read '/nowhere'", "--cert", "/nowhere", "--key", key },
      { 1, "read '/nowhere'", "--cert", cert, "--key", "/nowhere" },
      { 1, "TLS with '.*next.pem' and '.*ca.key': certificate and key: they do not belong together", "--cert", cert,
        "--key", dir .. "/ca.key" },
      { 1, "no certificate in PEM form", "--cert", key, "--key", key },
      { 2, "%-%-cert and %-%-key belong together", "--cert", cert },
      { 2, "%-%-cert and %-%-key belong together", "--key", key },
      { 2, "TLS needs %-%-cert and %-%-key", "--listen", "https://127.0.0.1:0" },
      { 2, "HOST:PORT is needed", "--listen", "127.0.0.1:0", "--listen", "nowhere" },
      { 1, "address already in use", "--listen", "127.0.0.1:0", "--listen", "127.0.0.1:" .. serve.port },
      { 2, "is not a number", "--connections", "x" },
    } do
      local code, out, err = refused(table.unpack(case, 3))
      assert.are.same({ case[1], "" }, { code, out }, err)
      assert.matches(case[2], err)
    end
  end)

  it("holds --connections connections at most", function()
    local own = service.start { args = { "--connections", "1" } }
    local held, connected = uv.new_tcp(), false
    held:connect("127.0.0.1", own.port, function() connected = true end)
    proc.eventually("a connection", 10, function() return connected end)
    local response, message = api.call(own, "DescribeProjects", {})
    assert.is_nil(response, message)
    held:close()
    proc.eventually("room", 10, function() return api.call(own, "DescribeProjects", {}) end)
    own:stop()
  end)
end)
