-- SPDX-License-Identifier: MIT
-- This project's row: the whole of client:call, or key:tc3 alone. Arguments and output are those of floor.c.

local mode, payload_file = arg[1], arg[2]
local file = assert(io.open(payload_file))
local payload = file:read "a"
file:close()

local function report(count, run, clocks)
  local wall, cpu = clocks(), os.clock()
  run(count)
  wall, cpu = clocks() - wall, os.clock() - cpu
  io.write(("each %.3f %.3f\n"):format(wall / count * 1e6, cpu / count * 1e6))
end

if mode == "sign" then
  local key = require "cme.sign".new("benchid0123456789", "benchkey0123456789")
  report(tonumber(arg[3]), function(count)
    for i = 1, count do
      assert(key:tc3 {
        service = "cme", host = "cme.tencentcloudapi.com", timestamp = 1572307200 + i % 86400, payload = payload,
      })
    end
  end, os.clock)
  return
end

local cme = require "cme"
local warm, total, flight = tonumber(arg[5]), tonumber(arg[6]), tonumber(arg[7])
local params = require "cjson".decode(payload)
local client = cme.client {
  secret_id = "benchid0123456789", secret_key = "benchkey0123456789", endpoint = arg[3],
  ca_file = arg[4] ~= "-" and arg[4] or nil, rate = false,
}

local function call()
  return assert(client:call("CreateProject", params)).ProjectId
end

local function one_by_one(count)
  for _ = 1, count do call() end
end

local function in_flight(count)
  local list = {}
  for i = 1, count do list[i] = i end
  local ids, failures = cme.parallel(list, call, flight)
  assert(#ids == count and #failures == 0)
end

local run = flight == 1 and one_by_one or in_flight
run(warm)
report(total, run, require "cme.http".clocks)
