-- SPDX-License-Identifier: MIT
require "spec.support.room"
local json = require "cme.json"
local views = require "room.views"

local INFO = {
  id = "p", name = "gala", owner = "me", category = "STREAM_CONNECT", status = "working", active = "main",
  started_at = 1, stop_at = 100,
  inputs = { main = { kind = "live_pull", url = "https://u:sekret@host/a/sekret.flv?sign=sekret" },
    backup = { kind = "push", seconds = 60, url = "rtmp://edge/output/sekret?txSecret=sekret" } },
  outputs = { { id = "1", name = "A", url = "rtmp://a/live/sekret", enabled = true },
    { id = "2", name = "B", url = "rtmp://b/live/sekret?x=sekret" } },
}
local HEALTH = {
  status = "working", active = "backup",
  inputs = { main = { endpoint = "main", state = "stalled", bitrate = 900, width = 640, height = 360,
    error = { code = "network.reset", message = "read 'rtmp://h/a/sekret': reset", time = 7 } } },
  outputs = { { id = "2", state = "live", bitrate = 800, dropped = 3, delay_p50 = 5 } },
}

describe("room.views", function()
  it("tells of a project what the page shows, and no key", function()
    local view = views.project(INFO, HEALTH)
    assert.not_matches("sekret", json.encode(view))
    assert.are.equal("backup", view.active)
    assert.are.equal("https://***@host/a/***", view.inputs[1].url)
    assert.are.equal("stalled", view.inputs[1].state)
    assert.are.equal(640, view.inputs[1].width)
    assert.are.same({ code = "network.reset", message = "read 'rtmp://h/a/***': reset", time = 7 },
      view.inputs[1].failure)
    assert.is_nil(view.inputs[2].url)
    assert.are.equal("rtmp://a/live/***", view.outputs[1].url)
    assert.is_nil(view.outputs[1].state)
    assert.are.same({ "live", 3, 5 }, { view.outputs[2].state, view.outputs[2].dropped, view.outputs[2].delay })
  end)

  it("tells what the platform of an output does not take, in both languages, and no key", function()
    local info = { inputs = {}, outputs = { { id = "1", url = "rtmp://a.rtmp.youtube.com/live2/sekret" },
      { id = "2", url = "rtmp://h/live/sekret" } } }
    local health = { active = "main", outputs = {}, inputs = { main = { state = "live", video_codec = "h264",
      audio_codec = "aac", gop_ms = 9000 } } }
    local outputs = views.project(info, health, 100).outputs
    assert.are.same({ en = "YouTube: a keyframe every 9 s (limit: 4 s)", zh = "YouTube：每 9 秒一个关键帧（上限 4 秒）" },
      outputs[1].unsuitable)
    assert.is_nil(outputs[2].unsuitable)
    assert.is_nil(views.project(info, nil, 100).outputs[1].unsuitable)
  end)

  it("tells what viewers see, with the names of pictures and not their addresses", function()
    local info = { inputs = {}, outputs = { { id = "1", url = "rtmp://h/live/sekret" } } }
    local health = { inputs = {}, uplink = { full = true }, merge = { state = "far" }, recording = { state = "live" },
      standby = { state = "warm", node = "b" },
      outputs = { { id = "1", state = "live", look = { state = "no_sound", good = false, since = 7, time = 9,
        delay = 40, loudness = -23, picture = "http://s:1/pictures/ab12.jpg",
        error_picture = "http://s:1/pictures/cd.jpg" } } } }
    local view = views.project(info, health, 100)
    assert.are.same({ state = "no_sound", good = false, since = 7, delay = 40, loudness = -23, picture = "ab12",
      alarm = "cd" }, view.outputs[1].look)
    assert.are.same({ true, "far", "live" }, { view.uplink_full, view.merge, view.recording })
    assert.are.same({ state = "warm", node = "b" }, view.standby)
    assert.are.same({ project = "p", status = "recording_finished", time = 5, reason = "gala.mkv" },
      views.event { type = "Service.RecordingFinished", time = 5, content = { ProjectId = "p", File = "gala.mkv" } })
  end)

  it("offers platforms with their servers, in the reader's language", function()
    local by_name = {}
    for _, one in ipairs(views.platforms "zh") do by_name[one.name] = one end
    assert.are.same({ "哔哩哔哩", "rtmp://live-push.bilivideo.com/live-bvc" },
      { by_name.bilibili.title, by_name.bilibili.servers[1] })
    assert.is_true(by_name.kick.choose)
    assert.matches("控制台", by_name.kick.where)
    assert.matches('"servers":%[%]', json.encode(by_name.douyin))
    assert.matches("Creator Dashboard", views.platforms "en"[4].where)
  end)

  it("tells that the slate is on the air", function()
    assert.is_nil(views.project(INFO, HEALTH).on_slate)
    assert.is_true(views.project(INFO, { status = "working", active = "main", on_slate = true, inputs = {} }).on_slate)
  end)

  it("tells that nothing is told where the service does not", function()
    local view = views.project(INFO, nil)
    assert.is_false(view.told)
    assert.are.equal("main", view.active)
    assert.is_nil(view.outputs[2].state)
  end)

  it("shows files to play by the first, and sources of media casts", function()
    local view = views.project { id = "p", inputs = { main = { kind = "vod",
      urls = { "https://h/sekret.mp4", "https://h/b.mp4" } } }, outputs = {} }
    assert.are.equal("https://h/*** +1", view.inputs[1].url)
    view = views.project { id = "p", outputs = {}, sources = { { id = "s1", url = "https://h/sekret.mp4" },
      { id = "s2", file_id = "interview" } } }
    assert.are.same({ "source", "source" }, { view.inputs[1].kind, view.inputs[2].kind })
    assert.are.same({ "https://h/***", "interview" }, { view.inputs[1].url, view.inputs[2].url })
  end)

  it("keeps of an event what is no address", function()
    local view = views.event { project = "p", status = "output_interrupted", time = 9, operator = "me",
      output = { id = "1", name = "A", url = "rtmp://a/live/sekret" }, raw = { "sekret" } }
    assert.are.same({ project = "p", status = "output_interrupted", time = 9, operator = "me", output = "A" }, view)
    assert.is_nil(views.event { type = "Class.Created" })
  end)
end)
