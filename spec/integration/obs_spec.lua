-- SPDX-License-Identifier: MIT
-- OBS itself pushes to the service's edge by RTMP and SRT, and the platform gets it; and by SRT to an edge of its own.

local cme = require "cme"
local edge = require "spec.support.programs.edge"
local flv = require "spec.support.proofs.flv"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local obs = require "spec.support.programs.obs"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"

describe("OBS", function()
  local platform, serve, lacking

  setup(function()
    lacking = obs.missing()
    platform = nginx.start { apps = { "platform" }, record = true }
    serve = service.start { edge = true, args = { "--edge-srt", "127.0.0.1:0" } }
  end)

  teardown(function()
    serve:stop()
    platform:stop()
    assert.are.same({}, proc.cleanup())
  end)

  local function project(name)
    local show = cme.client(serve:client_options()):project { name = name, owner = "spec", input = { push = 600 },
      outputs = { { name = "platform", url = platform:url("platform", name) } } }
    assert(show:create())
    return show
  end

  -- The two fields that OBS asks for.
  local function parts(url) return url:match "^(.+/output)/(.+)$" end

  -- What the platform has of a project.
  local function recording_of(name)
    for _, path in ipairs(platform:recordings "platform") do
      if path:find("/" .. platform.keys .. name .. "-", 1, true) then return path end
    end
  end

  for protocol, fields in pairs { rtmp = parts, srt = function(url) return url, "" end } do
    it(("pushes H.264 and AAC by %s, and is relayed"):format(protocol:upper()), function()
      if lacking then return pending(lacking) end
      local name = "obs" .. protocol
      local show = project(name)
      local encoder = obs.start(fields(assert(show:push_urls { protocol = protocol }).main))
      encoder:expect "Streaming Start"
      assert(show:start())
      local recording = proc.eventually("a recording of some seconds", 60, function()
        local path = recording_of(name)
        return path and flv.seconds(path) > 5 and path
      end)
      assert.are.equal("live", assert(show:health()).inputs.main.state)
      encoder:stop()
      assert(show:stop())
      local report = media.report(recording)
      assert.are.same({ "h264", "aac", 0 }, { report.video, report.audio, report.backward })
      assert.matches("^320x180$", report.looks)
      assert(show:delete())
    end)
  end

  it("pushes by SRT to an edge without passphrases", function()
    if lacking then return pending(lacking) end
    local own = edge.start("--srt", "127.0.0.1:0")
    own:set { show = "hush-obs" }
    local reader, encoder = own:read "show", obs.start(own:srt_url "hush-obs", "")
    encoder:expect "Streaming Start"
    local tags = proc.eventually("pictures and sound of some seconds", 60, function()
      local all = reader:tags()
      return #flv.media(all, flv.VIDEO) > 48 and #flv.media(all, flv.AUDIO) > 48 and all
    end)
    local function of(type) return flv.media(tags, type)[1].data:sub(1, 40) end
    assert.is_truthy(of(flv.VIDEO):find("avc1", 1, true), ("%q"):format(of(flv.VIDEO)))
    assert.is_truthy(of(flv.AUDIO):find("mp4a", 1, true), ("%q"):format(of(flv.AUDIO)))
    encoder:stop()
    reader:all()
    own:stop()
  end)

  it("says in its log why it is refused", function()
    if lacking then return pending(lacking) end
    local show = project "refused"
    local server, key = parts(assert(show:push_urls()).main)
    local encoder = obs.start(server, (key:gsub("txSecret=%x%x%x%x", "txSecret=0000")))
    encoder:expect "NetStream%.Publish%.BadName %(this key is not known here%)"
    encoder:stop()
    assert(show:delete())
  end)
end)
