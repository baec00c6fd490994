-- SPDX-License-Identifier: MIT
-- The proof of `cme run`: a show of a minute in which a source, a destination and `cme run` itself are killed. CME_SEED
-- repeats its random moments. What is lost comes back once its loss was told, and the show ends once all is well:
-- however long that takes, the figures of the report, of the service and of the platforms must agree.

local uv = require "luv"

local media = require "spec.support.programs.media"
local proc = require "spec.support.proc"
local show_stage = require "spec.support.programs.show_stage"

-- Seconds.
local START_IN, LAST_KILL = 14, 52
local FAR = 3600 -- from the start to the stop time that the file has at first
local ENDS_IN = 10 -- from when all is well
local PATIENCE = 120
local ROUNDING = 1 -- of two clocks that tell the same moment
local GOP = 1
local BFRAMES = media.SMALL.bframes
local RECORDED = 0.8 -- of the time that an output was up: a busy machine is late, and a platform that is killed forgets
local BUSY = 10 -- an engine may be too busy to tell how it does (5 s), until the look after that

-- The inputs are the show's alone, and its limit is longer than a busy machine lets a source wait: the source that is
-- killed is the only loss.
local SERVICE = { "--failover", "off" }
local MORE = "checks = { ahead = 10 }, failover = { after = 6, failback_after = 8 },"

local function unix_now()
  local seconds, microseconds = uv.gettimeofday()
  return seconds + microseconds / 1e6
end

local function in_order(names, moments)
  for i = 2, #names do
    local before, after = moments[i - 1], moments[i]
    assert.is_true(before <= after + ROUNDING, ("%s at %.2f, %s at %.2f"):format(names[i - 1], before, names[i], after))
  end
end

local function within(least, value, most, what)
  assert.is_true(least <= value and value <= most, ("%s: %.2f, not %.2f to %.2f"):format(what, value, least, most))
end

