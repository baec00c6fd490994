-- SPDX-License-Identifier: MIT
-- examples/scheduled, and examples/show.lua: as cron and systemd run them, with hours that pass in seconds.

local files = require "spec.support.files"
local uv = require "luv"

local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"

local SCHEDULED = "examples/scheduled/"
local FAR, ENDS_IN = 600, 12 -- seconds of this machine until a show ends: at first; once it is killed and run again

describe("examples/scheduled", function()
  local rtmp, serve, source, folder, here

  setup(function()
    folder = proc.folder()
    here = uv.cwd()
    rtmp = nginx.start { apps = { "source", "platform" } }
    serve = service.start()
    source = media.replay(rtmp:url("source", "main"), media.file(folder .. "/main.flv", 10, media.SMALL))
    rtmp:expect_publish "source"
  end)

  teardown(function()
    for _, each in ipairs { source, serve, rtmp } do each:stop() end
    proc.cleanup()
  end)

  -- The variables of a Lua program whose clock runs that much faster than the machine's.
  local function environment(rate)
    local env = serve:environment()
    env.LUA_PATH, env.LUA_CPATH = package.path .. ";;", package.cpath .. ";;"
    env.LUA_INIT = ("@%s/spec/support/fakes/fast_clock.lua"):format(here)
    env.SPEC_CLOCK_RATE, env.SPEC_CLOCK_ORIGIN = tostring(rate), tostring(os.time())
    env.LD_PRELOAD, env.CME_BUILD = os.getenv "LD_PRELOAD", os.getenv "CME_BUILD"
    if env.CME_BUILD then env.CME_BUILD = uv.fs_realpath(env.CME_BUILD) end
    return env
  end

  local function published(stream)
    local found = {}
    for _, one in ipairs(rtmp:publishes "platform") do
      if one.name == stream then found[#found + 1] = one end
    end
    return found
  end

  local function expect_on_air(stream)
    proc.eventually(stream .. " on the air", 30, function() return published(stream)[1] end)
  end

  -- What such a clock shows in so many seconds of this machine.
  local function fast(env, seconds)
    local origin = tonumber(env.SPEC_CLOCK_ORIGIN)
    return math.ceil(origin + (os.time() + seconds - origin) * tonumber(env.SPEC_CLOCK_RATE))
  end

  it("has a service and a timer that systemd takes", function()
    local unit, timer = files.read(SCHEDULED .. "cme-show.service"), files.read(SCHEDULED .. "cme-show.timer")
    local command = unit:match "\nExecStart=%S+ ([^\n]*)\n"
    local words = {}
    for word in command:gmatch "%S+" do words[#words + 1] = word end
    assert.same({ "/etc/cme/gala.lua" }, require "cme.cli".parser():parse(words).shows)
    assert.matches("\nStateDirectory=", unit)
    assert.matches("\nPersistent=true\n", timer)
    local exit = require "cme.cli.exit"
    assert.equal(("%d %d %d"):format(exit.USAGE, exit.NOT_FOUND, exit.LOCKED),
      unit:match "\nRestartPreventExitStatus=([^\n]*)\n")
    if proc.run { "sh", "-c", "command -v systemd-analyze" } ~= 0 then return end
    local at = proc.folder()
    files.write(at .. "/cme-show.service", (unit:gsub("/usr/local/bin/cme", here .. "/bin/cme")))
    files.write(at .. "/cme-show.timer", timer)
    assert.same({ 0, "", "" }, { proc.run { "systemd-analyze", "verify", at .. "/cme-show.service",
      at .. "/cme-show.timer" } })
  end)

  it("has a line for cron that does examples/show.lua, killed and run again, without a HOME", function()
    local at = proc.folder()
    proc.run { "mkdir", at .. "/bin", at .. "/state" }
    assert(uv.fs_symlink(here .. "/bin/cme", at .. "/bin/cme"))
    -- The show's alert command. The system's own hangs at its start when a sanitizer is loaded into it.
    files.write(at .. "/bin/logger", "#!/bin/sh\nwhile read -r line; do :; done\n")
    assert(uv.fs_chmod(at .. "/bin/logger", 493))
    local env = environment(20)
    local start_at = tonumber(env.SPEC_CLOCK_ORIGIN) + 120
    env.SOURCE, env.BACKUP = rtmp:url("source", "main"), rtmp:url("source", "main")
    env.OUTPUT_1, env.OUTPUT_2 = rtmp:url("platform", "cron1"), rtmp:url("platform", "cron2")
    -- In a zone where it is noon: a show of one date must not go on past midnight.
    local west = tonumber(os.date("!%H", start_at)) - 12
    local function noon(format, seconds) return os.date("!" .. format, seconds - west * 3600) end
    env.SHOW_DATE, env.SHOW_START = noon("%F", start_at), noon("%T", start_at)
    local function ends_in(seconds)
      local lines = {}
      env.SHOW_STOP = noon("%T", fast(env, seconds))
      for name, value in pairs(env) do lines[#lines + 1] = ("export %s='%s'\n"):format(name, value) end
      files.write(at .. "/show.env", table.concat(lines))
    end
    ends_in(FAR)
    local show = files.read "examples/show.lua":gsub("ahead = 900", "ahead = 60")
    files.write(at .. "/gala.lua", (show:gsub("Asia/Shanghai", ("Etc/GMT%+d"):format(west))))
    local line = files.read(SCHEDULED .. "crontab"):match("\n" .. ("[%d*,/-]+ "):rep(5) .. "([^\n]*)\n")
    line = line:gsub("/etc/cme", at):gsub("/var/lib/cme%-show", at .. "/state")
    local path = ("PATH=%s/bin:/usr/bin:/bin"):format(at)
    local function cron()
      return proc.spawn { "env", "-i", "SHELL=/bin/sh", path, "/bin/sh", "-c", line }
    end

    local first = cron()
    proc.eventually("the start", 40, function()
      return uv.fs_stat(at .. "/state/log") and files.read(at .. "/state/log"):find("gala: started", 1, true)
    end)
    assert.equal(1, (cron():wait(10))) -- the next minute
    first:destroy()
    ends_in(ENDS_IN)
    local again = cron()
    again:wait(60)
    local log = files.read(at .. "/state/log")
    assert.equal(0, again.code, log)
    assert.matches("gala: on the air since", log)
    assert.matches("gala: output '推流2': on the air %d", log)
    for _, stream in ipairs { "cron1", "cron2" } do
      assert.equal(1, #published(stream), log)
      proc.eventually("the end of " .. stream, 20, function() return published(stream)[1].ended end)
    end
    assert.is_nil(log:find("hush", 1, true))
  end)

  it("has a plain Lua script that starts and stops on time, killed and run again", function()
    local env = environment(60)
    env.SOURCE, env.OUTPUT_1 = rtmp:url("source", "main"), rtmp:url("platform", "plain")
    local origin, start_in = tonumber(env.SPEC_CLOCK_ORIGIN), 5
    local function script(stop_at)
      local argv = { "lua5.4", SCHEDULED .. "evening.lua" }
      for i, time in ipairs { origin + 60 * start_in, stop_at } do argv[i + 2] = os.date("!%FT%TZ", time) end
      return proc.spawn(argv, { env = env })
    end
    local first = script(fast(env, FAR))
    first:expect "prepared\n[^\n]+\n" -- on the air, or what is not yet
    expect_on_air "plain"
    first:kill "sigkill"
    first:wait(5)
    local stop_at = os.time() + ENDS_IN
    local again = script(fast(env, ENDS_IN))
    assert.equal(0, (again:wait(40)), again:output())
    assert.matches("stopped", again.out)
    proc.eventually("the end", 20, function() return published("plain")[1].ended end)
    local all = published "plain"
    assert.equal(1, #all)
    assert.is_true(all[1].at >= origin + start_in and all[1].ended >= stop_at)
  end)

  it("says how the plain script is called", function()
    local code, _, err = proc.run({ "lua5.4", SCHEDULED .. "evening.lua" }, { env = environment(1) })
    assert.equal(2, code)
    assert.matches("usage: .*lua5.4 examples/scheduled/evening.lua", err)
  end)
end)
