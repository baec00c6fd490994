-- SPDX-License-Identifier: MIT

local standing = require "cme.server.fleet.standing"

-- How a project stands, what is next, and why.
local CASES = {
  { { mine = true, revision = 3 }, "keep", "a run that was taken" },
  { { mine = true, revision = 3, kept = true, told = 3 }, nil, "all is well" },
  { { mine = true, revision = 4, kept = true, told = 3 }, "follow", "another node changed it" },
  { { mine = true, revision = 4, kept = true, told = 3, followed = 4 }, nil, "its engine was asked already" },
  { { mine = true, revision = 4, kept = true }, nil, "an engine that comes up reads it" },
  { { mine = true, revision = 3, kept = true, leaving = true }, "hand_over", "an order" },
  { { mine = true, kept = true }, "release", "another node stopped it" },
  { { mine = true }, "give", "its engine has ended" },
  { { mine = true, stopping = true, kept = true }, "release", "it was stopped, and that is not stored" },
  { { mine = true, stopping = true }, nil, "who takes it while that is not stored would start it" },
  { { mine = true, starting = true }, nil, "a start is under way" },
  { { mine = true, revision = 3, over = true }, "give", "it was to be given up, and whether it was is not known" },
  { { mine = true, revision = 3, over = true, kept = true }, "release", "the same, and it has an engine" },
  { { mine = false, kept = true, revision = 3 }, "drop", "the run was lost" },
  { { mine = false, kept = true }, "drop", "the run was lost, and is over" },
  { { mine = false, revision = 3, claimed = true, turn = 0, waited = 9 }, nil, "another node has it" },
  { { mine = false, revision = 3, turn = 0, waited = 0 }, "take", "nobody has it" },
  { { mine = false, revision = 3, turn = 1, waited = 0 }, nil, "another node comes first" },
  { { mine = false, revision = 3, turn = 1, waited = standing.STEP }, "take", "that one did not take it" },
  { { mine = false, revision = 3, waited = 99 }, nil, "this node cannot run it" },
  { { mine = false }, nil, "it is Idle" },
  { { revision = 3, claimed = true, standby = true, stand_turn = 0, stand_waited = 0 }, "stand_by",
    "nobody stands by" },
  { { revision = 3, claimed = true, standby = true, stand_turn = 1, stand_waited = 0 }, nil,
    "another node comes first to stand by" },
  { { revision = 3, claimed = true, standby = true, stand_waited = 99 }, nil, "this node cannot stand by" },
  { { revision = 3, claimed = true, standby = true, stood = true, stand_turn = 0, stand_waited = 9 }, nil,
    "another node stands by" },
  { { revision = 3, claimed = true, standby = true, stands = true }, "keep", "it stands by, and has no engine yet" },
  { { revision = 3, claimed = true, standby = true, stands = true, kept = true }, nil, "it stands by" },
  { { revision = 3, claimed = true, standby = true, stands = true, kept = true, behind = true }, "align",
    "the run does something else" },
  { { revision = 3, claimed = true, stands = true, kept = true }, "stand_down", "it is to have no standby" },
  { { stands = true, kept = true }, "stand_down", "it was stopped" },
  { { revision = 3, claimed = true, standby = true, stands = true, kept = true, unfit = true }, "stand_down",
    "the node drains" },
  { { revision = 3, standby = true, stands = true, kept = true, turn = 0, waited = 0 }, "take", "the run was lost" },
  { { revision = 3, standby = true, stands = true, kept = true, waited = 9 }, nil, "it has no room for the run" },
  { { revision = 3, standby = true, stands = true, kept = true, starting = true, turn = 0, waited = 9 }, nil,
    "a start is under way where it stands by" },
  { { stopping = true, claimed = true, standby = true, stands = true, kept = true }, "drop",
    "it was stopped where it stands by, and that is not stored" },
  { { stopping = true, claimed = true, standby = true, stands = true }, nil, "it needs no engine then" },
  { { mine = true, revision = 3, standby = true, stands = true, kept = true, told = -3 }, "stand_down",
    "the standby has become the run" },
}

describe("cme.server.fleet.standing", function()
  for _, case in ipairs(CASES) do
    it(("says %s: %s"):format(case[2], case[3]), function()
      assert.are.same({ case[2] }, { standing.step(case[1]) })
    end)
  end
end)
