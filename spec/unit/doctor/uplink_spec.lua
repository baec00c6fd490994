-- SPDX-License-Identifier: MIT

local uplink = require "cme.doctor.uplink"

local SUBJECTS = { { check = "input", name = "main" }, { check = "input", name = "backup" },
  { check = "output", name = "1" }, { check = "output", name = "2" }, id = "own" }
local LOOKED = { { seen = { kbps = 900 } }, { seen = { kbps = 1000 } }, {}, {} }

-- A reader's context, and a service that answers this.
local function context_of(response)
  return { t = string.format, client = function()
    return { call = function() return response end }
  end }
end

local function look(response, max_uplink, answered)
  return uplink.look(context_of(response), { max_uplink = max_uplink }, SUBJECTS, LOOKED, answered ~= false)
end

describe("cme.doctor.uplink", function()
  it("compares the highest rate, once for each destination, with the limit", function()
    local found = look(nil, 2000)
    assert.are.same({ "uplink", "ok", "2000 kbit/s are needed, and the uplink carries 2000" },
      { found.check, found.state, found.fact })
    found = look(nil, 1999)
    assert.are.same({ "warning", "all destinations fall behind together", "send less, or to fewer" },
      { found.state, found.consequence, found.advice })
  end)

  it("asks the service for its limit and for what runs beside", function()
    local function entry(id) return { ProjectId = id, Active = "Main", Inputs = { { Endpoint = "Main", Bitrate = 300 },
      { Endpoint = "Backup", Bitrate = 9999 } }, Outputs = { {}, {} } } end
    local found = look { MaxUplink = 2500, HealthSet = { entry "own", entry "other" } }
    assert.are.same({ "warning", "2000 kbit/s are needed beside 600 for what is on the air, and the uplink carries "
      .. "2500" }, { found.state, found.fact })
    assert.are.equal("ok", look({ MaxUplink = 2600, HealthSet = { entry "own", entry "other" } }).state)
  end)

  it("says nothing where nobody knows the limit, or no source was seen", function()
    assert.is_nil(look { HealthSet = {} })
    assert.is_nil(look(nil))
    assert.is_nil(look({ MaxUplink = 1 }, nil, false))
    assert.is_nil(uplink.look(context_of { MaxUplink = 1 }, {}, SUBJECTS, { {}, {}, {}, {} }, true))
    assert.is_nil(uplink.look(context_of(nil), { max_uplink = 1 }, { SUBJECTS[1] }, LOOKED, true))
  end)
end)
