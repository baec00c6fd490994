-- SPDX-License-Identifier: MIT
-- Broadcasts that run but are not in the database, which is missing, empty, or older than they are. To end them would
-- be as wrong as to ignore them, so the service refuses to start and lists what runs, until an option decides:
--   --adopt        each gets a project that is Working, and goes on as its engine knows it. What it sends is in no
--                  answer of an engine (keys are in it), so only Stop and a new planned end work until it has ended.
--   --end-running  they end, as engines of projects that should not run do.
-- An engine of a project that was stopped or deleted while the service died is not one of them: the database, which
-- is newer than it is, says that it should not run.

local categories = require "cme.server.categories"
local codes = require "cme.codes"
local luv = require "cme.net.loop.luv"
local playback = require "cme.server.edge.playback"
local task = require "cme.task"
local time = require "cme.time"

local adoption = {}

local ANSWER = 5 -- seconds for an engine's answer

---@class cme.server.process.stranger
---@field id string          project
---@field category string
---@field stat table|nil     the engine's answer; nil: it gives none

--- Whether a running engine is newer than what the database says of its project; pure.
---@param record cme.server.project|nil
---@param forgotten boolean the project was deleted, as far as the database knows
---@param stat table|nil the engine's
---@return boolean
function adoption.is_stranger(record, forgotten, stat)
  if not record then return not forgotten end
  if record.status == "Working" then return false end
  local revision = stat and math.tointeger(stat.revision)
  return revision ~= nil and revision >= record.revision -- a Stop makes it newer than any engine of before
end

local function ask(engines, id)
  local control, fault, detail = engines:connect(id, function() end, function() end)
  if not control then return { fault = fault, detail = detail } end
  local stat = control:request({ op = "stat" }, ANSWER)
  control:close()
  return { stat = stat }
end

-- Side by side, since each may take its time: the service does not start before.
local function ask_all(engines, ids)
  return (task.parallel(ids, function(id) return ask(engines, id) end))
end

-- One engine's project, when it is a stranger; false when it is none.
local function judge(store, id, name, answer)
  local code = answer.detail and answer.detail.code
  if code == "control.absent" then return false end
  if code == "control.unknown" then return nil, answer.fault, answer.detail end
  local record, message, detail = store:get(id)
  if message then return nil, message, detail end
  local forgotten
  forgotten, message, detail = store:has_history(id)
  if forgotten == nil then return nil, message, detail end
  return adoption.is_stranger(record, forgotten, answer.stat) and { id = id, category = name, stat = answer.stat }
end

-- Broadcasts only: looks at inputs have sockets in another folder.
local function find(store, engines, category_of)
  local found, ids, message, detail = {}, engines:ids()
  if not ids then return nil, message, detail end
  local answers = ask_all(engines, ids)
  for i, id in ipairs(ids) do
    local one
    one, message, detail = judge(store, id, category_of(id), answers[i])
    if one == nil then return nil, message, detail end
    found[#found + 1] = one or nil
  end
  return found
end

-- Which of a category's own processes run, as a function of a project: the categories guess by it.
local function running(processes)
  local ids, list, message, detail = {}, processes:ids()
  if not list then return nil, message, detail end
  for _, id in ipairs(list) do ids[id] = true end
  return ids
end

--- The broadcasts that the database does not know. Runs the loop until they have answered: for the service's start.
---@param store cme.server.store.interface
---@param engines cme.server.process.engine
---@param services table<string, cme.server.category_service>
---@return cme.server.process.stranger[]|nil found
---@return string|nil message it could not be looked, which shows nothing
---@return cme.detail|nil detail
function adoption.find(store, engines, services)
  local own = {}
  for _, service in pairs(services) do
    if service.processes then
      local ids, message, detail = running(service.processes)
      if not ids then return nil, message, detail end
      own[service.processes] = ids
    end
  end
  local function category_of(id)
    return categories.guess(services, function(processes) return own[processes][id] end)
  end
  return luv.run(find, store, engines, category_of)
end

local function count_destinations(stat)
  local count = 0
  for _, output in ipairs(type(stat.outputs) == "table" and stat.outputs or {}) do
    if type(output) == "table" and not playback.is_internal(output.id) then count = count + 1 end
  end
  return count
end

local function describe(one)
  local stat = one.stat
  if not stat then return codes.reason("word:stranger_silent", { id = one.id }) end
  local ends = type(stat.stop_at) == "number" and time.format(stat.stop_at // 1)
  return codes.reason(ends and "word:stranger_until" or "word:stranger", { id = one.id, category = one.category,
    time = ends, count = count_destinations(stat) })
end

--- Refuses to start, and says the ways out; pure.
---@param found cme.server.process.stranger[] at least one
---@param folder string the state's
---@return nil
---@return string message
---@return cme.detail detail code server.state
function adoption.refuse(found, folder)
  local list = {}
  for i, one in ipairs(found) do list[i] = describe(one) end
  return codes.within("in.state_folder", { path = folder }, select(2, codes.fail(
    #found == 1 and "server.state:stranger" or "server.state:strangers", { count = #found, list = list })))
end

--- The project that one becomes; pure but for the check of an empty input.
---@param one cme.server.process.stranger
---@param platform string
---@param input table a complete one without sources and destinations
---@return table record for Store:adopt
function adoption.record(one, platform, input)
  local stat = one.stat or {}
  input.Adopted = true
  return { id = one.id, platform = platform, category = one.category, name = "adopted " .. one.id:sub(-6),
    owner = { type = "PERSON", id = "adopted" }, input = input, revision = math.tointeger(stat.revision) or 1,
    started_at = tonumber(stat.started_at), stop_at = tonumber(stat.stop_at),
    active = stat.active == "backup" and "Backup" or "Main" }
end

return adoption
