-- SPDX-License-Identifier: MIT
-- Direct push by SRT and by RTMPS through the service: its addresses work as they are given, and refusals are heard.

local certificates = require "spec.support.programs.certificates"
local cme = require "cme"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local receiver = require "spec.support.fakes.receiver"
local service = require "spec.support.programs.service"

describe("the service's edge, by SRT and RTMPS,", function()
  local rtmp, hook, serve, picture, dir

  setup(function()
    dir = proc.folder()
    certificates.ca(dir)
    certificates.issue(dir, "renewed", "IP:127.0.0.1")
    local cert, key = certificates.issue(dir, "edge", "IP:127.0.0.1")
    rtmp, hook = nginx.start { apps = { "platform" }, record = true }, receiver.start()
    serve = service.start { edge = true, args = { "--webhook", hook.url, "--edge-srt", "127.0.0.1:0", "--edge-rtmps",
      "127.0.0.1:0", "--edge-cert", cert, "--edge-key", key } }
    picture = media.file(dir .. "/picture.ts", 4, media.SMALL)
  end)

  teardown(function()
    if serve then serve:stop() end
    if rtmp then rtmp:stop() end
    if hook then hook:down() end
    assert(#proc.cleanup() == 0)
  end)

  local function project(name)
    local show = cme.client(serve:client_options()):project { name = name, owner = "spec",
      input = { push = 600 }, backup = { push = 600 },
      outputs = { { name = "platform", url = rtmp:url("platform", name) } } }
    assert(show:create())
    return show
  end

  local function push(url, format)
    return proc.spawn({ "ffmpeg", "-v", "error", "-nostdin", "-re", "-stream_loop", "-1", "-i", picture, "-c", "copy",
      "-f", format, url }, { name = "encoder" })
  end

  local function live(show, name)
    proc.eventually(name .. " to be live", 30, function()
      return assert(show:health()).inputs[name].state == "live"
    end)
  end

  local function on_air(stream)
    proc.eventually(stream .. " at the platform", 30, function()
      for _, publish in ipairs(rtmp:publishes "platform") do
        if publish.name == stream then return true end
      end
    end)
  end

  it("has the edge read its certificate again on SIGHUP", function()
    local show = project "renewal"
    local port = tonumber(assert(show:push_urls { protocol = "rtmps" }).main:match "^rtmps://127%.0%.0%.1:(%d+)/")
    local before = serve:edge()
    assert.are.equal("edge", certificates.shown(port))
    certificates.replace(dir, "renewed", "edge", { "key" })
    serve.proc:kill "sighup"
    serve.proc:expect "the edge's TLS certificate stays as it was"
    certificates.replace(dir, "renewed", "edge")
    serve.proc:kill "sighup"
    serve.proc:expect "the edge's TLS certificate was read again"
    assert.are.equal("renewed", certificates.shown(port))
    assert.are.same(before, serve:edge())
    assert(show:delete())
  end)

  it("gives an address for each input by each protocol, and sends what comes there to the platform", function()
    local show = project "both"
    local by_srt, by_rtmps = assert(show:push_urls { protocol = "srt" }), assert(show:push_urls { protocol = "rtmps" })
    assert.matches("^srt://127%.0%.0%.1:%d+%?streamid=cme%-%x+%-%x+%-%x+&passphrase=%x+$", by_srt.main)
    assert.matches("^rtmps://127%.0%.0%.1:%d+/output/cme%-%x+%?txSecret=%x+&txTime=%x+$", by_rtmps.backup)
    assert.are_not.equal(by_srt.main, by_srt.backup)
    local main, backup = push(by_srt.main, "mpegts"), push(by_rtmps.backup, "flv")
    assert(show:start())
    on_air "both"
    live(show, "main")
    live(show, "backup")
    assert(show:switch "backup")
    main:stop()
    backup:stop()
    assert(show:stop())
    assert(show:delete())
  end)

  it("takes by RTMP nothing that crosses the network in the clear by SRT", function()
    local show = project "overheard"
    local rtmp_url = assert(show:push_urls()).main
    local id = assert(show:push_urls { protocol = "srt" }).main:match "streamid=([%w-]+)"
    local stream, tx_time, secret = id:match "^(cme%-%x+)%-(%x+)%-(%x+)$"
    for _, key in ipairs { id, ("%s?txSecret=%s&txTime=%s"):format(stream, secret, tx_time) } do
      local encoder = push(rtmp_url:gsub("[^/]+$", (key:gsub("%%", "%%%%"))), "flv")
      assert.are_not.equal(0, (encoder:wait()), key)
      assert.is_truthy(encoder:output():find("this key is not known here", 1, true), encoder:output())
    end
    assert(show:delete())
  end)

  it("tells who is refused by SRT, and why", function()
    local show = project "refused"
    local url = assert(show:push_urls { protocol = "srt" }).main
    local encoder = push(url:gsub("&passphrase=.*$", ""), "mpegts")
    assert.are_not.equal(0, (encoder:wait()))
    local file <close> = assert(io.open(serve.state .. "/webhook_secret"))
    local secret = file:read "l"
    proc.eventually("the event", 20, function()
      for _, event in ipairs(hook:events(secret)) do
        local info = event.type == "Service.PublisherRefused" and event.content
        if info and info.ProjectId == show.id and info.Code == "publish.passphrase" then return true end
      end
    end)
    assert(show:delete())
  end)

  it("goes on when service and edge are killed", function()
    local show = project "killed"
    local url = assert(show:push_urls { protocol = "srt" }).main
    local encoder = push(url, "mpegts")
    assert(show:start())
    on_air "killed"
    serve.proc:kill "sigkill"
    serve:up()
    live(show, "main")
    assert.is_nil(encoder.code, encoder:output())
    for _, pid in ipairs(serve:edge()) do require "luv".kill(pid, "sigkill") end
    proc.eventually("the encoder to notice", 30, function() return encoder.code end)
    proc.eventually("an encoder to be taken again", 30, function()
      if encoder.code then encoder = push(url, "mpegts") end
      return assert(show:health()).inputs.main.state == "live" and not encoder.code
    end)
    assert(show:stop())
    encoder:stop()
    assert(show:delete())
  end)
end)
