-- SPDX-License-Identifier: MIT

local cjson = require "cjson"
local fake = require "spec.support.fakes.fake"
local form = require "cme.api.form"
local query = require "cme.server.http.query"
local schema = require "cme.schema"
local sign = require "cme.sign"

local HANDLE = schema.actions.HandleStreamConnectProject.request
local START = { Platform = "1000000009", ProjectId = "12522d74de35ff", Operation = "Start" }

local function target(more)
  local made = { url = "https://cme.tencentcloudapi.com/", host = "cme.tencentcloudapi.com", timeout = 60,
    connect_timeout = 10, random = function() return 11885.5 / 2147483646 end }
  for name, value in pairs(more or {}) do made[name] = value end
  return made
end

local function secret(token)
  return { key = assert(sign.new(fake.SECRET_ID, fake.SECRET_KEY)), secret_id = fake.SECRET_ID, token = token }
end

-- The request of one call at the time of the published vectors.
local function request(method, http_method, more, action, params, fields)
  local chosen = form.find(method, http_method)
  local payload = assert(chosen.encode(params or START, fields or HANDLE))
  local made = target(more)
  made.algorithm = method
  return assert(chosen.request(made, { action = action or "HandleStreamConnectProject", payload = payload },
    secret(more and more.token), fake.NOW))
end

local function header(sent, name)
  for _, line in ipairs(sent.headers) do
    local key, value = line:match "^([^:]+): (.*)$"
    if key == name then return value end
  end
  return nil
end

local function signature(sent)
  return header(sent, "Authorization"):match "Signature=(%x+)$"
end

local TC3 = "TC3-HMAC-SHA256"

describe("cme.api.form", function()
  -- Vectors C1, C3 and C5 of the API reference.
  it("signs TC3 over POST, without the payload too, and over GET", function()
    local sent = request(TC3, "POST")
    assert.are.equal("8ea054c4cd3ddedd39b5c7fe716ef3f96518692c00f1b58cc46106f0b77e38c2", signature(sent))
    assert.is_nil(header(sent, "X-TC-Content-SHA256"))
    sent = request(TC3, "POST", { unsigned_payload = true })
    assert.are.equal("495cfc76d4494f800fcc91a55653e111b9584137a8c657d85ad75c5260a19c43", signature(sent))
    assert.are.equal("UNSIGNED-PAYLOAD", header(sent, "X-TC-Content-SHA256"))
    assert.are.equal("1000000009", cjson.decode(sent.body).Platform)
    sent = request(TC3, "GET")
    assert.are.equal("4c101eeee30c994b004481fb5a6980f50d3ea6aadca036e43dfdd5e413d7c711", signature(sent))
    assert.are.equal("https://cme.tencentcloudapi.com/?Operation=Start&Platform=1000000009&ProjectId=12522d74de35ff",
      sent.url)
    assert.are.equal("application/x-www-form-urlencoded", header(sent, "Content-Type"))
    assert.are.same({ "GET" }, { sent.method, sent.body })
  end)

  it("asks without a question mark when there is nothing to ask with", function()
    local sent = request(TC3, "GET", nil, "DescribePlatforms", {}, schema.actions.DescribePlatforms.request)
    assert.are.equal("https://cme.tencentcloudapi.com/", sent.url)
  end)

  -- The documented create call of the API reference, 2.4.
  it("signs v1 over GET and POST with SHA-1 and SHA-256", function()
    local create = { Platform = "test", Category = "STREAM_CONNECT", Name = "stream_connect",
      Owner = { Id = "user_id_109993839", Type = "PERSON" },
      StreamConnectProjectInput = {
        MainInput = { InputType = "LivePull",
          LivePullInputInfo = { InputUrl = "https://play.example.com/cme/src_live.flv" } },
        Outputs = { { Id = "1", Name = "推流1", Type = "URL", PushUrl = "rtmp://push.example.myqcloud.com/cme/live1" } },
      } }
    -- The reference's signatures of this call have no SignatureMethod among the parameters; here it always is.
    for _, method in ipairs { "HmacSHA1", "HmacSHA256" } do
      for _, verb in ipairs { "GET", "POST" } do
        local sent = request(method, verb, nil, "CreateProject", create, schema.actions.CreateProject.request)
        assert.are.equal(verb, sent.method)
        local params = query.parse(verb == "GET" and sent.url:match "%?(.*)$" or sent.body)
        assert.are.same({ "CreateProject", "2019-10-29", "1551113065", "11886", method, fake.SECRET_ID }, {
          params.Action, params.Version, params.Timestamp, params.Nonce, params.SignatureMethod, params.SecretId })
        assert.are.equal("推流1", params["StreamConnectProjectInput.Outputs.0.Name"])
        local given = params.Signature
        params.Signature = nil
        assert.are.equal(given, secret().key:v1 { method = verb, host = "cme.tencentcloudapi.com", params = params,
          algorithm = method })
        assert.is_nil(header(sent, "Authorization"))
        assert.are.equal(verb == "POST" and "application/x-www-form-urlencoded" or nil, header(sent, "Content-Type"))
      end
    end
  end)

  it("puts token, region and language where each form has them", function()
    local more = { token = "tok+en/=", region = "ap-guangzhou", language = "en-US" }
    for _, verb in ipairs { "GET", "POST" } do
      local sent = request(TC3, verb, more)
      assert.are.same({ "tok+en/=", "ap-guangzhou", "en-US" },
        { header(sent, "X-TC-Token"), header(sent, "X-TC-Region"), header(sent, "X-TC-Language") })
      sent = request("HmacSHA1", verb, more)
      local params = query.parse(verb == "GET" and sent.url:match "%?(.*)$" or sent.body)
      assert.are.same({ "tok+en/=", "ap-guangzhou", "en-US" }, { params.Token, params.Region, params.Language })
      assert.is_nil(header(sent, "X-TC-Token"))
    end
  end)

  it("hands on how to get there", function()
    local sent = request(TC3, "POST", { proxy = "http://u:p@proxy:1", no_proxy = "a,b", ca_file = "/ca", timeout = 3 })
    assert.are.same({ "http://u:p@proxy:1", "a,b", "/ca", 3, 10 },
      { sent.proxy, sent.no_proxy, sent.ca_file, sent.timeout, sent.connect_timeout })
  end)

  it("draws v1's nonce anew for each request, a positive integer", function()
    for draw, nonce in pairs { [0] = "1", [1 - 2 ^ -48] = "2147483646" } do
      local sent = request("HmacSHA1", "POST", { random = function() return draw end })
      assert.are.equal(nonce, query.parse(sent.body).Nonce)
    end
  end)

  it("checks by the schema whatever the form", function()
    for _, method in ipairs { TC3, "HmacSHA1" } do
      for _, verb in ipairs { "GET", "POST" } do
        local payload, message, detail = form.find(method, verb).encode({ Platfrom = "x" }, HANDLE)
        assert.is_nil(payload)
        assert.are.equal("field 'Platfrom': unknown (did you mean 'Platform'?)", message)
        assert.are.equal("invalid.unknown_field", detail.code)
      end
    end
  end)

  it("returns what cannot be signed", function()
    local chosen = form.find("HmacSHA1", "GET")
    local sent, message, detail = chosen.request(target { algorithm = "HmacSHA1", region = "a\0b" },
      { action = "DescribePlatforms", payload = "" }, secret(), fake.NOW)
    assert.is_nil(sent)
    assert.truthy(message:find "NUL")
    assert.are.equal("invalid.params", detail.code)
  end)
end)
