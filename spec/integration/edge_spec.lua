-- SPDX-License-Identifier: MIT
-- Direct push and playback through the service's own edge: ffmpeg as the encoder, an nginx as the platform.

local cme = require "cme"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local receiver = require "spec.support.fakes.receiver"
local relay = require "spec.support.programs.relay"
local service = require "spec.support.programs.service"

describe("the edge", function()
  local rtmp, hook, serve, picture

  setup(function()
    rtmp, hook = nginx.start { apps = { "platform" }, record = true }, receiver.start()
    serve = service.start { edge = true, args = { "--webhook", hook.url } }
    picture = media.file(proc.folder() .. "/picture.flv", 4)
  end)

  teardown(function()
    if serve then serve:stop() end
    if rtmp then rtmp:stop() end
    if hook then hook:down() end
    assert(#proc.cleanup() == 0)
  end)

  local function hook_secret()
    local file <close> = assert(io.open(serve.state .. "/webhook_secret"))
    return file:read "l"
  end

  local serial = 0

  local function project(seconds)
    serial = serial + 1
    local stream = "push" .. serial
    local show = cme.client(serve:client_options()):project { name = stream, owner = "spec",
      input = { push = seconds or 600 }, outputs = { { name = "platform", url = rtmp:url("platform", stream) } } }
    assert(show:create())
    return show, stream
  end

  local function publishes_of(stream) return rtmp:publishes("platform", stream) end

  local function on_air(stream, count)
    proc.eventually(stream .. " at the platform", 30, function() return #publishes_of(stream) >= (count or 1) end)
  end

  local function recording_of(stream)
    for _, path in ipairs(rtmp:recordings "platform") do
      if path:find("/" .. rtmp.keys .. stream .. "-", 1, true) then return media.report(path) end
    end
    error("no recording of " .. stream)
  end

  local function push(url)
    return media.replay(url, picture)
  end

  -- An address that is good for a moment only would do for one look.
  -- The encoder's own log has the words.
  local function refused(url, words)
    local encoder = push(url)
    local code = encoder:wait()
    if words then assert.is_truthy(encoder:output():find(words, 1, true), encoder:output()) end
    return code ~= 0
  end

  local function admitted_count()
    local _, count = serve.proc.err:gsub('"message":"publisher admitted"', "")
    return count
  end

  -- An encoder that the edge has let in.
  local function pushing(url)
    local before = admitted_count()
    local encoder = push(url)
    proc.eventually(function() return "the encoder to be admitted: " .. encoder:output() end, 20, function()
      return admitted_count() > before or encoder.code
    end)
    assert.is_nil(encoder.code, encoder:output())
    return encoder
  end

  local function codecs(url)
    local _, out = proc.run { "ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", url }
    return out:match "^%s*(h264)%s+(aac)"
  end

  local function expect_playable(url)
    proc.eventually(url .. " to be playable", 30, function() return codecs(url) end)
  end

  local function call(show, action)
    return assert(show.client:call(action, { ProjectId = show.id }))
  end

  it("plays an input that is pulled by RTMP, and pulls it for that alone", function()
    local source = media.replay(rtmp:url("platform", "pulled"), picture)
    proc.eventually("the source", 20, function() return #publishes_of "pulled" > 0 end)
    local show = cme.client(serve:client_options()):project { name = "pulled", owner = "spec",
      input = rtmp:url("platform", "pulled"), outputs = { { name = "platform", url = rtmp:url("platform", "none") } } }
    assert(show:create())
    local playback = call(show, "DescribeProjectPlayback")
    expect_playable(playback.RtmpMain)
    assert.are.equal("", playback.RtmpBackup)
    assert(show:delete())
    source:stop()
  end)

  it("knows an input that is added on the air before the engine reads it", function()
    local show, stream = project()
    local encoder = pushing(assert(show:push_urls()).main)
    assert(show:start())
    on_air(stream)
    for _ = 1, 3 do
      assert(show:add_input("backup", { push = 600 }))
      local backup = pushing(assert(show:push_urls()).backup)
      local seen = proc.eventually("the backup to be live", 30, function()
        local input = assert(show:health()).inputs.backup
        return input.state == "live" and input
      end)
      assert.is_nil(seen.error)
      assert(show:remove_input "backup")
      assert.are_not.equal(0, (backup:wait()))
    end
    assert(show:stop())
    assert(show:delete())
    encoder:wait()
  end)

  it("takes what an encoder pushes, sends it to the platform, and shows both", function()
    local show, stream = project()
    local url = assert(show:push_urls()).main
    assert.matches("^rtmp://127%.0%.0%.1:%d+/output/cme%-%x+%?txSecret=%x+&txTime=%x+$", url)
    local encoder = pushing(url)
    assert(show:start())
    on_air(stream)
    local playback = call(show, "DescribeProjectPlayback")
    expect_playable(playback.Output)
    expect_playable(playback.Main)
    assert.are.equal("", playback.Backup)
    expect_playable(playback.RtmpOutput)
    expect_playable(playback.RtmpMain)
    assert.are.equal("", playback.RtmpBackup)
    local wrong = playback.RtmpOutput:gsub("%x$", function(digit) return digit == "0" and "1" or "0" end)
    local _, _, words = proc.run { "ffprobe", "-v", "error", wrong }
    assert.is_truthy(words:find("this is no play address of this service", 1, true), words)
    local _, headers = proc.run { "curl", "-s", "-D", "-", "-o", "/dev/null", playback.Main }
    assert.matches("access%-control%-allow%-origin: %*", headers:lower())
    assert.matches("content%-type: application/vnd.apple.mpegurl", headers:lower())
    local function another(digit) return (digit == "0" and "1" or "0") .. "/index" end
    local other = playback.Output:gsub("(%x)/index", another)
    assert.are_not.equal(0, (proc.run { "curl", "-sf", other }), "another token")
    local function asked() -- for the part after the last one, which is waited for
      local _, text = proc.run { "curl", "-sf", playback.Output }
      local segment, part = text:match '.*URI="(%d+)%.(%d+)%.m4s"'
      local _, next_one = proc.run { "curl", "-sf", ("%s?_HLS_msn=%s&_HLS_part=%d"):format(playback.Output, segment,
        part + 1) }
      return #next_one > 0 and next_one ~= text
    end
    assert.is_true(asked())
    assert.are.equal(1, #assert(show:info()).outputs)
    assert.are.equal(1, #assert(show:health()).outputs)
    assert.are.equal(url, assert(cme.client(serve:client_options()):project(show.id):push_urls()).main)
    assert(show:stop())
    assert.is_nil(encoder.code, encoder:output())
    expect_playable(playback.RtmpMain)
    proc.eventually("the programme to be known no more", 30, function()
      local _, _, heard = proc.run { "ffprobe", "-v", "error", playback.RtmpOutput }
      return heard:find("there is nothing to play", 1, true)
    end)
    assert(show:delete())
    assert.are_not.equal(0, (encoder:wait()))
    assert.are_not.equal(0, (proc.run { "curl", "-sf", playback.Main }))
    assert.are.equal(1, #publishes_of(stream))
  end)

  it("shows an input that is pulled for as long as somebody looks, without touching the broadcast", function()
    local source = nginx.start { apps = { "source" } }
    local feed = push(source:url("source", "main"))
    source:expect_publish "source"
    local show = cme.client(serve:client_options()):project { name = "pulled", owner = "spec",
      input = source:url("source", "main"), backup = { push = 60 }, outputs = { rtmp:url("platform", "pulled") } }
    assert(show:create())
    local playback = call(show, "DescribeProjectPlayback")
    expect_playable(playback.Main)
    assert.are.equal(1, #proc.matching(serve.state .. "/looks/"))
    assert.are.same({}, serve:engines())
    serve:crash()
    assert.are.equal(1, #proc.matching(serve.state .. "/looks/"))
    serve:up()
    proc.eventually("the look of before the crash to end", 10, function()
      return #proc.matching(serve.state .. "/looks/") == 0
    end)
    proc.eventually("another look", 20, function()
      proc.run { "curl", "-s", playback.Main }
      return #proc.matching(serve.state .. "/looks/") == 1
    end)
    expect_playable(playback.Main)
    assert(show:set_input("main", { push = 60 }))
    assert.are.equal(0, #proc.matching(serve.state .. "/looks/"))
    assert(show:delete())
    assert.not_matches("keeper failed", serve.proc.err)
    assert.are_not.equal(0, (proc.run { "curl", "-sf", playback.Main:gsub("main/index", "../../keys") }))
    feed:stop()
    source:stop()
  end)

  it("refuses who has no address that is good", function()
    local show = project()
    local url = assert(show:push_urls()).main
    local stream = url:match "/output/([^?]+)"
    local host = url:match "^rtmp://[^/]+"
    local unknown, ended = "this key is not known here", "the broadcast has ended"
    assert.is_true(refused((url:gsub("txSecret=%x%x", "txSecret=00")), unknown), "a wrong secret")
    assert.is_true(refused((url:gsub("%?.*", "")), unknown), "none")
    assert.is_true(refused(url .. "&txTime=FFFFFFFF", "this is no stream key"), "a parameter twice")
    assert.is_true(refused(host .. "/show/" .. show.id .. "-output"), "another application")
    local encoder = pushing(url)
    assert.is_true(refused(url, "another encoder is publishing"), "a second one")
    assert.is_nil(encoder.code, "the second one cost the first its place")
    local told = proc.eventually("an event about it", 20, function()
      for _, event in ipairs(hook:events(hook_secret())) do
        if event.type == "Service.PublisherRefused" then return event end
      end
    end)
    assert.are.same({ show.id, "Main", "publish.busy", "another encoder is publishing" }, { told.content.ProjectId,
      told.content.EndPoint, told.content.Code, told.content.Reason })
    assert.is_nil(codecs(host .. "/output/" .. stream), "the input was played by one who is no engine")
    assert(show:set_input("main", { push = 300 }))
    assert.are_not.equal(0, (encoder:wait()))
    assert.is_true(refused(url, ended), "the address before the change")
    url = assert(show:push_urls()).main
    encoder = pushing(url)
    assert(show:remove_input "main")
    assert.are_not.equal(0, (encoder:wait()))
    assert.is_true(refused(url, ended), "an input that was deleted")
    assert(show:delete())
    assert.is_true(refused(url, ended), "a project that was deleted")
    assert.not_matches("txSecret=", serve.proc.err)
    assert.not_matches(stream:sub(5), serve.proc.err)
  end)

  it("lets who pushes push on when the address expires", function()
    local show, stream = project(8) -- seconds: the encoder comes in time on a busy machine too
    local url = assert(show:push_urls()).main
    local encoder = pushing(url)
    assert(show:start())
    on_air(stream)
    proc.eventually("the address to expire", 20, function()
      return refused(url) and serve.proc.err:match "this key has expired"
    end)
    assert.is_nil(encoder.code, encoder:output())
    assert.are.equal("live", assert(show:health()).inputs.main.state)
    encoder:stop()
    proc.eventually("health to say why nothing comes", 30, function()
      assert.is_true(refused(url, "this key has expired"))
      local main = assert(show:health()).inputs.main
      return main.state ~= "live" and main.error and main.error.message == "this key has expired"
    end)
    assert(show:stop())
    assert(show:delete())
  end)

  it("says that nobody pushes", function()
    local show, stream = project()
    local started, message, detail = show:start()
    assert.is_true(started)
    assert.are.same({ "input", "main" }, { detail.pending[1].what, detail.pending[1].id })
    assert.matches("main input: nobody pushes to its address", message)
    local encoder = pushing(assert(show:push_urls()).main)
    on_air(stream)
    assert(show:stop())
    encoder:stop()
    assert(show:delete())
  end)

  it("says with a start why the encoder is refused", function()
    local show = project(2)
    local url = assert(show:push_urls()).main
    local expires = tonumber(url:match "txTime=(%x+)", 16)
    proc.eventually("the address to expire", 20, function() return os.time() > expires end)
    assert.is_true(refused(url, "this key has expired"))
    local started, message, detail = show:start()
    assert.is_true(started)
    assert.matches("main input: its encoder is refused: this key has expired %(publish%.key_expired%): give it the "
      .. "push address that the project has now", message)
    assert.are.equal("publish.key_expired", detail.pending[1].code)
    assert(show:stop())
    assert(show:delete())
  end)

  it("does not feel a crash of the service, which takes it up again", function()
    local show, stream = project()
    local url = assert(show:push_urls()).main
    local encoder = pushing(url)
    assert(show:start())
    on_air(stream)
    proc.elapse(2)
    local before, other = serve:edge(), project()
    local address = assert(other:push_urls()).main
    serve:crash()
    local newcomer = push(address)
    local control = relay.connect(serve.state .. "/edge/edge.sock")
    proc.eventually("another encoder to be admitted while no service runs", 20, function()
      local live = 0
      for _, key in ipairs(assert(control:request "stat").keys) do
        live = live + (key.live and not key.own and 1 or 0)
      end
      return live == 2
    end)
    control:close()
    proc.elapse(2)
    serve:up()
    assert.are.same(before, serve:edge())
    assert.matches('"message":"edge adopted"', serve.proc.err)
    assert.are.equal(url, assert(cme.client(serve:client_options()):project(show.id):push_urls()).main)
    proc.elapse(1)
    assert.is_nil(encoder.code, encoder:output())
    assert.is_nil(newcomer.code, newcomer:output())
    newcomer:stop()
    assert(show:stop())
    proc.eventually("the recording", 20, function() return publishes_of(stream)[1].ended end)
    assert.are.equal(1, #publishes_of(stream))
    local recording = recording_of(stream)
    assert.are.equal(0, recording.backward)
    assert.is_true(recording.seconds > 2, "seconds " .. recording.seconds)
    assert.is_true(recording.largest_gap < 0.3, "largest gap " .. recording.largest_gap)
    encoder:stop()
    assert(show:delete())
    assert(other:delete())
  end)

  it("comes back when it is killed, and the broadcast with it", function()
    local show, stream = project()
    local url = assert(show:push_urls()).main
    local encoder = pushing(url)
    assert(show:start())
    on_air(stream)
    local before = serve:edge()
    proc.run { "kill", "-9", tostring(before[1]) }
    assert.are_not.equal(0, (encoder:wait()))
    proc.eventually("another edge", 20, function()
      local now = serve:edge()
      return now[1] and now[1] ~= before[1] and serve.proc.err:match '"edge ended unexpectedly".*"edge started"'
    end)
    encoder = pushing(url)
    proc.eventually("the input to be live", 30, function()
      return assert(show:health()).inputs.main.state == "live"
    end)
    expect_playable(call(show, "DescribeProjectPlayback").Output)
    assert(show:stop())
    encoder:stop()
    assert(show:delete())
  end)

  it("ends with the service when nothing is on the air, and stays when something is", function()
    local show, stream = project()
    local encoder = pushing(assert(show:push_urls()).main)
    assert(show:start())
    on_air(stream)
    local before = serve:edge()
    serve.proc:kill "sigterm"
    serve.proc:wait()
    assert.are.same(before, serve:edge())
    assert.is_nil(encoder.code, encoder:output())
    serve:up()
    assert(show:stop())
    assert.is_nil(encoder.code, encoder:output())
    serve.proc:kill "sigterm"
    serve.proc:wait()
    assert.are.same({}, serve:edge())
    assert.are_not.equal(0, (encoder:wait()))
    serve:up()
    assert.matches(("127.0.0.1:%d"):format(assert(show:push_urls()).main:match ":(%d+)/"), serve.proc.err)
    assert(show:delete())
  end)

  it("drops who pushes to what was deleted while the service was down", function()
    local show = project()
    local encoder = pushing(assert(show:push_urls()).main)
    serve:crash()
    local db = serve:store()
    assert(db:delete(show.id, "spec"))
    db:close()
    serve:up()
    assert.are_not.equal(0, (encoder:wait()))
    assert.is_nil((show:delete()))
  end)

  it("says what to do when its port is taken, and leaves who has it alone", function()
    local argv = { "bin/cme", "serve", "--listen", "127.0.0.1:0", "--state", proc.folder(),
      "--edge-rtmp", "127.0.0.1:" .. rtmp.port }
    local code, _, err = proc.run(argv)
    assert.are.equal(1, code)
    assert.matches(("listen on 127.0.0.1:%d: address already in use: end the program that has it, give another "
      .. "address with %%-%%-edge%%-rtmp"):format(rtmp.port), err)
    assert.is_true(proc.listening(rtmp.port))
  end)

  it("is not there when it is off", function()
    local state = proc.folder()
    local before = service.start { edge = true, state = state }
    proc.eventually("its edge", 20, function() return #before:edge() > 0 end)
    before:crash()
    assert.is_true(#before:edge() > 0)
    local own = service.start { state = state } -- an edge that nobody needs is not left behind
    local show = cme.client(own:client_options()):project { name = "off", owner = "spec", input = { push = 60 },
      outputs = { "rtmp://127.0.0.1/a/b" } }
    local id, message, detail = show:create()
    assert.is_nil(id)
    assert.are.equal("api.UnsupportedOperation", detail.code)
    assert.matches("without its edge", message)
    proc.eventually("the end of the one that was there", 60, function() return #own:edge() == 0 end)
    own:stop()
  end)
end)
