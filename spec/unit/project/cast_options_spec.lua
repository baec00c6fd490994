-- SPDX-License-Identifier: MIT

local forms = require "cme.project.cast_options"
local json = require "cme.json"
local schema = require "cme.schema"

local function part(more)
  local given = { sources = { "https://h/1.mp4" }, outputs = { "rtmp://h/a/hush" } }
  for name, value in pairs(more or {}) do given[name] = value end
  return forms.spec(given)
end

local function refused(code, value, message, detail)
  assert.is_nil(value)
  assert.are.equal("invalid." .. code, detail.code, message)
  assert.is_nil(message:find("hush", 1, true), message)
  return message
end

describe("cme.project.cast_options", function()
  it("raise for what they cannot be", function()
    for _, case in ipairs {
      { { sources = { 5 } }, "option 'sources[1]': a URL, { file_id } or { material_id } is needed, got number" },
      { { sources = { {} } }, "option 'sources[1]': one of url, file_id and material_id is needed" },
      { { sources = { { file_id = "f", material_id = "m" } } }, "one of url, file_id and material_id is needed" },
      { { sources = { { fileid = "f" } } }, "option 'fileid': unknown (did you mean 'file_id'?)" },
      { { sources = { { file_id = "f", offset = -1 } } }, "option 'offset': a number of seconds is needed" },
      { { outputs = { { id = "1", url = "rtmp://h/a/hush" } } }, "option 'id': the service makes the ids" },
      { { play = { loops = 3 } }, "option 'loops': unknown" },
      { { play = { loop_count = 1.5 } }, "option 'loop_count': an integer is needed" },
      { { output_media = { width = "640" } }, "option 'width': number is needed" },
    } do
      local ok, message = pcall(part, case[1])
      assert.is_false(ok)
      assert.truthy(message:find(case[2], 1, true), message)
    end
  end)

  it("are refused where the service would refuse them", function()
    for _, case in ipairs {
      { "source", { sources = { "srt://h:1" } } }, { "source", { sources = { { url = "https://h/1", offset = 2 } } } },
      { "url", { outputs = { "hush" } } }, { "time", { play = { end_at = "later" } } },
      { "play", { play = { loop_count = 2, end_at = 5 } } }, { "output_media", { output_media = { frame_rate = 61 } } },
      { "output_media", { output_media = { height = 0 } } },
    } do
      refused(case[1], forms.validate(part(case[2])))
    end
    local many = {}
    for i = 1, 101 do many[i] = "https://h/" .. i end
    refused("too_many", forms.validate(part { sources = many }))
    for i = 1, 11 do many[i] = "rtmp://h/a/hush" .. i end
    refused("too_many", forms.validate(part { outputs = { table.unpack(many, 1, 11) } }))
    assert.is_true(forms.validate(part { outputs = { table.unpack(many, 1, 10) } }))
  end)

  it("are written as the service has them", function()
    local member, value = forms.input(part {
      sources = { "rtmp://h/live/s", { file_id = "f", offset = 2.5, duration = 9 }, { material_id = "m" } },
      outputs = { { name = "a", url = "srt://h:9" } },
      play = { end_at = "1970-01-01T08:00:05+08:00" },
      output_media = { bitrate = 4000, follow_source = true },
    })
    assert.are.equal("MediaCastProjectInput", member)
    assert.are.same({
      SourceInfos = { { Type = "EXTERNAL", Url = "rtmp://h/live/s" },
        { Type = "VOD", FileId = "f", Offset = 2.5, Duration = 9 }, { Type = "CME", MaterialId = "m" } },
      DestinationInfos = { { Name = "a", PushUrl = "srt://h:9" } },
      PlaySetting = { EndTime = "1970-01-01T00:00:05Z" },
      OutputMediaSetting = { VideoSetting = { Width = 1280, Height = 720, Bitrate = 4000 }, FollowSourceInfo = true },
    }, value)
    assert.is_true(schema.check(value, schema.objects.MediaCastProjectInput))
    assert.are.same({}, select(2, forms.input(forms.spec {})))
  end)

  it("have outputs that are written by their parts", function()
    local _, value = forms.input(part { outputs = { { name = "a", platform = "twitch", key = "hush" } } })
    assert.are.same({ Name = "a", PushUrl = "rtmps://ingest.global-contribute.live-video.net/app/hush" },
      value.DestinationInfos[1])
  end)

  it("are read back, whatever the service leaves out", function()
    local info = {}
    forms.read({ MediaCastProjectInfo = { Status = "Idle", StopTime = "1970-01-01T00:00:09Z",
      SourceInfos = { { Id = "s1", Type = "VOD", FileId = "f", Url = "", Offset = 0, Duration = 0 } },
      DestinationInfos = { { Id = "d1", Name = json.null, PushUrl = "rtmp://h/a" } },
      PlaySetting = { LoopCount = 2, EndTime = "0001-01-01T00:00:00Z", AutoStartTime = json.null },
      OutputMediaSetting = json.null } }, info)
    assert.are.same({ status = "idle", stopped_at = 9, inputs = {}, sources = { { id = "s1", file_id = "f" } },
      outputs = { { id = "d1", url = "rtmp://h/a" } }, play = { loop_count = 2 }, output_media = {} }, info)
    info = {}
    forms.read({ MediaCastProjectInfo = json.null }, info)
    assert.are.same({ inputs = {}, sources = {}, outputs = {}, play = {}, output_media = {} }, info)
  end)

  it("compare: what is not given may be anything", function()
    assert.is_true(forms.covers({ width = 640, height = 360 }, { width = 640 }))
    assert.is_true(forms.covers({}, nil))
    assert.is_false(forms.covers({ width = 640 }, { width = 800 }))
    assert.is_true(forms.covers({ end_at = 5 }, { end_at = "1970-01-01T00:00:05.4Z" }))
    assert.is_false(forms.covers({ end_at = 5 }, { end_at = 7 }))
    assert.is_false(forms.covers({}, { end_at = 7 }))
    assert.is_true(forms.same_source({ id = "a", url = "u" }, { url = "u", offset = 0 }))
    assert.is_false(forms.same_source({ file_id = "u" }, { material_id = "u" }))
    assert.is_false(forms.same_source({ file_id = "u", offset = 3 }, { file_id = "u" }))
  end)
end)
