-- SPDX-License-Identifier: MIT
-- Clients of a service, all at once in one process, each with calls one after the other. The environment names the
-- service.
--
--   lua5.4 bench/service/clients.lua CLIENTS CALLS ID...     IDs of projects that are changed; none: DescribeProjects
--
-- Prints the milliseconds of each call, a line each.

require "spec.support.paths"
local cme = require "cme"
local uv = require "luv"

local CLIENTS, CALLS = tonumber(arg[1]), tonumber(arg[2])
local ids = table.move(arg, 3, #arg, 1, {})

local client = cme.client { rate = false, retries = 0 }
local times = {}

local function describe(i)
  return "DescribeProjects", { Offset = i * 7 % 480, Limit = 20 }
end

-- Clients change projects of their own; output "1" is on the air when the project is.
local function change(i, n)
  return "HandleStreamConnectProject", { ProjectId = ids[(i - 1) % #ids + 1], Operation = "ModifyOutput",
    OutputInfo = { Id = "1", Name = ("name %d"):format(n) } }
end

local numbers = {}
for i = 1, CLIENTS do numbers[i] = i end

cme.run(function()
  local _, failures = cme.parallel(numbers, function(i)
    for n = 1, CALLS do
      local action, params = (#ids > 0 and change or describe)(i, n)
      local began = uv.hrtime()
      assert(client:call(action, params))
      times[#times + 1] = (uv.hrtime() - began) / 1e6
    end
    return true
  end, CLIENTS)
  if failures[1] then error(failures[1].message, 0) end
end)
print(table.concat(times, "\n"))
