-- SPDX-License-Identifier: MIT

local cvm_role = require "cme.credentials.cvm_role"
local fake = require "spec.support.fakes.fake"

local KEYS = '{"TmpSecretId":"i","TmpSecretKey":"k","ExpiredTime":1551120265,"Expiration":"2019-02-25T18:44:25Z",'
  .. '"Token":"t","Code":"Success"}'

local function find(given, variables, ...)
  local transport = fake.transport(...)
  local host = fake.system(variables)
  host.transport, host.proxy, host.timeout = transport, "http://proxy:1", 60
  local found, message, detail = cvm_role.new(given):find(host, fake.NOW)
  return transport.asked, found, message, detail
end

describe("cme.credentials.cvm_role", function()
  it("asks for the role's name, then for its keys, quickly and through no proxy", function()
    local asked, found = find(nil, {}, fake.http "show-role", fake.http(KEYS))
    assert.are.same({ secret_id = "i", secret_key = "k", token = "t", expires_at = 1551120265, source = "cvm role" },
      found)
    local base = "http://metadata.tencentyun.com/latest/meta-data/cam/security-credentials/"
    assert.are.same({ base, base .. "show-role" }, { asked[1].url, asked[2].url })
    for _, request in ipairs(asked) do
      assert.are.equal("GET", request.method)
      assert.is_nil(request.proxy)
      assert.are.equal(1, request.connect_timeout)
      assert.is_true(request.timeout <= 2)
    end
  end)

  it("asks elsewhere, and for a given role, when told so", function()
    local asked = find({ role = "a@b" }, { CME_METADATA_ENDPOINT = "http://127.0.0.1:9" }, fake.http(KEYS))
    assert.are.equal("http://127.0.0.1:9/latest/meta-data/cam/security-credentials/a%40b", asked[1].url)
    asked = find({ role = "r", endpoint = "http://127.0.0.1:7" }, { CME_METADATA_ENDPOINT = "http://h" },
      fake.http(KEYS))
    assert.truthy(asked[1].url:find("^http://127%.0%.0%.1:7/"))
  end)

  it("asks nobody when switched off", function()
    for _, value in ipairs { "off", "OFF", "0", "false", "no" } do
      local asked, found, message, detail = find(nil, { CME_METADATA = value })
      assert.are.same({ 0, nil, "cvm role: switched off" }, { #asked, found, message })
      assert.are.equal("credentials.none", detail.code)
    end
    assert.are.equal(0, #find({ enabled = false }, {}))
  end)

  it("does not apply where nobody answers or no role is bound", function()
    local _, found, message, detail = find(nil, {}, function()
      return nil, "connection timed out", { code = "network.timeout", sent = false }
    end)
    assert.is_nil(found)
    assert.are.equal("cvm role: connection timed out (metadata.tencentyun.com)", message)
    assert.are.equal("credentials.none", detail.code)
    assert.are.equal("network.timeout", detail.cause.code)
    _, found, message, detail = find(nil, {}, fake.http("", 404))
    assert.is_nil(found)
    assert.are.equal("credentials.none", detail.code)
    assert.truthy(message:find("no role is bound", 1, true))
  end)

  it("never raises about foreign bytes, and takes nothing that is no key", function()
    math.randomseed(5)
    for _ = 1, 3000 do
      local at = math.random(#KEYS)
      local body = KEYS:sub(1, at - 1) .. string.char(math.random(0, 255)) .. KEYS:sub(at + math.random(0, 6))
      local _, found, message, detail = find({ role = "r" }, {}, fake.http(body))
      if found then
        assert.are.same({ "string", "string", "string", "number" }, { type(found.secret_id), type(found.secret_key),
          type(found.token), type(found.expires_at) })
      else
        assert.are.same({ "string", "string" }, { type(message), type(detail.code) })
      end
    end
  end)

  it("says what is wrong with an answer, and shows no key", function()
    for _, case in ipairs {
      { "malformed", fake.http "<html>log in</html>" },
      { "malformed", fake.http "" },
      { "malformed", fake.http(("r"):rep(129)) },
      { "failed", fake.http("", 500) },
      { "failed", fake.http("role"), fake.http("", 502) },
      { "refused", fake.http("role"), fake.http '{"Code":"Failed","TmpSecretKey":"hush"}' },
      { "refused", fake.http("role"), fake.http "hush" },
      { "malformed", fake.http("role"), fake.http '{"Code":"Success","TmpSecretKey":"hush"}' },
      { "malformed", fake.http("role"), fake.http((KEYS:gsub("1551120265", '"soon"'))) },
    } do
      local _, found, message, detail = find(nil, {}, case[2], case[3])
      assert.is_nil(found)
      assert.are.equal("credentials." .. case[1], detail.code, message)
      assert.truthy(message:find("^cvm role: "), message)
      assert.is_nil(message:find("hush", 1, true))
    end
  end)
end)
