-- SPDX-License-Identifier: MIT

local checks = require "cme.doctor.checks"
local codes = require "cme.codes"
local translator = require "cme.cli.messages".translator

local t = translator "en"

local GOOD = { video = "h264", width = 1280, height = 720, fps = 25.04, kbps = 2500.4, gop_ms = 2000, audio = "aac",
  dts_jumps = 0 }

local function source(changes, encoded)
  local found = {}
  for name, value in pairs(GOOD) do found[name] = value end
  for name, value in pairs(changes or {}) do found[name] = value or nil end
  return checks.judge_source({ check = "input", name = "main", encoded = encoded }, found, t)
end

describe("cme.doctor.checks", function()
  it("says what failed in the reader's language", function()
    local _, message, detail = codes.fail "network.timeout:no_picture"
    for language, said in pairs { en = message, zh = codes.say(detail, "zh") } do
      local findings = checks.judge_call("https://h", detail, message, translator(language))
      assert.are.same({ "failed", said }, { findings[1].state, findings[1].fact })
    end
    assert.are_not.equal(message, codes.say(detail, "zh"))
  end)

  it("judges what a source sends", function()
    local said = source()
    assert.are.same({ "ok", "h264 1280x720, 25 fps, GOP 2.0 s, aac, 2500 kbit/s" }, { said.state, said.fact })
    for want, changes in pairs {
      ["failed no picture"] = { video = false, width = false, height = false, gop_ms = false },
      ["warning few platforms take this video codec"] = { video = "hevc" },
      ["warning no sound"] = { audio = false },
      ["warning few platforms take this sound codec"] = { audio = "mp3" },
      ["warning fewer than two keyframes"] = { gop_ms = false },
      ["warning keyframes are far apart"] = { gop_ms = 10000 },
      ["warning its timestamps jump"] = { dts_jumps = 2 },
    } do
      said = source(changes)
      assert.truthy((said.state .. " " .. said.fact):find(want, 1, true), said.state .. " " .. said.fact)
      assert.truthy(said.advice)
      assert.are.equal(said.state == "failed" and 6 or nil, said.exit)
    end
  end)

  it("asks less of a source that is encoded anew", function()
    for _, changes in ipairs { { video = "hevc" }, { audio = "mp3" }, { gop_ms = false }, { gop_ms = 10000 } } do
      assert.are.equal("ok", source(changes, true).state)
    end
    assert.are.equal("warning", source({ dts_jumps = 2 }, true).state)
    assert.are.equal("failed", source({ video = false, width = false, height = false }, true).state)
  end)

  it("judges the clock", function()
    for offset, want in pairs { [0] = "ok", [5] = "ok", [-4] = "ok", [6] = "warning", [-400] = "warning" } do
      assert.are.equal(want, checks.clock(offset, t).state)
    end
    assert.are.equal("this machine is 400 s ahead of the service", checks.clock(-400, t).fact)
    assert.matches("other tools are refused", checks.clock(400, t).advice)
  end)

  it("judges a call", function()
    local function judged(endpoint, code)
      local found, answered = checks.judge_call(endpoint, code and { code = code }, code and "why", t)
      local words = { answered and "answered" or "silent" }
      for _, one in ipairs(found) do words[#words + 1] = ("%s %s %s"):format(one.check, one.state, one.exit or 0) end
      return table.concat(words, ", ")
    end
    for want, case in pairs {
      ["answered, service ok 0"] = { "https://cme.tencentcloudapi.com/" },
      ["answered, service warning 0"] = { "http://10.1.2.3/" },
      ["silent, service failed 4"] = { "https://h/", "network.tls" },
      ["answered, service ok 0, key failed 3"] = { "http://127.0.0.1:8156/", "api.AuthFailure.SignatureFailure" },
      ["answered, service ok 0, service failed 5"] = { "http://[::1]:8156/", "api.ResourceNotFound.Platform" },
    } do
      assert.are.equal(want, judged(table.unpack(case)))
    end
  end)

  it("has nothing to look at in an address to push to", function()
    assert.are.equal("skipped", checks.look({ check = "input", name = "main" }, { seconds = 1, t = t }).state)
  end)

  describe("looking at all", function()
    local SUBJECTS = { { check = "input", name = "main", url = "rtmp://h/a/b" }, { check = "input", name = "backup" } }

    it("skips what takes cme-server where that is not installed", function()
      local loaded = package.loaded["cme.server.process.probe"]
      package.loaded["cme.server.process.probe"] = nil
      package.preload["cme.server.process.probe"] = function() error "not here" end
      local found = checks.look_at_all(SUBJECTS, { seconds = 1, t = t })
      package.preload["cme.server.process.probe"], package.loaded["cme.server.process.probe"] = nil, loaded
      assert.are.same({ "skipped", "not checked: this needs cme-server", "skipped" },
        { found[1].state, found[1].fact, found[2].state })
    end)

    it("goes on after an error of its own", function()
      local look = checks.look
      checks.look = function(subject)
        if subject.url then error "broken" end
        return { state = "ok" }
      end
      local found = checks.look_at_all(SUBJECTS, { seconds = 1, t = t })
      checks.look = look
      assert.are.same({ "failed", 1, "ok" }, { found[1].state, found[1].exit, found[2].state })
    end)
  end)
end)
