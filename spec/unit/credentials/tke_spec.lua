-- SPDX-License-Identifier: MIT

local fake = require "spec.support.fakes.fake"
local tke = require "cme.credentials.tke"

local ANSWER = '{"Response":{"Credentials":{"Token":"tok","TmpSecretId":"ti","TmpSecretKey":"tk"},'
  .. '"ExpiredTime":1551120265,"RequestId":"r"}}'
local POD = {
  TKE_REGION = "ap-hongkong", TKE_PROVIDER_ID = "tke-1", TKE_WEB_IDENTITY_TOKEN_FILE = "/var/run/token",
  TKE_ROLE_ARN = "qcs::cam::uin/1:roleName/pod",
}

local function find(given, variables, files, answer)
  local transport = fake.transport(answer)
  local host = fake.system(variables, files)
  host.transport = transport
  local found, message, detail = tke.new(given):find(host, fake.NOW)
  return transport.asked[1], found, message, detail
end

local function without(name)
  local variables = {}
  for key, value in pairs(POD) do variables[key] = key ~= name and value or nil end
  return variables
end

describe("cme.credentials.tke", function()
  it("exchanges the pod's token for keys, unsigned", function()
    local asked, found = find(nil, POD, { ["/var/run/token"] = "jwt.hush.x\n" }, fake.http(ANSWER))
    assert.are.same({ "ti", "tk", "tok", 1551120265, "tke" },
      { found.secret_id, found.secret_key, found.token, found.expires_at, found.source })
    assert.are.same({ ProviderId = "tke-1", WebIdentityToken = "jwt.hush.x", RoleArn = POD.TKE_ROLE_ARN,
      RoleSessionName = "cme", DurationSeconds = 7200 }, fake.sent(asked))
    local headers = table.concat(asked.headers, "\n")
    assert.truthy(headers:find("X-TC-Action: AssumeRoleWithWebIdentity\n", 1, true))
    assert.truthy(headers:find("Authorization: SKIP\n", 1, true))
    assert.truthy(headers:find("X-TC-Region: ap-hongkong\n", 1, true))
  end)

  it("takes another session, duration and endpoint", function()
    local asked = find({ session_name = "s1", duration = 900, endpoint = "http://127.0.0.1:9" }, POD,
      { ["/var/run/token"] = "jwt" }, fake.http(ANSWER))
    assert.are.same({ "s1", 900, "http://127.0.0.1:9/" },
      { fake.sent(asked).RoleSessionName, fake.sent(asked).DurationSeconds, asked.url })
  end)

  it("reads the token anew each time", function()
    local files = { ["/var/run/token"] = "one" }
    local host = fake.system(POD, files)
    host.transport = fake.transport(fake.http(ANSWER), fake.http(ANSWER))
    local source = tke.new()
    source:find(host, fake.NOW)
    files["/var/run/token"] = "two"
    source:find(host, fake.NOW)
    assert.are.equal("two", fake.sent(host.transport.asked[2]).WebIdentityToken)
  end)

  it("does not apply outside of a pod, and names what a pod lacks", function()
    local _, found, _, detail = find(nil, {}, {})
    assert.are.same({ nil, "credentials.none" }, { found, detail.code })
    for name in pairs(POD) do
      local _, none, message, why = find(nil, without(name), {})
      assert.is_nil(none)
      assert.are.equal("credentials.incomplete", why.code)
      assert.are.equal("tke: " .. name .. " is not set", message)
    end
    for reason, files in pairs { ["no such file"] = {}, empty = { ["/var/run/token"] = "\n" } } do
      local _, _, message, why = find(nil, POD, files)
      assert.are.equal("credentials.unreadable", why.code)
      assert.truthy(message:find("TKE_WEB_IDENTITY_TOKEN_FILE '/var/run/token': " .. reason, 1, true), message)
    end
  end)

  it("never shows the token", function()
    local _, _, message = find(nil, POD, { ["/var/run/token"] = "jwt.hush.x" }, fake.http(
      '{"Response":{"Error":{"Code":"InvalidParameter.WebIdentityTokenError","Message":"token jwt.hush.x is bad"}}}'))
    assert.are.equal(
      "tke: AssumeRoleWithWebIdentity: InvalidParameter.WebIdentityTokenError: token ***", message)
  end)
end)
