-- SPDX-License-Identifier: MIT
-- What a slate is made like, and the arguments that ffmpeg gets for it.

local codes = require "cme.codes"
local form = require "cme.server.slate.form"

local PROGRAMME = { video = "h264", profile = 100, width = 1920, height = 1080, fps = 29.96, audio = "aac",
  sample_rate = 44100, channels = 1 }

local function with(fields)
  local programme = {}
  for name, value in pairs(PROGRAMME) do programme[name] = value end
  for name, value in pairs(fields) do programme[name] = value or nil end
  return programme
end

local function arguments(programme, source)
  return " " .. table.concat(form.arguments(programme, source, "veryfast"), " ") .. " "
end

local function has(text, part)
  assert.is_truthy(text:find(part, 1, true), part .. " in " .. text)
end

describe("cme.server.slate.form", function()
  it("takes a measured frame rate for the one that is meant", function()
    for fps, text in pairs { [29.96] = "30000/1001", [30.01] = "30", [25.02] = "25", [23.97] = "24000/1001", [59.95] =
      "60000/1001", [60.02] = "60", [33.3] = "33.3", [7] = "7" } do
      assert.are.equal(text, form.rate(fps))
    end
  end)

  it("makes black and silence of the same codec, size, profile, rate and sound", function()
    local argv = arguments(PROGRAMME)
    for _, part in ipairs { "color=black:size=1920x1080:rate=30000/1001",
      "anullsrc=sample_rate=44100:channel_layout=mono",
      " -c:v libx264 ", " -profile:v high ", " -bf 0 ", " -g 30 ", " -ar 44100 ", " -ac 1 ", " -f matroska pipe:1 " } do
      has(argv, part)
    end
  end)

  it("makes no more of black than it takes: on a busy machine that is ready late", function()
    has(arguments(PROGRAMME), " -threads 1 -t 0.5 ")
    has(arguments(with { fps = 2 }), " -t 2 ")
    has(arguments(with { video = false }), " -t 0.5 ")
  end)

  it("follows profiles of ten bits, and HEVC", function()
    has(arguments(with { profile = 110 }), " -profile:v high10 ")
    has(arguments(with { profile = 110 }), "format=yuv420p10le")
    has(arguments(with { video = "hevc", profile = 2 }), " -c:v libx265 ")
    has(arguments(with { video = "hevc", profile = 2 }), " -profile:v main10 ")
  end)

  it("makes no sound where there is none, and no picture", function()
    local silent = arguments(with { audio = false })
    assert.is_nil(silent:find("anullsrc", 1, true))
    assert.is_nil(silent:find("-c:a", 1, true))
    local blind = arguments(with { video = false })
    assert.is_nil(blind:find("-c:v", 1, true))
    has(blind, " -map 0:a:0 ")
  end)

  it("fits a picture or a video into the programme's size, with silence where it has no sound", function()
    local still = arguments(PROGRAMME, { path = "/m/x.png", size = 1, changed = 1, still = true })
    has(still, "-loop 1 -framerate 30000/1001 -t 4 -i file:/m/x.png")
    has(still, "scale=1920:1080:force_original_aspect_ratio=decrease,pad=1920:1080:-1:-1")
    has(still, " -map 1:a:0 ")
    local video = arguments(PROGRAMME, { path = "/m/x.mp4", size = 1, changed = 1, still = false, sound = true })
    has(video, " -protocol_whitelist file ")
    has(video, " -t 60 -i file:/m/x.mp4 ")
    has(video, " -map 0:a:0 ")
    assert.is_nil(video:find("anullsrc", 1, true))
  end)

  it("has one name for what is the same, and another for all else", function()
    local source = { path = "/m/x.png", size = 1, changed = 1, still = true }
    local names = { [form.name(PROGRAMME)] = true }
    assert.are.equal(form.name(PROGRAMME), form.name(with { fps = 29.95 }))
    for _, other in ipairs { with { width = 1280 }, with { profile = 77 }, with { fps = 25 }, with { channels = 2 },
      with { audio = false } } do
      assert.is_nil(names[form.name(other)])
      names[form.name(other)] = true
    end
    assert.are_not.equal(form.name(PROGRAMME), form.name(PROGRAMME, source))
    assert.are_not.equal(form.name(PROGRAMME, source), form.name(PROGRAMME,
      { path = "/m/x.png", size = 1, changed = 2 }))
  end)

  it("keeps a minute of the largest picture within what a slate may be large", function()
    local largest = { fps = 60, width = 3840, height = 2160, channels = 8, audio = "aac", sample_rate = 48000,
      video = "h264", profile = 100 }
    local argv = arguments(largest, { path = "/m/x.mp4", size = 1, changed = 1, still = false, sound = true })
    local picture, sound = argv:match " %-maxrate (%d+)k ", argv:match " %-b:a (%d+)k "
    assert.is_true((picture + sound) * 1000 / 8 * 60 < 128 * 1024 * 1024)
    has(arguments(with { width = 16, height = 16 }), " -b:v 500k ")
  end)

  it("says which codec it cannot make", function()
    assert.is_nil(form.fault(PROGRAMME))
    assert.is_truthy(codes.say(form.fault(with { video = "av1" })):find("av1", 1, true))
    assert.is_truthy(codes.say(form.fault(with { audio = "flac" })):find("flac", 1, true))
    assert.is_truthy(form.fault(with { width = 0 }))
  end)

  it("reads what an engine says, and begins with the default format", function()
    assert.is_nil(form.read(nil))
    assert.is_nil(form.read { event = "programme" })
    assert.are.same({ video = "h264", width = 640, height = 360, profile = 77, fps = 25.0 },
      form.read { video = "h264", width = 640, height = 360, profile = 77, fps = 25.0 })
    assert.are.same({ video = "h264", profile = 100, width = 1280, height = 720, fps = 30, audio = "aac",
      sample_rate = 48000, channels = 2 }, form.default(nil))
    assert.are.equal(640, form.default({ Width = 640, Height = 360 }).width)
  end)
end)
