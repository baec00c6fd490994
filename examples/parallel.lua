-- Starts many shows at the same time, one for each line of a file: a name, an input and its outputs.
--
--   lua5.4 examples/parallel.lua SHOWS
--
--   live-1 https://play.example.com/cme/a.flv rtmp://push.example.com/cme/a rtmp://push.example.org/live/a
--   live-2 https://play.example.com/cme/b.flv rtmp://push.example.com/cme/b
--
-- The service and the key come from the environment: CME_ENDPOINT, CME_PLATFORM, TENCENTCLOUD_SECRET_ID,
-- TENCENTCLOUD_SECRET_KEY. All shows end automatically after an hour. The client keeps to the 20 requests per second
-- for each action that the cloud allows; cme.client { rate = false } removes this limit.

local cme = require "cme"

if not arg[1] then
  io.stderr:write "usage: lua5.4 examples/parallel.lua SHOWS\n"
  os.exit(2)
end

local specs = {}
for line in io.lines(arg[1]) do
  local name, input, rest = line:match "^%s*(%S+)%s+(%S+)%s+(.+)$"
  if name then
    local outputs = {}
    for url in rest:gmatch "%S+" do outputs[#outputs + 1] = { name = "推流" .. #outputs + 1, url = url } end
    specs[#specs + 1] = { name = name, owner = "user_id_109993839", input = input, outputs = outputs }
  end
end

local stop_at = os.time() + 3600
local shows, failures, warnings = cme.parallel(specs, function(spec)
  local show = cme.project(spec)
  local ok, message, detail = show:start { stop_at = stop_at }
  return ok and show, message, detail -- a message beside a show: it is on the air, and not all of it works yet
end)

for i = 1, #specs do
  if shows[i] then print(specs[i].name, shows[i].id) end
end
for _, warning in ipairs(warnings) do io.stderr:write(warning.message, "\n") end
for _, failure in ipairs(failures) do io.stderr:write(failure.message, "\n") end
print(("%d of %d started"):format(#specs - #failures, #specs))
os.exit(#failures == 0 and 0 or 1)
