-- Media cast (媒体转推): plays a file, then a live stream, encodes them again and sends them to several platforms. In
-- between it takes one platform off the air and puts it back.
--
--   SOURCE=rtmp://... OUTPUT_1=rtmp://... OUTPUT_2=rtmp://... lua5.4 examples/media_cast.lua FILE_URL
--
-- SECONDS is how long each part lasts (default 30). The live stream, destinations, service and key come from the
-- environment, see examples/broadcast.lua.

local cme = require "cme"

local outputs = {}
while os.getenv("OUTPUT_" .. #outputs + 1) do outputs[#outputs + 1] = os.getenv("OUTPUT_" .. #outputs + 1) end
if not arg[1] or not os.getenv "SOURCE" or #outputs == 0 then
  io.stderr:write "usage: SOURCE=URL OUTPUT_1=URL [OUTPUT_2=URL...] lua5.4 examples/media_cast.lua FILE_URL\n"
  os.exit(2)
end
local part = tonumber(os.getenv "SECONDS") or 30

local show = cme.project {
  category = "MEDIA_CAST",
  name = "媒体转推",
  owner = "user_id_109993839",
  sources = { arg[1], os.getenv "SOURCE" },
  outputs = outputs,
  output_media = { width = 1280, height = 720, bitrate = 2500, frame_rate = 25 },
}

local function report()
  local position, message = show:position()
  if not position then return print(message) end
  print(("source %s at %.0f s"):format(position.source or "none yet", position.seconds))
  for _, output in ipairs(position.outputs) do print(("  output %s: %s"):format(output.id, output.status)) end
end

-- Start, and Confirm, which the service wants within 30 s; then the time at which it ends by itself.
local _, warning = assert(show:start { stop_at = os.time() + 4 * part + 600 })
if warning then print(warning) end
cme.sleep(part)
report()

local info = assert(show:info())
-- To the live stream, without waiting for the file's end.
local switched, message = show:switch_source(info.sources[2].id)
if not switched then print(message) end -- what was on the air goes on
assert(show:disable_output(info.outputs[1].id))
cme.sleep(part)
report()

assert(show:enable_output(info.outputs[1].id))
cme.sleep(part)
report()

assert(show:stop())
assert(show:delete())
print "stopped and deleted"
