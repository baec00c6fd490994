-- SPDX-License-Identifier: MIT
-- The cme-looks of a project's outputs and of its inputs wrote into one folder by the same names: main that turned
-- black was told with a picture of an output, or with none.

local clock = require "cme.system.clock"
local files = require "spec.support.files"
local looks = require "cme.server.looks"
local proc = require "spec.support.proc"

local LIMIT = 60 -- seconds
local LOG = { warn = function(_, message, about) error(message .. ": " .. tostring(about.error)) end }

-- Writes its address as its picture, and tells of it when all three have written theirs.
local CME_LOOK = [[#!/usr/bin/env lua5.4
local cjson = require "cjson"
local order = cjson.decode(io.read "l")
local path = order.pictures .. "/0-black.jpg"
local file = assert(io.open(path, "w"))
assert(file:write(order.urls[1]))
assert(file:close())
local written = assert(io.open("%s", "a"))
assert(written:write("x"))
assert(written:close())
repeat
  require "luv".sleep(5)
  local file = assert(io.open "%s")
  local all = file:read "a"
  file:close()
until #all == 3
print(cjson.encode { change = { index = 0, url = order.urls[1], at = 0, state = "black", picture = path } })
io.stdout:flush()
io.read "a"
]]

describe("pictures of a project's outputs and inputs", function()
  local folder, looking
  local told = {}

  setup(function()
    folder = proc.folder()
    local written = folder .. "/written"
    local program = files.program(folder .. "/cme-look", CME_LOOK:format(written, written))
    looking = looks.new { program = program, folder = folder .. "/pictures", clock = clock, log = LOG,
      base = function() return "" end,
      wanted = function()
        return { outputs = { { key = "output 1", url = "http://viewers/1" } },
          inputs = { { key = "input main", url = "rtmp://source/main" },
            { key = "input backup", url = "rtmp://source/backup" } } }
      end,
      active = function() return "main" end, switch = function() end, update = function() end,
      told = function(_, key, _, view) told[key] = view.picture and files.read(view.picture) or "none" end }
  end)
  teardown(function()
    looking:close()
    assert.are.same({}, proc.cleanup())
  end)

  it("are told apart", function()
    looking:settle "p"
    proc.eventually("what all three see", LIMIT, function()
      return told["output 1"] and told["input main"] and told["input backup"]
    end)
    assert.are.same({ ["output 1"] = "http://viewers/1", ["input main"] = "rtmp://source/main",
      ["input backup"] = "rtmp://source/backup" }, told)
  end)
end)
