-- SPDX-License-Identifier: MIT
-- What the benches of servers share: one show that is sent at the pace of life, one measurement of a server that runs,
-- and the rounds over the numbers that the command line names.

local media = require "spec.support.programs.media"
local proc = require "spec.support.proc"
local usage = require "spec.support.proofs.usage"

local rounds = {}

local SETTLE = 2 -- seconds before a measurement: whoever starts has a burst to send

rounds.seconds = tonumber(os.getenv "SECONDS") or 8 -- of one measurement
rounds.count = math.tointeger(tonumber(os.getenv "ROUNDS")) or 3 -- measurements of each

--- Writes to the terminal at once.
---@param format string
function rounds.say(format, ...)
  io.stdout:write(format:format(...))
  io.stdout:flush()
end

--- What a server costs.
---@class bench.cost
---@field cpu number milliseconds of processor per second
---@field memory number RSS, MB

--- How many connections to a port of this machine there are.
---@param port integer
---@return integer
function rounds.established(port)
  local text, hex = "", (":%04X"):format(port)
  for line in io.lines "/proc/net/tcp" do text = text .. line .. "\n" end
  local count = 0
  for remote in text:gmatch "\n%s*%d+: %x+:%x+ %x+(:%x+) 01" do
    if remote == hex then count = count + 1 end
  end
  return count
end

--- Waits until there are so many.
---@param count integer
---@param port integer
function rounds.wait_for(count, port)
  proc.eventually(("%d connections"):format(count), 30, function() return rounds.established(port) >= count end)
end

-- Seconds of processor and MB of all of them.
local function used(processes)
  local cpu, memory = 0, 0
  for _, process in ipairs(processes) do
    assert(not process.code, process:output())
    cpu, memory = cpu + usage.cpu(process.pid), memory + usage.memory(process.pid).rss / 1024
  end
  return cpu, memory
end

--- A server that is measured.
---@class bench.server
---@field processes spec.proc[] as one
---@field last (fun(cost: bench.cost))|nil what else is asked while it runs

--- Measures servers that run at the same moment, once they have settled; what was started for them is ended after. What
--- else the machine does meanwhile, it does to all of them.
---@param servers table<string, bench.server>
---@return table<string, bench.cost>
function rounds.measure_all(servers)
  local before, since, costs = {}, {}, {}
  proc.elapse(SETTLE)
  for name, server in pairs(servers) do before[name], since[name] = (used(server.processes)), usage.wall() end
  proc.elapse(rounds.seconds)
  for name, server in pairs(servers) do
    local cpu, memory = used(server.processes)
    costs[name] = { cpu = 1000 * (cpu - before[name]) / (usage.wall() - since[name]), memory = memory }
  end
  for name, server in pairs(servers) do
    if server.last then server.last(costs[name]) end
  end
  proc.stop_all()
  return costs
end

--- Measures one server.
---@param processes spec.proc[] as one
---@param last (fun(cost: bench.cost))|nil what else is asked while they run
---@return bench.cost
function rounds.measure(processes, last)
  return rounds.measure_all({ one = { processes = processes, last = last } }).one
end

--- Makes the show.
---@return string path
function rounds.show()
  return media.file(proc.folder() .. "/show.flv", 20, media.SHOW)
end

--- The middle one, or the lower of two.
---@param list number[] is sorted by it
---@return number
function rounds.median(list)
  table.sort(list)
  return list[(#list + 1) // 2]
end

--- What a project is created from that relays to one destination, where nobody listens.
---@param number integer
---@return table params of CreateProject
function rounds.project(number)
  local url = "rtmp://127.0.0.1:1935/live/"
  return { Name = "p" .. number, Category = "STREAM_CONNECT", Owner = { Type = "PERSON", Id = "bench" },
    StreamConnectProjectInput = {
      MainInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = url .. "show" } },
      Outputs = { { Id = "1", Name = "one", PushUrl = url .. "p" .. number } } } }
end

--- The median, with the quartiles below and above it.
---@param list number[] is sorted by it
---@return number median
---@return number lower
---@return number upper
function rounds.quartiles(list)
  table.sort(list)
  local function at(part) return list[math.floor((#list - 1) * part + 0.5) + 1] end
  return at(0.5), at(0.25), at(0.75)
end

local function median(costs, member)
  local list = {}
  for i, cost in ipairs(costs) do list[i] = cost[member] end
  return (rounds.quartiles(list))
end

--- What is compared.
---@class bench.column
---@field kind string as measure has it
---@field head string

local function print_heads(columns)
  rounds.say("%5s", "N")
  for _, column in ipairs(columns) do rounds.say("  %-17s", column.head) end
  for i = 1, #columns - 1 do rounds.say("  %-17s", columns[i].kind .. " to " .. columns[#columns].kind) end
  rounds.say("\n")
end

-- The ratio of one column to another in each round.
local function ratios(costs, peers)
  local list = {}
  for i, cost in ipairs(costs) do list[i] = cost.cpu / peers[i].cpu end
  return list
end

--- Compares servers, in turn, for each number: a line of medians, of ms of processor per second and MB each, and of
--- what the ratio to the last one was in each round, with quartiles.
---@param usual integer[] as of rounds.each
---@param columns bench.column[] the last is the peer
---@param measure fun(kind: string, count: integer): bench.cost
function rounds.compare(usual, columns, measure)
  print_heads(columns)
  rounds.each(usual, function(count)
    local costs = {}
    for i = 1, rounds.count do
      for c, column in ipairs(columns) do
        costs[c] = costs[c] or {}
        costs[c][i] = measure(column.kind, count)
      end
    end
    rounds.say("%5d", count)
    for _, list in ipairs(costs) do rounds.say("  %9.2f  %6.1f", median(list, "cpu"), median(list, "memory")) end
    for c = 1, #costs - 1 do rounds.say("  %.2f (%.2f-%.2f) ", rounds.quartiles(ratios(costs[c], costs[#costs]))) end
    rounds.say("\n")
  end)
end

local function named()
  local list = {}
  for _, text in ipairs(arg) do list[#list + 1] = assert(math.tointeger(tonumber(text)), "not a number: " .. text) end
  return list
end

--- Does a round for each of the numbers that the command line names, and cleans up.
---@param usual integer[] the numbers where it names none
---@param round fun(count: integer)
function rounds.each(usual, round)
  local ok, message = pcall(function()
    local counts = named()
    for _, count in ipairs(#counts > 0 and counts or usual) do round(count) end
  end)
  proc.cleanup()
  if not ok then error(message, 0) end
end

return rounds
