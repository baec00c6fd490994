-- One live source to several platforms: create, start, watch, switch to the backup and back, stop.
--
--   lua5.4 examples/broadcast.lua MAIN BACKUP OUTPUT [OUTPUT...]
--
-- MAIN and BACKUP are URLs to pull (rtmp, http-flv, hls), each OUTPUT is the push URL of one platform.
-- The service and the key come from the environment: CME_ENDPOINT, CME_PLATFORM, TENCENTCLOUD_SECRET_ID,
-- TENCENTCLOUD_SECRET_KEY. SECONDS is how long each part of the show lasts (default 10).

local cme = require "cme"

local main, backup = arg[1], arg[2]
local outputs = { table.unpack(arg, 3) }
if #outputs == 0 then
  io.stderr:write "usage: lua5.4 examples/broadcast.lua MAIN BACKUP OUTPUT [OUTPUT...]\n"
  os.exit(2)
end
for i, url in ipairs(outputs) do outputs[i] = { name = "推流" .. i, url = url } end

local part = tonumber(os.getenv "SECONDS") or 10

local function say(...)
  print(os.date "%H:%M:%S", string.format(...))
end

local show = cme.project {
  name = "直播多平台分发",
  owner = "user_id_109993839",
  input = main,
  backup = backup,
  outputs = outputs,
}

-- Prints what changes while a part of the show runs.
local function watch(seconds)
  local seen
  for _ = 1, seconds do
    local info = assert(show:info())
    local line = ("%s, on %s, %d outputs"):format(info.status, info.active, #info.outputs)
    if line ~= seen then say("%s", line) end
    seen = line
    cme.sleep(1)
  end
end

-- An input that gives no picture is refused; the broadcast goes on from the one it has.
local function switch(to, done)
  local ok, message = show:switch(to)
  say("%s", ok and done or message)
end

local function broadcast()
  -- The service keeps the stop time: should this script die, the relay still ends. A start that works in part is a
  -- start: the warning says what does not work yet, and the service keeps trying.
  local _, warning = assert(show:start { stop_at = os.time() + 3 * part + 600 })
  say("project %s started", show.id)
  if warning then say("%s", warning) end
  watch(part)
  switch("backup", "switched to the backup")
  watch(part)
  switch("main", "switched back")
  watch(part)
end

local ok, message = pcall(broadcast)
if show.id then
  assert(show:stop())
  assert(show:delete())
  say "stopped and deleted"
end
if not ok then
  io.stderr:write(tostring(message), "\n")
  os.exit(1)
end
