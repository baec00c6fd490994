-- SPDX-License-Identifier: MIT
-- The calls that one method of a project makes: actions on the project, and its entry in the service's list, all within
-- the method's timeout. Each call that changes something has a function that finds out whether it was done, for when
-- the connection broke before the answer came (client:call's `settle`): it reads the state again.
--
--   settle gives   a response   it was done: the call succeeds with that
--                  false        it was not done, or doing it twice is the same as once: the client may try again
--                  nil, ...     nobody can tell: the call fails
--
-- "Not done" counts only if a second look, a moment later, says so too: the service may still be working on it. This
-- module knows neither the classes of projects nor the form of a category.

local codes = require "cme.codes"
local json = require "cme.json"

local calls = {}

---@class cme.project.calls
---@field project cme.project|nil whose method it is: its id is read at each call; nil: it is about no single project
---@field client cme.client
---@field platform string|nil
---@field deadline number|nil by the client's finest clock; nil: none
---@field fresh table|nil the project's entry, just read by the same method: describe() gives it where it is what is
--- asked next
local Calls = {}
Calls.__index = Calls

---@alias cme.project.judge
---| fun(entry: table|nil): table|false|nil, string|nil, cme.detail|nil looks at the described project

-- Seconds between the two looks.
local SECOND_LOOK = 1
local SHORTEST = 0.001 -- seconds that a call can be given

-- The client's transport, which waits as the client does.
local function transport_of(client)
  return client.transport or require "cme.net.transport".shared()
end

--- Waits as the client does: inside a task it yields.
---@param client cme.client
---@param seconds number
function calls.sleep(client, seconds)
  transport_of(client):sleep(seconds)
end

--- The time by the finest clock that the client has.
---@param client cme.client
---@return number seconds unix time
function calls.time(client)
  local transport = transport_of(client)
  return transport.time and transport:time() or client.now()
end

---@class cme.project.calls.options
---@field project cme.project|nil
---@field platform string|nil
---@field timeout number|nil seconds for all that is asked
---@field deadline number|nil in place of it
---@field fresh table|nil

--- Begins what a method asks; its time begins to count.
---@param client cme.client
---@param given cme.project.calls.options
---@return cme.project.calls
function calls.new(client, given)
  local deadline = given.deadline or given.timeout and calls.time(client) + given.timeout
  return setmetatable({ client = client, project = given.project, platform = given.platform, deadline = deadline,
    fresh = given.fresh }, Calls)
end

--- Seconds that are left of the method's timeout.
---@return number|nil seconds nil: it has none
function Calls:left()
  return self.deadline and self.deadline - calls.time(self.client)
end

--- Does an action.
---@param action string
---@param params table
---@param settle (fun(): table|false|nil, string|nil, cme.detail|nil)|nil see above
---@return table|nil response
---@return string|nil message
---@return cme.detail|nil detail
function Calls:call(action, params, settle)
  self.fresh = nil
  local left = self:left()
  if left and left < SHORTEST then
    return codes.within("in.action", { action = action },
      select(2, codes.fail("network.timeout:not_sent", nil, { op = action, retryable = true, attempts = 0 })))
  end
  return self.client:call(action, params, { settle = settle, timeout = left })
end

--- Does an action on the project.
---@param action string
---@param params table Platform and ProjectId are filled in
---@param settle (fun(): table|false|nil, string|nil, cme.detail|nil)|nil see above
---@return table|nil response
---@return string|nil message
---@return cme.detail|nil detail
function Calls:act(action, params, settle)
  params.Platform = self.platform
  params.ProjectId = self.project.id
  return self:call(action, params, settle)
end

-- ---- reading

--- The entries of a response of DescribeProjects, each of them as old as the response may be.
---@param response table
---@return table[] entries
function calls.entries(response)
  local entries = json.object(response.ProjectInfoSet)
  for _, entry in ipairs(response.StateAge and entries or {}) do
    if type(entry) == "table" then entry.StateAge = response.StateAge end
  end
  return entries
end

-- The project's entry, or false when the service has none of this id.
local function look(self)
  local id = self.project.id
  local response, message, detail = self:call("DescribeProjects", { Platform = self.platform, ProjectIds = { id } })
  if not response then return nil, message, detail end
  for _, entry in ipairs(calls.entries(response)) do
    if type(entry) == "table" and entry.ProjectId == id then return entry end
  end
  return false, nil, { request_id = response.RequestId }
end

--- The project's entry in the service's list.
---@return table|nil entry a ProjectInfo
---@return string|nil message
---@return cme.detail|nil detail code invalid.unknown_project when there is none
function Calls:describe()
  local entry = self.fresh
  self.fresh = nil
  if entry then return entry end
  local message, detail
  entry, message, detail = look(self)
  if entry then return entry end
  if entry == nil then return nil, message, detail end
  return codes.fail("invalid.unknown_project", nil, { request_id = detail.request_id })
end

-- ---- settling

--- A settle function from two looks.
---@param read fun(): any what judge is given, false for nothing; or nil, message, detail
---@param judge fun(found: any): table|false|nil, string|nil, cme.detail|nil
---@return fun(): table|false|nil, string|nil, cme.detail|nil
function Calls:settled_by(read, judge)
  local function once()
    local found, message, detail = read()
    if found == nil then return nil, message, detail end
    return judge(found or nil)
  end
  return function()
    local verdict, message, detail = once()
    if verdict ~= false then return verdict, message, detail end
    calls.sleep(self.client, SECOND_LOOK)
    return once()
  end
end

--- A settle function that looks at the described project; nil when the service no longer has it.
---@param judge cme.project.judge
---@return fun(): table|false|nil, string|nil, cme.detail|nil
function Calls:settled(judge)
  return self:settled_by(function() return look(self) end, judge)
end

--- A settle function for what may be done twice without harm.
---@return false
function calls.again()
  return false
end

--- The verdict "cannot tell".
---@param sentence string
---@param values table|nil
---@return nil, string, cme.detail
function calls.unclear(sentence, values)
  return codes.fail(sentence, values)
end

-- ---- what failures mean

--- What a service answers to an operation that does not fit the state: codes.
calls.OTHER_STATE = { ["api.FailedOperation.StreamConnect"] = true,
  ["api.InvalidParameterValue.OperationInvalid"] = true }

return calls
