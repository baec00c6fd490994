-- SPDX-License-Identifier: MIT
-- The slates of running projects, without ffmpeg: what is made when, what engines are told, and what is said of it.

local codes = require "cme.codes"
local form = require "cme.server.slate.form"
local luv = require "cme.net.loop.luv"
local slate = require "cme.server.slate"
local task = require "cme.task"

local SAID = { event = "programme", video = "h264", profile = 100, width = 640, height = 360, fps = 30, audio = "aac",
  sample_rate = 44100, channels = 2 }

local function said(fields)
  local event = {}
  for name, value in pairs(SAID) do event[name] = value end
  for name, value in pairs(fields) do event[name] = value end
  return event
end

local function record(wanted, run)
  return { id = "p", started_at = run or 1, input = { Slate = wanted } }
end

local function name_of(fields, source)
  return "/slates/" .. form.name(form.read(said(fields or {})), source)
end

describe("cme.server.slate", function()
  local subject, there, made, updated, told, removed, answer, gate, tidied

  before_each(function()
    there, made, updated, told, removed, answer, gate, tidied = {}, {}, {}, {}, {}, {}, nil, 0
    local function note() end
    subject = slate.new {
      cache = {
        path = function(_, name) return "/slates/" .. name end,
        has = function(_, path) return there[path] or false end,
        remove = function(_, path) there[path], removed[#removed + 1] = nil, path end,
        prepare = function() return true end,
        tidy = function() tidied = tidied + 1 end,
      },
      library = { find = function(_, name)
        if name == "soon" then return "/media/soon.png" end
        return nil, codes.reason "word:no_file"
      end },
      maker = {
        source = function(path) return { path = path, size = 5, changed = 6, still = true } end,
        look = function() return true end,
        make = function(path, programme, source, _, hold)
          made[#made + 1] = { path = path, programme = programme, source = source }
          if gate then
            local stopped
            if hold then
              hold.stop = function()
                stopped = true
                gate:notify()
              end
            end
            gate:wait()
            if stopped then return codes.fail "server.slate:stopped" end
          end
          if answer[1] then return codes.fail(table.remove(answer, 1)) end
          there[path] = true
          return true
        end,
      },
      tools = { preset = "veryfast" },
      update = function(id) updated[#updated + 1] = id end,
      told = function(id, status, message) told[#told + 1] = { id, status, message } end,
      log = { info = note, warn = note, error = note },
      clock = { now = function() return 100 end },
      delay = function() return 1e6 end,
    }
  end)

  -- What still waits ends.
  after_each(function() subject:spec(record(nil)) end)

  -- Lets every task go on that can.
  local function settle()
    for _ = 1, 20 do task.sleep(0) end
  end

  local function case(name, body)
    it(name, function() luv.run(body) end)
  end

  case("tells the engine of none where none is wanted", function()
    assert.is_nil(subject:spec(record(nil)))
    assert.is_nil(subject:state "p")
    subject:event("p", SAID)
    settle()
    assert.are.same({}, made)
  end)

  case("makes black of the programme's measure first, then the file, and tells of each", function()
    assert.are.same({ after = 3 }, subject:spec(record { Name = "soon" }))
    assert.are.equal("making", (subject:state "p"))
    subject:event("p", SAID)
    settle()
    assert.are.same({ name_of(), name_of({}, { path = "/media/soon.png", size = 5, changed = 6 }) },
      { made[1].path, made[2].path })
    assert.is_nil(made[1].source)
    assert.are.same({ "p", "p" }, updated)
    assert.are.equal("ready", (subject:state "p"))
    assert.are.same({ after = 3, file = made[2].path }, subject:spec(record { Name = "soon" }))
  end)

  case("makes nothing again that is there", function()
    there[name_of()] = true
    subject:spec(record { Name = "" })
    subject:event("p", SAID)
    settle()
    assert.are.same({}, made)
    assert.are.equal(name_of(), subject:spec(record { Name = "" }).file)
  end)

  case("makes another one when the programme becomes another, not when it is told again", function()
    subject:spec(record { Name = "" })
    subject:event("p", SAID)
    settle()
    subject:stat("p", { programme = SAID })
    settle()
    assert.are.equal(1, #made)
    subject:event("p", said { width = 1280, height = 720 })
    settle()
    assert.are.equal(name_of { width = 1280, height = 720 }, made[2].path)
  end)

  case("knows the programme of a run whose slate is wished on the air, and no other run's", function()
    subject:event("p", SAID)
    subject:spec(record({ Name = "" }, 99))
    settle()
    assert.are.equal(name_of(), made[1].path)
    subject:spec(record({ Name = "", Format = { Width = 16 } }, 101))
    settle()
    assert.are.equal(1, #made)
    subject:event("p", { event = "stopped" })
    subject:spec(record(nil, 99))
    subject:spec(record({ Name = "" }, 99))
    settle()
    assert.are.equal(1, #made)
  end)

  case("gives up one of the default format when the programme becomes known", function()
    gate = task.signal()
    subject:spec(record { Name = "", Format = { Width = 320, Height = 180 } })
    task.sleep(0) -- it waits for the programme, and is woken here in place of the time
    subject._of.p.changed:notify()
    settle()
    assert.are.same({ 320, 180 }, { made[1].programme.width, made[1].programme.height })
    subject:event("p", SAID)
    settle()
    assert.are.equal(name_of(), made[2].path)
    gate:notify()
    settle()
    assert.are.equal("ready", (subject:state "p"))
    assert.are.same({ "p" }, updated)
    assert.are.same({}, told)
  end)

  case("says once why it failed, and tries again", function()
    answer = { "server.slate:nothing", "server.slate:nothing" }
    subject:spec(record { Name = "" })
    subject:event("p", SAID)
    settle()
    local state, fault = subject:state "p"
    assert.are.same({ "failed", "server.slate", 100 }, { state, fault.detail.code, fault.at })
    for _ = 1, 2 do
      subject._of.p.changed:notify()
      settle()
    end
    assert.are.same({ "ready" }, { subject:state "p" })
    assert.are.equal(3, #made)
    assert.are.same({ { "p", "Failed", "there is no picture in it" } }, told)
  end)

  case("keeps black when the file cannot be had", function()
    subject:spec(record { Name = "gone" })
    subject:event("p", SAID)
    settle()
    assert.are.equal("failed", (subject:state "p"))
    assert.are.equal(name_of(), subject:spec(record { Name = "gone" }).file)
    subject:spec(record { Name = "" })
    settle()
    assert.are.equal("ready", (subject:state "p"))
  end)

  case("makes a file anew that the engine cannot read", function()
    subject:spec(record { Name = "" })
    subject:event("p", SAID)
    settle()
    subject:event("p", { event = "input", endpoint = "slate", state = "down", reason = "cut off" })
    settle()
    assert.are.same({ name_of() }, removed)
    assert.are.equal(2, #made)
    assert.are.equal("Failed", told[1][2])
    assert.are.equal(name_of(), subject:spec(record { Name = "" }).file)
  end)

  case("does not make without end what the engine cannot read", function()
    subject:spec(record { Name = "" })
    subject:event("p", SAID)
    settle()
    for _ = 1, 5 do
      subject:event("p", { event = "input", endpoint = "slate", state = "down", reason = "cut off" })
      settle()
    end
    assert.are.equal(2, #made)
    assert.are.equal("failed", (subject:state "p"))
  end)

  case("tells when it is on the air, and no more", function()
    subject:spec(record { Name = "" })
    subject:event("p", { event = "slate", on = true })
    subject:event("p", { event = "slate", on = false })
    assert.are.same({ { "p", "On" }, { "p", "Off" } }, told)
  end)

  case("forgets a run that is over", function()
    subject:spec(record({ Name = "" }, 1))
    subject:event("p", SAID)
    settle()
    assert.are.same({ after = 3 }, subject:spec(record({ Name = "" }, 101)))
    assert.is_nil(subject:spec(record(nil, 101)))
    assert.is_nil(subject:state "p")
  end)

  case("waits for nothing that is not wished any more", function()
    subject:spec(record { Name = "" }) -- waits for the programme
    task.sleep(0)
    subject:spec(record(nil))
    settle()
    assert.are.equal(1, tidied) -- the last thing that its task does

    answer = { "server.slate:nothing" }
    subject:spec(record { Name = "" })
    subject:event("p", SAID)
    settle() -- waits until it may try again
    assert.are.equal("failed", (subject:state "p"))
    subject:spec(record(nil))
    settle()
    assert.are.equal(2, tidied)
  end)

  case("tells nothing of one that failed when it was not wished any more", function()
    gate, answer = task.signal(), { "server.slate:nothing" }
    subject:spec(record { Name = "" })
    subject:event("p", SAID)
    settle()
    subject:spec(record(nil))
    gate:notify()
    settle()
    assert.are.same({}, told)
    assert.are.equal(1, tidied)
  end)

  case("cannot be made for what ffmpeg has no encoder for here", function()
    subject:spec(record { Name = "" })
    subject:event("p", said { video = "av1" })
    settle()
    assert.are.equal("server.slate.unsupported", select(2, subject:state "p").detail.code)
    assert.are.same({}, made)
  end)

  it("has limits", function()
    assert.is_nil(slate.fault { Name = "x", After = 0.5, Format = { Width = 16, Height = 3840, FrameRate = 120 } })
    for _, wrong in ipairs { { After = 0.4 }, { After = 61 }, { Format = { Width = 641 } },
      { Format = { Height = 3842 } }, { Format = { FrameRate = 0.5 } } } do
      assert.is_truthy(slate.fault(wrong))
    end
  end)
end)
