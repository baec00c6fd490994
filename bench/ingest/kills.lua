-- SPDX-License-Identifier: MIT
-- Ten ffmpegs that reconnect 200 ms after they were cut off: how long it takes until all publish again when what takes
-- them is killed. The edge, which its service starts again, later each time it dies; nginx-rtmp, which is started again
-- at once; and the service, of which no encoder may notice anything.

package.path = "./?.lua;" .. package.path
require "spec.support.paths"
local cme = require "cme"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"
local returning = require "spec.support.proofs.returning"
local rounds = require "bench.rounds"
local service = require "spec.support.programs.service"
local usage = require "spec.support.proofs.usage"

local COUNT, KILLS = 10, 5

local say = rounds.say

local function wait(what, condition)
  proc.eventually(what, 60, condition)
  return usage.wall()
end

local function kill(pid)
  proc.run { "kill", "-9", tostring(pid) }
  return usage.wall()
end

local function started_service(file)
  local serve, urls = service.start { edge = true }, {}
  for i = 1, COUNT do
    local show = cme.client(serve:client_options()):project { name = "s" .. i, owner = "bench", input = { push = 3600 },
      outputs = { { name = "nowhere", url = "rtmp://127.0.0.1:1/a/b" } } }
    assert(show:create())
    urls[i] = assert(show:push_urls()).main
  end
  return serve, returning.start(urls, file)
end

-- How many publish at the edge that runs now; nil: none answers.
local function live(serve)
  local ok, stat = pcall(function()
    local control = relay.connect(serve.state .. "/edge/edge.sock")
    local answer = control:request "stat"
    control:close()
    return answer
  end)
  if not ok or not stat then return nil end
  local count = 0
  for _, key in ipairs(stat.keys) do count = count + (key.live and 1 or 0) end
  return count
end

local function row(what, up, back)
  table.sort(up)
  table.sort(back)
  say("%-28s  %6.2f %6.2f   %6.2f %6.2f\n", what, up[math.ceil(#up / 2)], up[#up], back[math.ceil(#back / 2)],
    back[#back])
end

local function edge_kills(serve)
  local up, back = {}, {}
  for i = 1, KILLS do
    local pid = serve:edge()[1]
    local killed = kill(pid)
    local runs = wait("another edge", function()
      local now = serve:edge()[1]
      return now and now ~= pid and live(serve)
    end)
    up[i] = runs - killed
    back[i] = wait("all encoders", function() return live(serve) == COUNT end) - runs
  end
  row("edge, by its service", up, back)
end

local function nginx_kills(file)
  local server, urls, up, back = nginx.start { apps = { "live" }, plain = true }, {}, {}, {}
  for i = 1, COUNT do urls[i] = server:url("live", "o" .. i) end
  local encoders = returning.start(urls, file)
  local function all() return rounds.established(server.port) == COUNT end
  wait("all encoders", all)
  for i = 1, KILLS do
    local killed = kill(server.proc.pid)
    server.proc:wait()
    server:up()
    local runs = usage.wall()
    up[i] = runs - killed
    back[i] = wait("all encoders", all) - runs
  end
  row("nginx-rtmp, by this bench", up, back)
  encoders:stop()
  server:stop()
end

local function service_kills(serve, encoders)
  local before, up = encoders.ends, {}
  for i = 1, KILLS do
    local killed = usage.wall()
    serve:crash()
    assert(live(serve) == COUNT)
    serve:up()
    up[i] = usage.wall() - killed
  end
  table.sort(up)
  say("%-28s  %6.2f %6.2f   %d of %d encoders noticed\n", "service", up[math.ceil(KILLS / 2)], up[KILLS],
    encoders.ends - before, COUNT)
end

local ok, message = pcall(function()
  local file = media.file(proc.folder() .. "/show.flv", 20, media.SMALL)
  local serve, encoders = started_service(file)
  wait("all encoders", function() return live(serve) == COUNT end)
  say("\n%d encoders that reconnect, %d kills: s until what was killed runs again, and from then until all publish\n\n",
    COUNT, KILLS)
  say("%-28s  %6s %6s   %6s %6s\n", "killed", "median", "most", "median", "most")
  edge_kills(serve)
  nginx_kills(file)
  service_kills(serve, encoders)
  encoders:stop()
  serve:stop()
end)
proc.cleanup()
if not ok then error(message, 0) end
