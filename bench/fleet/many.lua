-- SPDX-License-Identifier: MIT
-- 1,000 projects on the air on three nodes with three members of etcd: what the leases cost the services and etcd, what
-- etcd holds, and how long it takes until all projects of a lost node have another one. Engines are simulated
-- (bench/fleet/engine.c): what is measured is the fleet, not the media.
--
--   lua5.4 bench/fleet/many.lua [PROJECTS] [SECONDS] [LEASE]
--
-- Everything runs on this machine: read shares of a processor, and that nothing grows with what runs.

package.path = "./?.lua;" .. package.path
require "spec.support.paths"
local cme = require "cme"
local etcd = require "spec.support.programs.etcd"
local fleet = require "spec.support.programs.fleet"
local json = require "cme.json"
local paths = require "spec.support.paths"
local proc = require "spec.support.proc"
local sign = require "cme.sign"
local usage = require "spec.support.proofs.usage"
local uv = require "luv"

local PROJECTS, SECONDS = tonumber(arg[1]) or 1000, tonumber(arg[2]) or 60
local LEASE = arg[3] or "6s"
local NAMES, CALLERS, LIMIT = { "a", "b", "c" }, 8, 600
local TRIES = 20 -- of a start
local LOOK = 0.25 -- seconds between two looks at who runs what

local again = 0 -- starts that were looked at again

local function say(...)
  io.stdout:write(string.format(...), "\n")
  io.stdout:flush()
end

-- ---- etcd, asked as it is

local function ask(member, path, body)
  local code, out = proc.run { "curl", "-sS", "--max-time", "5", "-d", body, member.url .. "/v3" .. path }
  return code == 0 and json.decode(out) or {}
end

local function status(cluster) return ask(cluster.members[1], "/maintenance/status", "{}") end
local function revision(cluster) return tonumber(status(cluster).header.revision) end
local function size(cluster) return tonumber(status(cluster).dbSize) / 1e6 end

-- The nodes of all runs, by how many each has.
local function runs(cluster)
  local first, last = sign.base64_encode "/cme/fleet/run/", sign.base64_encode "/cme/fleet/run0"
  local answer = ask(cluster.members[1], "/kv/range", json.encode { key = first, range_end = last })
  local counts, all = {}, 0
  for _, kv in ipairs(answer.kvs or {}) do
    local node = sign.base64_decode(kv.value)
    counts[node], all = (counts[node] or 0) + 1, all + 1
  end
  return counts, all
end

-- ---- the stage

local function each(count, fn)
  local list = {}
  for i = 1, count do list[i] = i end
  cme.run(function()
    local _, failures = cme.parallel(list, fn, CALLERS)
    assert(not failures[1], failures[1] and failures[1].message)
  end)
end

-- A start whose node was lost meanwhile goes on at another one; one that this machine was too slow for is made again.
local function put_on_air(client, id)
  for _ = 1, TRIES do
    if client:call("HandleStreamConnectProject", { ProjectId = id, Operation = "Start" }) then return end
    again = again + 1
    local page = client:call("DescribeProjects", { ProjectIds = { id } })
    if page and page.ProjectInfoSet[1].StreamConnectProjectInfo.Status == "Working" then return end
  end
  error(id .. " does not start", 0)
end

local function start(nodes)
  local options = nodes.nodes.a:client_options()
  options.rate = false
  local client, ids = cme.client(options), {}
  each(PROJECTS, function(i)
    ids[i] = assert(client:call("CreateProject", { Name = "p" .. i, Category = "STREAM_CONNECT",
      Owner = { Type = "PERSON", Id = "bench" }, StreamConnectProjectInput = {
        MainInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = "rtmp://127.0.0.1:9/live/x" } },
        Outputs = { { Id = "1", Name = "one", PushUrl = "rtmp://127.0.0.1:9/live/p" .. i } } } })).ProjectId
    return true
  end)
  each(PROJECTS, function(i)
    put_on_air(client, ids[i])
    return true
  end)
end

-- ---- what it costs

