-- SPDX-License-Identifier: MIT
-- The load of a crash test: a client with projects of its own that changes them at random, one call after the other,
-- and knows what the service acknowledged. After a call that got no answer it waits for the service, reads every
-- project, and compares: what was acknowledged is there, the open call was done or was not. Then it says `verified`
-- and waits for a line on its fifo: `go`, or `end`.
--
--   lua5.4 spec/support/programs/crash_worker.lua NAME SEED FIFO SOURCE DESTINATION-PREFIX
--
-- Says `fault TEXT` where the service is not as it must be, and at the end for every project that it ever had
-- `runs ID STARTS STOPS`, which the events must match.

require "spec.support.paths"
local cme = require "cme"

local NAME, SEED, FIFO, SOURCE, PREFIX = table.unpack(arg)
local MAX_PROJECTS, MAX_OUTPUTS, MAX_WORKING = 6, 4, 1
local OWNER = { Type = "PERSON", Id = NAME }

local client = cme.client { retries = 0, rate = false }
local projects = {} -- by id: { id, name, status, outputs = { [id] = url } } as acknowledged
local runs = {} -- by id: { starts, stops }
local serial, done = 0, 0

math.randomseed(math.tointeger(tonumber(SEED)))
io.stdout:setvbuf "line"

local function say(...)
  print(string.format(...))
end

local function unique(what)
  serial = serial + 1
  return ("%s-%s%d"):format(NAME, what, serial)
end

local function copy(project)
  local outputs = {}
  for id, url in pairs(project.outputs) do outputs[id] = url end
  return { id = project.id, name = project.name, status = project.status, outputs = outputs }
end

local function output()
  return { Id = unique "o", PushUrl = PREFIX .. unique "s" }
end

-- ---- what is there

local function seen_of(info)
  local own, seen = info.StreamConnectProjectInfo, { id = info.ProjectId, name = info.Name, outputs = {} }
  seen.status = own.Status
  for _, each in ipairs(own.OutputSet) do
    seen.outputs[each.StreamConnectOutput.Id] = each.StreamConnectOutput.PushUrl
  end
  return seen
end

local function equal(a, b)
  if not a or not b then return a == b end
  for _, member in ipairs { "name", "status" } do
    if a[member] ~= b[member] then return false end
  end
  for id, url in pairs(a.outputs) do
    if b.outputs[id] ~= url then return false end
  end
  for id in pairs(b.outputs) do
    if not a.outputs[id] then return false end
  end
  return true
end

