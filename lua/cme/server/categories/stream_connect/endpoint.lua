-- SPDX-License-Identifier: MIT
-- The two endpoints of a stream-connect project: their names in requests, their names in the engine, and which one is
-- on the air.

local answer = require "cme.server.call"
local codes = require "cme.codes"
local project = require "cme.server.categories.stream_connect.project"

local endpoint = {}

--- The API's names by the engine's.
endpoint.names = { main = "Main", backup = "Backup" }

--- How a sentence names them.
endpoint.words = { Main = codes.reason "word:main", Backup = codes.reason "word:backup" }

---@param name string|nil a request's InputEndpoint
---@return "Main"|"Backup"|nil chosen
---@return string|nil message
---@return cme.detail|nil detail
function endpoint.read(name)
  name = name and name:match "^%s*(.-)%s*$" -- the cloud takes "Main "
  if not name or name == "" then return codes.fail "api.MissingParameter:endpoint" end
  if not project.members[name] then
    return codes.fail("api.InvalidParameterValue.Input:endpoint", { value = answer.shown(name) })
  end
  return name
end

--- An endpoint where a project has an input.
---@param record cme.server.project
---@param name string|nil a request's InputEndpoint
---@return "Main"|"Backup"|nil chosen
---@return string|nil message
---@return cme.detail|nil detail
function endpoint.existing(record, name)
  local chosen, message, detail = endpoint.read(name)
  if not chosen then return nil, message, detail end
  if not record.input[project.members[chosen]] then
    return codes.fail("api.InvalidParameterValue.StreamConnectInputInvalid:no_such_input",
      { id = record.id, input = endpoint.words[chosen] })
  end
  return chosen
end

--- Which input of a project is on air: the engine's word, since a switch may not have been stored.
---@param record cme.server.project
---@param relays cme.server.process.keepers
---@return "Main"|"Backup"
function endpoint.active(record, relays)
  local known = record.status == "Working" and endpoint.names[relays:active(record.id)]
  return known or record.active
end

return endpoint