local function costs(nodes, cluster)
  local found = {}
  for _, name in ipairs(NAMES) do found[name] = usage.cpu(nodes.nodes[name].proc.pid) end
  for _, member in ipairs(cluster.members) do found[member.name] = usage.cpu(member.process.pid) end
  return found
end

-- Does something; gives what it cost, as shares of a processor, and seconds.
local function costing(nodes, cluster, fn)
  local before, at = costs(nodes, cluster), usage.wall()
  fn()
  local seconds, list = usage.wall() - at, {}
  for name, cpu in pairs(costs(nodes, cluster)) do
    list[#list + 1] = ("%s %.1f %%"):format(name, (cpu - before[name]) / seconds * 100)
  end
  table.sort(list)
  return "of a processor: " .. table.concat(list, ", "), seconds
end

local function watch(nodes, cluster)
  local from = revision(cluster)
  local shares, seconds = costing(nodes, cluster, function() proc.elapse(SECONDS) end)
  local writes = (revision(cluster) - from) / seconds
  say("while nothing happens, %s", shares)
  for _, name in ipairs(NAMES) do
    say("memory of node %s: %.0f MB", name, usage.memory(nodes.nodes[name].proc.pid).own / 1024)
  end
  say("etcd: %.2f writes a second, %.1f MB", writes, size(cluster))
end

-- ---- a node is lost

local function lose(nodes, cluster)
  local had, at, times, seen, over = runs(cluster).a, usage.wall(), {}, 0, nil
  nodes.nodes.a.proc:kill "sigstop" -- to kill all of its engines takes seconds, which would count
  proc.eventually("all projects to have a node", LIMIT, function()
    local counts, all = runs(cluster)
    local moved = counts.a and 0 or all - (PROJECTS - had)
    over = over or not counts.a and usage.wall() - at or nil
    for _ = seen + 1, moved do times[#times + 1] = usage.wall() - at end
    seen = math.max(seen, moved)
    if seen < had then proc.elapse(LOOK) end
    return seen >= had
  end)
  say("node a lost with %d projects: its lease is over after %.1f s, half have another node after %.1f s, all after "
    .. "%.1f s", had, over, times[math.max(1, #times // 2)], times[#times])
  proc.eventually("all engines", LIMIT, function()
    return #nodes.nodes.b:engines() + #nodes.nodes.c:engines() == PROJECTS
  end)
  say("all engines are there after %.1f s", usage.wall() - at)
  nodes:lose "a"
end

-- What the nodes complained of, each once.
local function complaints(nodes)
  local counts = {}
  for name, one in pairs(nodes.nodes) do
    for line in one.proc.err:gmatch "[^\n]+" do
      local entry = json.object(json.decode(line))
      local words = ("%s: %s: %s"):format(name, entry.message or line, entry.error or "")
      words = words:gsub("cmepid_%x+", "PROJECT")
      counts[words] = (counts[words] or 0) + 1
    end
  end
  for words, count in pairs(counts) do say("%5d  %s", count, words) end
end

local function run(cluster, nodes)
  for _, name in ipairs(NAMES) do
    nodes:add(name, { "--rate-limit", "off", "--capacity", tostring(PROJECTS), "--relay",
      assert(uv.fs_realpath(paths.build .. "/bench/fleet/engine")), "--log-level", "warn" }, LEASE)
  end
  local shares, seconds = costing(nodes, cluster, function() start(nodes) end)
  say("%d projects, lease %s: made and started in %.1f s (%d not at once), %s", PROJECTS, LEASE, seconds, again, shares)
  local counts = runs(cluster)
  say("on a, b, c: %d, %d, %d", counts.a or 0, counts.b or 0, counts.c or 0)
  watch(nodes, cluster)
  lose(nodes, cluster)
  nodes:stop()
end

local cluster = etcd.start { members = 3 }
local nodes = fleet.start { etcd = cluster }
local ok, message = pcall(run, cluster, nodes)
complaints(nodes)
proc.cleanup()
if not ok then error(message, 0) end
