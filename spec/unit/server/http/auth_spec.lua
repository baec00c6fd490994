-- SPDX-License-Identifier: MIT

local auth = require "cme.server.http.auth"
local keys = require "cme.server.store.keys"
local sign = require "cme.sign"
local vectors = require "cjson".decode(assert(io.open "spec/fixtures/signature-vectors.json"):read "a")

local id, secret = "AKIDexample", "notarealkey"
local NOW = 1551113065
local BODY = '{"Platform":"test"}'

local function header_of(headers)
  return function(name)
    return headers[name:lower()]
  end
end

-- A request as a client makes it: signs what `signed` says, sends what `sent` says.
local function message(options)
  local key = sign.new(id, options.secret or secret)
  local value = key:tc3 {
    service = options.service or "cme", host = options.signed_host or "127.0.0.1:8156",
    timestamp = options.timestamp or NOW, payload = options.method == "GET" and "" or options.payload or BODY,
    method = options.method, query = options.query, content_type = options.content_type,
    unsigned_payload = options.unsigned, action = options.action,
  }
  local headers = {
    host = options.host or "127.0.0.1:8156",
    ["content-type"] = options.sent_type or options.content_type or "application/json",
    ["x-tc-timestamp"] = tostring(options.timestamp or NOW),
    ["x-tc-action"] = options.action or "DescribeProjects",
    ["x-tc-content-sha256"] = options.unsigned and "UNSIGNED-PAYLOAD" or nil,
    authorization = value,
  }
  for name, other in pairs(options.headers or {}) do
    headers[name] = other or nil
  end
  return { method = options.method or "POST", query = options.query or "", body = options.body or BODY,
    header = header_of(headers) }
end

local ring = keys.new { [id] = secret }

-- A check, whose refusal is nil, the cloud's code, message.
local function with_code(check)
  return function(...)
    local grant, text, detail = check(...)
    if grant then return grant end
    return nil, (detail.code:gsub("^api%.", "")), text
  end
end

local tc3, v1 = with_code(auth.tc3), with_code(auth.v1)

-- The id of the grant, for comparing; or the refusal.
local function id_of(grant, ...)
  if not grant then return nil, ... end
  return grant.secret_id
end

local function check(options, at)
  return id_of(tc3(message(options), ring, at or NOW))
end