local function shown(project)
  if not project then return "gone" end
  local ids = {}
  for id in pairs(project.outputs) do ids[#ids + 1] = id end
  table.sort(ids)
  return ("%s %s %s"):format(project.name, project.status, table.concat(ids, " "))
end

-- Every project of this worker, once the service answers.
local function read_all()
  while true do
    local answer, _, detail = client:call("DescribeProjects", { Owner = OWNER, Limit = 100 })
    if answer then
      local all = {}
      for _, info in ipairs(answer.ProjectInfoSet) do all[info.ProjectId] = seen_of(info) end
      return all
    end
    if not detail.code:match "^network" then return say("fault DescribeProjects: %s", detail.code) end
    cme.sleep(0.02)
  end
end

-- ---- what was done

local function count(before, after)
  local id = (before or after).id
  runs[id] = runs[id] or { starts = 0, stops = 0 }
  local was, is = before and before.status or "Idle", after and after.status or "Idle"
  if was == "Idle" and is == "Working" then runs[id].starts = runs[id].starts + 1 end
  if was == "Working" and is == "Idle" then runs[id].stops = runs[id].stops + 1 end
end

local function settle(id, before, after)
  count(before, after)
  projects[id] = after
end

-- Compares with what is there; `open` is { before, after } of a call that was not answered.
local function verify(open)
  local all = read_all() or {}
  local open_id = open.before and open.before.id
  for id, project in pairs(projects) do
    if id ~= open_id and not equal(project, all[id]) then
      say("fault acknowledged '%s', found '%s'", shown(project), shown(all[id]))
    end
  end
  for id, seen in pairs(all) do
    if not projects[id] and not (not open.before and equal(open.after, seen)) then
      say("fault nobody made '%s'", shown(seen))
    end
    if not projects[id] then settle(id, nil, seen) end
  end
  if open_id then
    local seen = all[open_id]
    if not (equal(open.before, seen) or equal(open.after, seen)) then
      say("fault '%s' became neither '%s' nor stayed: '%s'", shown(open.before), shown(open.after), shown(seen))
    end
    settle(open_id, open.before, seen)
  end
end

local function wait_for_word()
  local starts = 0
  for _, run in pairs(runs) do starts = starts + run.starts end
  say("verified %d %d", done, starts)
  local fifo = assert(io.open(FIFO))
  local word = fifo:read "l"
  fifo:close()
  return word == "go"
end

local PARTLY = "api.FailedOperation.StartStreamConnectPartlyErr" -- is Working, and says what does not work yet

-- One change. Returns false when the test is over.
local function change(action, params, before, after)
  local answer, message, detail = client:call(action, params)
  if answer or detail.code == PARTLY then
    done = done + 1
    if after and not after.id then after.id = answer.ProjectId end
    settle((after or before).id, before, after)
    return true
  end
  if not detail.code:match "^network" then
    say("fault %s %s: %s", action, params.Operation or "", message)
    return true
  end
  verify { before = before, after = after }
  return wait_for_word()
end

-- ---- the changes

local function handle(project, operation, params, after)
  params.ProjectId, params.Operation = project.id, operation
  return change("HandleStreamConnectProject", params, project, after)
end

local function create()
  local one, name = output(), unique "p"
  return change("CreateProject", { Name = name, Category = "STREAM_CONNECT", Owner = OWNER,
    StreamConnectProjectInput = { Outputs = { one },
      MainInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = SOURCE } } } }, nil,
    { name = name, status = "Idle", outputs = { [one.Id] = one.PushUrl } })
end

local function some_output(project)
  local ids = {}
  for id in pairs(project.outputs) do ids[#ids + 1] = id end
  table.sort(ids)
  return ids[math.random(#ids)], #ids
end

local changes = {
  function(project)
    local after, _, total = copy(project), some_output(project)
    if total >= MAX_OUTPUTS then return nil end
    local one = output()
    after.outputs[one.Id] = one.PushUrl
    return handle(project, "AddOutput", { OutputInfo = one }, after)
  end,
  function(project)
    local after, id = copy(project), (some_output(project))
    after.outputs[id] = PREFIX .. unique "s"
    return handle(project, "ModifyOutput", { OutputInfo = { Id = id, PushUrl = after.outputs[id] } }, after)
  end,
  function(project)
    local id, total = some_output(project)
    if total < 2 then return nil end
    local after = copy(project)
    after.outputs[id] = nil
    return handle(project, "DeleteOutput", { OutputInfo = { Id = id } }, after)
  end,
  function(project)
    local after = copy(project)
    after.name = unique "p"
    return change("ModifyProject", { ProjectId = project.id, Name = after.name }, project, after)
  end,
  function(project)
    if project.status == "Working" then return nil end
    return change("DeleteProject", { ProjectId = project.id }, project, nil)
  end,
}

local function working()
  local total = 0
  for _, project in pairs(projects) do total = total + (project.status == "Working" and 1 or 0) end
  return total
end

local function start_or_stop(project)
  local after = copy(project)
  if project.status == "Working" then
    after.status = "Idle"
    return handle(project, "Stop", {}, after)
  end
  if working() >= MAX_WORKING then return nil end
  after.status = "Working"
  return handle(project, "Start", {}, after)
end

local function pick()
  local ids = {}
  for id in pairs(projects) do ids[#ids + 1] = id end
  table.sort(ids)
  return projects[ids[math.random(#ids)]], #ids
end

local function step()
  if not next(projects) then return create() end
  local project, total = pick()
  local choice = math.random(10)
  if choice <= 2 and total < MAX_PROJECTS then return create() end
  if choice <= 5 then return start_or_stop(project) end
  return changes[math.random(#changes)](project)
end

while step() ~= false do end
for id, run in pairs(runs) do say("runs %s %d %d", id, run.starts, run.stops) end
say("over %d", done)
