-- SPDX-License-Identifier: MIT
-- Credentials over the wire: scripted metadata and STS services on loopback, real files, the real cme.http.

local cjson = require "cjson"
local cme = require "cme"
local credentials = require "cme.credentials"
local curl = require "cme.net.transport.curl"
local http = require "cme.http"
local openresty = require "spec.support.programs.openresty"
local proc = require "spec.support.proc"
local raw_server = require "spec.support.fakes.raw_server"
local sign = require "cme.sign"
local uv = require "luv"

local NOW = 1551113065
local LIMIT = 20 -- seconds after which a spec gives up; nothing is measured against it

-- A transport that runs the scripted servers while it waits; in a coroutine it yields between two looks.
local function new_transport(pool)
  local transport, done = {}, {}
  local function look()
    pool:run()
    uv.run "nowait"
    for id, response, message, detail in pool.next, pool do done[id] = { response, message, detail } end
    if coroutine.isyieldable() then coroutine.yield() else pool:poll(0.01) end
  end
  function transport.request(_, request)
    local id = pool:submit(request)
    local deadline = uv.hrtime() + LIMIT * 1e9
    while not done[id] do
      look()
      assert(uv.hrtime() < deadline, "a request does not end")
    end
    return table.unpack(done[id], 1, 3)
  end
  function transport.sleep() look() end
  return transport
end

-- Runs functions as coroutines until all have returned; their first results.
local function together(pool, functions)
  local threads, results = {}, {}
  for i, fn in ipairs(functions) do threads[i] = coroutine.create(fn) end
  local alive
  repeat
    alive = false
    for i, thread in ipairs(threads) do
      if coroutine.status(thread) == "suspended" then
        local ok, result = assert(coroutine.resume(thread))
        if coroutine.status(thread) == "dead" then results[i] = ok and result else alive = true end
      end
    end
    if alive then pool:poll(0.01) end
  until not alive
  return results
end

local function header(head, name)
  return head:match("\r\n" .. name:gsub("%-", "%%-") .. ": ([^\r]*)")
end

-- Keys of an STS: number n, living for `life` seconds.
local function sts_answer(n, expires_at)
  return cjson.encode { Response = { Credentials = { TmpSecretId = "sts-id-" .. n, TmpSecretKey = "sts-key-" .. n,
    Token = "sts-token-" .. n }, ExpiredTime = expires_at, RequestId = "r" .. n } }
end

-- An STS that checks the signature of AssumeRole as the real one does, knowing one key.
local function start_sts(known_id, known_key, life)
  local key = assert(sign.new(known_id, known_key))
  local given = 0
  return raw_server.start(function(connection)
    while true do
      local head, body = connection:request()
      if not head then return end
      local timestamp = tonumber(header(head, "X-TC-Timestamp"))
      local wanted = header(head, "X-TC-Action") == "AssumeRoleWithWebIdentity" and "SKIP"
        or key:tc3 { service = "sts", host = header(head, "Host"), timestamp = timestamp, payload = body }
      if header(head, "Authorization") == wanted then
        given = given + 1
        connection:answer(sts_answer(given, timestamp + life), "200 OK", "Content-Type: application/json\r\n")
      else
        connection:answer('{"Response":{"Error":{"Code":"AuthFailure.SignatureFailure","Message":"no"}}}')
      end
    end
  end)
end

local function start_metadata(life)
  local clock = { now = NOW, given = 0 }
  local server = raw_server.start(function(connection)
    while true do
      local head = connection:request()
      if not head then return end
      local role = head:match "^GET /latest/meta%-data/cam/security%-credentials/([^ ]*) HTTP/1.1\r\n"
      if role == "" then
        connection:answer "show-role"
      elseif role == "show-role" then
        clock.given = clock.given + 1
        connection:answer(cjson.encode { Code = "Success", TmpSecretId = "cvm-id-" .. clock.given,
          TmpSecretKey = "cvm-key", Token = "cvm-token", ExpiredTime = clock.now + life })
      else
        connection:answer("", "404 Not Found")
      end
    end
  end)
  return server, clock
end

