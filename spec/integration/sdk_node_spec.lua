-- SPDX-License-Identifier: MIT
-- The official Node SDK, unchanged, against a real service with its engines, edge and playouts: every relay action and
-- operation over HTTP and over TLS, each of the ways in which it signs, and what it makes of errors.

local certificates = require "spec.support.programs.certificates"
local conformance = require "spec.support.proofs.conformance"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local node_sdk = require "spec.support.programs.node_sdk"
local proc = require "spec.support.proc"
local relay_actions = require "spec.support.proofs.relay_actions"
local service = require "spec.support.programs.service"

local LOOK = { size = "320x180", rate = 25, gop = 25, bitrate = "200k", picture = "testsrc2", tone = 440,
  sample_rate = 44100, profile = "main", bframes = 0 }
local UUID = "^%x+%-%x+%-4%x+%-%x+%-%x+$"
local OWNER = { Type = "PERSON", Id = "sdk" }

describe("the official Node SDK", function()
  local rtmp, serve, sdk, secure

  setup(function()
    local dir, library = proc.folder(), proc.folder()
    local ca_file = certificates.ca(dir)
    certificates.issue(dir, "server", "IP:127.0.0.1")
    rtmp = nginx.start { apps = { "source", "platform" } }
    local film = media.file(library .. "/film.flv", 5, LOOK)
    proc.run { "cp", film, rtmp.dir .. "/hls/source/film.flv" }
    media.replay(rtmp:url("source", "main"), film)
    media.replay(rtmp:url("source", "backup"), film)
    serve = service.start { edge = true, args = { "--rate-limit", "off", "--media", library, "--preset", "ultrafast",
      "--cert", dir .. "/server.pem", "--key", dir .. "/server.key", "--listen", "127.0.0.1:0" } }
    secure = serve.proc:expect "listening on https://(127.0.0.1:%d+)\n"
    sdk = node_sdk.start { secret_id = serve.secret_id, secret_key = serve.secret_key, ca_file = ca_file }
    rtmp:expect_publish("source", 2)
  end)

  teardown(function()
    if sdk then sdk:stop() end
    if serve then serve:stop() end
    proc.cleanup()
  end)

  local function http(more)
    local profile = { httpProfile = { protocol = "http://", endpoint = "127.0.0.1:" .. serve.port } }
    for name, value in pairs(more or {}) do profile[name] = value end
    return { profile = profile }
  end

  local function https()
    return { profile = { httpProfile = { protocol = "https://", endpoint = secure } }, region = "ap-guangzhou" }
  end

  local function get(profile)
    profile.profile.httpProfile.reqMethod = "GET"
    return profile
  end

  -- The caller of one way: call(action, params) returns the response or raises.
  local function caller(options)
    return function(action, params)
      params.Platform = action ~= "DescribePlatforms" and "test" or nil
      local response, failure = sdk:call(action, params, options)
      assert(response, failure and ("%s %s: %s"):format(action, failure.code, failure.message))
      assert.matches(UUID, response.RequestId)
      return response
    end
  end

  local serial = 0

  local function destination()
    serial = serial + 1
    return rtmp:url("platform", "sdk" .. serial)
  end

  local function suite(call)
    return relay_actions.new { call = call, destination = destination,
      source = function(name) return rtmp:url("source", name) end,
      film = ("http://127.0.0.1:%d/hls/source/film.flv"):format(rtmp.http_port) }
  end

  for name, way in pairs { ["HTTP on 127.0.0.1"] = http, ["TLS with a CA of ours"] = https } do
    it("does every relay action over " .. name, function()
      local actions = suite(caller(way()))
      actions:manage()
      actions:relay()
      actions:cast()
    end)
  end

  it("is understood however it signs", function()
    local ways = { TC3 = http(), ["TC3, GET"] = get(http()), ["v1, SHA1"] = http { signMethod = "HmacSHA1" },
      ["v1, SHA256"] = http { signMethod = "HmacSHA256" }, ["v1, GET"] = get(http { signMethod = "HmacSHA1" }),
      ["v1, SHA256, GET"] = get(http { signMethod = "HmacSHA256" }), ["v1, TLS"] = https() }
    ways["v1, TLS"].profile.signMethod = "HmacSHA1"
    for name, way in pairs(ways) do
      local ok, message = pcall(function() suite(caller(way)):manage() end)
      assert(ok, name .. ": " .. tostring(message))
    end
  end)

  -- What it throws: its own exception with the service's code, message and RequestId, and our trace id.
  local function fails(code, action, params, options)
    options = options or http()
    options.headers = { ["X-TC-TraceId"] = "trace-" .. code }
    local response, failure = sdk:call(action, params, options)
    assert(not response, code .. " was not thrown")
    assert.are.same({ code, true }, { failure.code, failure.own }, failure.message)
    assert.matches(UUID, failure.requestId)
    assert.is_true(#failure.message > 10)
    assert.are.equal("trace-" .. code, failure.traceId)
    return failure
  end

  local function with(more)
    local options = http()
    for name, value in pairs(more) do options[name] = value end
    return options
  end

  it("throws its own exception with Code, Message, RequestId and TraceId for what is wrong with a signature", function()
    local list = { Platform = "test" }
    fails("AuthFailure.SignatureFailure", "DescribeProjects", list, with { credential = { secretKey = "wrong" } })
    fails("AuthFailure.SecretIdNotFound", "DescribeProjects", list, with { credential = { secretId = "unknown" } })
    fails("AuthFailure.TokenFailure", "DescribeProjects", list, with { credential = { token = "none" } })
    fails("AuthFailure.InvalidAuthorization", "DescribeProjects", list, with { skip = true })
    fails("AuthFailure.SignatureExpire", "DescribeProjects", list, with { skew = -1000 })
    fails("AuthFailure.SignatureFailure", "DescribeProjects", list,
      with { credential = { secretKey = "wrong" }, profile = http { signMethod = "HmacSHA1" }.profile })
  end)

  it("throws it for each refusal, in the language that was asked for", function()
    local english, chinese = http { language = "en-US" }, http { language = "zh-CN" }
    local world = conformance.world(caller(http()), { destination = destination,
      source = function() return rtmp:url("source", "main") end })
    for _, case in ipairs(conformance.refusals()) do
      local action, params = case.request(world)
      local failure = fails(case.code, action, params, english)
      assert.not_matches("[\228-\233]", failure.message)
    end
    assert.matches("[\228-\233]", fails("InvalidParameterValue.NameLenLimt", "CreateProject", { Platform = "test",
      Name = ("n"):rep(31), Category = "STREAM_CONNECT", Owner = OWNER }, chinese).message)
    world:close()
  end)

  it("throws RequestLimitExceeded for calls past the limit", function()
    local own = service.start { args = { "--rate-limit", "1" } }
    local key = { secretId = own.secret_id, secretKey = own.secret_key }
    local failure = proc.eventually("two calls in a second", 20, function()
      local options = with { credential = key }
      options.profile.httpProfile.endpoint = "127.0.0.1:" .. own.port
      return select(2, sdk:call("DescribeProjects", { Platform = "test" }, options))
    end)
    assert.are.same({ "RequestLimitExceeded", true }, { failure.code, failure.own })
    assert.matches("frequency limit `1`", failure.message)
    own:stop()
  end)
end)
