-- SPDX-License-Identifier: MIT
-- A source whose picture nobody could read was live with its sound alone, and nothing was said; the same with one that
-- came back without the picture it had. Now each is down, for a reason that names it, and the backup is on the air.

local flv = require "spec.support.proofs.flv"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"

local AVCC = "\1\x42\xc0\x1e\xff\xe1\0\5\x67\x42\xc0\x1e\xaa\1\0\2\x68\xce"
local UNIT = "\0\0\0\2\x65\x88"
local LIMIT = 6 -- seconds: the sources are this process's, whose pauses must not stall them

-- A source that goes on for a minute: sound, and a picture made of a header and of what follows it.
local function source(header, picture, seconds)
  local tags = { flv.tag(flv.AUDIO, 0, "\xaf\0\x12\x10") }
  if header then tags[#tags + 1] = flv.tag(flv.VIDEO, 0, header) end
  for ms = 0, (seconds or 60) * 1000, 40 do
    tags[#tags + 1] = flv.tag(flv.AUDIO, ms, "\xaf\1sound")
    if picture then tags[#tags + 1] = flv.tag(flv.VIDEO, ms, picture(ms)) end
  end
  return tags
end

local function h264(ms) return (ms % 1000 == 0 and "\x17" or "\x27") .. "\1\0\0\0" .. UNIT end
local function no_keyframe() return "\x27\1\0\0\0" .. UNIT end
local function always(bytes) return function() return bytes end end

local GOOD = source("\x17\0\0\0\0" .. AVCC, h264)

local SOURCES = {
  { "VP6", source(nil, always "\x14unit"), "media.unsupported", "the picture is VP6" },
  { "VVC as Enhanced RTMP", source("\x90vvc1vvcC", always "\x93vvc1unit"), "media.unsupported",
    "VVC as Enhanced RTMP" },
  { "HEVC without a sequence header", source(nil, always "\x93hvc1unit"), "media.unsupported",
    "HEVC without a sequence header" },
  { "no sequence header", source(nil, h264), "media.unsupported", "H.264 without a sequence header" },
  { "an empty sequence header", source("\x17\0\0\0\0", h264), "media.unsupported", "H.264 without a sequence header" },
  { "a sequence header without parameter sets", source("\x17\0\0\0\0\1\x42\xc0\x1e\xff\xe0\0", h264),
    "media.unsupported", "H.264 without a sequence header" },
  { "no keyframe", source("\x17\0\0\0\0" .. AVCC, no_keyframe), "media.no_keyframe", "pictures without a keyframe" },
  { "a picture that stays away after a reconnect", function(engine)
    return engine:has_been_live() and source() or source("\x17\0\0\0\0" .. AVCC, h264, 3)
  end, "media.no_picture", ("no picture for %d s"):format(LIMIT) },
}

-- An engine with these two inputs; a source that is a function is asked for its tags at each connection.
local Engine = {}
Engine.__index = Engine

function Engine.start(servers, main, backup)
  local self = setmetatable({}, Engine)
  local function serve(tags)
    local server, url = flv.serve(type(tags) == "function" and function() return tags(self) end or tags)
    servers[#servers + 1] = server
    return { url = url }
  end
  self.process, self.control = relay.control()
  assert(self.control:request("set", { spec = { stall_limit = LIMIT, failover = true,
    inputs = { main = serve(main), backup = serve(backup) },
    outputs = { { id = "1", name = "", url = "udp://127.0.0.1:9" } } } }))
  return self
end

function Engine:has_been_live()
  for _, event in ipairs(self.control.events) do
    if event.event == "input" and event.endpoint == "main" and event.state == "live" then return true end
  end
  return false
end

function Engine:expect_backup()
  self.control:expect { event = "switched", to = "backup", reason = "failover" }
end

function Engine:stop()
  assert(self.control:request "stop")
  assert.are.equal(0, (self.process:wait()))
  self.control:close()
end

describe("a source with", function()
  local servers, engines = {}, {}

  setup(function() -- all at the same time
    local mute = flv.map(GOOD, function(tag) return tag.type == flv.VIDEO and tag end)
    local lost = flv.map(GOOD, function(tag) return (tag.type == flv.VIDEO or tag.timestamp < 2000) and tag end)
    for i, case in ipairs(SOURCES) do engines[i] = Engine.start(servers, case[2], GOOD) end
    engines.mute, engines.full = Engine.start(servers, lost, mute), Engine.start(servers, lost, GOOD)
  end)

  teardown(function()
    for _, server in ipairs(servers) do server:stop() end
    proc.cleanup()
  end)

  for i, case in ipairs(SOURCES) do
    it(case[1] .. " is down, and its backup goes out", function()
      local down = engines[i].control:expect { event = "input", endpoint = "main", state = "down", code = case[3] }
      assert.is_truthy(down.reason:find(case[4], 1, true), down.reason)
      engines[i]:expect_backup()
      engines[i]:stop()
    end)
  end

  it("its sound gone is told, and left for an input that has it", function()
    for _, name in ipairs { "full", "mute" } do
      local told = engines[name].control:expect { event = "input", endpoint = "main", code = "media.no_sound" }
      assert.are.equal("live", told.state)
    end
    engines.full:expect_backup()
    assert.are.equal("main", engines.mute.control:request("stat").active)
    engines.full:stop()
    engines.mute:stop()
  end)
end)
