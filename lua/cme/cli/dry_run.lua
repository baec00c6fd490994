-- SPDX-License-Identifier: MIT
-- `--dry-run`: a transport that sends requests that only read, and keeps those that would change something. It takes
-- the place of the real transport, so a request has passed everything before it: options, credentials, the schema's
-- check, signing. A kept request is answered as if it had been done, with ids of "dry-run", so that the command goes on
-- to its next call.

local json = require "cme.json"
local schema = require "cme.schema"

local dry_run = {}

---@class cme.cli.dry_run: cme.transport
---@field calls { action: string, params: table }[] in order
---@field _real cme.transport
local Transport = {}
Transport.__index = Transport
Transport.__name = "cme.cli.dry_run"

---@param real cme.transport
---@return cme.cli.dry_run
function dry_run.new(real)
  return setmetatable({ calls = {}, _real = real }, Transport)
end

local function action_of(request)
  for _, line in ipairs(request.headers) do
    local action = line:match "^X%-TC%-Action: (.+)$"
    if action then return action end
  end
end

-- Some actions do many things; those that only tell something have a name that says so.
local function reads(action, params)
  return (params.Operation or action):find "^Describe" ~= nil
end

local function ids(list)
  local made = json.array {}
  for i in ipairs(list or {}) do made[i] = { Id = ("dry-run-%d"):format(i) } end
  return made
end

-- What the service would answer, as far as the client looks at it.
local ANSWERS = {
  CreateProject = function() return { ProjectId = "dry-run" } end,
  HandleMediaCastProject = function(params)
    return { SourceInfoSet = ids(params.SourceInfos), DestinationInfoSet = ids(params.DestinationInfos) }
  end,
}

function Transport:request(request)
  local action = action_of(request)
  if not schema.actions[action] then return self._real:request(request) end -- credentials are fetched, too
  local params = json.decode(request.body or "", schema.actions[action].request) or {}
  if reads(action, params) then return self._real:request(request) end
  self.calls[#self.calls + 1] = { action = action, params = json.mark(params, schema.actions[action].request) }
  local response = ANSWERS[action] and ANSWERS[action](params) or {}
  response.RequestId = "dry-run"
  return { status = 200, headers = { ["content-type"] = "application/json" },
    body = assert(json.encode { Response = response }) }
end

function Transport:sleep(seconds)
  self._real:sleep(seconds)
end

function Transport:time()
  return self._real.time and self._real:time() or os.time()
end

--- Writes what would have been done: calls of the service, or a command's own change by the command's name.
---@param context cme.cli.context
---@param calls { action: string, params: table }[] in order
---@return integer exit_code
function dry_run.show(context, calls)
  if context.json then
    context:write_json { dry_run = true, calls = json.array(calls) }
    return 0
  end
  for _, call in ipairs(calls) do
    local known, hidden = schema.actions[call.action], context:hidden(call.params)
    context:say(call.action .. " " .. assert(json.encode(hidden, known and known.request)))
  end
  return 0
end

--- Writes the calls that were kept.
---@param context cme.cli.context
---@return integer exit_code
function Transport:show(context) return dry_run.show(context, self.calls) end

return dry_run
