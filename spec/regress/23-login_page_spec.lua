-- SPDX-License-Identifier: MIT
-- The grid of the room's page also took the login's card: its form hung outside it above 960 px.

local proc = require "spec.support.proc"
local room_page = require "spec.support.programs.room_page"

describe("the login page", function()
  teardown(function() assert.are.same({}, proc.cleanup()) end)

  it("keeps everything within its card, at 1280 and at 390 px", function()
    assert.are.same({ login = "ok" }, room_page.play { "login" })
  end)
end)
