-- SPDX-License-Identifier: MIT
-- Slates that cannot be made: the ffmpeg that makes one is killed, the disk of the folder where they are kept is full
-- (a small tmpfs, which takes the right to mount one). Neither harms the broadcast; both are over by themselves.

local cme = require "cme"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"
local uv = require "luv"

describe("cme serve without a slate that it wants", function()
  local platform, own, client, folder, source

  setup(function()
    folder = proc.folder()
    platform = nginx.start { apps = { "src", "a" } }
    source = media.replay(platform:url("src", "show"), media.file(folder .. "/show.flv", 10, media.SMALL))
    platform:expect_publish "src"
    media.file(folder .. "/long.mp4", 60, media.SMALL)
    own = service.start { args = { "--media", folder, "--preset", "slow" },
      env = { TENCENTCLOUD_SECRET_KEY = "hush-of-another-program" } }
    client = assert(cme.client(own:client_options()))
  end)

  teardown(function()
    if source then source:kill() end
    if own then
      proc.run { "umount", "-l", own.state .. "/slates" }
      own:stop()
    end
    platform:stop()
    proc.cleanup()
  end)

  local function begin(name, slate)
    local show = client:project { name = name, owner = "o", input = platform:url("src", "show"),
      outputs = { platform:url("a", name .. "hush") }, slate = slate }
    assert(show:start())
    return show
  end

  local function until_health(what, show, condition)
    return proc.eventually(what, 60, function()
      local health = assert(client:call("DescribeProjectHealth", { ProjectId = show.id }))
      return condition(health.Slate) and health
    end)
  end

  local function is(state)
    return function(slate) return slate.State == state end
  end

  local function on_the_air(health)
    return { health.Status, health.Outputs[1].State, health.Outputs[1].Connects }
  end

  local function parts()
    local found = {}
    for _, name in ipairs(require "cme.system.files".names(own.state .. "/slates") or {}) do
      if name:find "%.part$" then found[#found + 1] = name end
    end
    return found
  end

  -- The ffmpeg that encodes the file; not the ffprobe that looks at it before.
  local function encoder()
    return proc.matching("-i\0file:" .. folder .. "/long.mp4")[1]
  end

  it("says that its ffmpeg was killed, keeps black, and makes it again", function()
    local show = begin("killed", "long")
    local ffmpeg = proc.eventually("ffmpeg at work on the file", 60, encoder)
    local environ <close> = assert(io.open(("/proc/%d/environ"):format(ffmpeg)))
    assert.not_matches("hush", environ:read "a")
    uv.kill(ffmpeg, "sigkill")
    local health = until_health("the failure", show, is "Failed")
    assert.are.equal("server.slate", health.Slate.Error.Code)
    assert.matches("killed by signal 9", health.Slate.Error.Message)
    assert.are.same({ "Working", "Live", 1 }, on_the_air(health))
    assert.are.same({}, parts())
    proc.eventually("another ffmpeg", 60, encoder)
    assert(show:stop())
    assert(show:delete())
  end)

  it("says that the disk of its folder is full, and makes it when there is space again", function()
    local slates = own.state .. "/slates"
    assert.are.equal(0, (proc.run { "mkdir", "-p", slates }))
    if proc.run { "mount", "-t", "tmpfs", "-o", "size=16k", "none", slates } ~= 0 then
      return pending "mounting a tmpfs is not permitted here"
    end
    local fd = assert(uv.fs_open(slates .. "/filler", "w", 384))
    repeat until (uv.fs_write(fd, ("x"):rep(1024)) or 0) < 1024
    uv.fs_close(fd)
    local show = begin("full", true)
    local health = until_health("the failure", show, is "Failed")
    assert.are.equal("local.file.space", health.Slate.Error.Code)
    assert.matches("no space left on device", health.Slate.Error.Message)
    assert.are.same({ "Working", "Live", 1 }, on_the_air(health))
    assert.are.same({}, parts())
    assert(uv.fs_unlink(slates .. "/filler"))
    health = until_health("the slate", show, is "Ready")
    assert.are.equal(require "cjson".null, health.Slate.Error)
    assert.are.same({ "Working", "Live", 1 }, on_the_air(health))
    assert(show:stop())
    assert(show:delete())
  end)
end)
