-- SPDX-License-Identifier: MIT

local outputs = require "cme.server.categories.stream_connect.outputs"

local INVALID = "api.InvalidParameterValue.StreamConnectOutputInvalid"

local function one(id, name)
  return { Id = id, Name = name or "", Type = "URL", PushUrl = "rtmp://b/l/" .. id }
end

-- An output's ids as given; from a list of made ones.
local function maker(...)
  local made = { ... }
  return function()
    return table.remove(made, 1)
  end
end

describe("cme.server.categories.stream_connect.outputs", function()
  it("gives outputs ids that no other has", function()
    local list = outputs.check({ { PushUrl = "rtmp://b/l/1" }, { PushUrl = "rtmp://b/l/2" }, one "c" },
      maker("a", "a", "c", "b"))
    assert.are.same({ "a", "b", "c" }, { list[1].Id, list[2].Id, list[3].Id })
  end)

  it("adds one, with its own id or a new one, and leaves the list as it was", function()
    local list = { one "a" }
    assert.are.same({ one "a", one("b", "B") }, outputs.add(list, { Id = "b", Name = "B", PushUrl = "rtmp://b/l/b" }))
    assert.are.equal("c", outputs.add(list, { PushUrl = "rtmp://b/l/c" }, maker("a", "c"))[2].Id)
    assert.are.same({ one "a" }, list)
  end)

  it("changes the members that are given", function()
    local list = { one "a", one "b" }
    assert.are.same({ one "a", one("b", "B") }, outputs.modify(list, { Id = "b", Name = "B" }))
    assert.are.equal("rtmp://other/l/k", outputs.modify(list, { Id = "b", PushUrl = "rtmp://other/l/k" })[2].PushUrl)
    assert.are.same({ one "a", one "b" }, list)
  end)

  it("keeps the codecs that one takes until they are changed", function()
    local list = outputs.check({ { Id = "a", PushUrl = "rtmp://b/l/a", Codecs = "id12" }, one "b" }, maker())
    assert.are.equal("id12", list[1].Codecs)
    assert.is_nil(list[2].Codecs)
    assert.are.equal("id12", outputs.modify(list, { Id = "a", Name = "A" })[1].Codecs)
    assert.are.equal("h264", outputs.modify(list, { Id = "a", Codecs = "h264" })[1].Codecs)
    local changed, message, detail = outputs.modify(list, { Id = "a", Codecs = "hevc" })
    assert.is_nil(changed)
    assert.are.equal(INVALID, detail.code)
    assert.matches("Codecs is hevc %(one of enhanced, id12, h264%)$", message)
  end)

  it("keeps where viewers watch until that is changed or taken away", function()
    local list = outputs.check({ { Id = "a", PushUrl = "rtmp://b/l/a", Watch = "https://h/a.flv" } }, maker())
    assert.are.equal("https://h/a.flv", list[1].Watch)
    assert.are.equal("https://h/a.flv", outputs.modify(list, { Id = "a", Name = "A" })[1].Watch)
    assert.is_nil(outputs.modify(list, { Id = "a", Watch = "" })[1].Watch)
    local changed, message = outputs.modify(list, { Id = "a", Watch = "file:///etc/passwd" })
    assert.is_nil(changed)
    assert.matches("Watch: ", message, 1, true)
  end)

  it("removes one, also the last", function()
    assert.are.same({ one "a", one "c" }, outputs.remove({ one "a", one "b", one "c" }, { Id = "b" }))
    assert.are.same({}, outputs.remove({ one "a" }, { Id = "a" }))
  end)

  it("refuses what cannot be, without showing a key", function()
    local list, full = { one "a" }, {}
    for i = 1, outputs.max do
      full[i] = one(tostring(i))
    end
    for i, case in ipairs {
      { INVALID, outputs.add, list, { Id = "a", PushUrl = "rtmp://b/l/sekret" } },
      { INVALID, outputs.add, list, { Id = "b" } },
      { INVALID, outputs.add, list, { Id = "b", PushUrl = "ftp://b/sekret" } },
      { "api.LimitExceeded", outputs.add, full, { Id = "b", PushUrl = "rtmp://b/l/sekret" } },
      { INVALID, outputs.modify, list, { PushUrl = "rtmp://b/l/sekret" } },
      { INVALID, outputs.modify, list, { Id = "z", PushUrl = "rtmp://b/l/sekret" } },
      { INVALID, outputs.modify, list, { Id = "a", PushUrl = "sekret" } },
      { INVALID, outputs.modify, list, { Id = "a", Type = "FILE" } },
      { INVALID, outputs.remove, list, {} },
      { INVALID, outputs.remove, list, { Id = "z" } },
    } do
      local changed, message, detail = case[2](case[3], case[4], maker("m"))
      assert.is_nil(changed, i)
      assert.are.equal(case[1], detail.code, i)
      assert.not_matches("sekret", message)
    end
  end)
end)
