-- SPDX-License-Identifier: MIT

local fake = require "spec.support.fakes.fake"
local file = require "cme.credentials.file"

local HOME_FILE = "/home/u/.tencentcloud/credentials"
local INI = "\239\187\191# made by hand\n[other]\nsecret_id = no\nsecret_key = no\n\n[default]\r\n"
  .. "secret_id = file_id\r\n"
  .. '  secret_key=file_key  \nregion = ap-guangzhou\n[live]\nsecret_id="live_id"\nsecret_key="live key"\ntoken = t\n'

local function find(given, variables, files)
  return file.new(given):find(fake.system(variables, files))
end

describe("cme.credentials.file", function()
  it("reads the default section of the home file", function()
    assert.are.same({ secret_id = "file_id", secret_key = "file_key", source = "file '" .. HOME_FILE .. "'" },
      find(nil, { HOME = "/home/u" }, { [HOME_FILE] = INI }))
  end)

  it("reads another section when asked to", function()
    local found = find({ profile = "live" }, { HOME = "/home/u" }, { [HOME_FILE] = INI })
    assert.are.same({ "live_id", "live key", "t" }, { found.secret_id, found.secret_key, found.token })
  end)

  it("reads the file that is named instead: by option, by variable", function()
    local files = { ["/a.ini"] = "secret_id=a\nsecret_key=k\n", ["/b.ini"] = "secret_id=b\nsecret_key=k" }
    local variables = { HOME = "/home/u", TENCENTCLOUD_CREDENTIALS_FILE = "/b.ini" }
    assert.are.equal("a", find({ path = "/a.ini" }, variables, files).secret_id)
    assert.are.equal("b", find(nil, variables, files).secret_id)
  end)

  it("falls back on the machine's file", function()
    assert.are.equal("m", find(nil, {}, { ["/etc/tencentcloud/credentials"] = "secret_id=m\nsecret_key=k" }).secret_id)
  end)

  it("tells a named file that does not do from one that merely is not there", function()
    for _, case in ipairs {
      { nil, { HOME = "/home/u" }, {}, "none", "file '" .. HOME_FILE .. "': no such file or directory; file '/etc" },
      { nil, { HOME = "/home/u" }, { [HOME_FILE] = "[x]\nsecret_key=hush" }, "none", "in its [default] section" },
      { nil, { HOME = "/home/u" }, { [HOME_FILE] = "secret_key=hush" }, "incomplete", "secret_id is missing" },
      { { path = "/gone" }, {}, {}, "unreadable",
        "file '/gone': no such file or directory: check the path that the option gives" },
      { nil, { TENCENTCLOUD_CREDENTIALS_FILE = "/gone" }, {}, "unreadable",
        "file '/gone': no such file or directory: check TENCENTCLOUD_CREDENTIALS_FILE" },
      { { path = "/x" }, {}, { ["/x"] = "[x]\nsecret_key=hush" }, "incomplete",
        "in its [default] section: add them, or name another file or profile" },
      { { path = "/x" }, {}, { ["/x"] = ("#\n"):rep(40000) }, "unreadable", "more than 65536 bytes" },
    } do
      local found, message, detail = find(case[1], case[2], case[3])
      assert.is_nil(found)
      assert.are.equal("credentials." .. case[4], detail.code)
      assert.truthy(message:find(case[5], 1, true), message)
      assert.is_nil(message:find("hush", 1, true))
    end
  end)

  it("says so when what is named is a folder", function()
    local host = { getenv = function() end, open = function()
      return { read = function() return nil, "Is a directory", 21 end, close = function() end }
    end }
    local _, message, detail = file.new({ path = "/tmp" }):find(host)
    assert.are.equal("credentials.unreadable", detail.code)
    assert.are.equal("file '/tmp': is a directory: check the path that the option gives", message)
  end)
end)
