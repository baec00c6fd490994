-- SPDX-License-Identifier: MIT
-- The pure diff case by case; then ensure() against the model of the service, which refuses what would take a running
-- broadcast off the air, over many random pairs of what is there and what is wanted.

local ensure = require "cme.project.ensure"
local model = require "spec.support.fakes.model"
local relay = require "cme.project.relay_operations"

local LIVE, OTHER = "https://h/live.flv", "https://h/other.flv"

local function input(url) return url and { kind = "live_pull", url = url } end

-- What is there: a STREAM_CONNECT project like the spec unless told otherwise.
local function described(more)
  local info = { name = "n", owner = "o", status = "idle", active = "main", inputs = { main = input(LIVE) },
    outputs = { { id = "1", name = "a", url = "rtmp://h/a" } } }
  for name, value in pairs(more or {}) do info[name] = value end
  return info
end

local function wanted(more)
  more = more or {}
  return {
    name = more.name or "n", owner = more.owner or "o", status = more.status,
    stop_at = more.stop_at,
    part = { inputs = more.inputs or { main = input(LIVE) },
      record = more.record, looks = more.looks,
      outputs = more.outputs or { { id = "1", name = "a", url = "rtmp://h/a" } } },
  }
end

local function words(steps, message)
  assert(steps, message)
  local list = {}
  for i, step in ipairs(steps) do list[i] = step.what end
  return table.concat(list, ", ")
end

local function diff(want, there)
  return words(ensure.diff(relay, wanted(want), described(there)))
end

