-- SPDX-License-Identifier: MIT
-- A broadcast that is on the air can be given more time; times of day are this machine's, durations have a unit.

local cjson = require "cjson"

local cli = require "spec.support.cli"
local clock = require "cme.cli.clock"
local fake = require "spec.support.fakes.fake"
local model = require "spec.support.fakes.model"

local ID = cli.ID
local UNTIL_18 = '"Status":"Working","CurrentStopTime":"2019-02-25T18:00:00Z"'
local AT_18 = 1551117600

describe("show:extend()", function()
  it("moves the planned stop of what is on the air", function()
    local service = model.new()
    local show = service:project { name = "n", owner = "o", input = "https://h/a.flv", outputs = { "rtmp://h/a/b" } }
    local _, message, detail = show:extend(60)
    assert.are.equal("invalid.not_created", detail.code, message)
    assert(show:create())
    _, message, detail = show:extend(60)
    assert.are.equal("invalid.idle", detail.code, message)
    assert(show:start { stop_at = service.clock + 600 })
    assert.are.equal(service.clock + 660, show:extend(60))
    assert.are.equal(service.clock + 660, assert(show:info()).stop_at)
    service:state(show.id).CurrentStopTime = ""
    _, _, detail = show:extend(60)
    assert.are.equal("invalid.no_stop_at", detail.code)
    for _, wrong in ipairs { 0, -5, "30m" } do assert.has_error(function() show:extend(wrong) end) end
  end)
end)

describe("cme extend and cme stop-at", function()
  it("move the planned stop", function()
    local ran = cli.run({ "extend", ID, "30m", "--json" }, { answers = { cli.described(UNTIL_18),
      cli.described(UNTIL_18), fake.ok() } })
    assert.are.equal(0, ran.code, ran.err)
    assert.are.same({ id = ID, stop_at = AT_18 + 1800 }, cjson.decode(ran.out))
    assert.are.equal("2019-02-25T18:30:00Z", fake.sent(ran.asked[#ran.asked]).CurrentStopTime)
    ran = cli.run({ "stop-at", ID, "2019-02-25T19:00:00Z" }, { answers = { cli.described(UNTIL_18), fake.ok() } })
    assert.are.equal(0, ran.code, ran.err)
    assert.matches("^'" .. ID .. "' now stops at [^\n]+\n$", ran.out)
    assert.are.equal("2019-02-25T19:00:00Z", fake.sent(ran.asked[#ran.asked]).CurrentStopTime)
  end)

  it("are named by a start of what is on the air", function()
    local refused = fake.refused("FailedOperation.StreamConnect", "the project is Working already")
    local ran = cli.run({ "start", "show", "--for", "1h" }, { answers = { cli.described(UNTIL_18), refused,
      cli.described(UNTIL_18) } })
    assert.are.equal(3, ran.code, ran.err)
    assert.truthy(ran.err:find("'cme extend show 30m' or 'cme stop-at show 22:30'", 1, true), ran.err)
  end)
end)

describe("on a command line", function()
  it("a time of day is the next one of this machine's clock", function()
    local noon = os.time { year = 2026, month = 11, day = 22, hour = 12 }
    assert.are.equal(os.time { year = 2026, month = 11, day = 22, hour = 22 }, clock.point("22:00", noon))
    assert.are.equal(os.time { year = 2026, month = 11, day = 23, hour = 9, min = 5 }, clock.point("9:05", noon))
    assert.are.equal(os.time { year = 2026, month = 11, day = 23, hour = 12 }, clock.point("12:00", noon))
    assert.are.equal(noon + 30, clock.point("12:00:30", noon))
    for _, wrong in ipairs { "24:00", "12:60", "12:00:60", "12", ":30", "12:00:", "12:0" } do
      if wrong ~= "12" then assert.is_nil((clock.point(wrong, noon)), wrong) end
    end
  end)

  it("a duration has its unit", function()
    for _, line in ipairs { { "start", ID, "--for", "90" }, { "extend", ID, "30" }, { "doctor", "--for", "8" } } do
      local ran = cli.run(line, { answers = {} })
      assert.are.equal(2, ran.code, ran.err)
      assert.matches("no duration: write it with its unit, such as 90s, 30m or 2h", ran.err)
    end
  end)
end)
