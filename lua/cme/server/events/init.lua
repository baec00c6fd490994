-- SPDX-License-Identifier: MIT
-- The bodies of events (EventContent), as in the cloud's callbacks. An event goes through the modules of this folder:
--
--   store: a run begins, ends --------+
--   engines: an input, output fails --+--> journal --> outbox ---> webhook --> URL
--   supervisor: a process is replaced +     decides    a row for   signs (webhook_secret), posts, retries;
--                                           what is    each URL    in order within a project
--                                           an event,  in SQLite
--                                           with bodies from here
--
-- The journal writes an event in the transaction of the change, so that an event exists if and only if the change does.
-- Members that do not apply are left out. URLs are redacted: an event has the id and the name, and whoever may know a
-- stream key can ask DescribeProjects. Pure.

local categories = require "cme.server.categories"

local events = {}

local ADMINISTRATOR = "cmeid_system"

---@class cme.server.event_kind what a category's events are called
---@field type string     EventType
---@field member string   the member of EventContent
---@field started string  status of a project that is Working now
---@field input fun(record: cme.server.project, key: string, code: string|nil): string, string|nil, table|nil status,
--- member and
---  info of an input that was interrupted
---@field output fun(record: cme.server.project, key: string, code: string|nil): string, string|nil, table|nil nil info:
--- the
---  project has no such output any more

local function kind_of(record)
  local category = categories.of(record)
  return category and category.events
end

local function content(kind, record, operator, status)
  return {
    EventType = kind.type,
    Operator = operator ~= "" and operator or ADMINISTRATOR,
    [kind.member] = { ProjectId = record.id, Status = status },
  }
end

--- The status that a project has come into.
---@param record cme.server.project as it is now
---@param operator string|nil who caused it; nil: nobody but the administrator, or its planned end
---@return table|nil content EventContent; nil: projects of this category have no events
function events.status(record, operator)
  local kind = kind_of(record)
  if not kind then return nil end
  return content(kind, record, operator, record.status == "Working" and kind.started or "Stopped")
end

--- A process of the service that is being replaced.
---@param process "Engine"|"Playout"|"Edge"
---@param why "Hung"|"Died" it gave no sign of life, or ended by itself
---@param project string|nil whose it is; nil: of all
---@return table content EventContent; ours, the cloud has none
function events.replaced(process, why, project)
  return { EventType = "Service.ProcessReplaced", Operator = ADMINISTRATOR,
    ServiceProcessReplacedEvent = { Process = process, Reason = why, ProjectId = project } }
end

--- The file of the database was deleted, or another is in its place, while the service runs.
---@param path string
---@return table content EventContent; ours, the cloud has none
function events.database_lost(path)
  return { EventType = "Service.DatabaseLost", Operator = ADMINISTRATOR, ServiceDatabaseLostEvent = { Path = path } }
end

--- The slate of a project is on the air, or no more, or cannot be made.
---@param project string
---@param status "On"|"Off"|"Failed"
---@param reason string|nil why it failed
---@return table content EventContent; ours, the cloud has none
function events.slate(project, status, reason)
  return { EventType = "Service.SlateChanged", Operator = ADMINISTRATOR,
    ServiceSlateChangedEvent = { ProjectId = project, Status = status, Reason = reason } }
end

--- Main and backup of a project are merged, or why they are not.
---@param project string
---@param status "Aligned"|"Alone"|"Repeats"|"Far"|"Different"
---@param info table Distance (ms) of merged ones; Code and Reason of others
---@return table content EventContent; ours, the cloud has none
function events.merge(project, status, info)
  return { EventType = "Service.MergeChanged", Operator = ADMINISTRATOR,
    ServiceMergeChangedEvent = { ProjectId = project, Status = status, Distance = info.Distance, Code = info.Code,
      Reason = info.Reason } }
end

--- An encoder that pushes to an input of a project is refused.
---@param project string
---@param info table EndPoint, Address, Code, Reason
---@return table content EventContent; ours, the cloud has none
function events.publisher_refused(project, info)
  return { EventType = "Service.PublisherRefused", Operator = ADMINISTRATOR,
    ServicePublisherRefusedEvent = { ProjectId = project, EndPoint = info.EndPoint, Address = info.Address,
      Code = info.Code, Reason = info.Reason } }
end

--- The uplink is full for a project, or no more.
---@param project string
---@param status "Full"|"Free"
---@param info table Bitrate, and Reason while it is full
---@return table content EventContent; ours, the cloud has none
function events.uplink(project, status, info)
  return { EventType = "Service.UplinkChanged", Operator = ADMINISTRATOR,
    ServiceUplinkChangedEvent = { ProjectId = project, Status = status, Bitrate = info.Bitrate,
      Reason = info.Reason } }
end

--- Which node of a fleet stands by for a project has changed, or whether it is ready.
---@param project string
---@param status "Warm"|"Starting"|"Missing"
---@param node string|nil the one that stands by
---@return table content EventContent; ours, the cloud has none
function events.standby(project, status, node)
  return { EventType = "Service.StandbyChanged", Operator = ADMINISTRATOR,
    ServiceStandbyChangedEvent = { ProjectId = project, Status = status, Node = node } }
end

--- What viewers of an output see, or what an input shows, is wrong, or is right again.
---@param project string
---@param info table Status ("Black", "Ok", ...), OutputId and Name, or EndPoint; Code, Reason and Picture of what is
---  wrong
---@return table content EventContent; ours, the cloud has none
function events.look(project, info)
  local content_of = { ProjectId = project }
  for name, value in pairs(info) do content_of[name] = value end
  return { EventType = "Service.LookChanged", Operator = ADMINISTRATOR, ServiceLookChangedEvent = content_of }
end

--- A file of a project's recording is finished, or the recording fails.
---@param project string
---@param status "Finished"|"Failed"
---@param info table File, Bytes, Seconds and Interrupted of a file; Code and Reason of a failure
---@return table content EventContent; ours, the cloud has none
function events.recording(project, status, info)
  local content_of = { ProjectId = project }
  for name, value in pairs(info) do content_of[name] = value end
  return { EventType = "Service.Recording" .. status, Operator = ADMINISTRATOR,
    ["ServiceRecording" .. status .. "Event"] = content_of }
end

--- An input or output that fails.
---@param record cme.server.project
---@param part "input"|"output"
---@param key string endpoint ("main", "backup") or source id, output id
---@param code string|nil the engine's
---@return table|nil content EventContent; nil: the project has no such part, or no events
function events.interrupted(record, part, key, code)
  local kind = kind_of(record)
  if not kind then return nil end
  local status, member, info = kind[part](record, key, code)
  if not info then return nil end
  local made = content(kind, record, nil, status)
  made[kind.member][member] = info
  return made
end

return events
