-- SPDX-License-Identifier: MIT

local strict = require "spec.support.proofs.fleet.strict"

local LOG = [[
10.0 publish gala h1 1
11.0 publish other h2 2
20.0 publish gala h2 3
20.1 publish_done gala h2 3
21.5 publish gala h2 4
21.6 publish_done gala h2 4
22.0 publish_done gala h1 1
23.0 publish_done other h2 2
23.5 publish gala h2 5
24.0 publish other h2 6
30.0 publish_done gala h2 5
30.5 publish gala h1 7
]]

describe("spec.support.proofs.fleet.strict", function()
  local function waits(since) return strict.waits(LOG:gmatch "[^\n]+", since) end

  it("counts from the end of the one that published, whatever was refused before, to another host's publish", function()
    assert.are.same({ 1.5, 0.5 }, waits(0))
    assert.are.same({ 0.5 }, waits(25))
    assert.are.same({}, waits(31))
  end)
end)
