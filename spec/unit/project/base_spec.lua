-- SPDX-License-Identifier: MIT
-- What every method has: its timeout, and a project that becomes what it is at its first call. What the methods do is
-- in project_spec and in the specs of the categories.

local model = require "spec.support.fakes.model"
local subject = require "spec.support.fakes.subject"

local raised = subject.raised

local FILE, LIVE, OUTPUT = "https://h/1.mp4", "https://h/live.flv", "rtmp://h/a/hush"
local RELAY = { name = "n", owner = "o", input = LIVE, outputs = { { name = "a", url = OUTPUT } } }
local CAST = { name = "n", owner = "o", category = "MEDIA_CAST", sources = { FILE }, outputs = { OUTPUT } }

local function with(spec, more)
  local made = {}
  for name, value in pairs(spec) do made[name] = value end
  for name, value in pairs(more or {}) do made[name] = value end
  return made
end

-- Method by method: its arguments before the last table.
local SHARED = {
  { "create" }, { "start" }, { "stop" }, { "status" }, { "info" }, { "health" }, { "delete" }, { "ensure" },
  { "rename", "m" }, { "set_stop_at", 1551113065 + 60 }, { "extend", 60 }, { "add_output", "rtmp://h/b/hush" },
  { "set_output", { id = "1", name = "b" } }, { "remove_output", "1" }, { "enable_output", "1" },
  { "disable_output", "1" },
}
local OWN = {
  relay_project = { { "switch", "backup" }, { "add_input", "backup", LIVE }, { "set_input", "main", LIVE },
    { "remove_input", "backup" }, { "push_urls" }, { "position", "main" } },
  cast_project = { { "sources" }, { "add_source", FILE, 1 }, { "remove_source", "s1" }, { "switch_source", "s1" },
    { "position" }, { "set_play", { loop_count = 2 } }, { "set_output_media", { width = 640 } } },
}

-- Calls a method with its last table; gives the timeouts of the calls that it made.
local function timeouts_of(show, service, case, timeout)
  local seen, call = {}, service.call
  function service:call(action, params, given)
    seen[#seen + 1] = given.timeout or "none"
    return call(self, action, params, given)
  end
  local arguments = { table.unpack(case, 2) }
  arguments[#arguments + 1] = { timeout = timeout }
  show[case[1]](show, table.unpack(arguments))
  service.call = nil
  return seen
end

describe("cme.project.base", function()
  it("gives every call of every method what is left of its timeout", function()
    for class, spec in pairs { relay_project = RELAY, cast_project = CAST } do
      for _, cases in ipairs { SHARED, OWN[class] } do
        for _, case in ipairs(cases) do
          local service = model.new()
          local show = service:project(spec)
          if case[1] ~= "create" and case[1] ~= "ensure" then assert(show:create()) end
          local seen = timeouts_of(show, service, case, 30)
          assert.is_true(#seen > 0, case[1])
          for _, timeout in ipairs(seen) do assert.are.equal(30, timeout, case[1]) end
        end
      end
    end
  end)

  it("takes no other name in the last table of a method", function()
    for class, spec in pairs { relay_project = RELAY, cast_project = CAST } do
      for _, cases in ipairs { SHARED, OWN[class] } do
        for _, case in ipairs(cases) do
          local show = model.new():project(spec)
          local arguments = { table.unpack(case, 2) }
          arguments[#arguments + 1] = { timeuot = 1 }
          local message = raised(show[case[1]], show, table.unpack(arguments))
          assert.truthy(message:find("did you mean 'timeout'?", 1, true), message)
        end
      end
    end
  end)

  it("counts the waits of a method against its timeout", function()
    local service = model.new()
    local show = service:project(RELAY)
    assert(show:start())
    service:clear()
    service.lose.Stop = "before"
    local ok, _, detail = show:stop { timeout = 0.5 } -- settling waits a second between its two looks
    assert.is_nil(ok)
    assert.are.same({ "network.reset", true }, { detail.code, detail.unknown_outcome })
    assert.are.same({ "Stop", "DescribeProjects" }, service.calls)
  end)

  it("asks what a project is once, within the timeout of the method that needs to know", function()
    local service = model.new()
    local id = assert(service:project(CAST):create())
    local show = service:project(id)
    assert.are.same({ 20, 20 }, timeouts_of(show, service, { "switch_source", "s1" }, 20))
    assert.are.equal("MEDIA_CAST", show.category)
    service:clear()
    assert(show:sources())
    assert.are.same({ "DescribeProjects" }, service.calls)
  end)

  it("hands what it has just read to the method that reads first, and to no later look", function()
    local service = model.new()
    local show = service:project(service:project(RELAY):create())
    service:clear()
    assert.are.equal("idle", show:status())
    assert.are.same({ "DescribeProjects" }, service.calls)
    show = service:project(show.id)
    service:clear()
    service.lose.Start = "after"
    assert.is_true(show:start())
    assert.are.same({ "DescribeProjects", "Start", "DescribeProjects" }, service.calls)
  end)

  it("checks its spec without asking, and says what is wrong", function()
    local service = model.new()
    local wanted = assert(service:project(with(RELAY, { backup = { push = 60 } })):check())
    assert.are.same({ kind = "live_pull", url = LIVE }, wanted.inputs.main)
    assert.are.same("a", wanted.outputs[1].name)
    subject.refused("invalid.url", service:project(with(RELAY, { input = "rtmp:/h" })):check())
    subject.refused("invalid.no_spec", service:project("p1"):check())
    assert.are.same({}, service.calls)
  end)

  it("is attached to a project that the service has", function()
    local service = model.new()
    local id = assert(service:project(RELAY):create())
    local show = service:project(RELAY)
    show:attach(id)
    service:clear()
    assert.is_true(show:start())
    assert.are.same({ "Start" }, service.calls)
    assert.truthy(raised(show.attach, show, 5):find("attach: an id is needed, got number", 1, true))
  end)

  it("has no method twice: a category's own are the other's refusals", function()
    local relay, cast = require "cme.project.relay".class, require "cme.project.cast".class
    for name, method in pairs(relay) do
      if type(method) == "function" and not name:find "^__" then assert.is_function(cast[name], name) end
    end
    for name, method in pairs(cast) do
      if type(method) == "function" and not name:find "^__" then assert.is_function(relay[name], name) end
    end
  end)
end)
