-- A scheduled broadcast in plain Lua, for cron or a timer, if a show file (examples/show.lua) is too little or too
-- much: prepares at once, starts and stops on time, and prints what changes in between.
--
--   SOURCE=rtmp://... OUTPUT_1=rtmp://... lua5.4 examples/scheduled/evening.lua START STOP
--
-- START and STOP are times such as 2026-11-22T20:00:00+08:00. If it is killed, run it again: it continues with the
-- broadcast, since it finds the project by its name and owner, and ensure() does only what is missing. The service
-- keeps the stop time, so the broadcast ends even if this script does not survive. Source, destinations, service and
-- key come from the environment, see examples/broadcast.lua.

local cme = require "cme"

local start_at, stop_at = arg[1], arg[2]
local outputs = {}
while os.getenv("OUTPUT_" .. #outputs + 1) do outputs[#outputs + 1] = os.getenv("OUTPUT_" .. #outputs + 1) end
if not stop_at or not os.getenv "SOURCE" or #outputs == 0 then
  io.stderr:write "usage: SOURCE=URL OUTPUT_1=URL [OUTPUT_2=URL...] lua5.4 examples/scheduled/evening.lua START STOP\n"
  os.exit(2)
end

local function say(...)
  print(os.date "%F %T", ...)
  io.stdout:flush() -- a log file is no terminal
end

local show = cme.project {
  name = "定时直播",
  owner = "user_id_109993839",
  input = os.getenv "SOURCE",
  outputs = outputs,
}

local function word(value)
  if type(value) ~= "table" then return tostring(value) end
  return value.name or value.message or value.id
end

local function watch()
  for change in show:watch { interval = 5, health = true } do
    say(("%s %s: %s -> %s"):format(change.what, change.id or "", word(change.old), word(change.new)))
  end
end

cme.run(function()
  assert(show:ensure()) -- early: there is time to mend what is refused
  say "prepared"
  cme.sleep_until(start_at)
  local _, warning = assert(show:ensure { status = "working", stop_at = stop_at })
  say(warning or "on the air") -- a warning: what does not work yet; the service keeps trying
  local watcher = cme.spawn(watch)
  cme.sleep_until(stop_at)
  watcher:cancel()
  assert(show:stop())
  say "stopped"
end)
