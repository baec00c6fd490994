-- SPDX-License-Identifier: MIT
-- Probes a source with the engine itself: a separate engine gets the source and no destination, is asked over its
-- control protocol, and is ended. So the URL is in no process's arguments, and a source that works here works in a
-- broadcast. If the prober is killed, the engine ends at its stop time; if its task is cancelled, the engine ends at
-- once. Tasks only.

local clock = require "cme.system.clock"
local codes = require "cme.codes"
local engine = require "cme.server.process.engine"
local engine_spec = require "cme.server.process.spec"
local health = require "cme.server.process.health"
local task = require "cme.task"
local uv = require "luv"

local probe = {}

---@class cme.server.process.probe.source
---@field video string|nil codec
---@field audio string|nil codec
---@field sample_rate integer|nil Hz
---@field channels integer|nil
---@field width integer|nil
---@field height integer|nil
---@field fps number
---@field kbps number
---@field gop_ms integer|nil of the last whole GOP; nil: none within the time
---@field dts_jumps integer

local GOP_LOOK = 1 -- seconds between two looks for the end of a GOP, of which the engine tells nobody
local RATES = 2.2 -- seconds after which the engine's rates are of full two seconds
local GRACE = 30 -- seconds after which a forgotten engine ends
local ANSWER = 2 -- seconds for an answer of the engine

-- What the engine says of the source; nil while there is more to wait for.
local function read(input)
  if input.state ~= "live" then return nil end
  local codecs = type(input.codecs) == "table" and input.codecs or {}
  return {
    video = codecs.video, audio = codecs.audio, width = codecs.width, height = codecs.height, fps = input.fps,
    kbps = input.kbps, gop_ms = math.tointeger(input.gop_ms), dts_jumps = input.dts_jumps or 0,
    sample_rate = math.tointeger(codecs.sample_rate), channels = math.tointeger(codecs.channels),
  }
end

-- How long to wait for an event before asking again; nil: without limit.
local function quiet_seconds(found, live_at)
  if not found then return nil end
  local left = live_at + RATES - clock.monotonic()
  return left > 0 and left or GOP_LOOK
end

-- Waits for an event that comes after the seen ones, for a while.
local function wait_news(news, seen, seconds)
  if news.count == seen then news.signal:wait(seconds) end
end

-- The engine's words for a source that failed, by their parts.
local function failed(said)
  local reason = health.reason_of(said.message, said.parts) or { text = tostring(said.code) }
  return codes.fail(reason, nil, { code = tostring(said.code) })
end

-- Looks until all is known, the source failed, or the time is over: again when the engine has told something.
local function look(control, news, deadline)
  local live_at, found
  repeat
    local seen = news.count
    local stat, message, detail = control:request({ op = "stat" }, ANSWER)
    if not stat then return nil, message, detail end
    local input = stat.inputs.main
    if input.state == "down" and type(input.error) == "table" then return failed(input.error) end
    found = read(input) or found
    live_at = live_at or found and clock.monotonic()
    if found and found.gop_ms and clock.monotonic() - live_at >= RATES then return found end
    wait_news(news, seen, math.min(quiet_seconds(found, live_at) or math.huge, deadline - clock.monotonic()))
  until clock.monotonic() >= deadline
  if found then return found end
  return codes.fail "network.timeout:no_picture"
end

local function ask(control, news, url, seconds)
  local spec = engine_spec.new { inputs = { main = { url = url } }, stop_at = clock.now() + seconds + GRACE }
  local ok, message, detail = control:request({ op = "set", spec = spec }, ANSWER)
  if not ok then return nil, message, detail end
  return look(control, news, clock.monotonic() + seconds)
end

local function remove(folder)
  for name in uv.fs_scandir_next, assert(uv.fs_scandir(folder)) do uv.fs_unlink(folder .. "/" .. name) end
  uv.fs_rmdir(folder)
end

-- Ends the engine and waits until it is gone.
local function finish(engines, control, pid)
  if control then control:request({ op = "stop" }, ANSWER) end
  if not control then engines:kill(pid, "sigterm") end
  engines:wait_gone(pid, ANSWER)
  if control then control:close() end
end

--- Looks at a source.
---@param url string
---@param program string|nil the engine; where it is found when nil
---@param seconds number that it may take
---@return cme.server.process.probe.source|nil found
---@return string|nil message
---@return cme.detail|nil detail code: the engine's, or local.* where no engine could be started
function probe.source(url, program, seconds)
  local path, missing, why = engine.find(program)
  if not path then return nil, missing, why end
  local folder, reason = uv.fs_mkdtemp((os.getenv "TMPDIR" or "/tmp") .. "/cme-probe-XXXXXX")
  if not folder then return codes.fail("local.folder", { reason = tostring(reason) }) end
  local engines = engine.new(folder, path)
  local pid, found, message, detail
  local forget = task.on_cancel(task.current(), function()
    if pid then engines:kill(pid, "sigkill") end
    remove(folder)
  end)
  pid, message, detail = engines:spawn "probe"
  if pid then
    local control
    local news = { count = 0, signal = task.signal() }
    local function tell()
      news.count = news.count + 1
      news.signal:notify()
    end
    control, message, detail = engines:connect("probe", tell, tell)
    if control then found, message, detail = ask(control, news, url, seconds) end
    finish(engines, control, pid)
  end
  forget()
  remove(folder)
  return found, message, detail
end

return probe
