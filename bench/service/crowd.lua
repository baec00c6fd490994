-- SPDX-License-Identifier: MIT
-- Connections that only cost: so many that say nothing, and so many that send a request a few bytes at a time and never
-- end it. One that the service closes is opened again.
--
--   lua5.4 bench/service/crowd.lua PORT IDLE SLOW       prints `ready` once all are open; runs until killed

local uv = require "luv"

local PORT, IDLE, SLOW = tonumber(arg[1]), tonumber(arg[2]), tonumber(arg[3])
local HEAD = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
local EVERY_MS = 100

local open = 0

local function connect(begin)
  local socket = uv.new_tcp()
  local function again()
    if not socket:is_closing() then
      socket:close()
      connect(begin)
    end
  end
  socket:connect("127.0.0.1", PORT, function(err)
    if err then return again() end
    open = open + 1
    if open == IDLE + SLOW then
      print "ready"
      io.stdout:flush()
    end
    socket:read_start(function(_, chunk)
      if not chunk then again() end
    end)
    begin(socket)
  end)
end

local function dribble(socket)
  local timer, sent = uv.new_timer(), 0
  timer:start(math.random(EVERY_MS), EVERY_MS, function()
    if socket:is_closing() then return timer:close() end
    sent = sent + 1
    local piece = HEAD:sub(sent * 8 - 7, sent * 8)
    socket:write(piece ~= "" and piece or "{       ")
  end)
end

for _ = 1, IDLE do connect(function() end) end
for _ = 1, SLOW do connect(dribble) end
uv.run()
