-- SPDX-License-Identifier: MIT
require "spec.support.room"
local config = require "room.config"

describe("room.config", function()
  local GOOD = { ROOM_PASSWORD = "long enough" }

  local function read(environment, files)
    return config.read(function(name) return environment[name] end, function(path)
      local text = (files or {})[path]
      if not text then return nil, path .. ": no such file" end
      return { read = function() return text end, close = function() end }
    end)
  end

  it("keeps a digest of the password, another at each start", function()
    local one, other = assert(read(GOOD)), assert(read(GOOD))
    assert.are.equal(one.digest, config.digest(one.salt, "long enough"))
    assert.are_not.equal(one.digest, config.digest(one.salt, "long enougH"))
    assert.are_not.equal(one.digest, other.digest)
    for _, value in pairs(one) do assert.are_not.equal("long enough", value) end
    assert.are.equal(12 * 3600, one.session_seconds)
  end)

  it("reads every secret that events may be signed with", function()
    local found = assert(read({ ROOM_PASSWORD = "long enough", ROOM_WEBHOOK_SECRET_FILE = "f",
      ROOM_ORIGIN = "https://Room.example.com", ROOM_SESSION_SECONDS = "60" }, { f = "new one\nold\n" }))
    assert.are.same({ "new", "old" }, found.hook_secrets)
    assert.are.equal("https://room.example.com", found.origin)
    assert.are.equal(60, found.session_seconds)
  end)

  it("signs devices with the key of a file, else with one of this start", function()
    local key = ("k"):rep(32)
    local environment = { ROOM_PASSWORD = "long enough", ROOM_DEVICE_KEY_FILE = "k" }
    assert.are.equal(key, assert(read(environment, { k = key .. "\n" })).device_key)
    assert.are.equal(64, #assert(read(GOOD)).device_key)
    assert.are_not.equal(read(GOOD).device_key, read(GOOD).device_key)
    assert.matches("32 characters", select(2, read(environment, { k = "short" })))
  end)

  it("says what is wrong, and no password", function()
    for _, case in ipairs {
      { {}, "ROOM_PASSWORD: at least 10" }, { { ROOM_PASSWORD = "sekret" }, "ROOM_PASSWORD" },
      { { ROOM_PASSWORD = "long enough", ROOM_ORIGIN = "room.example" }, "ROOM_ORIGIN" },
      { { ROOM_PASSWORD = "long enough", ROOM_ORIGIN = "https://room.example/x" }, "ROOM_ORIGIN" },
      { { ROOM_PASSWORD = "long enough", ROOM_SESSION_SECONDS = "0" }, "ROOM_SESSION_SECONDS" },
      { { ROOM_PASSWORD = "long enough", ROOM_WEBHOOK_SECRET_FILE = "gone" }, "gone: no such file" },
      { { ROOM_PASSWORD = "long enough", ROOM_WEBHOOK_SECRET_FILE = "e" }, "it is empty" },
    } do
      local found, message = read(case[1], { e = "\n" })
      assert.is_nil(found)
      assert.matches(case[2], message)
      assert.not_matches("sekret", message)
    end
  end)
end)
