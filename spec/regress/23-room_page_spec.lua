-- SPDX-License-Identifier: MIT
-- The control room did not tell trouble: a broadcast on the air and a failing destination looked alike, failing ones
-- were seen by who scrolled to them, and a service that had died long ago was "Connected".

local proc = require "spec.support.proc"
local room_page = require "spec.support.programs.room_page"

local SCENARIOS = {
  trouble = "counts failing destinations where they are seen",
  retrying = "counts what is tried again as failing until it is live",
  dead_input = "does not call a destination live that gets no picture",
  slate = "says that the destinations get the slate",
  looks = "says what viewers see, and lists what is wrong with its picture",
  unplayable = "says which codec the browser cannot play, and plays when it can",
  unplayable_by_itself = "says so where the browser plays HLS by itself, and asks for it again",
  shapes = "has a shape for each tone, not a colour alone",
  frozen_service = "says that the service does not answer, and that data is old",
  frozen_room = "says that the control room does not answer",
  stale_project = "says which broadcast is not told about",
  list = "has what is on the air first, a filter and a search",
  phone = "shows the broadcast before the list on a phone",
  steering = "puts off the stop, changes a destination and takes it off the air",
  platforms = "adds a destination by its platform, and keeps no key",
  unsuitable = "says what a platform does not take of the input on the air",
  history = "shows the service's history",
  session = "warns before the session ends",
}

describe("the control room's page", function()
  local results

  setup(function()
    local names = {}
    for name in pairs(SCENARIOS) do names[#names + 1] = name end
    table.sort(names)
    results = room_page.play(names)
  end)
  teardown(function() assert.are.same({}, proc.cleanup()) end)

  for name, what in pairs(SCENARIOS) do
    it(what, function() assert.are.equal("ok", results[name]) end)
  end
end)
