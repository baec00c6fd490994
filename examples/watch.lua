-- Watches a running broadcast and takes care of its inputs: when it has switched to the backup, this script switches
-- back as soon as the main source has returned.
--
--   lua5.4 examples/watch.lua PROJECT_ID
--
-- Ends when the broadcast does. `cme serve` switches to the backup automatically when the main source stalls; on the
-- cloud, somebody calls show:switch "backup". INTERVAL is how often it looks, in seconds (default 5). The service and
-- the key come from the environment, see examples/broadcast.lua.

local cme = require "cme"

if not arg[1] then
  io.stderr:write "usage: lua5.4 examples/watch.lua PROJECT_ID\n"
  os.exit(2)
end
local show = cme.project(arg[1])
local interval = tonumber(os.getenv "INTERVAL") or 5

local function word(value)
  if type(value) ~= "table" then return tostring(value) end
  return value.name or value.kind or value.message or value.id
end

-- The service keeps the backup on the air for as long as the main source gives no picture.
local function go_back()
  repeat
    cme.sleep(interval)
    local ok, message = show:switch "main"
    print(ok and "back on the main source" or message)
  until ok or show:status() == "idle"
end

print(("%s, on %s"):format(assert(show:info()).status, assert(show:info()).active))
for change in show:watch { interval = interval } do
  print(os.date("%H:%M:%S", math.floor(change.at)),
    ("%s %s: %s -> %s"):format(change.what, change.id or "", word(change.old), word(change.new)))
  if change.what == "status" and change.new == "idle" then break end
  if change.what == "active" and change.new == "backup" then go_back() end
end
