-- SPDX-License-Identifier: MIT
-- What becomes of a start that a fleet could not do; the rest is seen through init_spec.lua.

local auto_start = require "cme.server.categories.media_cast.auto_start"
local codes = require "cme.codes"
local luv = require "cme.net.loop.luv"
local task = require "cme.task"

describe("cme.server.categories.media_cast.auto_start", function()
  local subject, now, at, tries, answers, logged

  local function log(level)
    return function(_, words) logged[#logged + 1] = level .. " " .. words end
  end

  before_each(function()
    now, at, tries, answers, logged = 1000, 1000, 0, {}, {}
    subject = auto_start.new { name = "MEDIA_CAST", now = function() return now end, at = function() return at end,
      store = { get = function() return { id = "gala", input = { PlaySetting = { AutoStartTime = "then" } } } end },
      log = { info = log "info", warn = log "warn", error = log "error" }, begin = function()
        tries = tries + 1
        local failure = answers[tries]
        if failure then return codes.fail(failure, { project = "gala", nodes = "a full", node = "b" }) end
        at = nil
        return true
      end }
    subject:watch { id = "gala" }
  end)

  local function look(seconds)
    now = now + seconds
    subject:_look()
    luv.run(task.sleep, 0)
  end

  it("is tried again, and said once, while no node has room, and once this one has no lease", function()
    answers = { "server.fleet.no_room", "server.fleet.no_room", "server.fleet.no_lease" }
    look(0)
    look(auto_start.again_seconds - 1)
    assert.are.equal(1, tries)
    look(1)
    look(auto_start.again_seconds)
    assert.are.same({ 3, { "error auto start failed, and is tried again", "error auto start failed, "
      .. "and is tried again" } }, { tries, logged })
    for _ = 1, 2 do look(auto_start.again_seconds) end
    assert.are.same({ 4, "info project started at its time" }, { tries, logged[3] })
  end)

  it("is given up when its time is past for too long", function()
    for i = 1, 100 do answers[i] = "server.fleet.no_room" end
    for _ = 1, 100 do look(auto_start.again_seconds) end
    assert.are.equal(auto_start.grace_seconds / auto_start.again_seconds, tries)
    assert.are.same({ "error auto start failed, and is tried again", "warn auto start left out: its time is past" },
      logged)
  end)

  it("leaves to the other node what that one starts, and is not tried again when it is refused", function()
    answers = { "server.fleet.held" }
    for _ = 1, 3 do look(auto_start.again_seconds) end
    assert.are.same({ 1, {} }, { tries, logged })
    tries, answers = 0, { "api.FailedOperation:working" }
    subject:watch { id = "gala" }
    for _ = 1, 3 do look(auto_start.again_seconds) end
    assert.are.same({ 1, { "error auto start failed" } }, { tries, logged })
  end)
end)
