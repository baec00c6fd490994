-- SPDX-License-Identifier: MIT

local files = require "spec.support.files"
local proc = require "spec.support.proc"
local uv = require "luv"
local watcher = require "cme.look.watcher"

local LIMIT = 60 -- seconds

-- Says a line about each address, and that it did.
local CME_LOOK = [[#!/usr/bin/env lua5.4
local cjson = require "cjson"
local order = cjson.decode(io.read "l")
for i, url in ipairs(order.urls) do
  print(cjson.encode { look = { index = i - 1, url = url, at = 0, state = "ok" } })
end
io.stdout:flush()
assert(io.open("%s", "w")):close()
io.read "a"
]]

describe("cme.look.watcher", function()
  local folder, said, looking, seen

  before_each(function()
    folder, seen = proc.folder(), {}
    said = folder .. "/said"
    local program = files.program(folder .. "/cme-look", CME_LOOK:format(said))
    looking = watcher.new { program = program, every = 10, warn = function(message) error(message) end,
      seen = function(key, view) seen[#seen + 1] = key .. " " .. view.state end }
    looking:set { { key = "a", url = "http://a" }, { key = "b", url = "http://b" } }
  end)
  after_each(function()
    looking:close()
    assert.are.same({}, proc.cleanup())
  end)

  it("takes in what is said of each address", function()
    proc.eventually("both lines", LIMIT, function() return #seen == 2 end)
    assert.are.same({ "a ok", "b ok" }, seen)
    assert.equal("ok", looking:get("b").state)
  end)

  it("takes in nothing any more when it is closed, not even what was said before", function()
    local before = uv.hrtime()
    repeat uv.sleep(5) until uv.fs_stat(said) or uv.hrtime() - before > LIMIT * 1e9 -- libuv's loop is not to turn yet
    assert.is_truthy(uv.fs_stat(said))
    looking:close()
    proc.eventually("the program to end", LIMIT, function() return #proc.matching(folder .. "/cme-look") == 0 end)
    assert.are.same({}, seen)
    assert.is_nil(looking:get "a")
  end)
end)
