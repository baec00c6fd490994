-- SPDX-License-Identifier: MIT
-- What DescribeProjects costs through a node of a fleet, beside a service with SQLite, each with 5,000 projects: pages
-- of 20, in turn, in one run. Through the node every answer is as new as etcd (three members here).
--
--   lua5.4 bench/fleet/pages.lua [ROUNDS] [PROJECTS]
--
-- Two rates: answers a second of the service's own processor time, and answers a second to 16 clients at once. Read the
-- ratios.

package.path = "./?.lua;" .. package.path
require "spec.support.paths"
local cme = require "cme"
local etcd = require "spec.support.programs.etcd"
local fleet = require "spec.support.programs.fleet"
local proc = require "spec.support.proc"
local rounds = require "bench.rounds"
local service = require "spec.support.programs.service"
local usage = require "spec.support.proofs.usage"

local ROUNDS, PROJECTS = tonumber(arg[1]) or 5, tonumber(arg[2]) or 5000
local PAGE, CLIENTS, CALLS = 20, 16, 1000

local function each(count, fn)
  local list = {}
  for i = 1, count do list[i] = i end
  cme.run(function()
    local _, failures = cme.parallel(list, fn, CLIENTS)
    assert(not failures[1], failures[1] and failures[1].message)
  end)
end

local function client_of(serve)
  local options = serve:client_options()
  options.rate = false
  return cme.client(options)
end

local function fill(client)
  each(PROJECTS, function(i)
    assert(client:call("CreateProject", rounds.project(i)))
    return true
  end)
end

local function measure(serve, client)
  local cpu, at = usage.cpu(serve.proc.pid), usage.wall()
  each(CALLS, function(i)
    local answer = assert(client:call("DescribeProjects", { Offset = i * 7 % (PROJECTS - PAGE), Limit = PAGE }))
    assert(#answer.ProjectInfoSet == PAGE)
    return true
  end)
  return CALLS / (usage.cpu(serve.proc.pid) - cpu), CALLS / (usage.wall() - at)
end

local function run()
  local alone = service.start { args = { "--rate-limit", "off" } }
  local nodes = fleet.start { etcd = etcd.start { members = 3 } }
  for _, name in ipairs { "a", "b", "c" } do nodes:add(name, { "--rate-limit", "off" }) end
  local kinds = { { name = "SQLite", serve = alone }, { name = "a node", serve = nodes.nodes.b } }
  for _, kind in ipairs(kinds) do
    kind.client, kind.cpu, kind.wall = client_of(kind.serve), {}, {}
    fill(kind.client)
    measure(kind.serve, kind.client) -- what is cached on first use
  end
  for _ = 1, ROUNDS do
    for _, kind in ipairs(kinds) do
      local cpu, wall = measure(kind.serve, kind.client)
      table.insert(kind.cpu, cpu)
      table.insert(kind.wall, wall)
    end
  end
  print(("%d projects, pages of %d"):format(PROJECTS, PAGE))
  print(("%-10s %22s %22s"):format("", "a second of its cpu", "a second, 16 clients"))
  for _, kind in ipairs(kinds) do
    kind.of_cpu, kind.of_wall = rounds.median(kind.cpu), rounds.median(kind.wall)
    print(("%-10s %22.0f %22.0f"):format(kind.name, kind.of_cpu, kind.of_wall))
  end
  print(("%-10s %22.2f %22.2f"):format("ratio", kinds[2].of_cpu / kinds[1].of_cpu, kinds[2].of_wall / kinds[1].of_wall))
  alone:stop()
  nodes:stop()
end

local ok, message = pcall(run)
proc.cleanup()
if not ok then error(message, 0) end
