-- SPDX-License-Identifier: MIT
-- The control room's pictures: a player is not destroyed while it tells its listeners of an error, since it goes on
-- with what it was doing ("Cannot read properties of null (reading 'trigger')").

local proc = require "spec.support.proc"

describe("a picture whose player fails", function()
  teardown(function() proc.cleanup() end)

  it("lets the player finish, gets a new one, and leaves a closed one alone", function()
    local code, out, err = proc.run { "node", "spec/regress/41-picture.mjs" }
    assert.same({ 0, "good\n" }, { code, out }, err)
  end)
end)
