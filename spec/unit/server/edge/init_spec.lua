-- SPDX-License-Identifier: MIT

local edge = require "cme.server.edge"

describe("cme.server.edge", function()
  it("tells encoders the address that is listened on, and this machine's name when that is all of them", function()
    assert.are.equal("192.0.2.7", edge.domain("192.0.2.7", "studio"))
    assert.are.equal("studio", edge.domain("0.0.0.0", "studio"))
  end)

  it("finds the streams that are pushed in what nginx tells, not those for a look", function()
    local stat = [[<server>
      <application> <name>output</name> <live>
        <stream> <name>cme-1</name> <time>1</time> <client><id>1</id></client> </stream>
        <stream> <name>cme-2</name> </stream>
      </live> </application>
      <application> <name>show</name> <live> <stream> <name>p-output</name> </stream> </live> </application>
    </server>]]
    assert.are.same({ "cme-1", "cme-2" }, edge.published(stat))
    assert.are.same({}, edge.published "")
  end)
end)
