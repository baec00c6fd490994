-- SPDX-License-Identifier: MIT
require "spec.support.room"
local look = require "room.look"

describe("room.look", function()
  local now, asked, failing, eyes, entries, client

  local function entry(id, status)
    return { ProjectId = id, Name = id, Category = "STREAM_CONNECT",
      StreamConnectProjectInfo = { Status = status or "Working", CurrentInputEndpoint = "Main", OutputSet = {} } }
  end

  local service = {
    health = function()
      if not failing.all then return nil, "unsupported", { code = "invalid.unsupported" } end
      asked[#asked + 1] = "all"
      return failing.all()
    end,
    projects = function(self) return require "cme.project".projects(self) end,
    call = function(_, action, params)
      if action == "DescribeProjectHealth" then
        local id = params.ProjectId
        asked[#asked + 1] = id
        if failing[id] then return nil, failing[id], { code = failing.code or "network.timeout" } end
        return { Status = "Working", Active = "Backup", Inputs = {}, Outputs = {} }
      end
      if failing.list then return nil, "no answer", { code = "network.timeout" } end
      if failing.limit and params.Limit > 20 then
        return nil, "too many", { code = "api.InvalidParameterValue.Limit" }
      end
      local page = table.move(entries, params.Offset + 1, math.min(#entries, params.Offset + params.Limit), 1, {})
      asked[#asked + 1] = "list " .. params.Limit
      return { TotalCount = #entries, ProjectInfoSet = page }
    end,
  }

  before_each(function()
    now, asked, failing, entries = 100, {}, {}, {}
    client = setmetatable({ now = function() return now end }, { __index = service })
    eyes = look.new { now = function() return now end, parallel = function(list, fn)
      for _, one in ipairs(list) do fn(one) end
    end }
  end)

  it("asks about what is on the air only", function()
    entries = { entry "a", entry("b", "Idle") }
    local views = assert(eyes:take(client))
    assert.are.same({ "list 100", "a" }, asked)
    assert.are.same({ "backup", "main" }, { views[1].active, views[2].active })
  end)

  it("takes turns where each is asked by itself, so that many cost no more calls", function()
    for i = 1, 45 do entries[i] = entry(("p%02d"):format(i)) end
    local seen = {}
    for _ = 1, 6 do
      asked = {}
      now = now + 1
      assert(eyes:take(client))
      assert.is_true(#asked <= 1 + look.TURN)
      for i = 2, #asked do seen[asked[i]] = true end
    end
    local count = 0
    for _ in pairs(seen) do count = count + 1 end
    assert.are.equal(45, count)
  end)

  it("asks about all at once, and each by itself for a while after all could not be asked", function()
    for i = 1, 45 do entries[i] = entry(("p%02d"):format(i)) end
    local health = {}
    for _, one in ipairs(entries) do health[one.ProjectId] = { active = "backup", inputs = {}, outputs = {} } end
    failing.all = function() return health end
    local views = assert(eyes:take(client))
    assert.are.same({ "list 100", "all" }, asked)
    assert.are.equal("backup", views[45].active)
    now, health.p02 = 110, { error = { code = "FailedOperation", message = "the engine hangs" }, outputs = {} }
    views = assert(eyes:take(client))
    assert.are.same({ "backup", 100, "the engine hangs" }, { views[2].active, views[2].stale_since, views[2].problem })
    assert.is_nil(views[1].stale_since)
    failing.all = function() return nil, "lost", { code = "network.timeout" } end
    asked, failing.p02, now = {}, "hangs", 115
    views = assert(eyes:take(client))
    assert.are.equal(2 + look.TURN, #asked)
    assert.are.same({ "project 'p02': health: hangs", 100 }, { views[2].problem, views[2].stale_since })
    assert.is_nil(views[1].stale_since)
    failing.all, asked, now = function() return health end, {}, 126
    assert(eyes:take(client))
    assert.are.same({ "list 100", "all" }, asked)
  end)

  it("asks for smaller pages where a service allows no larger ones", function()
    for i = 1, 45 do entries[i] = entry(("p%02d"):format(i), "Idle") end
    failing.limit = true
    assert.are.equal(45, #assert(eyes:take(client)))
    assert.are.same({ "list 20", "list 20", "list 20" }, asked)
  end)

  it("keeps what was told of one that does not answer, with the time, and goes on with the others", function()
    entries = { entry "a", entry "b" }
    assert(eyes:take(client))
    failing.a, now = "engine: 'rtmp://h/live/sekret' hangs", 110
    local views = assert(eyes:take(client))
    assert.are.same({ "backup", 100 }, { views[1].active, views[1].stale_since })
    assert.not_matches("sekret", views[1].problem)
    assert.is_nil(views[2].stale_since)
    failing.a = nil
    assert.is_nil(assert(eyes:take(client))[1].stale_since)
  end)

  it("says since when one is not told about that never was", function()
    entries, failing.a = { entry "a" }, "its engine is not up"
    assert(eyes:take(client))
    now = 105
    assert.are.equal(100, assert(eyes:take(client))[1].stale_since)
  end)

  it("says what the list's failure is, and asks nothing of a service that does not tell", function()
    entries = { entry "a" }
    failing.a, failing.code = "unsupported", "api.InvalidAction"
    assert.is_false(assert(eyes:take(client))[1].told)
    asked = {}
    assert(eyes:take(client))
    assert.are.same({ "list 100" }, asked)
    failing.list, now = true, 110
    local views, message, detail = eyes:take(client)
    assert.are.equal(100, eyes:answered_at())
    assert.are.same({ nil, "no answer", "network.timeout" }, { views, message, detail.code })
  end)
end)
