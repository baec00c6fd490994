-- SPDX-License-Identifier: MIT
-- The playout process of one media cast: `lua5.4 main.lua --control RELAYS/ID.cast`. The service starts it detached, as
-- it does an engine, and finds it again by its socket. docs/control-protocol.md says what it answers.
--
--     service --JSON lines--> ID.cast   this process   ID.flv --joined stream--> engine (its input)
--                                         |  ^
--                                      ffprobe, ffmpeg: one per source
--
-- It ends by itself: without a `set` within 30 s, and when no engine has read from it for 30 s. When the list has been
-- played it writes ID.end, which outlives a service that is down, and ends the engine.

local uv = require "luv"

local clock = require "cme.system.clock"
local codes = require "cme.codes"
local control = require "cme.server.process.control"
local feed = require "cme.playout.feed"
local files = require "cme.system.files"
local json = require "cme.json"
local log = require "cme.server.log"
local luv = require "cme.net.loop.luv"
local player = require "cme.playout.player"
local requests = require "cme.playout.requests"
local spec = require "cme.playout.spec"
local stderr = require "cme.server.process.stderr"
local task = require "cme.task"

local ORPHAN_SECONDS = 30
local ENGINE_SECONDS = 3 -- for the engine to take the end of the stream, and its own

---@class cme.playout.process
---@field base string             path without its ending
---@field log cme.server.log
---@field requests cme.playout.requests
---@field feed cme.playout.feed
---@field player cme.playout.player|nil
---@field tools cme.playout.tools
---@field told cme.task.signal  the first `set` has come, or the end
---@field ending string|nil       asked to end before it

local function emit(process, event)
  event.time, event.run = clock.now(), process.player and process.player.spec.run
  process.requests:emit(event)
  process.log:info("event", { event = event.event, source_id = event.source_id, state = event.state,
    reason = event.reason, rounds = event.rounds })
end

-- ---- requests

local operations = {}

function operations.set(process, request)
  local given, message = spec.read(request.spec)
  if not given then return codes.fail("invalid.spec:playout", { reason = message }) end
  if process.player then
    process.player:set(given)
  else
    process.player = player.new { spec = given, tools = process.tools, feed = process.feed, clock = clock,
      emit = function(event)
        emit(process, event)
      end }
    process.told:notify()
  end
  return { revision = given.revision }
end

function operations.switch(process, request)
  if not process.player or type(request.to) ~= "string" then return codes.fail "invalid.request:no_source" end
  local ok, message, detail = process.player:switch(request.to)
  if not ok then return nil, message, detail end
  return json.object {}
end

function operations.stat(process)
  local stat = { pid = uv.os_getpid(), feed = process.feed.connected }
  if process.player then
    local given = process.player.spec
    stat.project, stat.revision, stat.run = given.project, given.revision, given.run
    for name, value in pairs(process.player:stat()) do
      stat[name] = value
    end
  end
  return stat
end

-- A sign of life: what carries the broadcast here is the loop that answers.
function operations.alive()
  return { stuck = json.array {} }
end

local function stop(process, reason)
  process.ending = process.ending or reason
  process.told:notify()
  if process.player then
    process.player:stop(reason)
  end
end

function operations.stop(process)
  stop(process, "request")
  return json.object {}
end

local function handle(process, request)
  local operation = operations[request.op]
  if not operation then return codes.fail "invalid.op" end
  return operation(process, request)
end

-- ---- the end

-- The engine ends as at its planned end: the service takes both the same way, now or when it is back.
local function end_engine(process)
  local engine = control.connect(process.base .. ".sock", function() end, function() end)
  if engine then
    engine:request({ op = "set_stop_at", stop_at = clock.now() }, ENGINE_SECONDS)
    engine:close()
  end
end

local function played_out(process, reason)
  if not process.feed:finish(ENGINE_SECONDS) then
    process.log:warn("the engine has not taken the end of the stream", {})
  end
  local record = { run = process.player.spec.run, at = clock.now(), reason = reason, rounds = process.player.rounds }
  local ok, message = files.write_atomically(process.base .. ".end", json.encode(record))
  if not ok then
    process.log:error("the end is not written down", { error = message })
  end
  emit(process, { event = "stopped", reason = reason, rounds = record.rounds })
  end_engine(process)
end

-- Ends a playout that no engine reads from.
local function watch_feed(process)
  while not process.player.over do
    local connected = process.feed.connected
    local _, timeout = process.feed.changed:wait(not connected and ORPHAN_SECONDS or nil)
    if timeout and not process.feed.connected then return process.player:stop "orphan" end
  end
end

local function play(process)
  if not process.player and not process.ending then
    process.told:wait(ORPHAN_SECONDS)
  end
  if not process.player then return emit(process, { event = "stopped", reason = process.ending or "orphan" }) end
  luv.detach(watch_feed, process)
  local reason = process.player:run()
  if reason == "played_out" or reason == "no_media" then return played_out(process, reason) end
  emit(process, { event = "stopped", reason = reason })
end

-- ---- start

local function open(process)
  local message, detail
  process.requests, message, detail = requests.listen(process.base .. ".cast", function(request)
    return handle(process, request)
  end)
  if not process.requests then return nil, message, detail end
  process.feed, message, detail = feed.listen(process.base .. ".flv")
  return process.feed ~= nil, message, detail
end

local function run(process)
  local ok, message = open(process)
  if not ok then
    process.log:error("not started", { error = message })
    return 2
  end
  io.stdout:write("listening on ", process.base, ".cast\n")
  io.stdout:flush()
  local good, traceback = xpcall(play, debug.traceback, process)
  if not good then
    process.log:error("failed", { error = traceback })
  end
  process.requests:close(process.base .. ".cast")
  process.feed:close(process.base .. ".flv")
  return good and 0 or 1
end

local function tools()
  local environ = uv.os_environ()
  return { ffmpeg = environ.CME_FFMPEG, ffprobe = environ.CME_FFPROBE, preset = environ.CME_PRESET,
    environ = environ, libraries = { secret = environ.CME_SECRET_ARGUMENT, public = environ.CME_PUBLIC_ONLY } }
end

local function main(path)
  local write = stderr.writer()
  local process = { base = path:gsub("%.cast$", ""), tools = tools(), told = task.signal(),
    log = log.new("info", write, clock.now) }
  luv.on_error = function(traceback)
    process.log:error("task failed", { error = traceback })
  end
  for _, name in ipairs { "sigterm", "sigint" } do
    uv.new_signal():start(name, luv.callback(function()
      stop(process, "signal")
    end))
  end
  for _, name in ipairs { "sighup", "sigpipe" } do
    uv.new_signal():start(name, function() end)
  end
  local ok, code = pcall(luv.run, run, process)
  if not ok then
    luv.on_error(code)
  end
  os.exit(ok and code or 1)
end

local given = ...
if given ~= "--control" or not select(2, ...) then
  io.stderr:write "usage: main.lua --control PATH\n"
  os.exit(2)
end
main((select(2, ...)))