describe("cme.server.http.auth", function()
  describe("tc3", function()
    it("accepts every vector of the official SDK", function()
      local count = 0
      for _, vector in ipairs(vectors) do
        if vector.scheme == "TC3-HMAC-SHA256" then
          count = count + 1
          local request = {
            method = vector.method, query = vector.query, body = vector.payload,
            header = header_of {
              host = vector.host, ["content-type"] = vector.content_type, authorization = vector.authorization,
              ["x-tc-timestamp"] = ("%d"):format(vector.timestamp), ["x-tc-action"] = vector.action,
              ["x-tc-content-sha256"] = vector.unsigned_payload and "UNSIGNED-PAYLOAD" or nil,
            },
          }
          local own = keys.new { [vector.secret_id] = vector.secret_key }
          assert.are.equal(vector.secret_id, id_of(tc3(request, own, vector.timestamp)), vector.name)
          request.body, request.query = request.body .. " ", request.query .. "&x=1"
          if not vector.unsigned_payload then
            local who, code = tc3(request, own, vector.timestamp)
            assert.is_nil(who, vector.name)
            assert.are.equal("AuthFailure.SignatureFailure", code)
          end
        end
      end
      assert.are.equal(12, count)
    end)

    local shapes = {
      ["Go: host with port"] = {},
      ["Java: charset and the first label as service"] = {
        content_type = "application/json; charset=utf-8", service = "127", headers = { ["x-tc-region"] = "" } },
      ["Node: signs the host without its port"] = { signed_host = "127.0.0.1", service = "127" },
      ["Node on localhost"] = { host = "localhost:8080", signed_host = "localhost", service = "localhost:8080" },
      ["tccli: a scheme in the host"] = {
        host = "http://127.0.0.1:8080", signed_host = "http://127.0.0.1:8080", service = "cme" },
      ["a scheme in the host, first label"] = {
        host = "http://cme.localhost:8080", signed_host = "http://cme.localhost:8080", service = "cme" },
      ["C++: a service of its own"] = { host = "cvm.example.com", signed_host = "cvm.example.com", service = "cvm" },
      ["the documents' example: action signed in lower case"] = { action = "DescribeProjects" },
      ["content type signed in lower case"] = {
        content_type = "application/json; charset=utf-8", sent_type = "application/json; charset=UTF-8" },
      ["unsigned payload"] = { unsigned = true, body = "anything else" },
      ["GET with its raw query"] = { method = "GET", query = "b=2&a=1+x%2f", content_type =
        "application/x-www-form-urlencoded" },
      ["an empty token"] = { headers = { ["x-tc-token"] = "" } },
      ["300 s early"] = { timestamp = NOW - 300 },
      ["300 s late"] = { timestamp = NOW + 300 },
    }
    for name, options in pairs(shapes) do
      it("accepts " .. name, function()
        assert.are.same({ id }, { check(options) })
      end)
    end

    local refusals = {
      ["another secret"] = { { secret = "other" }, "AuthFailure.SignatureFailure" },
      ["another body"] = { { body = BODY .. " " }, "AuthFailure.SignatureFailure" },
      ["another host"] = { { host = "127.0.0.2:8156" }, "AuthFailure.SignatureFailure" },
      ["a service that is neither"] = { { service = "cvm" }, "AuthFailure.SignatureFailure" },
      ["301 s early"] = { { timestamp = NOW - 301 }, "AuthFailure.SignatureExpire" },
      ["301 s late"] = { { timestamp = NOW + 301 }, "AuthFailure.SignatureExpire" },
      ["no Authorization"] = { { headers = { authorization = false } }, "AuthFailure.InvalidAuthorization" },
      SKIP = { { headers = { authorization = "SKIP" } }, "AuthFailure.InvalidAuthorization" },
      ["another scheme"] = { { headers = { authorization = "Basic eA==" } }, "AuthFailure.InvalidAuthorization" },
      ["half an Authorization"] = { { headers = { authorization = "TC3-HMAC-SHA256 Credential=a/b" } },
        "AuthFailure.InvalidAuthorization" },
      ["no timestamp"] = { { headers = { ["x-tc-timestamp"] = false } }, "MissingParameter" },
      ["a timestamp of words"] = { { headers = { ["x-tc-timestamp"] = "soon" } }, "InvalidParameter" },
      ["a timestamp past all years"] = { { headers = { ["x-tc-timestamp"] = ("9"):rep(30) } }, "InvalidParameter" },
      ["a token"] = { { headers = { ["x-tc-token"] = "t" } }, "AuthFailure.TokenFailure" },
    }
    for name, case in pairs(refusals) do
      it("refuses " .. name, function()
        local who, code, text = check(case[1])
        assert.is_nil(who)
        assert.are.equal(case[2], code)
        assert.is_string(text)
        assert.not_matches(secret, text, 1, true)
      end)
    end

    it("refuses a Credential of another day, though all is signed with that day's key", function()
      local request = message {}
      local function accepted_on(date)
        local signature = assert(sign.new(id, secret):tc3_signature {
          signed_headers = { { "content-type", "application/json" }, { "host", "127.0.0.1:8156" } }, method = "POST",
          query = "", timestamp = NOW, date = date, service = "cme", payload = BODY })
        request.header = header_of {
          host = "127.0.0.1:8156", ["content-type"] = "application/json", ["x-tc-timestamp"] = tostring(NOW),
          authorization = ("TC3-HMAC-SHA256 Credential=%s/%s/cme/tc3_request, SignedHeaders=content-type;host, "
            .. "Signature=%s"):format(id, date, signature) }
        return id_of(tc3(request, ring, NOW))
      end
      assert.are.equal(id, (accepted_on "2019-02-25"))
      local who, code, text = accepted_on "2019-02-24"
      assert.is_nil(who)
      assert.are.equal("AuthFailure.SignatureFailure", code)
      assert.matches("UTC date", text)
    end)

    it("refuses a secret id that it does not know", function()
      local who, code = tc3(message {}, keys.new { other = "x" }, NOW)
      assert.is_nil(who)
      assert.are.equal("AuthFailure.SecretIdNotFound", code)
    end)

    it("asks for a temporary key's own token, before its end, and only after the signature", function()
      local grant = { secret_id = id, key = assert(sign.new(id, secret)), token_sha256 = sign.sha256_hex "token",
        expires_at = NOW + 1 }
      local temporary = { find = function() return grant end }
      local function try(token, at, other)
        local request = message { headers = { ["x-tc-token"] = token or false }, secret = other }
        local found, code, text = tc3(request, temporary, at or NOW)
        return found or code, text
      end
      assert.are.equal(grant, try "token")
      for text, case in pairs {
        ["is a temporary one: send"] = {}, ["is a temporary one: send the"] = { "" },
        ["not the one"] = { "token2" }, ["expired at 2019%-02%-25T16:44:26Z"] = { "token", NOW + 1 },
      } do
        local code, why = try(case[1], case[2])
        assert.are.equal("AuthFailure.TokenFailure", code)
        assert.matches(text, why)
      end
      assert.are.equal("AuthFailure.SignatureFailure", try("token", NOW + 1, "another"))
    end)

    it("says InternalError when the key cannot be looked up", function()
      local broken = { find = function() return nil, "disk I/O error" end }
      local who, code, text = tc3(message {}, broken, NOW)
      assert.is_nil(who)
      assert.are.same({ "InternalError", "find key: disk I/O error" }, { code, text })
    end)

    it("refuses a scope of another day, and headers that are not signed", function()
      local request = message {}
      local value = request.header "authorization"
      for changed, code in pairs {
        [value:gsub("2019%-02%-25", "2019-02-26")] = "AuthFailure.SignatureFailure",
        [value:gsub("content%-type;host", "host")] = "AuthFailure.InvalidAuthorization",
        [value:gsub("content%-type;host", "content-type")] = "AuthFailure.InvalidAuthorization",
        [value:gsub("content%-type;host", "Content-Type;Host")] = "AuthFailure.InvalidAuthorization",
        [value:gsub("tc3_request", "tc4_request")] = "AuthFailure.InvalidAuthorization",
      } do
        local _, got = tc3(message { headers = { authorization = changed } }, ring, NOW)
        assert.are.equal(code, got, changed)
      end
    end)
  end)

  describe("v1", function()
    it("accepts every vector of the official SDK, and no changed one", function()
      local count = 0
      for _, vector in ipairs(vectors) do
        if vector.scheme ~= "TC3-HMAC-SHA256" then
          count = count + 1
          local params = {}
          for name, value in pairs(vector.params) do
            params[name] = tostring(value)
          end
          params.Signature = vector.signature
          local request = { method = vector.method, header = header_of { host = vector.host } }
          local own = keys.new { [params.SecretId] = vector.secret_key }
          local at = tonumber(params.Timestamp)
          local function all() return params end
          local who, code = id_of(v1(request, params, all, own, at))
          if params.Token then -- checked after the signature
            assert.are.equal("AuthFailure.TokenFailure", code, vector.name)
          else
            assert.are.equal(params.SecretId, who, vector.name)
          end
          params.Action = "Other"
          assert.are.equal("AuthFailure.SignatureFailure", select(2, v1(request, params, all, own, at)))
          assert.are.equal("AuthFailure.SignatureExpire", select(2, v1(request, params, all, own, at + 301)))
        end
      end
      assert.is_true(count >= 8)
    end)

    it("names the common parameter that is missing or wrong", function()
      local function try(change)
        local params = { SecretId = id, Signature = "x", Nonce = "1", Timestamp = tostring(NOW) }
        for name, value in pairs(change) do
          params[name] = value or nil
        end
        local _, code, text = v1({ method = "GET", header = header_of { host = "h" } }, params,
          function() return params end, ring, NOW)
        return code, text
      end
      for _, name in ipairs { "SecretId", "Signature", "Nonce", "Timestamp" } do
        local code, text = try { [name] = false }
        assert.are.equal("MissingParameter", code)
        assert.matches(name, text)
      end
      assert.are.equal("InvalidParameter", try { Nonce = "-1" })
      assert.are.equal("InvalidParameter", try { SignatureMethod = "HmacMD5" })
      assert.are.equal("AuthFailure.SignatureFailure", try {})
    end)
  end)
end)
