-- SPDX-License-Identifier: MIT

local assume_role = require "cme.credentials.assume_role"
local custom = require "cme.credentials.custom"
local fake = require "spec.support.fakes.fake"
local provider = require "cme.credentials.provider"

local ANSWER = '{"Response":{"Credentials":{"Token":"tok","TmpSecretId":"ti","TmpSecretKey":"tk"},'
  .. '"ExpiredTime":1551120265,"RequestId":"r"}}'

local function signer(fn)
  return provider.new(custom.new(fn or function()
    return { secret_id = fake.SECRET_ID, secret_key = fake.SECRET_KEY }
  end))
end

local function find(given, by)
  local host = fake.system()
  host.transport = fake.transport(fake.http(ANSWER))
  local found, message, detail = assume_role.new(given, by or signer()):find(host, fake.NOW)
  return host.transport.asked[1], found, message, detail
end

describe("cme.credentials.assume_role", function()
  it("asks for the role with the signer's keys", function()
    local asked, found = find { role_arn = "qcs::cam::uin/1:roleName/show" }
    assert.are.equal("ti", found.secret_id)
    assert.are.same({ RoleArn = "qcs::cam::uin/1:roleName/show", RoleSessionName = "cme", DurationSeconds = 7200 },
      fake.sent(asked))
    assert.truthy(asked.headers[3]:find("Credential=" .. fake.SECRET_ID .. "/2019-02-25/sts/tc3_request", 1, true))
  end)

  it("sends session, duration, external id and the policy, encoded once more", function()
    local asked = find { role_arn = "a", session_name = "s1", duration = 900, external_id = "x/1",
      policy = { version = "2.0", statement = { { effect = "allow" } } } }
    assert.are.same({ RoleArn = "a", RoleSessionName = "s1", DurationSeconds = 900, ExternalId = "x/1",
      Policy = "%7B%22statement%22%3A%5B%7B%22effect%22%3A%22allow%22%7D%5D%2C%22version%22%3A%222.0%22%7D" },
      fake.sent(asked))
    assert.are.equal("%7B%22a%22%3A1%7D", fake.sent(find { role_arn = "a", policy = '{"a":1}' }).Policy)
  end)

  it("says what is wrong with the signer's keys or the policy", function()
    local _, found, message, detail = find({ role_arn = "a" }, signer(function() return nil, "vault is sealed" end))
    assert.is_nil(found)
    assert.are.equal("assume role: credentials: function: vault is sealed", message)
    assert.are.equal("credentials.failed", detail.code)
    _, found, message = find { role_arn = "a", policy = { print } }
    assert.is_nil(found)
    assert.truthy(message:find("^assume role: policy: "), message)
  end)

  it("has the signer look again when its own keys were refused", function()
    local asked = 0
    local by = signer(function()
      asked = asked + 1
      return { secret_id = "i" .. asked, secret_key = "k" }
    end)
    local host = fake.system()
    host.transport = fake.transport(fake.http(ANSWER), fake.http(ANSWER))
    local made = provider.new(assume_role.new({ role_arn = "a" }, by), host)
    made:invalidate(made:get(fake.NOW))
    made:get(fake.NOW)
    assert.truthy(host.transport.asked[2].headers[3]:find("Credential=i2/", 1, true))
  end)
end)
