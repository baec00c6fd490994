-- SPDX-License-Identifier: MIT
require "spec.support.room"
local fake_dict = require "spec.support.fakes.fake_dict"
local sessions = require "room.sessions"

describe("room.sessions", function()
  local now, store, ours

  before_each(function()
    now = 1000
    store = fake_dict.new(function() return now end)
    ours = sessions.new(store, { now = function() return now end, seconds = 60, secure = false })
  end)

  local function pair(cookie)
    return cookie:match "^[^;]+"
  end

  it("finds who has the cookie, until the time is over", function()
    local cookie = ours:begin()
    assert.matches("^room_session=%x+; Path=/; HttpOnly; SameSite=Strict; Max%-Age=60$", cookie)
    local found = ours:find("a=b; " .. pair(cookie) .. "; c=d")
    assert.are.equal(1060, found.expires)
    assert.are.equal(64, #found.csrf)
    assert.are.equal(1060, ours:expires(found))
    now = 1060
    assert.is_nil(ours:find(pair(cookie)))
    assert.is_nil(ours:expires(found))
  end)

  it("does not rely on the store to forget", function()
    local cookie = ours:begin()
    local kept = store:get(ours:find(pair(cookie)).id)
    local id = ours:find(pair(cookie)).id
    now = 1100
    store:set(id, kept)
    assert.is_nil(ours:find(pair(cookie)))
  end)

  it("slides while somebody is there, up to seven times its time", function()
    local cookie = ours:begin()
    local found = ours:find(pair(cookie))
    now = 1050
    assert.are.equal(pair(cookie), pair(ours:slide(found)))
    assert.are.equal(1110, ours:expires(found))
    while now < 1400 do
      now = now + 30
      ours:slide(ours:find(pair(cookie)))
    end
    assert.are.equal(1420, ours:expires(found))
    now = 1420
    assert.is_nil(ours:find(pair(cookie)))
  end)

  it("ends with the logout", function()
    local cookie = ours:begin()
    local found = ours:find(pair(cookie))
    assert.matches("^room_session=; .*Max%-Age=0$", ours:finish(found))
    assert.is_nil(ours:find(pair(cookie)))
    assert.is_nil(ours:expires(found))
  end)

  it("has another id and token each time, and keeps no id", function()
    local one, other = ours:begin(), ours:begin()
    assert.are_not.equal(one, other)
    assert.are_not.equal(ours:find(pair(one)).csrf, ours:find(pair(other)).csrf)
    assert.is_nil(store:get(pair(one):match "=(.*)"))
  end)

  it("takes nothing for a session that is none", function()
    for _, cookies in ipairs { "", "room_session=", "room_session=../..", "room_session=" .. ("0"):rep(64),
      "other=" .. ("a"):rep(64) } do
      assert.is_nil(ours:find(cookies))
    end
    assert.is_nil(ours:find(nil))
    assert.is_nil(ours:find { "room_session=a", "room_session=b" })
  end)

  it("is for https alone where the room is", function()
    local secure = sessions.new(store, { now = function() return now end, seconds = 60, secure = true })
    local cookie = secure:begin()
    assert.matches("^__Host%-room_session=%x+; .*; Secure$", cookie)
    assert.is_not_nil(secure:find(pair(cookie)))
    assert.is_nil(secure:find((pair(cookie):gsub("__Host%-", ""))))
  end)
end)
