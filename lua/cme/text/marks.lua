-- SPDX-License-Identifier: MIT
-- An empty JSON array and an empty JSON object are the same empty Lua table; where the difference matters (an unknown
-- member, or the wrong one of the two), cme.json marks the table with one of these metatables.

return {
  array = { __name = "cme.json.array" },
  object = { __name = "cme.json.object" },
}
