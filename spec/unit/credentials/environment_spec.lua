-- SPDX-License-Identifier: MIT

local environment = require "cme.credentials.environment"
local fake = require "spec.support.fakes.fake"

local function find(variables, transport)
  local host = fake.system(variables)
  host.transport = transport
  return environment.new():find(host, fake.NOW)
end

describe("cme.credentials.environment", function()
  it("takes id and key, trimmed, and the token by either name", function()
    assert.are.same({ secret_id = "i", secret_key = "k", source = "environment" },
      find { TENCENTCLOUD_SECRET_ID = "i", TENCENTCLOUD_SECRET_KEY = " k\n" })
    for _, name in ipairs { "TENCENTCLOUD_TOKEN", "TENCENTCLOUD_SESSION_TOKEN" } do
      assert.are.equal("t", find({ TENCENTCLOUD_SECRET_ID = "i", TENCENTCLOUD_SECRET_KEY = "k", [name] = "t" }).token)
    end
  end)

  it("counts an empty variable as unset", function()
    local found, message, detail = find { TENCENTCLOUD_SECRET_ID = "", TENCENTCLOUD_SECRET_KEY = " " }
    assert.is_nil(found)
    assert.are.equal("credentials.none", detail.code)
    assert.are.equal("environment: no TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY", message)
  end)

  it("is incomplete with one of the two", function()
    local _, message, detail = find { TENCENTCLOUD_SECRET_ID = "i" }
    assert.are.equal("credentials.incomplete", detail.code)
    assert.are.equal("environment: TENCENTCLOUD_SECRET_ID is there but TENCENTCLOUD_SECRET_KEY is missing", message)
  end)

  it("assumes the role that is named beside them", function()
    local transport = fake.transport(fake.http('{"Response":{"Credentials":{"TmpSecretId":"si","TmpSecretKey":"sk",'
      .. '"Token":"st"},"ExpiredTime":1551120265,"RequestId":"r"}}'))
    local found = find({ TENCENTCLOUD_SECRET_ID = "i", TENCENTCLOUD_SECRET_KEY = "k", TENCENTCLOUD_ROLE_ARN = "arn",
      TENCENTCLOUD_ROLE_SESSION_NAME = "cron" }, transport)
    assert.are.equal("si", found.secret_id)
    assert.are.same({ RoleArn = "arn", RoleSessionName = "cron", DurationSeconds = 7200 },
      fake.sent(transport.asked[1]))
  end)
end)