describe("cme.credentials over the wire", function()
  local pool, servers, files

  before_each(function() pool, servers, files = http.new(), {}, {} end)
  after_each(function()
    pool:close()
    for _, server in ipairs(servers) do server:stop() end
    for _, path in ipairs(files) do os.remove(path) end
  end)
  teardown(function() assert.same({}, proc.cleanup()) end)

  local function keep(server, ...)
    servers[#servers + 1] = server
    return server, ...
  end

  local function url(server) return ("http://127.0.0.1:%d"):format(server.port) end

  local function host(variables)
    return { getenv = function(name) return variables[name] end, open = io.open, transport = new_transport(pool) }
  end

  it("takes a CVM role's keys and renews them before they expire", function()
    local server, clock = keep(start_metadata(3600))
    local provider = credentials.default():bind(host { CME_METADATA_ENDPOINT = url(server) })
    local first = assert(provider:get(NOW))
    assert.same({ "cvm-id-1", "cvm-key", "cvm-token", NOW + 3600 },
      { first.secret_id, first.secret_key, first.token, first.expires_at })
    assert.equal(first, provider:get(NOW + 3000))
    clock.now = NOW + 3500
    assert.equal("cvm-id-2", assert(provider:get(NOW + 3500)).secret_id)
    assert.equal(2, clock.given)
  end)

  it("keeps the keys it has while the metadata service is away, and says so when they have expired", function()
    local server = start_metadata(3600)
    local provider = credentials.cvm_role { endpoint = url(server) }
    provider:bind(host {})
    local first = assert(provider:get(NOW))
    server:stop()
    assert.equal(first, provider:get(NOW + 3500))
    local found, message, detail = provider:get(NOW + 3600)
    assert.is_nil(found)
    assert.truthy(message:find("^credentials: cvm role: .*127%.0%.0%.1"), message)
    assert.equal("network.connect", detail.cause.code)
  end)

  it("gives up on a metadata service that accepts and is silent", function()
    local server = keep(raw_server.start(function(connection) connection:stall() end))
    local found, message, detail = credentials.default():bind(host { CME_METADATA_ENDPOINT = url(server) }):get(NOW)
    assert.is_nil(found)
    assert.equal("credentials.none", detail.code)
    assert.truthy(message:find("cvm role: ", 1, true), message)
    assert.truthy(message:find("tke: ", 1, true), message)
  end)

  it("assumes a role with a signature that the STS accepts, once for many tasks", function()
    local server = keep(start_sts("long-id", "long-key", 7200))
    local provider = credentials.assume_role { role_arn = "arn", endpoint = url(server) }
    provider:bind(host { TENCENTCLOUD_SECRET_ID = "long-id", TENCENTCLOUD_SECRET_KEY = "long-key" })
    local tasks = {}
    for i = 1, 16 do tasks[i] = function() return assert(provider:get(NOW)).secret_id end end
    for i, id in ipairs(together(pool, tasks)) do assert.equal("sts-id-1", id, "task " .. i) end
    assert.equal(1, #server.requests)
    assert.equal('{"DurationSeconds":7200,"RoleArn":"arn","RoleSessionName":"cme"}', server.requests[1]:match "{.*")
  end)

  it("returns the STS's refusal, without the key", function()
    local server = keep(start_sts("long-id", "long-key", 7200))
    local provider = credentials.assume_role { role_arn = "arn", endpoint = url(server),
      credential = { secret_id = "long-id", secret_key = "hush-hush-hush" } }
    local found, message, detail = provider:bind(host {}):get(NOW)
    assert.is_nil(found)
    assert.equal("credentials: assume role: AssumeRole: AuthFailure.SignatureFailure: no", message)
    assert.equal("api.AuthFailure.SignatureFailure", detail.cause.code)
  end)

  it("exchanges a pod's token from its file", function()
    local server = keep(start_sts("x", "y", 600))
    local path = os.tmpname()
    files[1] = path
    local file = assert(io.open(path, "w"))
    file:write "header.payload.signature\n"
    file:close()
    local provider = credentials.default():bind(host { CME_METADATA = "off", CME_STS_ENDPOINT = url(server),
      TKE_REGION = "ap-guangzhou", TKE_PROVIDER_ID = "p", TKE_ROLE_ARN = "arn", TKE_WEB_IDENTITY_TOKEN_FILE = path })
    assert.equal("sts-id-1", assert(provider:get(NOW)).secret_id)
    assert.truthy(server.requests[1]:find('"WebIdentityToken":"header.payload.signature"', 1, true))
  end)

  it("reads the file of keys, and says why it cannot", function()
    local path = os.tmpname()
    files[1] = path
    local file = assert(io.open(path, "w"))
    file:write "[default]\nsecret_id = a\nsecret_key = b\n"
    file:close()
    assert.equal("a", assert(credentials.file({ path = path }):bind(host {}):get(NOW)).secret_id)
    local _, message, detail = credentials.file({ path = "/tmp" }):bind(host {}):get(NOW)
    assert.equal("credentials.unreadable", detail.code)
    assert.equal("credentials: file '/tmp': is a directory: check the path that the option gives", message)
  end)

  describe("in tasks of cme.run", function()
    -- Runs the scripted servers, which live in this process, while fn runs.
    local function run(fn)
      return cme.run(function()
        local pump = cme.spawn(function()
          while true do
            uv.run "nowait"
            cme.sleep(0.005)
          end
        end)
        fn()
        pump:cancel()
      end)
    end

    -- A CME that refuses the token given first.
    local function start_cme()
      return raw_server.start(function(connection)
        while true do
          local head = connection:request()
          if not head then return end
          local stale = header(head, "X-TC-Token") == "sts-token-1"
          connection:answer(stale
            and '{"Response":{"Error":{"Code":"AuthFailure.TokenFailure","Message":"expired"},"RequestId":"r"}}'
            or '{"Response":{"TotalCount":0,"ProjectInfoSet":[],"RequestId":"r"}}', "200 OK",
            "Content-Type: application/json\r\n")
        end
      end)
    end

    it("lets a client's calls share one role, and replaces a refused token once", function()
      local sts, service = keep(start_sts("long-id", "long-key", 7200)), keep(start_cme())
      local client = cme.client { endpoint = url(service), platform = "test", rate = false, credential =
        credentials.assume_role { role_arn = "arn", endpoint = url(sts), credential = { secret_id = "long-id",
          secret_key = "long-key" } } }
      local good = 0
      run(function()
        local tasks = {}
        for i = 1, 12 do
          tasks[i] = cme.spawn(function() if assert(client:call "DescribeProjects") then good = good + 1 end end)
        end
        for _, task in ipairs(tasks) do task:wait() end
      end)
      assert.equal(12, good)
      assert.equal(2, #sts.requests)
    end)

    it("goes on when the task that asks is cancelled", function()
      local silent = true
      local server = keep(raw_server.start(function(connection)
        if not connection:request() or silent then return connection:stall() end
        connection:answer(sts_answer(7, NOW + 7200))
      end))
      local provider = credentials.assume_role { role_arn = "arn", endpoint = url(server),
        credential = { secret_id = "i", secret_key = "k" } }
      provider:bind { getenv = function() end, open = io.open, transport = curl.shared() }
      local found
      run(function()
        local asking = cme.spawn(function() provider:get(NOW) end)
        while #server.requests == 0 do cme.sleep(0.005) end
        local waiting = cme.spawn(function() found = assert(provider:get(NOW)).secret_id end)
        cme.sleep(0)
        silent = false
        asking:cancel()
        waiting:wait()
      end)
      assert.equal("sts-id-7", found)
    end)
  end)

  describe("in nginx", function()
    -- One provider a worker, as a handler has it.
    local CONTENT = [[
      local shared = package.loaded["spec.shared"]
      if not shared then
        shared = { inside = 0, provider = require "cme.credentials".cvm_role { endpoint = ngx.var.arg_metadata } }
        package.loaded["spec.shared"] = shared
      end
      if ngx.var.uri == "/inside" then return ngx.print(shared.inside) end
      shared.provider:bind { getenv = os.getenv, open = io.open, transport = require "cme.net.transport".shared }
      shared.inside = shared.inside + 1
      local found, message = shared.provider:get(ngx.time())
      shared.inside = shared.inside - 1
      ngx.print(found and found.secret_id or message)
    ]]

    local function ask(nginx, path)
      return proc.spawn({ "curl", "-s", "--noproxy", "*", "--max-time", "90",
        ("http://127.0.0.1:%d%s"):format(nginx.port, path) }, { name = "curl " .. path })
    end

    it("is asked once for all requests of a worker, none of which blocks it", function()
      local released = false
      local server = keep(raw_server.start(function(connection)
        connection:request()
        connection:wait(function() return released end)
        connection:answer "show-role"
        connection:request()
        connection:answer(cjson.encode { Code = "Success", TmpSecretId = "cvm-id", TmpSecretKey = "k", Token = "t",
          ExpiredTime = os.time() + 7200 })
      end))
      local nginx = openresty.start(CONTENT, { http = "lua_socket_log_errors off;" })
      local path = "/get?metadata=" .. url(server)
      local calls = { ask(nginx, path) }
      proc.eventually("the metadata service to be asked", 20, function() return server.requests[1] end)
      for i = 2, 4 do calls[i] = ask(nginx, path) end
      proc.eventually("all to be waiting", 20, function()
        local probe = ask(nginx, "/inside")
        probe:wait(20)
        return probe.out == "4"
      end)
      released = true
      server.connections[1]:_resume()
      for i = 1, 4 do
        assert.equal(0, (calls[i]:wait(20)))
        assert.equal("cvm-id", calls[i].out)
      end
      assert.equal(2, #server.requests)
      assert.same({ 200, "cvm-id" }, { nginx:get(path) })
      assert.equal(2, #server.requests)
      nginx:stop()
      assert.same({}, nginx:errors())
    end)
  end)
end)
