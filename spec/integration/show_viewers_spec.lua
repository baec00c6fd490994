-- SPDX-License-Identifier: MIT
-- `cme run` looks at what viewers see: a show of which one destination's picture turns green, and another one's sound
-- falls silent; one that is gone for its viewers; and a cme-look that cannot work, which hurts no show.

local broadcasts = require "spec.support.programs.broadcasts"
local notebook = require "cme.show.notebook"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local show_stage = require "spec.support.programs.show_stage"

local FAR = 600 -- seconds from now: what ends before that was told to
local FILM, TURNS = 50, 22 -- seconds of a film, and when its fault begins
local SEED = 5
local PATIENCE = 90 -- seconds for what takes twenty on an idle machine

-- As the film until a moment.
local GREEN = { picture = ("drawbox=c=green:t=fill:enable='gte(t,%d)'"):format(TURNS), state = "flat" }
local SILENT = { sound = ("volume=0:enable='gte(t,%d)'"):format(TURNS), state = "silent" }

describe("cme run looks at what viewers see:", function()
  local stage, viewers, films

  setup(function()
    stage = show_stage.start()
    viewers = nginx.start { apps = { "look" } }
    films = {}
    for name, kind in pairs { green = GREEN, silent = SILENT } do
      films[name] = broadcasts.make(("%s/%s.flv"):format(stage.folder, name), kind, FILM, SEED)
    end
  end)

  teardown(function()
    if viewers then viewers:stop() end
    if stage then stage:stop() end
  end)

  -- A show file with addresses of viewers; `more` is Lua text.
  local function write(name, watch, more)
    local path, alerts = stage:write_show(name, os.time(), os.time() + FAR, 'on_sigterm = "stop",' .. (more or ""))
    local text = io.open(path):read "a"
    for output, url in pairs(watch) do
      text = text:gsub(('name = "%s",'):format(output), ('%%0 watch = "%s",'):format(url))
    end
    show_stage.write(path, text)
    return path, alerts
  end

  local function told(alerts)
    local list = {}
    for _, alert in ipairs(show_stage.read_lines(alerts)) do
      if alert.kind == "viewers" then list[#list + 1] = alert end
    end
    table.sort(list, function(a, b) return a.name < b.name end)
    return list
  end

  local function is_jpeg(path)
    local file = assert(io.open(path, "rb"))
    local head = file:read(2)
    file:close()
    return head == "\xff\xd8"
  end

  -- The figures of viewers that a show has written down so far.
  local function figures(name)
    local memory = notebook.load(("%s/%s.memory.json"):format(stage.folder, name))
    return memory and memory.tally.viewers or {}
  end

  local function count_faulty(list)
    local count = 0
    for _, one in ipairs(list) do
      assert.is_true(one.good <= one.known)
      count = count + (one.good < one.known and 1 or 0)
    end
    return count
  end

  -- Two shows at once: that of the alerts, and one that nobody can watch.
  it("one alert with a picture for each that turns green or silent, a new connection for one that is gone", function()
    local path, alerts = write("viewers", { A = viewers:url("look", "green"), B = viewers:url("look", "silent") },
      "look_every = 4, look_source = false,")
    local gone, gone_alerts = write("gone", { A = viewers:url("look", "nobody") },
      'look_every = 2, on_look = { gone = "kick" },')
    local run = stage:run({ path, gone }, { "--json" })
    stage:expect_on_air "viewers"
    broadcasts.publish(viewers:url("look", "green"), films.green)
    broadcasts.publish(viewers:url("look", "silent"), films.silent)
    proc.eventually(function() return "a second publish:\n" .. run:output() end, PATIENCE, function()
      return stage:at_a("gone")[2] and run.out:find '"reconnected"'
    end)
    proc.eventually(function() return "two alerts, and figures:\n" .. run:output() end, PATIENCE, function()
      return told(alerts)[2] and count_faulty(figures "viewers") == 2
    end)
    run:kill()
    assert.equal(0, (run:wait(40)), run:output())
    local list = told(alerts)
    assert.same({ 2, "A open flat", "B open silent" }, { #list, ("%s %s %s"):format(list[1].name, list[1].state,
      list[1].look), ("%s %s %s"):format(list[2].name, list[2].state, list[2].look) })
    assert.equal("viewers see one colour", list[1].reason)
    assert.is_true(is_jpeg(list[1].picture) and is_jpeg(list[2].picture))
    for _, one in ipairs(figures "viewers") do assert.is_true(one.good > 0, one.name) end
    assert.same({ 2, 1 }, { #stage:at_a "gone", #stage:at_b "gone" })
    assert.same({ "gone" }, { told(gone_alerts)[1].look })
  end)

  it("one warning, and the show, where cme-look cannot work", function()
    local bin = stage.folder .. "/bin"
    assert(os.execute(("mkdir -p %s && ln -sf /bin/false %s/cme-look"):format(bin, bin)))
    local path = write("blind", { A = viewers:url("look", "green") }, "look_every = 2,")
    local run = stage:run({ path }, { "--json", "--look", bin .. "/cme-look" })
    stage:expect_on_air "blind"
    proc.eventually(function() return "the warning:\n" .. run:output() end, PATIENCE, function()
      return run.out:find "cme%-look ended"
    end)
    run:kill()
    assert.equal(0, (run:wait(40)), run:output())
    local tally = show_stage.tally_of(run)
    assert.equal(1, select(2, run.out:gsub("cme%-look ended", "")))
    assert.same({}, tally.outputs[1].gaps)
    assert.is_nil(tally.viewers)
  end)
end)
