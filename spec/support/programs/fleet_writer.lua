-- SPDX-License-Identifier: MIT
-- A client of a fleet that writes all the time, each time through a node that it draws, and knows what was
-- acknowledged. What it is told on stdin:
--
--   start COUNT SOURCE PREFIX...   makes projects with an output to each prefix, and starts them; says `started`
--   push COUNT PREFIX...           makes such projects to push to, starts them, and says `pushed NAME URL`
--                                  of each
--   standby on|off                 has a node stand by for each of these projects, or none; says `standing` once
--                                  that is so
--   check                          reads all it wrote, through any node; says `checked WRITES UNANSWERED LOST`
--
--   lua5.4 spec/support/programs/fleet_writer.lua SEED URL...
--
-- Each write names a project anew. One that was not acknowledged may be done or not, now or when a node that stood
-- still goes on: its project is read as one of both from then on, and written no more. Says `lost TEXT` where a
-- project is neither. The environment has the key.

require "spec.support.paths"
local cme = require "cme"
local luv = require "cme.net.loop.luv"
local uv = require "luv"

local SEED = math.tointeger(tonumber(arg[1]))
local PAUSE, LIMIT = 0.2, 5 -- seconds: between writes, of a call
local START_LIMIT, PATIENCE = 30, 180 -- seconds: of a start; until a read or a start has to be answered
local PLACES = 4 -- projects that are written in turn
local READ_ONCE = 20 -- what DescribeProjects takes
local NOWHERE = "rtmp://127.0.0.1:9/live/"

local clients, places, shows = {}, {}, {}
local written = {} -- by project id: set of the names that it may have
local writes, unanswered, lost, serial = 0, 0, 0, 0

math.randomseed(SEED)
io.stdout:setvbuf "line"

local function say(...) print(string.format(...)) end

for i = 2, #arg do
  clients[#clients + 1] = cme.client { endpoint = arg[i], retries = 0, rate = false, timeout = LIMIT }
end

local function any() return clients[math.random(#clients)] end

-- ---- writing

local function unique()
  serial = serial + 1
  return "w" .. serial
end

local function create(place, name)
  local answer = any():call("CreateProject", { Name = name, Category = "STREAM_CONNECT",
    Owner = { Type = "PERSON", Id = "writer" }, StreamConnectProjectInput = {
      MainInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = NOWHERE .. "in" } },
      Outputs = { { Id = "1", PushUrl = NOWHERE .. "out" } } } })
  if not answer then return false end
  places[place] = answer.ProjectId
  written[answer.ProjectId] = { [name] = true }
  return true
end

local function rename(place, name)
  local id = places[place]
  written[id][name] = true
  if any():call("ModifyProject", { ProjectId = id, Name = name }) then
    written[id] = { [name] = true }
    return true
  end
  places[place] = nil
  return false
end

local function write()
  while true do
    local place = math.random(PLACES)
    local ok = (places[place] and rename or create)(place, unique())
    writes, unanswered = writes + (ok and 1 or 0), unanswered + (ok and 0 or 1)
    cme.sleep(PAUSE)
  end
end

-- ---- commands

-- Tries with any node until one has answered.
local function answered(what, try)
  local due = uv.now() + PATIENCE * 1000
  while true do
    local answer, message = try(any())
    if answer then return answer end
    if uv.now() > due then error(("%s: %s"):format(what, message), 0) end
    cme.sleep(PAUSE)
  end
end

local function read(ids)
  local names = {}
  local answer = answered("reading", function(client)
    return client:call("DescribeProjects", { ProjectIds = ids, Limit = #ids })
  end)
  for _, info in ipairs(answer.ProjectInfoSet) do names[info.ProjectId] = info.Name end
  return names
end

local function check_some(ids)
  local before = {}
  for _, id in ipairs(ids) do before[id] = written[id] end
  local found = read(ids)
  for id, names in pairs(before) do
    -- another set: it was named anew while it was read
    if written[id] == names and not names[found[id] or 0] then
      lost = lost + 1
      say("lost '%s': it should be named '%s', and is '%s'", id, next(names), found[id] or "gone")
    end
  end
end

local commands = {}

function commands.check()
  local ids = {}
  for id in pairs(written) do ids[#ids + 1] = id end
  for i = 1, #ids, READ_ONCE do check_some(table.move(ids, i, math.min(i + READ_ONCE - 1, #ids), 1, {})) end
  say("checked %d %d %d", writes, unanswered, lost)
end

-- A project whose stream key is its name.
local function project(client, key, input, list)
  local outputs = {}
  for prefix in list:gmatch "%S+" do outputs[#outputs + 1] = { name = "out" .. #outputs + 1, url = prefix .. key } end
  return client:project { name = key, owner = "fleet", input = input, outputs = outputs }
end

local function start_one(key, input, list)
  return answered("starting " .. key, function(client)
    local show = project(client, key, input, list)
    local ok, message = show:start { timeout = START_LIMIT }
    if ok then shows[#shows + 1] = show.id end
    return ok and show, message
  end)
end

local function standby_of(client, id)
  local answer, message = client:call("DescribeProjectHealth", { ProjectId = id })
  return answer and (type(answer.Standby) == "table" and answer.Standby.State or "none"), message
end

function commands.standby(rest)
  local on = rest == "on"
  for _, id in ipairs(shows) do
    answered("modifying " .. id, function(client)
      return client:call("ModifyProjectStandby", { ProjectId = id, Standby = on })
    end)
  end
  for _, id in ipairs(shows) do
    answered("the standby of " .. id, function(client)
      local state, message = standby_of(client, id)
      return state == (on and "Warm" or "none"), message or state
    end)
  end
  say "standing"
end

function commands.push(rest)
  local count, list = rest:match "^(%d+) (.*)$"
  for i = 1, tonumber(count) do
    local key = ("q%02d"):format(i)
    local show = start_one(key, { push = 24 * 3600 }, list)
    say("pushed %s %s", key, answered("the address of " .. key, function() return show:push_urls() end).main)
  end
end

function commands.start(rest)
  local count, source, list = rest:match "^(%d+) (%S+) (.*)$"
  for i = 1, tonumber(count) do start_one(("p%02d"):format(i), source, list) end
  cme.spawn(write)
  say "started"
end

local lines = {}

local function listen()
  local input, text = uv.new_pipe(false), ""
  input:open(0)
  input:read_start(function(_, chunk)
    if not chunk then os.exit(0) end
    text = text .. chunk
    text = text:gsub("([^\n]*)\n", function(line)
      lines[#lines + 1] = line
      return ""
    end)
  end)
end

listen()
luv.run(function()
  while true do
    local line = table.remove(lines, 1)
    if line then
      local word, rest = line:match "^(%S+) ?(.*)$"
      commands[word](rest)
    end
    cme.sleep(PAUSE)
  end
end)
