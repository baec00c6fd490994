-- SPDX-License-Identifier: MIT

local fake = require "spec.support.fakes.fake"
local sign = require "cme.sign"
local sts = require "cme.credentials.sts"

local ANSWER = '{"Response":{"Credentials":{"Token":"tok","TmpSecretId":"ti","TmpSecretKey":"tk"},'
  .. '"ExpiredTime":1551120265,"Expiration":"2019-02-25T18:44:25Z","RequestId":"r"}}'
local SIGNER = { secret_id = fake.SECRET_ID, secret_key = fake.SECRET_KEY, token = "hush-token" }

local function call(answer, more, host)
  host = host or fake.system()
  local transport = fake.transport(answer)
  host.transport = host.transport or function() return transport end
  local request = { source = "assume role", action = "AssumeRole", params = { RoleArn = "arn" }, signer = SIGNER,
    now = fake.NOW + 0.5 }
  for name, value in pairs(more or {}) do request[name] = value or nil end
  local found, message, detail = sts.call(host, request)
  return transport.asked[1], found, message, detail
end

describe("cme.credentials.sts", function()
  it("sends a signed request with region and token", function()
    local asked, found = call(fake.http(ANSWER), { region = "ap-shanghai" })
    assert.are.same({ secret_id = "ti", secret_key = "tk", token = "tok", expires_at = 1551120265,
      source = "assume role" }, found)
    local key = sign.new(fake.SECRET_ID, fake.SECRET_KEY)
    assert.are.same({
      "Content-Type: application/json",
      "Host: sts.tencentcloudapi.com",
      "Authorization: " .. key:tc3 { service = "sts", host = "sts.tencentcloudapi.com", timestamp = fake.NOW,
        payload = '{"RoleArn":"arn"}' },
      "X-TC-Action: AssumeRole",
      "X-TC-Version: 2018-08-13",
      "X-TC-Region: ap-shanghai",
      "X-TC-Timestamp: 1551113065",
      "X-TC-Token: hush-token",
    }, asked.headers)
    assert.are.equal("https://sts.tencentcloudapi.com/", asked.url)
    assert.are.equal('{"RoleArn":"arn"}', asked.body)
  end)

  it("sends an unsigned request without a signer", function()
    local asked = call(fake.http(ANSWER), { signer = false })
    local headers = table.concat(asked.headers, "\n")
    assert.truthy(headers:find("Authorization: SKIP\n", 1, true))
    assert.truthy(headers:find("X-TC-Region: ap-guangzhou\n", 1, true))
    assert.is_nil(headers:find("X-TC-Token", 1, true))
  end)

  it("goes the way of the client: proxy, certificates, bounded times, another endpoint", function()
    local host = fake.system { CME_STS_ENDPOINT = "http://127.0.0.1:9" }
    host.proxy, host.ca_file, host.timeout, host.connect_timeout, host.no_proxy = "http://p:1", "/ca", 3, 2, "x"
    local asked = call(fake.http(ANSWER), nil, host)
    assert.are.same({ "http://127.0.0.1:9/", "http://p:1", "/ca", "x", 3, 2 },
      { asked.url, asked.proxy, asked.ca_file, asked.no_proxy, asked.timeout, asked.connect_timeout })
    host = fake.system()
    host.timeout, host.connect_timeout = 600, 600
    asked = call(fake.http(ANSWER), { endpoint = "sts.example" }, host)
    assert.are.same({ "https://sts.example/", 10, 5 }, { asked.url, asked.timeout, asked.connect_timeout })
  end)

  it("returns the service's refusal with its code, and no secret that it repeats", function()
    local _, found, message, detail = call(fake.http('{"Response":{"Error":{"Code":"AuthFailure.TokenFailure",'
      .. '"Message":"bad hush-token \\n in rtmp"},"RequestId":"r9"}}'))
    assert.is_nil(found)
    assert.are.equal("assume role: AssumeRole: AuthFailure.TokenFailure: bad ***", message)
    assert.are.same({ "credentials.refused", "api.AuthFailure.TokenFailure", "r9", false },
      { detail.code, detail.cause.code, detail.cause.request_id, detail.retryable })
    _, _, _, detail = call(fake.http '{"Response":{"Error":{"Code":"InternalError.DbError","Message":"x"}}}')
    assert.is_true(detail.retryable)
  end)

  it("never raises about foreign bytes", function()
    math.randomseed(6)
    local refusal = '{"Response":{"Error":{"Code":"InternalError","Message":"m"},"RequestId":"r"}}'
    for round = 1, 3000 do
      local body = round % 2 == 0 and ANSWER or refusal
      local at = math.random(#body)
      body = body:sub(1, at - 1) .. string.char(math.random(0, 255)) .. body:sub(at + math.random(0, 6))
      local _, found, message, detail = call(fake.http(body))
      assert.is_truthy(found and found.secret_id or message and detail.code:find "^credentials%.")
    end
  end)

  it("says what is wrong with the way or the answer", function()
    for _, case in ipairs {
      { function() return nil, "connection refused", { code = "network.connect" } end, "network.connect", true },
      { fake.http("<html>", 502), "network.protocol", true },
      { fake.http "null", "network.protocol", false },
      { fake.http '{"Response":{"Credentials":[]}}', "network.protocol", false },
      { fake.http '{"Response":{"Credentials":{"TmpSecretId":"i"},"ExpiredTime":"x"}}', "network.protocol", false },
    } do
      local _, found, message, detail = call(case[1])
      assert.is_nil(found)
      assert.are.same({ "credentials.failed", case[2], case[3] }, { detail.code, detail.cause.code, detail.retryable })
      assert.truthy(message:find("^assume role: AssumeRole: "), message)
    end
    local _, _, message = call(fake.http(ANSWER), { endpoint = "ftp://x" })
    assert.truthy(message:find("the STS endpoint: scheme 'ftp'", 1, true), message)
    local found
    found, message = sts.call(fake.system(), { source = "tke", action = "A", params = {}, now = 1 })
    assert.are.same({ nil, "tke: no transport to ask the STS with" }, { found, message })
  end)
end)
