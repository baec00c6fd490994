-- SPDX-License-Identifier: MIT

local credentials = require "cme.credentials"
local fake = require "spec.support.fake"

local HOME_FILE = "/home/u/.tencentcloud/credentials"
local INI = "# made by hand\n[other]\nsecret_id = no\n\n[default]\r\nsecret_id = file_id\r\n  secret_key=file_key  \n"

local function find(variables, files)
  return credentials.find(fake.system(variables, files))
end

describe("cme.credentials", function()
  it("takes what was written out", function()
    assert.are.same({ secret_id = "a", secret_key = "b", token = "t", source = "options" },
      credentials.explicit({ secret_id = "a", secret_key = "b", token = "t" }, "x"))
    assert.is_nil(credentials.explicit({}, "x"))
  end)

  it("raises when half was written out", function()
    for given, option in pairs { [{ secret_id = "a" }] = "secret_key", [{ secret_key = "hush" }] = "secret_id",
      [{ token = "hush" }] = "token" } do
      local ok, message = pcall(credentials.explicit, given, "x")
      assert.is_false(ok)
      assert.truthy(message:find("option '" .. option .. "'", 1, true), message)
      assert.is_nil(message:find("hush", 1, true))
    end
  end)

  it("looks in the environment before the file", function()
    local found = find({ TENCENTCLOUD_SECRET_ID = "env_id", TENCENTCLOUD_SECRET_KEY = " env_key\n", HOME = "/home/u" },
      { [HOME_FILE] = INI })
    assert.are.same({ secret_id = "env_id", secret_key = "env_key", source = "environment" }, found)
  end)

  it("takes the token by either name", function()
    for _, name in ipairs { "TENCENTCLOUD_TOKEN", "TENCENTCLOUD_SESSION_TOKEN" } do
      assert.are.equal("t", find({ TENCENTCLOUD_SECRET_ID = "i", TENCENTCLOUD_SECRET_KEY = "k", [name] = "t" }).token)
    end
  end)

  it("reads the default section of the file", function()
    local found = find({ HOME = "/home/u", TENCENTCLOUD_SECRET_ID = "" }, { [HOME_FILE] = INI })
    assert.are.equal("file_id", found.secret_id)
    assert.are.equal("file_key", found.secret_key)
  end)

  it("reads the file that is named instead", function()
    local found = find({ HOME = "/home/u", TENCENTCLOUD_CREDENTIALS_FILE = "/dev.ini" },
      { [HOME_FILE] = INI, ["/dev.ini"] = "secret_id=dev\nsecret_key=devkey\ntoken=devtoken\n" })
    assert.are.equal("dev", found.secret_id)
    assert.are.equal("devtoken", found.token)
  end)

  it("says what to do when there are none, and never shows a key", function()
    for _, case in ipairs {
      { {}, {}, "none", "TENCENTCLOUD_SECRET_ID" },
      { { HOME = "/home/u" }, {}, "none", HOME_FILE },
      { { HOME = "/home/u" }, { [HOME_FILE] = "[other]\nsecret_key=hush" }, "none", "[default]" },
      { { HOME = "/home/u" }, { [HOME_FILE] = "secret_key=hush" }, "incomplete", "secret_id is missing" },
      { { TENCENTCLOUD_SECRET_KEY = "hush" }, {}, "incomplete", "TENCENTCLOUD_SECRET_ID is missing" },
      { { TENCENTCLOUD_SECRET_ID = "id" }, {}, "incomplete", "TENCENTCLOUD_SECRET_KEY is missing" },
      { { TENCENTCLOUD_CREDENTIALS_FILE = "/gone" }, {}, "unreadable", "/gone" },
    } do
      local found, message, detail = find(case[1], case[2])
      assert.is_nil(found)
      assert.are.equal("credentials." .. case[3], detail.code)
      assert.truthy(message:find(case[4], 1, true), message)
      assert.is_nil(message:find("hush", 1, true))
    end
  end)
end)
