-- Direct push: an encoder (OBS, ffmpeg) pushes to an address of the service, which relays it to every platform.
--
--   OUTPUT_1=rtmp://... lua5.4 examples/direct_push.lua
--
-- Prints the address and waits until you press Enter, when the encoder should be pushing. Then it starts, and stops at
-- the next Enter. Destinations, service and key come from the environment, see examples/broadcast.lua.

local cme = require "cme"

local outputs = {}
while os.getenv("OUTPUT_" .. #outputs + 1) do outputs[#outputs + 1] = os.getenv("OUTPUT_" .. #outputs + 1) end
if #outputs == 0 then
  io.stderr:write "usage: OUTPUT_1=URL [OUTPUT_2=URL...] lua5.4 examples/direct_push.lua\n"
  os.exit(2)
end

local show = cme.project {
  name = "直推",
  owner = "user_id_109993839",
  input = { push = 3600 }, -- seconds in which an encoder may connect
  outputs = outputs,
}

assert(show:create())
print("push to " .. assert(show:push_urls()).main)
print "press Enter to go on the air"
io.read "l"

-- The service keeps the stop time: should this script die, the relay still ends.
local _, warning = assert(show:start { stop_at = os.time() + 4 * 3600 })
if warning then print(warning) end -- such as an encoder that does not push yet: it is waited for
print "on the air; press Enter to stop"
io.read "l"

assert(show:stop())
assert(show:delete())
print "stopped and deleted"
