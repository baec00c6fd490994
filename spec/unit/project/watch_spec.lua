-- SPDX-License-Identifier: MIT

local cme = require "cme"
local event = require "cme.event"
local model = require "spec.support.fakes.model"
local watch = require "cme.project.watch"

local function short(changes)
  local list = {}
  for i, change in ipairs(changes) do
    local function word(value)
      return type(value) == "table" and (value.url or value.code or "?") or tostring(value)
    end
    list[i] = ("%s%s %s>%s"):format(change.what, change.id and " " .. change.id or "", word(change.old),
      word(change.new))
  end
  return list
end

describe("cme.project.watch", function()
  describe("diff", function()
    it("tells each change with the old and the new value", function()
      local old = { name = "n", status = "idle", active = "main", inputs = { main = { kind = "live_pull", url = "a" } },
        outputs = { { id = "1", url = "x", enabled = true }, { id = "2", url = "y", enabled = true } } }
      local new = { name = "m", status = "working", active = "backup", stop_at = 9,
        inputs = { main = { kind = "live_pull", url = "b" }, backup = { kind = "vod", urls = { "c" }, loop = 0 } },
        outputs = { { id = "2", url = "y", enabled = false }, { id = "3", url = "z", enabled = true } } }
      assert.are.same({ "name n>m", "status idle>working", "active main>backup", "stop_at nil>9", "input main a>b",
        "input backup nil>?", "output 2 y>y", "output 3 nil>z", "output 1 x>nil" }, short(watch.diff(old, new, 5)))
      local change = watch.diff(old, new, 5)[7]
      assert.are.same({ what = "output", id = "2", old = old.outputs[2], new = new.outputs[1], at = 5 }, change)
      assert.are.same({}, watch.diff(new, new, 5))
    end)

    it("tells that the slate comes and goes", function()
      local idle, on = { active = "main", outputs = {} }, { active = "main", on_slate = true, outputs = {} }
      assert.are.same({ { what = "on_slate", new = true, at = 5 } }, watch.diff(idle, on, 5))
      assert.are.same({ { what = "on_slate", old = true, at = 6 } }, watch.diff(on, idle, 6))
    end)

    it("tells the sources and the outputs' status of a MEDIA_CAST project", function()
      local old = { sources = { { id = "s1", url = "a" } }, outputs = { { id = "d1", url = "x", status = "working" } } }
      local new = { sources = { { id = "s1", url = "a" }, { id = "s2", url = "b" } },
        outputs = { { id = "d1", url = "x", status = "failed" } } }
      assert.are.same({ "source s2 nil>b", "output d1 x>x" }, short(watch.diff(old, new, 5)))
    end)
  end)

  it("tells the recording: what is wished, its state and its file", function()
    local function with(record) return { record = record, inputs = {}, outputs = {} } end
    local one = { name = "gala", of = "programme", state = "live", file = "gala-1.mp4" }
    local next_file = { name = "gala", of = "programme", state = "live", file = "gala-2.mp4" }
    assert.are.same({ { what = "record", old = one, new = next_file, at = 5 } },
      watch.diff(with(one), with(next_file), 5))
    assert.are.same({ "record nil>?" }, short(watch.diff(with(nil), with(one), 5)))
    assert.are.same({ "record ?>nil" }, short(watch.diff(with(one), with(nil), 5)))
    assert.are.same({}, watch.diff(with(one), with { name = "gala", of = "programme", state = "live",
      file = "gala-1.mp4" }, 5))
  end)

  it("tells what is to be merged, and how that goes", function()
    local before = { inputs = {}, outputs = {} }
    local after = { merge = true, merge_state = "different", inputs = {}, outputs = {} }
    assert.are.same({ "merge nil>true", "merge_state nil>different" }, short(watch.diff(before, after, 5)))
  end)

  it("tells that a node is to stand by, and which one does, each state once", function()
    local function with(state, node)
      return { standby = true, standby_state = { state = state, node = node }, inputs = {}, outputs = {} }
    end
    local before = { inputs = {}, outputs = {} }
    assert.are.same({ "standby nil>true", "standby_state nil>?" }, short(watch.diff(before, with "missing", 5)))
    assert.are.same({}, watch.diff(with("starting", "b"), with("starting", "b"), 5))
    assert.are.same({ { what = "standby_state", old = { state = "warm", node = "b" }, new = { state = "warm",
      node = "c" }, at = 5 } }, watch.diff(with("warm", "b"), with("warm", "c"), 5))
    assert.are.same({ "standby_state ?>?" }, short(watch.diff(with("starting", "b"), with("warm", "b"), 5)))
  end)

  describe("project:watch", function()
    local function running()
      local service = model.new()
      local show = service:project { name = "n", owner = "o", input = "https://h/1.flv", backup = "https://h/2.flv",
        outputs = { "rtmp://h/a/hush" } }
      assert(show:start())
      return show, service, service:state(show.id)
    end

    it("waits for a change and hands it out", function()
      local show, service = running()
      local changes = show:watch { interval = 2 }
      local script = { function() end, function() assert(show:switch "backup") end }
      service.on_sleep = function() assert(table.remove(script, 1))() end
      local from = service.clock
      assert.are.same({ what = "active", old = "main", new = "backup", at = from + 4 }, changes())
      assert.are.equal(4, service.slept)
    end)

    it("counts from the moment of the call", function()
      local show = running()
      local changes = show:watch()
      assert(show:switch "backup")
      assert(show:stop())
      assert.are.equal("status", changes().what)
    end)

    it("looks as soon as an event comes, and counts the time until then", function()
      local show, service = running()
      local asked, subscribed = {}, nil
      local subscription = { wait = function(_, seconds, sleep)
        asked[#asked + 1] = seconds
        sleep(1)
        if #asked == 2 then assert(show:switch "backup") end
        return true
      end }
      local changes = show:watch { interval = 60, timeout = 100, events = { subscribe = function(_, id)
        subscribed = id
        return subscription
      end } }
      assert.are.equal(show.id, subscribed)
      assert.are.equal("active", changes().what)
      assert.are.same({ 60, 60 }, asked)
      assert.are.equal(2, service.slept)
      assert.are.equal(nil, changes())
      assert.are.same({ 60, 59, 1 }, { asked[41], asked[42], asked[100] })
      assert.are.equal(100, service.slept)
    end)

    it("waits its interval out where no event comes", function()
      local show, service = running()
      local changes = show:watch { interval = 60, timeout = 90, events = event.hub() }
      service.on_sleep = function() if service.slept == 60 then assert(show:switch "backup") end end
      assert.are.equal("active", changes().what)
      assert.is_nil(changes())
      assert.are.equal(90, service.slept)
    end)

    it("takes a hub and nothing else for events", function()
      local show = running()
      local ok, message = pcall(show.watch, show, { events = {} })
      assert.is_false(ok)
      assert.matches("option 'events': a hub of cme.event.hub%(%) is needed", message)
    end)

    it("ends after its timeout", function()
      local show, service = running()
      local seen = 0
      for _ in show:watch { interval = 2, timeout = 5 } do seen = seen + 1 end
      assert.are.equal(0, seen)
      assert.are.equal(5, service.slept)
    end)

    it("is closed by the end of a for loop, and then listens for no events", function()
      local show, service = running()
      local closed = 0
      local source = { subscribe = function()
        return { wait = function(_, seconds, sleep) sleep(seconds) end, close = function() closed = closed + 1 end }
      end }
      service.on_sleep = function() show:switch(service:state(show.id).CurrentInputEndpoint == "Main" and "backup"
        or "main") end
      for change in show:watch { events = source } do -- luacheck: ignore 512
        assert.are.equal("active", change.what)
        assert.are.equal(0, closed)
        break
      end
      assert.are.equal(1, closed)
    end)

    it("gives nothing more once it is closed, also what was seen before", function()
      local show, service = running()
      local changes = show:watch()
      assert(show:switch "backup")
      assert(show:stop())
      assert.are.equal("status", changes().what)
      service:clear()
      changes:close()
      changes:close()
      assert.is_nil(changes())
      assert.are.same({}, service.calls)
    end)

    it("ends at once, with events and without, when another task closes it", function()
      for _, events in ipairs { false, event.hub() } do
        local show, service = running()
        local changes = show:watch { interval = 1000, timeout = 3000, events = events or nil }
        local got = cme.run(function()
          local waiter = cme.spawn(function() return table.pack(changes()) end)
          cme.sleep(0)
          changes:close()
          return waiter:wait()
        end)
        assert.are.same({ n = 1 }, got)
        assert.are.equal(0, service.slept)
      end
    end)

    it("gives each look what is left of its timeout", function()
      local show, service = running()
      local seen, call = {}, service.call
      function service:call(action, params, given)
        seen[#seen + 1] = given.timeout
        return call(self, action, params, given)
      end
      assert.is_nil(show:watch { interval = 2, timeout = 5 }())
      assert.are.same({ 5, 3, 1 }, seen)
    end)

    it("tells an error once, and its end, and goes on", function()
      local show, service = running()
      local changes = show:watch { interval = 1 }
      local step = 0
      service.on_sleep = function()
        step = step + 1
        service.refuse.DescribeProjects = step <= 3 and "InternalError" or nil
        if step == 3 then assert(show:switch "backup") end
      end
      local first = changes()
      assert.are.equal("error", first.what)
      assert.is_nil(first.old)
      assert.are.equal("api.InternalError", first.new.code)
      assert.truthy(first.new.message:find("project 'n': watch: DescribeProjects", 1, true), first.new.message)
      local second = changes()
      assert.are.same({ "error", "api.InternalError" }, { second.what, second.old.code })
      assert.is_nil(second.new)
      assert.are.equal("active", changes().what)
      assert.are.equal(4, service.slept)
    end)

    it("tells the states of inputs and outputs, where the service does and they are asked for", function()
      local show, service = running()
      local info = assert(show:info())
      local function health(main, first)
        return { Status = "Working", Active = "Main", Inputs = { { Endpoint = "Main", State = main } },
          Outputs = { { Id = info.outputs[1].id, State = first, Error = { Code = "network.reset", Message = "m" } } } }
      end
      service.health = health("Live", "Live")
      local changes = show:watch { interval = 2, health = true }
      service.on_sleep = function() service.health = health("Stalled", "Backoff") end
      local change = changes()
      assert.are.same({ "input", "main", "live", "stalled" }, { change.what, change.id, change.old.state,
        change.new.state })
      change = changes()
      assert.are.same({ "output", "live", "backoff", "network.reset" }, { change.what, change.old.state,
        change.new.state, change.new.error.code })
      service.on_sleep = function() service.refuse.DescribeProjectHealth = "FailedOperation.StreamConnect" end
      assert.are.equal("api.FailedOperation.StreamConnect", changes().new.code)
      service.on_sleep = function() service.refuse.DescribeProjectHealth = nil end
      change = changes()
      assert.are.same({ "error", "api.FailedOperation.StreamConnect" }, { change.what, change.old.code })
      assert.is_nil(change.new)
    end)

    it("watches as ever where the service tells no health, and asks for it once", function()
      local show, service = running()
      local changes = show:watch { interval = 1, health = true }
      service.on_sleep = function() if service.slept >= 3 then show:switch "backup" end end
      assert.are.equal("active", changes().what)
      local asked = 0
      for _, name in ipairs(service.calls) do if name == "DescribeProjectHealth" then asked = asked + 1 end end
      assert.are.equal(1, asked)
    end)

    it("starts with an error where the first look fails", function()
      local show, service = running()
      service.refuse.DescribeProjects = "InternalError"
      local changes = show:watch { interval = 1 }
      service.on_sleep = function() service.refuse.DescribeProjects = nil end
      assert.are.equal("api.InternalError", changes().new.code)
      assert.is_nil(changes().new)
    end)

    it("ends when the project is gone, after saying so", function()
      local show, service = running()
      local changes = show:watch { interval = 1 }
      service.projects[show.id] = nil
      assert.are.equal("invalid.unknown_project", changes().new.code)
      assert.is_nil(changes())
      assert.is_nil(changes())
      assert.are.equal("invalid.not_created", service:project({ name = "n", owner = "o" }):watch()().new.code)
    end)

    it("raises for what it cannot take, at the caller's line", function()
      local show = running()
      for _, bad in ipairs { { intervall = 1 }, { interval = 0 }, { timeout = "5" } } do
        local ok, message = pcall(function() show:watch(bad) end)
        assert.is_false(ok)
        assert.truthy(message:find "watch_spec.lua:%d+: watch: option", message)
      end
    end)
  end)
end)
