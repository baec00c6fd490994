-- SPDX-License-Identifier: MIT

local fake = require "spec.support.fakes.fake"
local tccli = require "cme.credentials.tccli"

local PATH = "/home/u/.tccli/default.credential"
local LOGIN = '{"type":"oauth","secretId":"i","secretKey":"k","token":"t","expiresAt":%d,'
  .. '"oauth":{"openId":"o","accessToken":"hush","expiresAt":1,"refreshToken":"hush","site":"cn"}}'

local function find(content, given, variables, transport)
  local host = fake.system(variables or { HOME = "/home/u" }, { [PATH] = content })
  host.transport = transport
  return tccli.new(given):find(host, fake.NOW)
end

describe("cme.credentials.tccli", function()
  it("reads keys written by tccli configure", function()
    assert.are.same({ secret_id = "i", secret_key = "k", source = "tccli '" .. PATH .. "'" },
      find '{"secretId": "i", "secretKey": "k", "token": null}')
  end)

  it("reads a login with its expiry", function()
    local found = find(LOGIN:format(fake.NOW + 600))
    assert.are.same({ "t", fake.NOW + 600 }, { found.token, found.expires_at })
  end)

  it("says what to run when the login has expired", function()
    local found, message, detail = find(LOGIN:format(fake.NOW))
    assert.is_nil(found)
    assert.are.equal("credentials.expired", detail.code)
    assert.truthy(message:find("run tccli auth login", 1, true), message)
    assert.is_nil(message:find("hush", 1, true))
  end)

  it("takes the profile by option, else by TCCLI_PROFILE", function()
    for given, variables in pairs {
      [{ profile = "live" }] = { HOME = "/home/u", TCCLI_PROFILE = "other" },
      [{}] = { HOME = "/home/u", TCCLI_PROFILE = "live" },
    } do
      local _, message = find(nil, given, variables)
      assert.are.equal("tccli '/home/u/.tccli/live.credential': no such file or directory", message)
    end
  end)

  it("assumes the role that the profile names", function()
    local transport = fake.transport(fake.http('{"Response":{"Credentials":{"TmpSecretId":"si","TmpSecretKey":"sk",'
      .. '"Token":"st"},"ExpiredTime":1551120265,"RequestId":"r"}}'))
    local found = find('{"secretId":"i","secretKey":"k","role-arn":"arn","role-session-name":"se"}', nil, nil,
      transport)
    assert.are.equal("si", found.secret_id)
    assert.are.equal("se", fake.sent(transport.asked[1]).RoleSessionName)
  end)

  it("says what is wrong with a file", function()
    for content, code in pairs {
      ["{"] = "malformed", ["[1]"] = "none", ["1"] = "malformed", ["{}"] = "none", ['{"secretId":"i"}'] = "incomplete",
      ['{"secretId":1,"secretKey":{}}'] = "none",
    } do
      local found, message, detail = find(content)
      assert.is_nil(found)
      assert.are.equal("credentials." .. code, detail.code, content)
      assert.truthy(message:find("^tccli '"), message)
    end
    assert.are.equal("credentials.none", select(3, find(nil, nil, {})).code)
    assert.are.equal("credentials.malformed", select(3, find(nil, { profile = "../x" })).code)
  end)
end)
