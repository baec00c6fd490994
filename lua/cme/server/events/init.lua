-- SPDX-License-Identifier: MIT
-- What happened to a project, as the cloud's callbacks say it: EventContent bodies. Members that do not apply are left
-- out. URLs are redacted: whoever may know a stream key asks DescribeProjects; an event has the id and the name. Pure.

local redact = require "cme.redact"

local events = {}

local administrator = "cmeid_system"

---@class cme.server.EventKind what a category's events are called
---@field type string     EventType
---@field member string   the member of EventContent
---@field started string  status of a project that is Working now
---@field input fun(record: cme.server.Project, key: string, code: string?): string, string?, table? status, member and
---  info of an input that was interrupted
---@field output fun(record: cme.server.Project, key: string, code: string?): string, string?, table? nil info: the
---  project has no such output any more

local function find(list, id)
  for _, entry in ipairs(list or {}) do
    if entry.Id == id then
      return entry
    end
  end
  return nil
end

local function reason(code)
  return code == "internal" and "SystemError" or "Unknown"
end

-- Every member, as DescribeProjects has them.
local function source_info(source)
  return { Id = source.Id, Type = source.Type, MaterialId = source.MaterialId or "", FileId = source.FileId or "",
    Url = source.Url and redact.url(source.Url) or "", Offset = source.Offset or 0, Duration = source.Duration or 0 }
end

local endpoints = { main = "Main", backup = "Backup" }

---@type table<string, cme.server.EventKind>
local kinds = {
  STREAM_CONNECT = {
    type = "Project.StreamConnect.StatusChanged",
    member = "ProjectStreamConnectStatusChangedEvent",
    started = "Working",
    input = function(_, key)
      return "InputInterrupted", "InputInterruptInfo", endpoints[key] and { EndPoint = endpoints[key] }
    end,
    output = function(record, key)
      local output = find(record.input.Outputs, key)
      return "OutputInterrupted", "OutputInterruptInfo",
        output and { Id = output.Id, Name = output.Name, Url = redact.url(output.PushUrl) }
    end,
  },
  MEDIA_CAST = {
    type = "Project.MediaCast.StatusChanged",
    member = "ProjectMediaCastStatusChangedEvent",
    started = "Started",
    input = function(record, key, code)
      local source = find(record.input.SourceInfos, key) or {}
      return "SourceInterrupted", "SourceInterruptInfo", { Reason = reason(code), SourceInfo = source_info(source) }
    end,
    output = function(record, key, code)
      local to = find(record.input.DestinationInfos, key)
      return "DestinationInterrupted", "DestinationInterruptInfo", to and { Reason = reason(code),
        DestinationInfo = { Id = to.Id, Name = to.Name, PushUrl = redact.url(to.PushUrl) } }
    end,
  },
}

local function content(kind, record, operator, status)
  return {
    EventType = kind.type,
    Operator = operator ~= "" and operator or administrator,
    [kind.member] = { ProjectId = record.id, Status = status },
  }
end

---The status that a project has come into.
---@param record cme.server.Project as it is now
---@param operator string? who caused it; nil: nobody but the administrator, or its planned end
---@return table? content EventContent; nil: projects of this category have no events
function events.status(record, operator)
  local kind = kinds[record.category]
  if not kind then
    return nil
  end
  return content(kind, record, operator, record.status == "Working" and kind.started or "Stopped")
end

---A process of the service that is being replaced.
---@param process "Engine"|"Playout"|"Edge"
---@param why "Hung"|"Died" it gave no sign of life, or ended by itself
---@param project string? whose it is; nil: of all
---@return table content EventContent; ours, the cloud has none
function events.replaced(process, why, project)
  return { EventType = "Service.ProcessReplaced", Operator = administrator,
    ServiceProcessReplacedEvent = { Process = process, Reason = why, ProjectId = project } }
end

---An input or output that fails.
---@param record cme.server.Project
---@param part "input"|"output"
---@param key string endpoint ("main", "backup") or source id, output id
---@param code string? the engine's
---@return table? content EventContent; nil: the project has no such part, or no events
function events.interrupted(record, part, key, code)
  local kind = kinds[record.category]
  if not kind then
    return nil
  end
  local status, member, info = kind[part](record, key, code)
  if not info then
    return nil
  end
  local made = content(kind, record, nil, status)
  made[kind.member][member] = info
  return made
end

return events
