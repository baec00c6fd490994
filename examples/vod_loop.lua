-- Files as a live stream: plays a list of video files again and again to every platform, and prints its position.
--
--   OUTPUT_1=rtmp://... lua5.4 examples/vod_loop.lua FILE_URL [FILE_URL...]
--
-- SECONDS is how long it plays (default 60). Destinations, service and key come from the environment, see
-- examples/broadcast.lua.

local cme = require "cme"

local outputs = {}
while os.getenv("OUTPUT_" .. #outputs + 1) do outputs[#outputs + 1] = os.getenv("OUTPUT_" .. #outputs + 1) end
if not arg[1] or #outputs == 0 then
  io.stderr:write "usage: OUTPUT_1=URL [OUTPUT_2=URL...] lua5.4 examples/vod_loop.lua FILE_URL [FILE_URL...]\n"
  os.exit(2)
end

local show = cme.project {
  name = "轮播",
  owner = "user_id_109993839",
  input = { vod = { table.unpack(arg) }, loop = -1 }, -- until it is stopped
  outputs = outputs,
}

local seconds = tonumber(os.getenv "SECONDS") or 60
local over = os.time() + seconds
local _, warning = assert(show:start { stop_at = over + 600 })
if warning then print(warning) end

repeat
  local position, message = show:position() -- none while the first file does not come
  print(position and ("%s, %.0f s"):format(position.url, position.seconds) or message)
  cme.sleep(math.min(5, seconds))
until os.time() >= over

assert(show:stop())
assert(show:delete())
print "stopped and deleted"
