-- SPDX-License-Identifier: MIT
-- How far the pictures in the control room are behind the encoder, by the interval of its keyframes, and how long after
-- a switch the programme's picture is the other input's.
--
--   make bench-picture GOPS="1 2 5" SECONDS=30
--
-- Two ffmpegs push pictures in which a clock is drawn as bits, and a mark that tells them apart. A browser plays main
-- and programme by the page's own picture.js, and reads them. The clock runs from the moment in which the edge
-- admits the encoder, which is a little before its first picture: what is printed is rather too much.

package.path = "./?.lua;" .. package.path
require "spec.support.paths"
local cjson = require "cjson"
local cme = require "cme"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"
local rounds = require "bench.rounds"
local service = require "spec.support.programs.service"
local usage = require "spec.support.proofs.usage"

local RATE = 25
local SETTLE = 8 -- seconds until a player has found its place
local PLAYER_PACKAGE, PLAYER_VERSION = "playwright-core", "1.65.1"

local say = rounds.say
local seconds = tonumber(os.getenv "SECONDS") or 30

-- A block of 16 pixels for each bit of fiftieths of a second, and one for the mark.
local function clock(mark)
  return ("color=black:size=272x16:rate=%d,format=gray,geq=lum='if(lt(X,256),255*mod(floor(floor(T*50+0.5)/" ..
    "pow(2,floor(X/16))),2),%d)'"):format(RATE, mark and 255 or 0)
end

local function push(url, gop, mark)
  return proc.spawn({ "ffmpeg", "-v", "error", "-nostdin", "-re", "-f", "lavfi", "-i", clock(mark),
    "-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-c:v", "libx264", "-preset", "ultrafast",
    "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-b:v", "600k", "-g", tostring(gop * RATE),
    "-keyint_min", tostring(gop * RATE), "-c:a", "aac", "-f", "flv", url }, { name = "encoder" })
end

-- When the edge admitted the first of both encoders.
local function admitted(serve)
  local control, first = relay.connect(serve.state .. "/edge/edge.sock"), nil
  proc.eventually("both encoders", 30, function()
    local count = 0
    for _, key in ipairs(assert(control:request "stat").keys) do
      if key.live and not key.own then count, first = count + 1, math.min(first or key.since, key.since) end
    end
    return count == 2
  end)
  control:close()
  return first
end

local function player(urls)
  local code, out, err = proc.run({ "tools/npm.sh", PLAYER_PACKAGE, PLAYER_VERSION }, { timeout = 120 })
  assert(code == 0, err)
  assert(proc.run({ "tools/player.sh" }, { timeout = 120 }) == 0)
  return proc.spawn({ "node", "bench/picture/page.js", tostring(SETTLE + seconds), table.unpack(urls) },
    { name = "browser", env = { NODE_PATH = (out:gsub("/[^/]+%s*$", "")), CHROMIUM = "/usr/bin/chromium" } })
end

local function readings(browser)
  local list = {}
  for line in browser.out:gmatch "[^\n]+" do list[#list + 1] = cjson.decode(line) end
  return list
end

-- Seconds behind of one picture's readings, from `from` on.
local function behind(list, name, from, began)
  local found = {}
  for _, one in ipairs(list) do
    if one.name == name and one.at > from and (not one.mark or name ~= "Output") then
      found[#found + 1] = one.at - (began + one.shown)
    end
  end
  table.sort(found)
  assert(#found > 0, "the browser showed nothing of " .. name)
  return found[math.ceil(#found / 2)], found[math.ceil(#found * 0.99)]
end

local function row(serve, platform, gop)
  local show = cme.client(serve:client_options()):project { name = "picture", owner = "bench", input = { push = 3600 },
    backup = { push = 3600 }, outputs = { { name = "platform", url = platform:url("platform", "picture") } } }
  assert(show:create())
  local urls = assert(show:push_urls())
  local encoders = { push(urls.main, gop, false), push(urls.backup, gop, true) }
  local began = admitted(serve)
  assert(show:start())
  local playback = assert(show.client:call("DescribeProjectPlayback", { ProjectId = show.id }))
  local browser = player { "Main=" .. playback.Main, "Output=" .. playback.Output }
  local from = usage.wall() + SETTLE
  proc.eventually("half of the time", SETTLE + seconds, function() return usage.wall() > from + seconds / 2 end)
  assert(show:switch "backup")
  local switched = usage.wall()
  browser:wait(SETTLE + seconds + 60)
  local list, changed = readings(browser), nil
  for _, one in ipairs(list) do
    if one.name == "Output" and one.at > switched and one.mark then changed = changed or one.at - switched end
  end
  local main, main_most = behind(list, "Main", from, began)
  local output, output_most = behind(list, "Output", from, began)
  say("%5d s  %7.2f %7.2f  %7.2f %7.2f  %14.2f\n", gop, main, main_most, output, output_most, changed or 0 / 0)
  for _, one in ipairs(encoders) do one:destroy() end
  assert(show:stop())
  assert(show:delete())
end

local ok, message = pcall(function()
  local platform, serve = nginx.start { apps = { "platform" } }, service.start { edge = true }
  say("s behind the encoder, %g s each: of main input and programme; s from a switch to its picture\n\n", seconds)
  say("%7s  %7s %7s  %7s %7s  %14s\n", "GOP", "main", "p99", "output", "p99", "switch")
  for _, gop in ipairs(#arg > 0 and arg or { 1, 2, 5 }) do row(serve, platform, math.tointeger(tonumber(gop))) end
  serve:stop()
  platform:stop()
end)
proc.cleanup()
if not ok then error(message, 0) end
