-- SPDX-License-Identifier: MIT
-- How a careful program calls a service whose nodes are killed: an error that says so is tried again, but what may have
-- been done is looked up first. Any other error is raised, and so is what was done twice.
--
--   call ── response ──► it
--     │ failure: a broken connection, or an error that says what to do      any other: raised
--     └──► look: was it done? ── yes ──► what is known of it, `unread`      no: again

local careful = {}

local LIMIT = 120 -- seconds for one call, with all its attempts

-- What an error that may be tried again says, or that it is done and follows.
local SAYS = { "try again", "follows when it is back", "Please reduce the frequency" }

---@class spec.careful
---@field again integer how many calls were made again
---@field found integer how many had been done
---@field said table<string, integer> how often each failure was met, by what it says
---@field private _ask fun(action: string, params: table): table|nil, table|nil the response, or code and message
---@field private _wait fun(seconds: number)
---@field private _now fun(): number
local Careful = {}
Careful.__index = Careful

--- Makes one.
---@param given { ask: function, wait: fun(seconds: number), now: fun(): number }
---@return spec.careful
function careful.new(given)
  return setmetatable({ again = 0, found = 0, said = {}, _ask = given.ask, _wait = given.wait, _now = given.now },
    Careful)
end

--- Whether a failure may be followed by a look and another attempt. Pure.
---@param failure { code: string|nil, message: string } without a code: the service has not answered
---@return boolean
function careful.may_repeat(failure)
  if not failure.code then return true end
  for _, words in ipairs(SAYS) do
    if failure.message:find(words, 1, true) then return true end
  end
  return false
end

-- ---- what was done

-- Reading alone may be repeated as it is.
local function read(self, action, params)
  params.Platform = "test"
  return self:call(action, params)
end

local function info_of(self, id)
  return read(self, "DescribeProjects", { ProjectIds = { id } }).ProjectInfoSet[1]
end

-- The project of a name that no other has.
local function named(self, params)
  local found
  for offset = 0, math.huge, 100 do
    local page = read(self, "DescribeProjects", { Offset = offset, Limit = 100 })
    for _, one in ipairs(page.ProjectInfoSet) do
      if one.Name == params.Name then
        assert(not found, "there are two projects of the name " .. params.Name)
        found = one
      end
    end
    if offset + 100 >= page.TotalCount then break end
  end
  return found and { ProjectId = found.ProjectId }
end

local function relay_of(self, params) return info_of(self, params.ProjectId).StreamConnectProjectInfo end
local function cast_of(self, params) return info_of(self, params.ProjectId).MediaCastProjectInfo end

local function has_id(list, id, member)
  for _, one in ipairs(list) do
    if (member and one[member] or one).Id == id then return true end
  end
  return false
end

-- Those of a list that were not there before.
local function new_ones(list, before)
  local found = {}
  for _, one in ipairs(list) do found[#found + 1] = not has_id(before, one.Id) and one or nil end
  return found
end

-- What was added to a cast's list, when all of it was.
local function added(member, wanted, answer)
  return function(self, params, before)
    local found = new_ones(cast_of(self, params)[member], before[member])
    assert(#found <= #params[wanted], "what was to be added once is there twice")
    return #found == #params[wanted] and { [answer] = found } or nil
  end
end

local function is_gone(self, params)
  return not info_of(self, params.ProjectId) and {} or nil
end

local function has_status(status)
  return function(self, params)
    local info = info_of(self, params.ProjectId)
    local own = info.StreamConnectProjectInfo
    own = type(own) == "table" and own or info.MediaCastProjectInfo
    return own.Status == status and {} or nil
  end
end

-- Finds out whether a call was done; what is not here does no harm when it is done twice.
local DONE = {
  CreateProject = named, CopyProject = named, DeleteProject = is_gone,
  Start = has_status "Working", Stop = has_status "Idle",
  AddInput = function(self, params)
    local input = relay_of(self, params)[params.InputEndpoint .. "Input"]
    return type(input) == "table" and {} or nil
  end,
  DeleteInput = function(self, params)
    local input = relay_of(self, params)[params.InputEndpoint .. "Input"]
    return type(input) ~= "table" and {} or nil
  end,
  AddOutput = function(self, params)
    return has_id(relay_of(self, params).OutputSet, params.OutputInfo.Id, "StreamConnectOutput") and {} or nil
  end,
  DeleteOutput = function(self, params)
    return not has_id(relay_of(self, params).OutputSet, params.OutputInfo.Id, "StreamConnectOutput") and {} or nil
  end,
  AddSource = added("SourceInfos", "SourceInfos", "SourceInfoSet"),
  AddDestination = added("DestinationInfos", "DestinationInfos", "DestinationInfoSet"),
  DeleteSource = function(self, params)
    return not has_id(cast_of(self, params).SourceInfos, params.SourceInfos[1].Id) and {} or nil
  end,
  DeleteDestination = function(self, params)
    return not has_id(cast_of(self, params).DestinationInfos, params.DestinationInfos[1].Id) and {} or nil
  end,
}

-- What has to be known of before, to see whether something was added.
local BEFORE = { AddSource = cast_of, AddDestination = cast_of }

-- ---- calling

local function note(self, name, failure)
  local words = ("%s: %s"):format(name, failure.code or "broken connection")
  self.said[words] = (self.said[words] or 0) + 1
end

-- Not to be taken for a comparison that does not hold yet.
local Refusal = { __tostring = function(self) return self.words end }

local function fail(name, failure)
  error(setmetatable({ words = ("%s: %s: %s"):format(name, tostring(failure.code), tostring(failure.message)) },
    Refusal), 0)
end

-- What is known of a call that was done; nil: it was not, as far as one can see.
local function look(self, name, params, before)
  local done = DONE[name]
  local known = done and done(self, params, before)
  if not known then return nil end
  self.found, known.unread = self.found + 1, true
  return known
end

--- Calls an action until it is done.
---@param action string
---@param params table
---@return table response with `unread` where it was lost
function Careful:call(action, params)
  local name, due = params.Operation or action, self._now() + LIMIT
  local before = BEFORE[name] and BEFORE[name](self, params)
  while true do
    local response, failure = self._ask(action, params)
    if response then return response end
    note(self, name, failure)
    if not careful.may_repeat(failure) or self._now() > due then fail(name, failure) end
    self.again = self.again + 1
    self._wait(0.5)
    local known = look(self, name, params, before)
    if known then return known end
  end
end

--- Runs what reads and compares until it raises nothing. A call that is refused is raised at once.
---@param what string
---@param fn function
function Careful:look(what, fn)
  local due = self._now() + LIMIT
  while true do
    local ok, message = pcall(fn)
    if ok then return end
    if getmetatable(message) == Refusal then error(message, 0) end
    if self._now() > due then error(("%s: %s"):format(what, tostring(message)), 0) end
    self._wait(0.5)
  end
end

return careful