describe("cme.project.ensure", function()
  describe("diff", function()
    it("is empty when all is as it should be", function()
      assert.are.equal("", diff())
      assert.are.equal("", diff(nil, { status = "working", stop_at = 5 }))
      assert.are.equal("", diff({ status = "working", stop_at = 5.2 }, { status = "working", stop_at = 5 }))
      assert.are.equal("", diff({ outputs = { { id = "9", url = "rtmp://h/a" } } }))
    end)

    it("changes name and owner in one call", function()
      local steps = assert(ensure.diff(relay, wanted { name = "m", owner = "p" }, described()))
      assert.are.same({ { "modify", { Name = "m", Owner = { Type = "PERSON", Id = "p" } },
        what = "change the name and owner" } }, steps)
    end)

    it("changes codecs that the spec names and the output lacks", function()
      local there = { outputs = { { id = "1", name = "a", url = "rtmp://h/a" } } }
      local function with(codecs)
        return { outputs = { { id = "1", name = "a", url = "rtmp://h/a", codecs = codecs } } }
      end
      assert.are.equal("", diff(with "enhanced", there))
      assert.are.equal("change output 'a'", diff(with "id12", there))
      assert.are.equal("", diff(with "id12", with "id12"))
      assert.are.equal("", diff(there, with "id12"))
    end)

    it("asks for a recording, changes it and ends it, and leaves it alone when the spec says nothing", function()
      local there = { record = { name = "gala", of = "programme" } }
      assert.are.equal("", diff(nil, there))
      assert.are.equal("", diff({ record = { Name = "gala", Of = "Programme" } }, there))
      assert.are.equal("", diff({ record = false }))
      assert.are.equal("change the recording", diff { record = { Name = "gala", Of = "Programme" } })
      for _, other in ipairs { { Name = "x", Of = "Programme" }, { Name = "gala", Of = "Main" },
        { Name = "gala", Of = "Programme", MaxSeconds = 60 }, { Name = "gala", Of = "Programme", MaxBytes = 60 } } do
        assert.are.equal("change the recording", diff({ record = other }, there))
      end
      assert.are.equal("end the recording", diff({ record = false }, there))
    end)

    it("changes what is looked at, where the spec says it", function()
      local function asked(on, states)
        return { outputs = {}, looks = { Inputs = on, FailoverOn = states } }
      end
      local function there(on, states)
        return { outputs = {}, look_inputs = on, failover_on = states }
      end
      assert.are.equal("look at the inputs", diff(asked(true), there(nil)))
      assert.are.equal("", diff(asked(true, { "black" }), there(true, { "black" })))
      assert.are.equal("look at the inputs", diff(asked(true, { "black" }), there(true)))
      assert.are.equal("no longer look at the inputs", diff(asked(false), there(true)))
      assert.are.equal("", diff({ outputs = {} }, there(true)))
    end)

    it("changes where viewers watch, where the spec says it", function()
      local function with(watch)
        return { outputs = { { id = "1", name = "a", url = "rtmp://h/a", watch = watch } } }
      end
      assert.are.equal("change output 'a'", diff(with "https://h/a.flv", with(nil)))
      assert.are.equal("change output 'a'", diff(with "", with "https://h/a.flv"))
      assert.are.equal("", diff(with(nil), with "https://h/a.flv"))
      assert.are.equal("", diff(with "", with(nil)))
    end)

    it("recognises outputs by their URL, so that a changed list moves nothing", function()
      local there = { outputs = {
        { id = "1", name = "a", url = "rtmp://h/a" }, { id = "2", name = "b", url = "rtmp://h/b" },
        { id = "3", name = "c", url = "rtmp://h/c" } } }
      -- The first is gone from the script: what follows it was numbered anew.
      assert.are.equal("remove output 'a'", diff({ outputs = {
        { id = "1", name = "b", url = "rtmp://h/b" }, { id = "2", name = "c", url = "rtmp://h/c" } } }, there))
      assert.are.equal("", diff({ outputs = {
        { id = "1", name = "c", url = "rtmp://h/c" }, { id = "2", name = "a", url = "rtmp://h/a" },
        { id = "3", name = "b", url = "rtmp://h/b" } } }, there))
    end)

    it("changes an output that has its id or its name, and adds before it removes", function()
      local steps = assert(ensure.diff(relay, wanted { outputs = {
        { id = "1", name = "a", url = "rtmp://h/new" }, { id = "2", name = "b", url = "rtmp://h/b2" },
        { id = "3", name = "d", url = "rtmp://h/d" } } }, described { status = "working", outputs = {
        { id = "1", name = "a", url = "rtmp://h/a" }, { id = "x", name = "b", url = "rtmp://h/b" },
        { id = "y", name = "c", url = "rtmp://h/c" } } }))
      assert.are.same({
        { "add_output", { id = "3", name = "d", url = "rtmp://h/d" }, what = "add output 'd'" },
        { "set_output", { id = "1", name = "a", url = "rtmp://h/new" }, what = "change output 'a'" },
        { "set_output", { id = "x", name = "b", url = "rtmp://h/b2" }, what = "change output 'b'" },
        { "remove_output", "y", what = "remove output 'c'" },
      }, steps)
    end)

    it("gives a new output an id that none has", function()
      local steps = assert(ensure.diff(relay, wanted { outputs = { { id = "1", url = "rtmp://h/new" },
        { id = "3", url = "rtmp://h/a" } } }, described { outputs = { { id = "1", name = "a", url = "rtmp://h/a" },
        { id = "2", name = "b", url = "rtmp://h/b" } } }))
      assert.are.same({ "add_output", { id = "4", url = "rtmp://h/new" }, what = "add output '1'" }, steps[1])
      steps = assert(ensure.diff(relay, wanted { outputs = { { id = "1", name = "x", url = "rtmp://h/new" },
        { id = "2", url = "rtmp://h/a" } } }, described()))
      assert.are.same({ { "add_output", { id = "3", name = "x", url = "rtmp://h/new" }, what = "add output 'x'" } },
        steps)
    end)

    it("changes inputs freely while idle", function()
      assert.are.equal("change the main input, add the backup input",
        diff { inputs = { main = input(OTHER), backup = input(LIVE) } })
      assert.are.equal("add the backup input, remove the main input", diff { inputs = { backup = input(LIVE) } })
    end)

    it("changes the input on the air from the other endpoint, and comes back", function()
      local both = { main = input(LIVE), backup = input(OTHER) }
      local cases = {
        { "add the backup input", { main = input(LIVE), backup = input(OTHER) }, { main = input(LIVE) } },
        { "switch to the backup input, change the main input, switch to the main input",
          { main = input "https://h/new", backup = input(OTHER) }, both },
        { "change the backup input, switch to the backup input, change the main input, switch to the main input",
          { main = input "https://h/new", backup = input "https://h/new2" }, both },
        { "add the backup input, switch to the backup input, change the main input, switch to the main input, "
          .. "remove the backup input", { main = input(OTHER) }, { main = input(LIVE) } },
        { "switch to the backup input, change the main input, switch to the main input, remove the backup input",
          { main = input "https://h/new" }, both },
        { "remove the backup input", { main = input(LIVE) }, both },
        { "add the backup input, switch to the backup input, remove the main input", { backup = input(OTHER) },
          { main = input(LIVE) } },
      }
      for _, case in ipairs(cases) do
        assert.are.equal(case[1], diff({ inputs = case[2] }, { status = "working", inputs = case[3] }))
      end
      assert.are.equal("switch to the main input, remove the backup input",
        diff({ inputs = { main = input(LIVE) } }, { status = "working", active = "backup", inputs = both }))
    end)

    it("refuses to leave a running project without input", function()
      local steps, message, detail = ensure.diff(relay, wanted { inputs = {} }, described { status = "working" })
      assert.is_nil(steps)
      assert.are.equal("invalid.active_input", detail.code)
      assert.truthy(message:find("stop it first", 1, true))
      assert.are.equal("stop, remove the main input", diff({ inputs = {}, status = "idle" }, { status = "working" }))
    end)

    it("takes any validity of a push address for the same", function()
      local push = { main = { kind = "push", seconds = 60 } }
      assert.are.equal("",
        diff({ inputs = push }, { inputs = { main = { kind = "push", seconds = 59, url = "rtmp://h" } } }))
      assert.are.equal("change the main input", diff({ inputs = push }))
      local vod = { main = { kind = "vod", urls = { "https://h/1" }, loop = 0 } }
      assert.are.equal("",
        diff({ inputs = vod }, { inputs = { main = { kind = "vod", urls = { "https://h/1" }, loop = 0 } } }))
      assert.are.equal("change the main input",
        diff({ inputs = vod }, { inputs = { main = { kind = "vod", urls = { "https://h/1" }, loop = 1 } } }))
    end)

    it("starts last, stops first, and plans the stop of what runs", function()
      assert.are.equal("change the name, add the backup input, start",
        diff { name = "m", status = "working", stop_at = 5, inputs = { main = input(LIVE), backup = input(OTHER) } })
      assert.are.equal("stop, change the name", diff({ name = "m", status = "idle" }, { status = "working" }))
      assert.are.equal("change the stop time", diff({ stop_at = 5 }, { status = "working", stop_at = 9 }))
      assert.are.equal("", diff({ stop_at = 5 }, { status = "idle" }))
    end)
  end)

  describe("project:ensure()", function()
    local function spec(more)
      local made = { name = "n", owner = "o", input = LIVE, outputs = { { name = "a", url = "rtmp://h/a/hush" } } }
      for name, value in pairs(more or {}) do made[name] = value or nil end
      return made
    end

    it("creates what is not there, finds it the next time, and then does nothing", function()
      local service = model.new()
      assert.are.same({ "create" }, service:project(spec()):ensure())
      assert.are.same({ "CreateProject" }, service.writes)
      service:clear()
      local show = service:project(spec())
      assert.are.same({}, show:ensure())
      assert.is_string(show.id)
      assert.are.same({}, service.writes)
      assert.are.same({ "DescribeProjects", "DescribeProjects" }, service.calls)
    end)

    it("creates and starts in one go", function()
      local service = model.new()
      local show = service:project(spec())
      local stop_at = service.clock + 60
      local done = show:ensure { status = "working", stop_at = stop_at }
      assert.are.same({ "create", "start" }, done)
      assert.are.same({}, show:ensure { status = "working", stop_at = stop_at })
      assert.are.same({ "CreateProject", "Start", "ModifyCurrentStopTime" }, service.writes)
    end)

    it("goes on after a start in part, and says so", function()
      local service = model.new()
      service.refuse.Start = "FailedOperation.StartStreamConnectPartlyErr"
      local done, message, detail = service:project(spec()):ensure { status = "working",
        stop_at = service.clock + 60 }
      assert.are.same({ "create", "start" }, done)
      assert.are.equal(1, #detail.pending)
      assert.are.same({ "CreateProject", "Start", "ModifyCurrentStopTime" }, service.writes)
      assert.truthy(message:find("project 'n': ensure: started, but", 1, true), message)
    end)

    it("tells how far it came when a step fails", function()
      local service = model.new()
      assert(service:project(spec()):create())
      service.refuse.AddInput = "InternalError"
      local done, message, detail = service:project(spec { backup = OTHER,
        outputs = { "rtmp://h/a/hush", "rtmp://h/a/hush2" } }):ensure()
      assert.is_nil(done)
      assert.are.equal("api.InternalError", detail.code)
      assert.are.same({ "add output '2'" }, detail.done)
      assert.truthy(message:find("project 'n': ensure: add the backup input: HandleStreamConnectProject: ", 1, true))
    end)

    it("does not choose between two projects of the name", function()
      local service = model.new()
      assert(service:project(spec()):create())
      assert(service:project(spec()):create())
      service:clear()
      local _, message, detail = service:project(spec()):ensure()
      assert.are.equal("invalid.ambiguous", detail.code)
      assert.truthy(message:find("p1", 1, true) and message:find("p2", 1, true), message)
      assert.are.same({}, service.writes)
    end)

    it("checks the spec before anything is asked", function()
      local service = model.new()
      for _, bad in ipairs { { name = ("x"):rep(31) }, { input = "h" } } do
        assert.is_nil((service:project(spec(bad)):ensure()))
      end
      assert.is_nil((service:project(spec { outputs = false }):ensure { status = "working" }))
      assert.are.same({}, service.calls)
      local ok, message = pcall(function() service:project(spec()):ensure { status = "on" } end)
      assert.is_false(ok)
      assert.truthy(message:find "ensure_spec.lua:%d+: ensure: option 'status': 'idle' or 'working' is needed", message)
    end)

    it("refuses a project of another category", function()
      local service = model.new()
      local show = service:project(spec())
      assert(show:create())
      service.projects[show.id].Category = "MEDIA_CAST"
      assert.are.equal("invalid.category", select(3, show:ensure()).code)
    end)

    it("changes the picture of an idle MEDIA_CAST project only", function()
      local service = model.new()
      local start_at = service.clock + 60
      local function cast(media)
        return service:project { name = "n", owner = "o", category = "MEDIA_CAST", sources = { "https://h/1.mp4" },
          outputs = { "rtmp://h/a/hush" }, output_media = media, play = { auto_start_at = start_at } }
      end
      assert.are.same({ "create" }, cast { width = 640 }:ensure())
      assert.are.same({}, cast { width = 640 }:ensure())
      assert.are.same({ "change the picture" }, cast { width = 800 }:ensure())
      assert.are.same({ "start" }, cast { width = 800 }:ensure { status = "working" })
      assert.are.equal("invalid.working", select(3, cast { width = 640 }:ensure()).code)
      start_at = start_at + 60 -- past for a running one
      assert.are.same({}, cast { width = 800 }:ensure())
      assert.are.same({ "stop", "change the picture", "change the play settings" },
        cast { width = 640 }:ensure { status = "idle" })
    end)

    it("settles each of several additions against what the ones before it have added", function()
      local service = model.new()
      local function cast(outputs)
        return service:project { name = "n", owner = "o", category = "MEDIA_CAST", sources = { "https://h/1.mp4" },
          outputs = outputs }
      end
      assert(cast({ "rtmp://h/1" }):ensure())
      local nth = 0
      service.on_call = function(name)
        if name ~= "AddDestination" then return end
        nth = nth + 1
        service.lose.AddDestination = nth == 2 and "after" or nil
      end
      assert.are.equal(2, #assert(cast({ "rtmp://h/1", "rtmp://h/2", "rtmp://h/3" }):ensure()))
      assert.are.equal(2, nth)
      assert.are.same({}, cast({ "rtmp://h/1", "rtmp://h/2", "rtmp://h/3" }):ensure())
    end)

    -- ---- random pairs

    local function pick(random, list) return list[random(#list)] end

    local function random_outputs(random, most, prefix)
      local outputs = {}
      for i = 1, 6 do
        if #outputs < most and random(2) == 1 then
          outputs[#outputs + 1] = { name = random(3) > 1 and "n" .. random(6) or nil, url = prefix .. i }
        end
      end
      for i = #outputs, 2, -1 do
        local j = random(i)
        outputs[i], outputs[j] = outputs[j], outputs[i]
      end
      if #outputs == 0 then outputs[1] = { url = prefix .. 1 } end
      return outputs
    end

    local function random_stream_connect(random)
      local inputs = { LIVE, OTHER, { push = 60 }, { vod = { "https://h/1.mp4" }, loop = random(2) } }
      return spec { name = "n", owner = "o", input = pick(random, inputs), backup = pick(random, { inputs[1], inputs[2],
        inputs[3], false, false }), outputs = random_outputs(random, 6, "rtmp://h/a/") }
    end

    local function random_media_cast(random)
      local sources = {}
      for i = 1, random(6) do sources[i] = ("https://h/%d.mp4"):format(random(5)) end
      return { name = "n", owner = "o", category = "MEDIA_CAST", sources = sources,
        outputs = random_outputs(random, 6, "rtmp://h/a/"), play = { loop_count = random(2) } }
    end

    local function urls(state)
      local set = {}
      for _, entry in ipairs(state.OutputSet or state.DestinationInfos) do
        local output = entry.StreamConnectOutput or entry
        set[output.PushUrl] = output.Id
      end
      return set
    end

    local function urls_of(given)
      local set = {}
      for _, output in ipairs(given.outputs) do set[output.url] = true end
      return set
    end

    -- Outputs of the first that the second still wants; they must stay as they are all the time.
    local function staying(before, second)
      local stay = {}
      for url, id in pairs(before) do stay[url] = urls_of(second)[url] and id end
      return stay
    end

    local function check_pair(first, second, run)
      local service = model.new()
      local show = service:project(first)
      assert(show:create())
      if run then assert(show:start()) end
      local state = service:state(show.id)
      local stay = staying(urls(state), second)
      service:clear()
      service.on_call = function()
        for url, id in pairs(stay) do assert.are.equal(id, urls(state)[url], url) end
      end
      assert(service:project(second):ensure())
      for url, id in pairs(stay) do assert.are.equal(id, urls(state)[url], url) end
      for url in pairs(urls(state)) do assert.is_true(urls_of(second)[url] == true, url) end
      for url in pairs(urls_of(second)) do assert.is_string(urls(state)[url], url) end
      assert.are.equal(run and "Working" or "Idle", state.Status)
      for i, source in ipairs(second.sources or {}) do assert.are.equal(source, state.SourceInfos[i].Url) end
      assert.are.equal(second.sources and #second.sources, state.SourceInfos and #state.SourceInfos)
      service:clear()
      assert.are.same({}, service:project(second):ensure())
      assert.are.same({}, service.writes)
    end

    for name, make in pairs { STREAM_CONNECT = random_stream_connect, MEDIA_CAST = random_media_cast } do
      it("reaches any " .. name .. " spec from any other, idle or on the air, and is then content", function()
        local seed = 7
        local function random(n)
          seed = (seed * 1103515245 + 12345) % 2147483648
          return seed // 65536 % n + 1
        end
        for i = 1, 150 do check_pair(make(random), make(random), i % 2 == 0) end
      end)
    end
  end)
end)
