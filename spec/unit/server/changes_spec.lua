-- SPDX-License-Identifier: MIT
-- Changes made in turn, and what a start leaves whose engine does not come up; the rest of the module is seen through
-- the actions' specs.

local categories = require "cme.server.categories"
local changes = require "cme.server.changes"
local codes = require "cme.codes"
local front_stage = require "spec.support.fakes.front_stage"
local luv = require "cme.net.loop.luv"
local task = require "cme.task"
local writer = require "cme.server.store.writer"

describe("cme.server.changes", function()
  local service, id = front_stage.new(before_each, after_each), nil

  before_each(function()
    id = service:create()
    service.relays.failure = "no such program"
  end)

  -- Starts with something happening while the engine is brought up.
  local function start(meanwhile)
    local begin = service.relays.start
    service.relays.start = function(...)
      meanwhile()
      return begin(...)
    end
    local response = service:handle(id, "Start")
    service.relays.start = begin
    return response.Error.Message
  end

  it("ends the run that could not be started", function()
    assert.are.equal(("start project '%s': its engine could not be started: no such program: the project is Idle")
      :format(id), start(function() end))
    assert.are.same({ id }, service.relays.stopped)
  end)

  it("leaves a run alone that another request began meanwhile", function()
    local message = start(function()
      assert(service.db:apply(id, "stop", { reason = "other" }))
      service.clock = service.clock + 1
      assert(service.db:apply(id, "start", { reason = "other" }))
    end)
    assert.matches("another request ended the run$", message)
    assert.are.same({}, service.relays.stopped)
    assert.are.equal("Working", service.db:get(id).status)
  end)

  it("says that the project stays Working when the database fails, and goes on with its engine", function()
    local apply = service.db.apply
    service.db.apply = function(self, project, operation, change)
      if operation == "failed" then return nil, "disk full" end
      return apply(self, project, operation, change)
    end
    assert.matches("the service's database failed, so the project stays Working: it keeps trying until Stop$",
      start(function() end))
    assert.are.same({}, service.relays.stopped)
    assert.are.equal("Working", service.db:get(id).status)
  end)

  it("says in both languages what the database did not take", function()
    assert(service.db:database():exec "PRAGMA query_only = ON")
    for operation, doing in pairs { start = { "start project: nothing", "启动项目：未做" },
      modify = { "modify project: nothing", "修改项目：未做" } } do
      local _, message, detail = service.changes:apply(id, operation, { reason = "spec" })
      assert.are.equal(1, (message:find(doing[1], 1, true)))
      assert.are.equal(1, (codes.say(detail, "zh"):find(doing[2], 1, true)))
    end
    assert(service.db:database():exec "PRAGMA query_only = OFF")
  end)

  it("has words for every change of every category", function()
    local elsewhere = { delete = true, ended = true, switch_source = true } -- the store hears of these in other ways
    for _, category in ipairs(categories.list) do
      for operation in pairs(category.states) do
        local sentence = codes.sentence("word:doing:" .. operation)
        assert.are.equal(not elsewhere[operation], sentence ~= nil, operation)
      end
    end
  end)

  it("tries a stop again that could not be stored, says each failure, and may be asked again after an error", function()
    local insist_later, on_error, raised, logged = writer.insist_later, luv.on_error, {}, {}
    finally(function() writer.insist_later, luv.on_error = insist_later, on_error end)
    function luv.on_error(traceback) raised[#raised + 1] = traceback end
    function writer.insist_later(_, failed)
      failed "disk full"
      error "broken"
    end
    local subject = changes.new { store = { get = function() end, apply = function()
      return nil, "disk full"
    end }, locks = task.locks(), relays = { release = function() return function() end end },
      log = { error = function(_, words, seen) logged[#logged + 1] = { words, seen.project } end } }
    for count = 1, 2 do
      luv.detach(subject.finish, subject, id, "stop", { reason = "spec" })
      assert.matches("broken", raised[count])
      assert.are.equal(2 * count, #logged)
      assert.are.same({ "stop is still not stored", id }, logged[2 * count])
    end
  end)

  -- What stop_in_vain() replaces is there again after the spec.
  local function restore()
    local insist_later = writer.insist_later
    finally(function() writer.insist_later = insist_later end)
  end

  -- A stop that the database does not take, and what tries it again, once, when it is called.
  local function stop_in_vain()
    local again
    function writer.insist_later(attempt)
      task.wait(function(wake) again = wake end)
      assert.is_true(attempt())
    end
    assert(service.db:apply(id, "start", { reason = "other" }))
    assert(service.db:database():exec "PRAGMA query_only = ON")
    assert.are.equal("FailedOperation", service:handle(id, "Stop").Error.Code)
    assert(service.db:database():exec "PRAGMA query_only = OFF")
    return again
  end

  it("knows of a stop that could not be stored until it is", function()
    restore()
    assert.is_false(service.changes:is_stopping(id))
    local again = stop_in_vain()
    assert.are.same({ true, "Working" }, { service.changes:is_stopping(id), service.db:get(id).status })
    again()
    assert.are.same({ false, "Idle" }, { service.changes:is_stopping(id), service.db:get(id).status })
  end)

  it("leaves a run alone that was started after a stop which could not be stored", function()
    restore()
    local again = stop_in_vain()
    assert.is_nil(service:handle(id, "Stop").Error)
    service.clock = service.clock + 1
    assert(service.db:apply(id, "start", { reason = "other" }))
    assert.is_false(service.changes:is_stopping(id))
    again()
    assert.are.equal("Working", service.db:get(id).status)
    assert(service.db:apply(id, "stop", { reason = "other" }))
    again = stop_in_vain()
    assert(service.db:apply(id, "stop", { reason = "another node" }))
    service.clock = service.clock + 1
    assert(service.db:apply(id, "start", { reason = "another node" }))
    assert.is_false(service.changes:is_stopping(id))
    again()
    assert.are.equal("Working", service.db:get(id).status)
  end)

  -- What a change of a project on the air asks of its edge and of its engine, in order.
  local function asked(failure)
    local order, own = {}, { during = function(_, _, change, ...) return change(...) end }
    for _, what in ipairs { "prepare", "settle" } do
      own[what] = function(_, before, after) order[#order + 1] = what .. " " .. (after or before).name end
    end
    service.changes._edge, service.relays.failure = own, failure
    local update = service.relays.update
    function service.relays.update(...)
      order[#order + 1] = "engine " .. service.db:get(id).name
      return update(...)
    end
    service.changes:tell(id, "modify", function() return { name = "after", reason = "spec" } end)
    return order
  end

  it("tells the edge what the engine is to read before the engine, and what is left after it", function()
    assert(service.db:apply(id, "start", { reason = "spec" }))
    assert.are.same({ "prepare after", "engine after", "settle after" }, asked())
  end)

  it("has nothing prepared for an engine that is not there", function()
    assert.are.same({ "engine after", "settle after" }, asked())
  end)

  it("has the edge as it was when the engine refused", function()
    assert(service.db:apply(id, "start", { reason = "spec" }))
    assert.are.same({ "prepare after", "engine after", "settle n" }, asked "no")
  end)

  it("tells the edge which project is on the air, and which is not any more", function()
    local told = {}
    service.changes._edge = { follow = function(_, _, record) told[#told + 1] = record.status end }
    service.relays.failure = nil
    service:handle(id, "Start")
    service:handle(id, "Stop")
    assert.are.same({ "Working", "Idle" }, told)
  end)

  it("makes a change from the project as it is when its turn has come, or refuses", function()
    local answers = {}
    local held
    luv.detach(function()
      service.locks:with(id, function()
        task.wait(function(wake) held = wake end)
        assert(service.db:apply(id, "modify", { name = "renamed meanwhile", reason = "other" }))
      end)
    end)
    for i, make in ipairs {
      function(before) return { name = before.name .. "!", reason = "spec" } end,
      function(before) return nil, before.name, { code = "api.LimitExceeded" } end,
    } do
      luv.detach(function() answers[i] = table.pack(service.changes:apply(id, "modify", make)) end)
    end
    assert.are.same({}, answers)
    held()
    assert.are.equal("renamed meanwhile!", answers[1][1].name)
    assert.are.same({ n = 3, nil, "renamed meanwhile!", { code = "api.LimitExceeded" } }, answers[2])
    assert.are.equal("renamed meanwhile!", service.db:get(id).name)
  end)
end)
