-- One live source to several platforms: create, start, watch, switch to the backup and back, stop.
--
--   export SOURCE=rtmp://... BACKUP=rtmp://... OUTPUT_1=rtmp://... OUTPUT_2=rtmp://...
--   lua5.4 examples/broadcast.lua
--
-- SOURCE and BACKUP are URLs to pull (rtmp, http-flv, hls), each OUTPUT_n is the push URL of one platform. They are in
-- the environment because they contain stream keys: every user of the machine can read the arguments of a process, but
-- only you can read its environment. The service and its key come from the environment too: CME_ENDPOINT, CME_PLATFORM,
-- TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY.
-- SECONDS is how long each part of the show lasts (default 10).

local cme = require "cme"

local outputs = {}
while os.getenv("OUTPUT_" .. #outputs + 1) do
  local number = #outputs + 1
  outputs[number] = { name = "推流" .. number, url = os.getenv("OUTPUT_" .. number) }
end
if not os.getenv "SOURCE" or #outputs == 0 then
  io.stderr:write "usage: SOURCE=URL BACKUP=URL OUTPUT_1=URL [OUTPUT_2=URL...] lua5.4 examples/broadcast.lua\n"
  os.exit(2)
end

local part = tonumber(os.getenv "SECONDS") or 10

local function say(...)
  print(os.date "%H:%M:%S", string.format(...))
end

local show = cme.project {
  name = "直播多平台分发",
  owner = "user_id_109993839",
  input = os.getenv "SOURCE",
  backup = os.getenv "BACKUP",
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

-- A switch to an input without a picture is refused; the broadcast then keeps the input that it has.
local function switch(to, done)
  local ok, message = show:switch(to)
  say("%s", ok and done or message)
end

local function broadcast()
  -- The service keeps the stop time, so the relay ends even if this script does not survive. A start that works in part
  -- is a start: the warning says what does not work yet, and the service keeps trying.
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
