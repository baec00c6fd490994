-- Makes a broadcast match a script. Run it as often as you like, from cron or a deployment: it adds what is missing,
-- removes what is not in the list, and leaves the rest alone. While on the air, outputs that stay are not interrupted.
--
--   export SOURCE=rtmp://... OUTPUT_1=rtmp://... OUTPUT_2=rtmp://...
--   lua5.4 examples/ensure.lua             matches the script, and is on the air
--   lua5.4 examples/ensure.lua --stop      matches the script, and is off the air
--
-- The project is found by its name and owner. Source, destinations, service and key come from the environment, see
-- examples/broadcast.lua.

local cme = require "cme"

local outputs = {}
while os.getenv("OUTPUT_" .. #outputs + 1) do outputs[#outputs + 1] = os.getenv("OUTPUT_" .. #outputs + 1) end
if not os.getenv "SOURCE" or #outputs == 0 then
  io.stderr:write "usage: SOURCE=URL OUTPUT_1=URL [OUTPUT_2=URL...] lua5.4 examples/ensure.lua [--stop]\n"
  os.exit(2)
end

local show = cme.project {
  name = "7x24 直播",
  owner = "user_id_109993839",
  input = os.getenv "SOURCE",
  outputs = outputs,
}

local done, warning = assert(show:ensure { status = arg[1] == "--stop" and "idle" or "working" })
for _, what in ipairs(done) do print(what) end
if warning then print(warning) end -- it is on the air; what does not work yet is tried until it is stopped
print(#done == 0 and "nothing to do" or ("%d changes"):format(#done))