local function recordings_of(platform, app)
  local found = {}
  for _, file in ipairs(platform:recordings(app)) do
    if file:find("proof", 1, true) then found[#found + 1] = media.report(file) end
  end
  return found
end

-- What was told to be lost and found. An alert that is under way when its teller is killed may come twice.
local function incidents_of(alerts)
  local list, known = {}, {}
  for _, alert in ipairs(show_stage.read_lines(alerts)) do
    local line = ("%s %s %s"):format(alert.state, alert.kind, alert.name or alert.id)
    if alert.kind ~= "notice" and not known[line .. alert.at] then list[#list + 1] = line end
    known[line .. alert.at] = true
  end
  return list
end

local function output_of(list, name)
  for _, output in ipairs(list.outputs) do
    if output.name == name then return output end
  end
  error(("there is no output '%s'"):format(name))
end

-- ---- the show

---@class proof
---@field stage spec.show_stage
---@field start_at integer
---@field stop_at integer|nil once all is well
---@field path string of the show file
---@field alerts string what its alerts are written to
---@field run spec.proc
---@field blind number seconds in which no `cme run` looked
---@field at table<string, number> unix seconds, when what was done
---@field health cme.project.health the last in which all was well
---@field first_health cme.project.health the last before the first loss
local Proof = {}
Proof.__index = Proof

local function begin(stage)
  local self = setmetatable({ stage = stage, start_at = os.time() + START_IN, blind = 0, at = {} }, Proof)
  self.path, self.alerts = stage:write_show("proof", self.start_at, self.start_at + FAR, MORE)
  self.run = stage:run({ self.path }, { "--json" })
  return self
end

-- Kills `cme run`, and runs it again.
function Proof:kill()
  local from = unix_now()
  self.run:destroy()
  self.run = self.stage:run({ self.path }, { "--json" })
  self.run:expect("%b{}\n", PATIENCE)
  self.blind = self.blind + unix_now() - from
end

function Proof:all_well()
  return self.stage:service_says("proof", function(health)
    local well = health.outputs[2] and health.inputs.main.state == "live" and health.inputs.backup.state == "live"
    for _, output in ipairs(health.outputs) do well = well and output.state == "live" end
    self.health = health
    return well
  end)
end

-- What is done when, in seconds from the start, but not before it is ready.
function Proof:plan()
  local stage = self.stage
  local function told(count) return #incidents_of(self.alerts) >= count end
  local on_backup = stage:service_says("proof", function(health) return health.active == "backup" end)
  local on_main = stage:service_says("proof", function(health) return health.active == "main" end)
  local well, well_again = self:all_well(), self:all_well()
  local plan = {
    { at = 12, what = "main_down", ready = well, act = function()
      self.first_health = self.health
      stage.sources.main:destroy()
    end },
    { at = 20, what = "main_up", ready = function() return told(1) and on_backup() end,
      act = function() stage:publish "main" end },
    { at = 36, what = "platform_down", ready = function() return told(2) and on_main() end,
      act = function() stage.other.proc:destroy() end },
    { at = 44, what = "platform_up", ready = function() return told(3) end, act = function() stage.other:up() end },
    { at = LAST_KILL, what = "end", ready = function() return told(4) and well_again() end, act = function()
      self.stop_at = os.time() + ENDS_IN
      stage:write_show("proof", self.start_at, self.stop_at, MORE)
      self:kill()
    end },
  }
  for _ = 1, 2 do
    plan[#plan + 1] = { at = 2 - START_IN + math.random() * (LAST_KILL + START_IN - 2), what = "kill",
      ready = function() return true end, act = function() self:kill() end }
  end
  table.sort(plan, function(a, b) return a.at < b.at end)
  return plan
end

function Proof:perform(seed)
  for _, event in ipairs(self:plan()) do
    proc.eventually(function()
      return ("%s (seed %d); told: %s; the run said:\n%s"):format(event.what, seed,
        table.concat(incidents_of(self.alerts), ", "), self.run:output())
    end, PATIENCE, function() return unix_now() >= self.start_at + event.at and event.ready() end)
    self.at[event.what] = unix_now()
    io.stderr:write(("%s at %.1f s (seed %d)\n"):format(event.what, self.at[event.what] - self.start_at, seed))
    event.act()
  end
  assert.equal(0, (self.run:wait(PATIENCE)), self.run:output())
  self.stage:expect_off_air "proof"
end

-- ---- what must agree

-- The report counts every second from the first picture to the end, each once; the service tells when the first was.
local function assert_counted(output, live_since, tally, what)
  local gaps = 0
  for _, gap in ipairs(output.gaps) do gaps = gaps + gap.to - gap.from end
  local length = tally.to - live_since
  within(0, output.up, length - gaps + ROUNDING, what .. " was up")
  within(length - ROUNDING, output.up + gaps + output.unknown, tally.to - tally.from + ROUNDING, what .. " in all")
end

local function assert_start_and_end(proof, tally, a)
  in_order({ "the start", "on the air", "A's publish", "A live" },
    { proof.start_at, tally.from, a.at, output_of(proof.health, "A").since })
  assert.equal(proof.stop_at, tally.to)
  assert.is_true(a.ended >= proof.stop_at, ("stopped at %.2f, not %d"):format(a.ended, proof.stop_at))
end

local function assert_outputs(proof, tally, b)
  local a_up, b_up = output_of(tally, "A"), output_of(tally, "B")
  local a_since, b_since = output_of(proof.first_health, "A").since, output_of(proof.first_health, "B").since
  assert_counted(a_up, a_since, tally, "A")
  assert_counted(b_up, b_since, tally, "B")
  for _, output in ipairs(tally.outputs) do
    within(0, output.unknown, math.max(a_since, b_since) - tally.from + proof.blind + BUSY, "unknown")
  end
  assert.same({}, a_up.gaps)
  assert.equal(1, #b_up.gaps)
  local gap, again = b_up.gaps[1], output_of(proof.health, "B").since
  in_order({ "B killed", "down from", "B back", "its second publish", "live again" },
    { proof.at.platform_down, gap.from, proof.at.platform_up, b[2].at, again })
  within(again - ROUNDING, gap.to, again + ROUNDING, "B was down until")
end

local function assert_switches(proof, tally)
  local list = {}
  for i, switch in ipairs(tally.switches) do list[i] = ("%s to %s"):format(switch.from, switch.to) end
  assert.same({ "main to backup", "backup to main" }, list)
  in_order({ "main killed", "the failover", "the failback" },
    { proof.at.main_down, tally.switches[1].at, tally.switches[2].at })
  in_order({ "main back", "the failback" }, { proof.at.main_up, tally.switches[2].at })
end

-- A recording misses nothing but what came between two inputs.
local function assert_whole(recording, longest_gap)
  assert.equal(0, recording.backward)
  local changes, frames = {}, 0
  for i, look in ipairs(recording.sizes) do
    frames = frames + look.frames
    changes[i] = frames
  end
  for i, gap in ipairs(recording.gaps) do
    within(changes[i] - BFRAMES, gap.pictures, changes[i] + BFRAMES, "the pictures before gap " .. i)
    within(0, gap.seconds, longest_gap, "gap " .. i)
  end
end

local function assert_recordings(proof, tally, at_a, at_b)
  local lost = proof.at.main_up - proof.at.main_down + BUSY
  assert.same({ 1, 2 }, { #at_a, #at_b })
  assert.equal("320x180 256x144 320x180", at_a[1].looks)
  local seconds_of_b = 0
  for _, recording in ipairs { at_a[1], at_b[1], at_b[2] } do assert_whole(recording, lost) end
  for _, recording in ipairs(at_b) do seconds_of_b = seconds_of_b + recording.seconds + GOP end
  local a_up, b_up = output_of(tally, "A").up, output_of(tally, "B").up
  within(a_up * RECORDED, at_a[1].seconds + GOP, a_up + BUSY, "A's recording")
  within(b_up * RECORDED, seconds_of_b, b_up + BUSY, "B's recordings")
end

describe("cme run", function()
  local stage

  setup(function()
    stage = show_stage.start(SERVICE)
  end)

  teardown(function()
    if stage then stage:stop() end
  end)

  it("does a show of a minute, killed twice itself, with a source and a destination that die", function()
    local seed = tonumber(os.getenv "CME_SEED") or os.time()
    math.randomseed(seed)
    local proof = begin(stage)
    proof:perform(seed)

    -- One publish per destination, one more of the one that was killed; one alert per loss and per end of one.
    local a, b = stage:at_a "proof", stage:at_b "proof"
    assert.same({ 1, 2 }, { #a, #b })
    assert.same({ "open input main", "closed input main", "open output B", "closed output B" },
      incidents_of(proof.alerts))

    local tally = show_stage.tally_of(proof.run)
    assert_start_and_end(proof, tally, a[1])
    assert_outputs(proof, tally, b)
    assert_switches(proof, tally)

    assert_recordings(proof, tally, recordings_of(stage.rtmp, "a"), recordings_of(stage.other, "b"))
  end)
end)
