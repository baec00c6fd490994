-- Keeps a broadcast as a script says: run it as often as you like (from cron, from a deployment). What is missing is
-- added, what is not in the list goes, what is right is left alone; on the air, no output that stays is interrupted.
--
--   lua5.4 examples/ensure.lua SOURCE OUTPUT [OUTPUT...]      makes it so, and on the air
--   lua5.4 examples/ensure.lua --stop SOURCE OUTPUT...        the same, and off the air
--
-- The project is found by its name and owner. The service and the key come from the environment, see
-- examples/broadcast.lua.

local cme = require "cme"

local status = "working"
if arg[1] == "--stop" then
  status = "idle"
  table.remove(arg, 1)
end
local outputs = { table.unpack(arg, 2) }
if #outputs == 0 then
  io.stderr:write "usage: lua5.4 examples/ensure.lua [--stop] SOURCE OUTPUT [OUTPUT...]\n"
  os.exit(2)
end

local show = cme.project {
  name = "7x24 直播",
  owner = "user_id_109993839",
  input = arg[1],
  outputs = outputs,
}

local done, warning = assert(show:ensure { status = status })
for _, what in ipairs(done) do print(what) end
if warning then print(warning) end -- it is on the air; what does not work yet is tried until it is stopped
print(#done == 0 and "nothing to do" or ("%d changes"):format(#done))
