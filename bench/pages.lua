-- SPDX-License-Identifier: MIT
-- What DescribeProjects costs `cme serve`: pages of 10 and of 100 from 500 projects, beside /healthz of a service
-- without any, all in one run. Each rate is answers a second of the service's own processor time, so the clients and
-- the machine's other work do not count.
--
--   lua5.4 bench/pages.lua [ROUNDS]
--
-- Read the ratios: /healthz is the floor of an answer.

package.path = "./?.lua;" .. package.path
require "spec.support.paths"
local cme = require "cme"
local proc = require "spec.support.proc"
local rounds = require "bench.rounds"
local service = require "spec.support.programs.service"
local usage = require "spec.support.proofs.usage"
local uv = require "luv"

local ROUNDS = tonumber(arg[1]) or 5
local PROJECTS = 500
local KINDS = { -- how many answers a round, and how many projects are on a page
  { name = "/healthz", count = 3000 },
  { name = "10 a page", count = 400, page = 10 },
  { name = "100 a page", count = 80, page = 100 },
}

local function fill(client)
  for i = 1, PROJECTS do
    assert(client:call("CreateProject", rounds.project(i)))
  end
end

-- Asks for /healthz again and again, on one connection.
local function ask_health(serve, count)
  local left, seen, failure, socket = count, "", nil, uv.new_tcp()
  local function ask() socket:write "GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n" end
  local function take(message, chunk)
    seen = seen .. (chunk or "")
    if message or not chunk then
      failure = message or "closed: " .. seen
      return socket:close()
    end
    if not seen:find "\r\n\r\nok\n$" then return end
    left, seen = left - 1, ""
    if left == 0 then socket:close() else ask() end
  end
  socket:connect("127.0.0.1", serve.port, function()
    socket:read_start(take)
    ask()
  end)
  while not failure and left > 0 do uv.run "once" end
  assert(not failure, failure)
  uv.run "nowait"
end

local function ask_pages(client, kind)
  for i = 1, kind.count do
    local answer = assert(client:call("DescribeProjects",
      { Offset = i * 7 % (PROJECTS - kind.page), Limit = kind.page }))
    assert(#answer.ProjectInfoSet == kind.page)
  end
end

-- Answers a second of the service's processor time.
local function rate(serve, kind, ask)
  local before = usage.cpu(serve.proc.pid)
  ask()
  return kind.count / (usage.cpu(serve.proc.pid) - before)
end

local function run()
  local options = { args = { "--rate-limit", "off", "--edge", "off" } }
  local empty, full = service.start(options), service.start(options)
  local client_options = full:client_options()
  client_options.rate = false
  local client = cme.client(client_options)
  fill(client)
  local rates = { {}, {}, {} }
  for round = 0, ROUNDS do -- the first is not counted
    for i, kind in ipairs(KINDS) do
      local found = kind.page and rate(full, kind, function() ask_pages(client, kind) end)
        or rate(empty, kind, function() ask_health(empty, kind.count) end)
      if round > 0 then table.insert(rates[i], found) end
    end
  end
  local floor = rounds.median(rates[1])
  print(("%-12s %12s %10s"):format("", "answers/s", "of floor"))
  for i, kind in ipairs(KINDS) do
    local found = rounds.median(rates[i])
    print(("%-12s %12.0f %10s"):format(kind.name, found, ("1/%.1f"):format(floor / found)))
  end
end

local ok, message = pcall(run)
proc.cleanup()
if not ok then error(message, 0) end
