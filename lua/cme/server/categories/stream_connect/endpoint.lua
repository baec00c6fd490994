-- SPDX-License-Identifier: MIT
-- The two endpoints of a stream-connect project, as a request names them, as the engine does, and which is on air.
-- Answers are nil, code, message.

local project = require "cme.server.categories.stream_connect.project"

local endpoint = {}

---The API's names by the engine's.
endpoint.names = { main = "Main", backup = "Backup" }

---@param name string? a request's InputEndpoint
---@return "Main"|"Backup"|nil, string? code, string? message
function endpoint.read(name)
  name = name and name:match "^%s*(.-)%s*$" -- the cloud takes "Main "
  if not name or name == "" then
    return nil, "MissingParameter", "field 'InputEndpoint': missing (Main or Backup is needed)"
  end
  if not project.members[name] then
    return nil, "InvalidParameterValue.Input",
      ("field 'InputEndpoint' '%s': it must be Main or Backup"):format(name:sub(1, 64))
  end
  return name
end

---An endpoint where a project has an input.
---@param record cme.server.Project
---@param name string? a request's InputEndpoint
---@return "Main"|"Backup"|nil, string? code, string? message
function endpoint.existing(record, name)
  local chosen, code, message = endpoint.read(name)
  if not chosen then
    return nil, code, message
  end
  if not record.input[project.members[chosen]] then
    return nil, "InvalidParameterValue.StreamConnectInputInvalid",
      ("project '%s': it has no %s input: AddInput first"):format(record.id, chosen:lower())
  end
  return chosen
end

---Which input of a project is on air: the engine's word, since a switch may not have been stored.
---@param context cme.server.Context
---@param record cme.server.Project
---@return "Main"|"Backup"
function endpoint.active(context, record)
  local known = record.status == "Working" and endpoint.names[context.relays:active(record.id)]
  return known or record.active
end

return endpoint
