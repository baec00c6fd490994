-- SPDX-License-Identifier: MIT

local rooms = require "tools.lint.rooms"
local tree = require "tools.lint.tree"

local ROOMS = {
  { name = "base", modules = { "json", "sign" }, may = {} },
  { name = "net", modules = { "net%..*" }, may = { "base" } },
  { name = "front", modules = { "init" }, may = { "net" } },
}

describe("tools.lint.rooms", function()
  local texts

  before_each(function()
    texts = { ["lua/cme/init.lua"] = 'local net = require "cme.net.url"', ["lua/cme/net/url.lua"] = "",
      ["lua/cme/json.lua"] = 'require("cme.sign")', ["lua/cme/_meta/sign.lua"] = "" }
  end)

  local function check() return rooms.check(tree.of(texts), ROOMS) end

  it("lets a room require itself and what it may", function()
    texts["lua/cme/net/curl.lua"] = 'require "cme.net.url" require "cme.json" require "cjson" -- require "cme"'
    assert.are.same({}, check())
  end)

  it("refuses what it may not, inside a function too", function()
    texts["lua/cme/json.lua"] = 'return function()\n  return require "cme.net.url"\nend'
    assert.are.same({ "lua/cme/json.lua:2: room 'base' may not require 'cme.net.url' (room 'net')" }, check())
    texts["lua/cme/json.lua"], texts["lua/cme/init.lua"] = "", 'require "cme.json"'
    assert.are.same({ "lua/cme/init.lua:1: room 'front' may not require 'cme.json' (room 'base')" }, check())
  end)

  it("sees through names that are put together or chosen", function()
    texts["lua/cme/json.lua"] = 'return function(x) return require("cme.net." .. x) end'
    assert.are.same({ "lua/cme/json.lua:1: room 'base' may not require 'cme.net.url' (room 'net')" }, check())
    texts["lua/cme/json.lua"] = 'return function(x) return require(x() and "cme.sign" or "cme.net.url").new() end'
    assert.are.same({ "lua/cme/json.lua:1: room 'base' may not require 'cme.net.url' (room 'net')" }, check())
  end)

  it("refuses modules that are not there, and those of no room", function()
    texts["lua/cme/json.lua"], texts["lua/cme/stray.lua"] = 'require "cme.gone"', ""
    assert.are.same({ "lua/cme/json.lua:1: there is no 'cme.gone'", "lua/cme/stray.lua: stands in no room" }, check())
  end)

  it("refuses circles", function()
    texts["lua/cme/net/a.lua"], texts["lua/cme/net/b.lua"] = 'require "cme.net.b"', 'require "cme.net.a"'
    assert.are.same({ "lua/cme: modules need each other: cme.net.a -> cme.net.b -> cme.net.a" }, check())
  end)

  it("counts the requires between rooms", function()
    texts["lua/cme/net/url.lua"] = 'require "cme.json"'
    assert.are.same({ front = { net = 1 }, net = { base = 1 } }, rooms.count(tree.of(texts), ROOMS))
  end)
end)

describe("tools.lint.rooms.ROOMS", function()
  it("never lets the client require the service, the command or a program", function()
    local may = {}
    for _, room in ipairs(rooms.ROOMS) do may[room.name] = room.may end
    for _, name in ipairs(rooms.CLIENT) do
      for _, other in ipairs(assert(may[name], name)) do
        assert.is_nil(other:match "^server" or other:match "^cli" or other:match "^playout" or other:match "^doctor",
          name .. " may require " .. other)
      end
    end
  end)

  it("goes from the ground up: a room may require those before it alone", function()
    local known = {}
    for _, room in ipairs(rooms.ROOMS) do
      for _, other in ipairs(room.may) do
        assert.is_true(known[other], ("%s may require %s, which comes after it"):format(room.name, other))
      end
      known[room.name] = true
    end
  end)
end)
