-- SPDX-License-Identifier: MIT
-- etcd 3.6 writes errors of calls without the field "error", which was what an error was told by (grpc-gateway 2: see
-- "Error responses" in etcd's page about its gateway). No error of such a member was understood. Members that answer in
-- that form.

local etcd = require "cme.etcd"
local luv = require "cme.net.loop.luv"
local proc = require "spec.support.proc"
local raw_server = require "spec.support.fakes.raw_server"

local LIMIT = 20 * proc.PATIENCE
local OK = { "200 OK", '{"header":{"revision":"5"}}' }
local NO_LEADER = { "503 Service Unavailable", '{"code":14,"message":"etcdserver: no leader"}' }
local TOKEN = { "401 Unauthorized", '{"code":16,"message":"etcdserver: invalid auth token"}' }
local NO_LOGIN = { "400 Bad Request", '{"code":9,"message":"etcdserver: authentication is not enabled"}' }
local FULL = { "429 Too Many Requests",
  '{"code":8,"message":"etcdserver: mvcc: database space exceeded","details":[]}' }
local NO_STREAM = { "503 Service Unavailable", '{"error":{"code":14,"message":"etcdserver: no leader"}}\n' }
local NEWS = { "200 OK", '{"result":{"header":{"revision":"6"},"created":true}}\n'
  .. '{"result":{"header":{"revision":"6"},"events":[{"kv":{"key":"YQ==","value":"MQ==","mod_revision":"6"}}]}}\n' }

describe("errors of etcd 3.6", function()
  local servers = {}

  after_each(function()
    for _, server in ipairs(servers) do server:stop() end
    servers = {}
  end)

  -- Members that answer as the functions say, by path and head of the request; a client of theirs, and how often each
  -- was asked.
  local function members(answers, more)
    local given, asked = { endpoints = {}, timeout = LIMIT }, {}
    for i, answer in ipairs(answers) do
      asked[i] = 0
      local server = raw_server.start(function(connection)
        for head in connection.request, connection do
          asked[i] = asked[i] + 1
          local one = answer(head:match "^POST (%S+)", head)
          connection:answer(one[2], one[1])
        end
      end)
      servers[i], given.endpoints[i] = server, ("http://127.0.0.1:%d"):format(server.port)
    end
    for name, value in pairs(more or {}) do given[name] = value end
    return etcd.new(given), asked
  end

  it("let another member be asked when one has no leader", function()
    local store, asked = members { function() return NO_LEADER end, function() return OK end }
    luv.run(function() assert(store:range { key = "a" }) end)
    assert.are.same({ 1, 1 }, asked)
  end)

  it("renew a token", function()
    local tokens = 0
    local store = members({ function(path, head)
      if path == "/v3/auth/authenticate" then
        tokens = tokens + 1
        return { "200 OK", ('{"token":"t%d"}'):format(tokens) }
      end
      return head:find("t2", 1, true) and OK or TOKEN
    end }, { user = "u", password = "hush" })
    luv.run(function() assert(store:put { key = "a", value = "" }) end)
    assert.are.equal(2, tokens)
  end)

  it("say that nobody is asked for a password", function()
    local store = members({ function(path) return path == "/v3/auth/authenticate" and NO_LOGIN or OK end },
      { user = "u", password = "hush" })
    luv.run(function() assert(store:put { key = "a", value = "" }) end)
  end)

  it("say that a write was refused", function()
    local store = members { function() return FULL end }
    luv.run(function()
      local ok, message, detail = store:put { key = "a", value = "" }
      assert.are.same({ nil, "etcd.no_space", nil }, { ok, detail.code, detail.unknown_outcome }, message)
    end)
  end)

  it("let a watch go to another member", function()
    for _, refusal in ipairs { NO_LEADER, NO_STREAM } do
      local store, asked = members { function() return refusal end, function() return NEWS end }
      luv.run(function()
        local watch <close> = store:watch { key = "a" }
        local news, message = watch:next(LIMIT)
        assert.are.equal("1", assert(news, message).events[1].kv.value)
      end)
      assert.are.same({ 1, 1 }, asked)
    end
  end)
end)
