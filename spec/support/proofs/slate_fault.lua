-- SPDX-License-Identifier: MIT
-- What a destination gets when both sources of a broadcast are killed: the slate that a real service made for it, to
-- the measure of what the sources sent. bench/faults.lua prints it.

local cme = require "cme"

local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"
local time = require "cme.time"
local ts_server = require "spec.support.fakes.ts_server"

local slate_fault = {}

local SHOW_SECONDS, LIVE_SECONDS = 12, 3
local AFTER = 3 -- seconds without a picture until the slate comes
local PATIENCE = 60 -- the same until a source is live: a machine that is busy opens some slowly
local BACK_SECONDS = 6 -- that the backup is on the air again

---@class spec.slate_case
---@field name string
---@field look table of the sources, as media.MAIN; with codec "hevc" they are MPEG-TS over HTTP

---@class spec.slate_result
---@field ready_after number seconds from the first keyframe to a slate that the engine has
---@field arrival_gap number seconds, the longest without a picture
---@field publishes integer
---@field backward integer
---@field on_slate boolean at the end of the time without a source

-- A source that can be killed and started again: its URL, and what starts it.
local function source_of(platform, file, hevc, name)
  if not hevc then
    local url = platform:url("src", name)
    return { url = url, close = function() end, publish = function() return media.replay(url, file) end }
  end
  local server = ts_server.start()
  return { url = ("http://127.0.0.1:%d/live.ts"):format(server.port), close = function() server:close() end,
    publish = function()
      return proc.spawn({ "ffmpeg", "-v", "error", "-nostdin", "-re", "-stream_loop", "-1", "-i", file, "-c", "copy",
        "-f", "mpegts", "-flush_packets", "1", ("tcp://127.0.0.1:%d"):format(server.from_port) }, { name = "source" })
    end }
end

-- When the engine was told of the slate that it plays, as the service's log says.
local function made_at(own)
  local at
  for line in own.proc.err:gmatch "[^\n]+" do
    if line:find('"message":"slate"', 1, true) then at = time.read(line:match '"time":"([^"]+)"') end
  end
  return at
end

-- How long it took from the first keyframe to a slate of what the sources send.
local function until_ready(show, own)
  local live
  proc.eventually("a slate", 60, function()
    local health = show:health()
    local input = health and health.inputs.main
    live = live or input and input.state == "live" and input.since
    return live and health.slate.state == "ready" and (made_at(own) or 0) > live
  end)
  local seconds = made_at(own) - live
  assert(show:set_slate(true, { slate_after = AFTER }))
  return seconds
end

--- Kills both sources for a while; the backup comes back.
---@param case spec.slate_case
---@param seconds number
---@return spec.slate_result
function slate_fault.run(case, seconds)
  local hevc = case.look.codec == "hevc" -- as codec id 12: the platform writes no Enhanced RTMP down
  local platform = nginx.start { apps = { "src", "a" }, record = true }
  local own = service.start()
  local file = media.file(proc.folder() .. (hevc and "/show.ts" or "/show.flv"), SHOW_SECONDS, case.look)
  local main, backup = source_of(platform, file, hevc, "main"), source_of(platform, file, hevc, "backup")
  local publishing = { main.publish(), backup.publish() }
  if not hevc then platform:expect_publish("src", 2) end
  local show = assert(cme.client(own:client_options())):project { name = "slate", owner = "bench",
    input = main.url, backup = backup.url, slate = true, slate_after = PATIENCE,
    outputs = { { url = platform:url("a", "hush"), codecs = hevc and "id12" or nil } } }
  assert(show:start())
  local ready_after = until_ready(show, own)
  local watch = media.watch(platform:url("a", "hush"))
  proc.eventually("the watcher to see the picture", 60, function() return watch.out:find "video" end)
  proc.elapse(LIVE_SECONDS)
  for _, source in ipairs(publishing) do source:kill "sigkill" end
  proc.elapse(seconds)
  local on_slate = assert(show:health()).on_slate
  publishing[2] = backup.publish()
  proc.elapse(BACK_SECONDS)
  assert(show:stop())
  publishing[2]:kill()
  platform:expect_silence "a"
  local publishes = #platform:publishes "a"
  platform:stop()
  watch:wait()
  own:stop()
  for _, source in ipairs { main, backup } do source.close() end
  return { ready_after = ready_after, on_slate = on_slate, arrival_gap = media.arrival_gap(watch),
    publishes = publishes, backward = media.packets(platform:recordings "a"[1]).backward }
end

return slate_fault
