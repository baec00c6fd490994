-- SPDX-License-Identifier: MIT
local messages = require "cme.cli.messages"
local run_words = require "cme.cli.run_words"

local t = messages.translator "en"
local NOW = os.time { year = 2026, month = 11, day = 22, hour = 22 }

local function lines(what, fields)
  return run_words.lines(what, fields, t, NOW)
end

describe("cme.cli.run_words", function()
  it("says what happens", function()
    for _, case in ipairs {
      { "taken_up", { started_at = NOW - 60 }, "on the air since 21:59:00" },
      { "waiting", { until_at = NOW + 60 }, "waiting until 22:01:00" },
      { "checked", { findings = { { what = "key", ok = true } } }, "all 1 checks passed" },
      { "checked", { findings = { { what = "key", ok = true }, { what = "platform A", ok = true, warning = true,
        message = "no sound" } } }, "check platform A: warning: no sound", "all 2 checks passed" },
      { "checked", { findings = { { what = "key", ok = true }, { what = "output A", ok = false, message = "no" } } },
        "check output A: no" },
      { "prepared", { done = {} }, "prepared: nothing to change" },
      { "prepared", { done = { "create", "add output 'A'" } }, "prepared: create, add output 'A'" },
      { "started", {}, "started" },
      { "started", { partial = "output 'A'" }, "started, not all of it works yet: output 'A'" },
      { "stop_at", { at = NOW }, "the service stops it at 22:00:00" },
      { "switched", { from = "main", to = "backup" }, "switched from main to backup" },
      { "switched", { from = "main", to = "backup", reason = "silent" }, "switched from main to backup: silent" },
      { "failed", { step = "start", message = "no", retry_in = 2 }, "start: no (again in 2s)" },
      { "failed", { step = "alert webhook", message = "no" }, "alert webhook: no" },
      { "not_saved", { message = "no" }, "progress not saved: no" },
      { "reconnected", { id = "1" }, "output '1': reconnected" },
      { "reconnected", { id = "1", name = "B" }, "output 'B': reconnected" },
      { "alert", { kind = "viewers", id = "1", name = "A", state = "open", look = "flat", picture = "/p" },
        "ALERT viewers of 'A': viewers see one colour (/p)" },
      { "left", {}, "ending: nothing is on the air" },
      { "left", { stop_at = NOW }, "ending: the broadcast continues, the service stops it at 22:00:00" },
    } do
      assert.same({ table.unpack(case, 3) }, lines(case[1], case[2]))
    end
  end)

  it("says what an alert is about", function()
    for want, alert in pairs {
      ["ALERT main input: silent"] = { kind = "input", id = "main", state = "open", reason = "silent" },
      ["RECOVERED output 'A', after 1m 5s"] = { kind = "output", id = "1", name = "A", state = "closed", lasted = 65 },
      ["ALERT output '1': -"] = { kind = "output", id = "1", name = "", state = "open" },
      ["ALERT service: refused"] = { kind = "service", state = "open", reason = "refused" },
      ["RECOVERED slate, after 5s"] = { kind = "slate", state = "closed", lasted = 5 },
      ["ALERT broadcast: stopped"] = { kind = "stopped", state = "open", reason = "stopped" },
      ["ALERT hook started: boom"] = { kind = "notice", state = "note", id = "hook started", reason = "boom" },
    } do
      assert.same({ want }, lines("alert", alert))
    end
  end)

  it("reports", function()
    assert.same({ "never on the air" }, lines("ended", { tally = { outputs = {}, switches = {} } }))
    assert.same({
      "on the air from 20:00:00 to 22:00:00, 2h",
      "output 'A': on the air 1h 48m (90.00 %)",
      "  gap from 21:00:00 for 12m: reset",
      "output '2': on the air 0s (0.00 %), unknown 2h",
      "viewers of 'A' had picture and sound 99.6 % of the time, delay 4.1 s",
      "viewers of '2' had picture and sound 100.0 % of the time",
      "viewers of '3': nothing is known",
      "switched from main to backup at 21:30:00: main input bad for 5 s",
    }, lines("ended", { tally = { from = NOW - 7200, to = NOW,
      outputs = {
        { id = "1", name = "A", up = 6480, unknown = 0,
          gaps = { { from = NOW - 3600, to = NOW - 2880, reason = "reset" } } },
        { id = "2", name = "", up = 0, unknown = 7200, gaps = {} },
      },
      viewers = { { id = "1", name = "A", known = 1000, good = 996, looks = 2, delay_ms = 8200 },
        { id = "2", known = 10, good = 10, looks = 0, delay_ms = 0 },
        { id = "3", known = 0, good = 0, looks = 0, delay_ms = 0 } },
      switches = { { at = NOW - 1800, from = "main", to = "backup", reason = "main input bad for 5 s" } } } }))
  end)
end)
