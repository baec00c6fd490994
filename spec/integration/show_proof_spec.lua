-- SPDX-License-Identifier: MIT
-- The proof of `cme run`: a show of a minute in which a source, a destination and `cme run` itself are killed. CME_SEED
-- repeats its random moments.

local uv = require "luv"

local media = require "spec.support.programs.media"
local proc = require "spec.support.proc"
local show_stage = require "spec.support.programs.show_stage"

local function unix_now()
  local seconds, microseconds = uv.gettimeofday()
  return seconds + microseconds / 1e6
end

describe("cme run", function()
  local stage

  setup(function()
    stage = show_stage.start()
  end)

  teardown(function()
    if stage then stage:stop() end
  end)

  local START_IN, LENGTH = 14, 60 -- seconds

  -- What happens when, in seconds from the start.
  local function timeline(random)
    local plan = {
      { at = 12, what = "main_down" }, { at = 20, what = "main_up" },
      { at = 36, what = "platform_down" }, { at = 44, what = "platform_up" },
    }
    for _ = 1, 2 do plan[#plan + 1] = { at = random(-START_IN + 2, LENGTH - 8), what = "kill" } end
    table.sort(plan, function(a, b) return a.at < b.at end)
    return plan
  end

  local function recordings_of(platform, app, name)
    local found = {}
    for _, file in ipairs(platform:recordings(app)) do
      if file:find(name, 1, true) then found[#found + 1] = file end
    end
    return found
  end

  local function near(expected, given, tolerance, what)
    assert.is_true(math.abs(expected - given) <= tolerance, ("%s: %.2f, not %.2f"):format(what, given, expected))
  end

  it("does a show of a minute, killed twice itself, with a source and a destination that die", function()
    local seed = tonumber(os.getenv "CME_SEED") or os.time()
    math.randomseed(seed)
    local random = function(from, to) return from + math.random() * (to - from) end
    local start_at = os.time() + START_IN
    local stop_at = start_at + LENGTH
    local path, alerts = stage:write_show("proof", start_at, stop_at,
      "checks = { ahead = 10 }, failover = { after = 3, failback_after = 8 },")
    local run, moments = nil, {}
    local does = {
      main_down = function() stage.sources.main:destroy() end,
      main_up = function() stage:publish "main" end,
      platform_down = function() stage.other.proc:destroy() end,
      platform_up = function() stage.other:up() end,
      kill = function()
        -- An alert that is under way when its teller is killed may come twice.
        local before = #show_stage.read_lines(alerts)
        proc.elapse(0.5)
        if #show_stage.read_lines(alerts) ~= before then proc.elapse(0.5) end
        run:destroy()
        run = stage:run({ path }, { "--json" })
      end,
    }
    run = stage:run({ path }, { "--json" })
    for _, event in ipairs(timeline(random)) do
      proc.eventually(event.what, LENGTH + 60, function() return unix_now() >= start_at + event.at end)
      moments[event.what] = unix_now()
      io.stderr:write(("%s at %.1f s (seed %d)\n"):format(event.what, moments[event.what] - start_at, seed))
      does[event.what]()
    end
    assert.equal(0, (run:wait(LENGTH + 60)), run:output())
    stage:expect_off_air "proof"

    -- Started and stopped on time; one publish per destination, one more of the one that was killed.
    local a, b = stage:at_a "proof", stage:at_b "proof"
    assert.same({ 1, 2 }, { #a, #b })
    near(start_at, a[1].at, 10, "the start")
    near(stop_at, a[1].ended, 5, "the end")
    assert.is_true(a[1].at >= start_at)

    -- One alert per incident.
    local told = {}
    for _, alert in ipairs(show_stage.read_lines(alerts)) do
      local incident = alert.kind ~= "notice" -- the test of the alarm is none
      told[#told + 1] = incident and ("%s %s %s"):format(alert.state, alert.kind, alert.name or alert.id) or nil
    end
    assert.same({ "open input main", "closed input main", "open output B", "closed output B" }, told)

    -- The report's figures are those of the platforms.
    local tally = show_stage.tally_of(run)
    local report = {}
    for _, output in ipairs(tally.outputs) do report[output.name] = output end
    near(a[1].at, tally.from, 3, "on the air from")
    near(stop_at, tally.to, 0.5, "on the air until")
    near(a[1].ended - a[1].at, report.A.up, 3, "A was up")
    assert.same({}, report.A.gaps)
    assert.equal(1, #report.B.gaps)
    near(moments.platform_down, report.B.gaps[1].from, 3, "B was down from")
    near(b[2].at, report.B.gaps[1].to, 3, "B was down until")
    near(moments.platform_down - b[1].at + b[2].ended - b[2].at, report.B.up, 4, "B was up")
    assert.is_true(report.A.unknown < 5 and report.B.unknown < 5)
    local switches = {}
    for i, switch in ipairs(tally.switches) do switches[i] = ("%s to %s"):format(switch.from, switch.to) end
    assert.same({ "main to backup", "backup to main" }, switches)
    near(moments.main_down + 3, tally.switches[1].at, 5, "the failover")

    -- The recordings are complete but for the failover's gap, which is where the source was killed.
    local recording = media.report(recordings_of(stage.rtmp, "a", "proof")[1])
    assert.equal(0, recording.backward)
    near(a[1].ended - a[1].at, recording.seconds, 3, "A's recording")
    assert.is_true(#recording.gaps <= 1)
    if recording.gaps[1] then
      near(moments.main_down - a[1].at, recording.gaps[1].at, 4, "the gap")
      assert.is_true(recording.gaps[1].seconds < 4)
    end
    assert.equal("320x180 256x144 320x180", recording.looks)
    local whole = 0
    for _, file in ipairs(recordings_of(stage.other, "b", "proof")) do
      local packets = media.packets(file)
      assert.equal(0, packets.backward)
      whole = whole + packets.seconds
    end
    near(report.B.up, whole, 5, "B's recordings")
  end)
end)
