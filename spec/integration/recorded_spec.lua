-- SPDX-License-Identifier: MIT
-- Every method over the wire, signed, against recorded exchanges: what the local service does not do is in here too.
-- Each case is named for the methods it uses; the recording of the same name has what the service answers.

local proc = require "spec.support.proc"
local recorded = require "spec.support.fakes.recorded"

describe("recorded exchanges:", function()
  teardown(function() proc.cleanup() end)

  -- Runs a case with a client of the recording; all of it has to be used up.
  local function with(name, case)
    local service = recorded.start(name)
    case(service:client())
    service:finish()
  end

  it("STREAM_CONNECT create, push_urls, add_input, set_input, remove_input, position", function()
    with("stream_connect_inputs", function(client)
      local show = client:project { name = "直播", owner = "user_1", input = { push = 3600 },
        outputs = { { name = "推流1", url = "rtmp://push.example.com/cme/hush1" } } }
      assert(show:create())
      assert.matches("^rtmp://push%.example%.com/output/.+%?txSecret=", assert(show:push_urls()).main)
      assert(show:add_input("backup", { vod = { "https://play.example.com/1.mp4", "https://play.example.com/2.mp4" },
        loop = -1 }))
      assert(show:start())
      local position = assert(show:position "backup")
      assert.are.same({ url = "https://play.example.com/1.mp4", seconds = 12.5 }, position)
      assert(show:set_input("backup", "https://play.example.com/backup.flv"))
      local _, message, detail = show:position "backup"
      assert.are.equal("invalid.no_position", detail.code)
      assert.matches("only a running vod input", message)
      assert(show:remove_input "backup")
      assert(show:stop())
      assert(show:add_input("backup", { push = 60 }))
      assert.matches("^rtmp://", assert(show:push_urls()).backup)
      local attached = client:project(show.id)
      assert.are.equal(assert(show:push_urls()).backup, assert(attached:push_urls()).backup)
      assert(show:delete())
    end)
  end)

  it("STREAM_CONNECT start, status, info, switch, set_stop_at, add_output, set_output, remove_output, rename, "
    .. "stop, delete", function()
    with("stream_connect_outputs", function(client)
      local show = client:project { name = "直播", owner = "user_1", input = "https://play.example.com/main.flv",
        backup = "https://play.example.com/backup.flv",
        outputs = { { name = "推流1", url = "rtmp://push.example.com/cme/hush1" } } }
      assert(show:start { stop_at = os.time() + 3600 })
      assert.are.equal("working", show:status())
      assert(show:switch "backup")
      assert(show:set_stop_at(os.time() + 7200))
      assert.are.equal("hls", show:add_output { id = "hls", name = "推流2", url = "rtmp://push.example.com/cme/hush2" })
      assert(show:set_output { id = "hls", url = "rtmp://push.example.com/cme/hush3" })
      local info = assert(show:info())
      assert.are.same({ "backup", 2, "rtmp://push.example.com/cme/hush3" },
        { info.active, #info.outputs, info.outputs[2].url })
      assert.is_true(info.stop_at > info.started_at)
      assert(show:remove_output "1")
      assert(show:rename "直播二")
      assert(show:stop())
      assert(show:delete())
    end)
  end)

  it("MEDIA_CAST create, info, add_input, remove_input, add_output, set_output, remove_output, set_play, "
    .. "set_output_media", function()
    with("media_cast_idle", function(client)
      local show = client:project { category = "MEDIA_CAST", name = "转推", owner = "user_1",
        sources = { "https://play.example.com/1.mp4", { file_id = "528589079", offset = 5, duration = 60 } },
        outputs = { { name = "推流1", url = "rtmp://push.example.com/cme/hush1" } },
        play = { auto_start_at = "2026-11-22T22:00:00+08:00" }, output_media = { width = 1920, height = 1080 } }
      assert(show:create())
      local info = assert(show:info())
      assert.are.same({ "idle", 2, "528589079", 1920, 1795356000 }, { info.status, #info.sources,
        info.sources[2].file_id, info.output_media.width, info.play.auto_start_at })
      assert.is_string(show:add_source("rtmp://play.example.com/live/main", 1))
      local ids = assert(show:add_source { "https://play.example.com/3.mp4", { material_id = "m1" } })
      assert.are.equal(2, #ids)
      assert(show:remove_source(info.sources[1].id))
      local id = assert(show:add_output "srt://push.example.com:9000?streamid=hush2")
      assert(show:set_output { id = id, name = "推流2" })
      assert(show:remove_output(info.outputs[1].id))
      assert(show:set_play { loop_count = 3 })
      assert(show:set_output_media { follow_source = true })
      assert(show:delete())
    end)
  end)

  it("MEDIA_CAST start, status, position, switch, disable_output, enable_output, set_stop_at, stop", function()
    with("media_cast_working", function(client)
      local show = client:project { category = "MEDIA_CAST", name = "转推", owner = "user_1",
        sources = { "https://play.example.com/1.mp4", "rtmp://play.example.com/live/main" },
        outputs = { "rtmp://push.example.com/cme/hush1", "rtmp://push.example.com/cme/hush2" } }
      assert(show:start { stop_at = os.time() + 3600 })
      assert.are.equal("working", show:status())
      local info = assert(show:info())
      assert.are.equal(info.sources[1].id, info.active)
      assert(show:switch_source(info.sources[2].id))
      assert(show:disable_output(info.outputs[1].id))
      local position = assert(show:position())
      assert.are.same({ info.sources[2].id, "stopped", "working" }, { position.source, position.outputs[1].status,
        position.outputs[2].status })
      assert(show:enable_output(info.outputs[1].id))
      assert(show:set_stop_at(os.time() + 7200))
      assert(show:stop())
      assert(show:delete())
    end)
  end)

  it("MEDIA_CAST start reports a Confirm that came too late", function()
    with("media_cast_late", function(client)
      local started, message, detail = client:project("cmepid_5fae2b35d84b53000142d8a3"):start()
      assert.is_nil(started)
      assert.are.equal("project.confirm_too_late", detail.code)
      assert.matches("Confirm came too late", message)
    end)
  end)

  it("STREAM_CONNECT ensure on the air, and ensure again", function()
    with("ensure_stream_connect", function(client)
      local spec = { name = "7x24", owner = "user_1", input = "https://play.example.com/new.flv", outputs = {
        { name = "推流2", url = "rtmp://push.example.com/cme/hush2" },
        { name = "推流3", url = "rtmp://push.example.com/cme/hush3" } } }
      assert.are.same({ "add output '推流3'", "add the backup input", "switch to the backup input",
        "change the main input", "switch to the main input", "remove output '推流1'", "remove the backup input" },
        client:project(spec):ensure { status = "working" })
      assert.are.same({}, client:project(spec):ensure { status = "working" })
    end)
  end)

  it("MEDIA_CAST ensure on the air, and ensure again", function()
    with("ensure_media_cast", function(client)
      local spec = { category = "MEDIA_CAST", name = "7x24", owner = "user_1",
        sources = { "https://play.example.com/2.mp4", "https://play.example.com/3.mp4" },
        outputs = { { name = "推流1", url = "rtmp://push.example.com/cme/hush9" }, "rtmp://push.example.com/cme/hush2" } }
      assert.are.same({ "add an output without a name", "add a source", "change output '推流1'",
        "switch to another source", "remove a source" }, client:project(spec):ensure { status = "working" })
      assert.are.same({}, client:project(spec):ensure { status = "working" })
    end)
  end)

  it("STREAM_CONNECT health, and the answer of a service that has none", function()
    with("health", function(client)
      local show = client:project "cmepid_5fae2b35d84b53000142d8a3"
      local health = assert(show:health())
      assert.are.same({ "backup", "stalled", "source.stalled", 1795348800 }, { health.active,
        health.inputs.main.state, health.inputs.main.error.code, health.started_at })
      assert.are.same({ "live", 1280, 25 }, { health.inputs.backup.state, health.inputs.backup.width,
        health.inputs.backup.frame_rate })
      assert.are.same({ "推流1", "live", 4.5 }, { health.outputs[1].name, health.outputs[1].state,
        health.outputs[1].delay_p99 })
      local _, _, detail = show:health()
      assert.are.equal("invalid.unsupported", detail.code)
    end)
  end)

  it("MEDIA_CAST watch tells of an output that failed, of the end, and of the project's deletion", function()
    with("watch_media_cast", function(client)
      local seen = {}
      for change in client:project("cmepid_5fae2b35d84b53000142d8a3"):watch { interval = 0.01 } do
        local new = change.new
        seen[#seen + 1] = change.what .. " " .. tostring(type(new) == "table" and (new.status or new.code) or new)
      end
      assert.are.same({ "output failed", "status idle", "active nil", "output stopped",
        "error invalid.unknown_project" }, seen)
    end)
  end)
end)
