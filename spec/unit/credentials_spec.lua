-- SPDX-License-Identifier: MIT

local credentials = require "cme.credentials"
local fake = require "spec.support.fakes.fake"

local HOME = "/home/u"
local FILE = HOME .. "/.tencentcloud/credentials"
local TCCLI = HOME .. "/.tccli/default.credential"
local METADATA = '{"TmpSecretId":"cvm_id","TmpSecretKey":"cvm_key","Token":"t","ExpiredTime":%d,"Code":"Success"}'
local STS = '{"Response":{"Credentials":{"TmpSecretId":"sts_id","TmpSecretKey":"sts_key","Token":"st"},'
  .. '"ExpiredTime":%d,"RequestId":"r"}}'

local function host(variables, files, transport)
  local made = fake.system(variables, files)
  made.transport = transport
  made.random = function() return 0 end
  return made
end

local function unreachable()
  return nil, "could not resolve host", { code = "network.resolve", sent = false }
end

local function provider(credential, ...)
  return credentials.of(credential, "cme.client: credential"):bind(host(...))
end

local function get(credential, ...)
  return provider(credential, ...):get(fake.NOW)
end

describe("cme.credentials", function()
  it("takes what was written out", function()
    local written = { secret_id = "a", secret_key = "b", token = "t" }
    assert.are.same({ secret_id = "a", secret_key = "b", token = "t", source = "options" },
      get(written, { TENCENTCLOUD_SECRET_ID = "no" }))
    assert.has_error(function() credentials.of({}, "cme.client: credential") end)
  end)

  it("looks in environment, file, tccli, cvm, tke, in this order", function()
    local variables = {
      HOME = HOME, TENCENTCLOUD_SECRET_ID = "env_id", TENCENTCLOUD_SECRET_KEY = "env_key", TKE_REGION = "ap-x",
      TKE_PROVIDER_ID = "p", TKE_ROLE_ARN = "arn", TKE_WEB_IDENTITY_TOKEN_FILE = "/token",
    }
    local files = {
      [FILE] = "secret_id=file_id\nsecret_key=file_key\n",
      [TCCLI] = '{"secretId":"tccli_id","secretKey":"tccli_key"}',
      ["/token"] = "jwt",
    }
    local transport = fake.transport(fake.http "role-1", fake.http(METADATA:format(fake.NOW + 7200)), unreachable,
      fake.http(STS:format(fake.NOW + 7200)))
    local seen = {}
    for _, drop in ipairs { "TENCENTCLOUD_SECRET_ID", FILE, TCCLI, "cvm", "tke" } do
      seen[#seen + 1] = get(nil, variables, files, transport).secret_id
      variables[drop], files[drop] = nil, nil
      variables.TENCENTCLOUD_SECRET_KEY = nil
    end
    assert.are.same({ "env_id", "file_id", "tccli_id", "cvm_id", "sts_id" }, seen)
  end)

  it("says which were tried, why none did and what to do, and never shows a key", function()
    local found, message, detail = get(nil, { HOME = HOME }, { [FILE] = "[other]\nsecret_key = hush\n" },
      fake.transport(unreachable))
    assert.is_nil(found)
    assert.are.equal("credentials.none", detail.code)
    assert.is_false(detail.retryable)
    for _, part in ipairs {
      "no credentials (give cme.client secret_id and secret_key, or set TENCENTCLOUD_SECRET_ID",
      "environment: no TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY",
      "file '" .. FILE .. "': no secret_id and secret_key in its [default] section",
      "tccli '" .. TCCLI .. "': no such file or directory",
      "cvm role: could not resolve host (metadata.tencentyun.com)",
      "tke: TKE_REGION, TKE_PROVIDER_ID, TKE_WEB_IDENTITY_TOKEN_FILE, TKE_ROLE_ARN are not set",
    } do
      assert.truthy(message:find(part, 1, true), part .. " in " .. message)
    end
    assert.is_nil(message:find("hush", 1, true))
  end)

  it("stops at what is half there instead of looking further", function()
    for _, case in ipairs {
      { { TENCENTCLOUD_SECRET_KEY = "hush" }, {}, "incomplete", "TENCENTCLOUD_SECRET_ID is missing" },
      { { HOME = HOME }, { [FILE] = "secret_key=hush" }, "incomplete", "secret_id is missing" },
      { { HOME = HOME }, { [TCCLI] = '{"secretKey":"hush"}' }, "incomplete", "secretId is missing" },
      { { TENCENTCLOUD_CREDENTIALS_FILE = "/gone" }, {}, "unreadable", "file '/gone': no such file" },
      { { CME_METADATA = "off", TKE_REGION = "x" }, {}, "incomplete", "TKE_ROLE_ARN are not set" },
    } do
      local found, message, detail = get(nil, case[1], case[2])
      assert.is_nil(found)
      assert.are.equal("credentials." .. case[3], detail.code)
      assert.truthy(message:find("^credentials: "), message)
      assert.truthy(message:find(case[4], 1, true), message)
      assert.is_nil(message:find("hush", 1, true))
    end
  end)

  it("asks no metadata service when told so", function()
    local transport = fake.transport()
    local silent = credentials.default { metadata = false }
    assert.is_nil(get(silent, {}, {}, transport))
    assert.is_nil(get(nil, { CME_METADATA = "off" }, {}, transport))
    assert.are.equal(0, #transport.asked)
  end)

  it("takes a function", function()
    local asked = {}
    local found = provider(function(now)
      asked[#asked + 1] = now
      return { secret_id = "f", secret_key = "k", expires_at = "2019-02-25T17:44:25Z" }
    end)
    assert.are.equal(fake.NOW + 3600, found:get(fake.NOW).expires_at)
    assert.are.equal("f", found:get(fake.NOW + 60).secret_id)
    assert.are.same({ fake.NOW }, asked)
    assert.has_error(function() credentials.from "x" end)
  end)

  it("assumes a role with the default chain's keys", function()
    local transport = fake.transport(fake.http(STS:format(fake.NOW + 7200)))
    local found = get(credentials.assume_role { role_arn = "qcs::cam::uin/1:roleName/show" },
      { TENCENTCLOUD_SECRET_ID = "env_id", TENCENTCLOUD_SECRET_KEY = "env_key" }, {}, transport)
    assert.are.equal("sts_id", found.secret_id)
    assert.truthy(table.concat(transport.asked[1].headers, "\n"):find("Credential=env_id/", 1, true))
  end)

  it("raises for options that cannot be", function()
    for _, bad in ipairs {
      function() credentials.assume_role {} end,
      function() credentials.assume_role { role_arn = "a", duration = 43201 } end,
      function() credentials.assume_role { role_arn = "a", session_name = "no spaces" } end,
      function() credentials.assume_role { role_arn = "a", rolearn = "b" } end,
      function() credentials.file { path = "" } end,
      function() credentials.tke { duration = 1.5 } end,
    } do
      local ok, message = pcall(bad)
      assert.is_false(ok)
      assert.truthy(message:find("credentials_spec.lua", 1, true), message)
    end
  end)

  it("loads no source before it is needed", function()
    for name in pairs(package.loaded) do
      if name:find "^cme%.credentials%." then package.loaded[name] = nil end
    end
    package.loaded["cme.credentials"] = nil
    local fresh = require "cme.credentials"
    assert.are.equal("a", fresh.of({ secret_id = "a", secret_key = "b" }, "spec"):get(0).secret_id)
    for _, name in ipairs { "chain", "environment", "file", "tccli", "cvm_role", "tke", "sts", "assume_role" } do
      assert.is_nil(package.loaded["cme.credentials." .. name], name)
    end
    package.loaded["cme.credentials"] = credentials
  end)
end)
