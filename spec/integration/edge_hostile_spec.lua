-- SPDX-License-Identifier: MIT
-- Strangers do to cme-edge what they like: a healthy encoder beside them loses no packet, and memory stays bounded.

local edge = require "spec.support.programs.edge"
local encoder = require "spec.support.fakes.encoder"
local flv = require "spec.support.proofs.flv"
local hostile = require "spec.support.proofs.hostile"
local proc = require "spec.support.proc"
local villains = require "spec.support.proofs.strangers"

local STRANGER = 16 * 1024 -- bytes that one may take
local SLACK = 8 * 1024 * 1024 -- of an allocator, and of what the kernel counts for us
local CROWD = 1000
local SANITIZED = (os.getenv "CME_BUILD" or ""):find "san" ~= nil

describe("cme-edge among strangers", function()
  local it_runs, healthy, reader, sent, strangers

  -- An encoder with a reader; `beat` sends a picture, and all of them are counted at the end.
  local function start(...)
    it_runs = edge.start(...)
    it_runs:set { good = "hush-good", other = "hush-other" }
    healthy, sent, strangers = encoder.connect(it_runs.port), 0, {}
    reader = it_runs:read "good"
    healthy:send(encoder.opening("output", "hush-good"))
    healthy:expect "NetStream.Publish.Start"
  end

  local function beat()
    sent = sent + 1
    healthy:media(flv.tag(flv.VIDEO, sent, (sent % 30 == 1 and "\x17" or "\x27") .. "\1\0\0\0picture " .. sent))
  end

  local function connect()
    local one = encoder.connect(it_runs.port)
    strangers[#strangers + 1] = one
    return one
  end

  local function check()
    beat()
    healthy:send(encoder.command("FCUnpublish", 6, encoder.null, "hush-good"))
    local tags = reader:all()
    assert.are.equal(sent, #tags)
    for i, tag in ipairs(tags) do
      assert.are.equal(i, tag.timestamp)
      assert.are.equal("picture " .. i, tag.data:sub(6))
    end
  end

  after_each(function()
    for _, one in ipairs(strangers) do one:close() end
    healthy:close()
    it_runs:stop()
    assert.are.same({}, proc.cleanup())
  end)

  it("gives each its end, and an encoder all of its packets", function()
    start("--per-address", "2000")
    local before = it_runs:memory()
    for _, attack in pairs(villains.attacks) do
      for _ = 1, 20 do
        attack(connect())
        beat()
      end
    end
    for _, one in ipairs(strangers) do
      if one.socket:is_active() then one:expect_closed() end
    end
    proc.eventually("the strangers to be gone", 30, function()
      local _, stat = it_runs:stat "good"
      return stat.connections == 1
    end)
    if not SANITIZED then assert.is_true(it_runs:memory() - before < SLACK) end
    check()
  end)

  it("takes a thousand that only wait, at 16 KB each, for 5 s", function()
    start("--per-address", "2000", "--strangers", "2000")
    local before = it_runs:memory()
    local most = 0
    for i = 1, CROWD do
      connect():send(encoder.handshake:sub(1, i % 2 == 0 and 1537 or 3000))
      if i % 10 == 0 then beat() end
      if i % 100 == 0 then most = math.max(most, it_runs:memory()) end
    end
    if not SANITIZED then assert.is_true(most - before < CROWD * STRANGER + SLACK) end
    proc.eventually("all of them to be sent away", 30, function()
      local _, stat = it_runs:stat "good"
      return stat.strangers == 0
    end)
    check()
  end)

  it("takes so many of one address, whatever they do", function()
    start("--per-address", "10")
    local function stat() return select(2, it_runs:stat "good") end
    -- The nine are sent away after 5 s: where this machine stood still for so long, all of it begins again.
    proc.eventually("all others to be turned away", 60, function()
      proc.eventually("the encoder to be alone", 30, function() return stat().connections == 1 end)
      local before = stat().turned_away
      for _ = 1, 9 do connect():send(encoder.handshake) end
      for _ = 1, 20 do
        connect():expect_closed()
        beat()
      end
      return stat().turned_away == before + 20
    end)
    check()
  end)

  it("bounds what an encoder with a good key sends, too", function()
    start()
    local own, before = connect(), it_runs:memory()
    local pushed = it_runs:read "other"
    own:send(encoder.opening("output", "hush-other"))
    own:expect "NetStream.Publish.Start"
    pushed:pause()
    local script = encoder.message(4, 18, "\2\0\10onMetaData" .. ("x"):rep(60000), 0, 60000)
    for i = 1, 1500 do -- 90 MB
      own:send(script)
      if i % 10 == 0 then
        beat()
        proc.eventually("the edge to have taken it", 20, function() return own.socket:write_queue_size() == 0 end)
      end
    end
    if not SANITIZED then assert.is_true(it_runs:memory() - before < 40 * 1024 * 1024 + SLACK) end
    pushed:close()
    check()
  end)
end)

describe("cme-edge among crowds", function()
  local INSIDER = 64 -- MB that an encoder with a key and a reader that takes nothing may take
  local SLACK_MB = 16

  after_each(function() assert.are.same({}, proc.cleanup()) end)

  it("costs a healthy ffmpeg no packet, whatever a thousand changed sessions say", function()
    local crowd = hostile.start()
    local before = crowd:attacked(1).peak
    local betrayed = crowd:betrayed(8 * 1024 * 1024)
    local sessions = crowd:sessions(SANITIZED and 300 or 1000, 13)
    assert.is_true(crowd:finish() > 0)
    if SANITIZED then return end
    assert.is_true(betrayed.peak < before + INSIDER + SLACK_MB, "MB " .. betrayed.peak)
    assert.is_true(sessions.peak < before + INSIDER + SLACK_MB, "MB " .. sessions.peak)
  end)
end)
