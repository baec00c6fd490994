-- SPDX-License-Identifier: MIT
-- The categories of projects that this service runs. A category is a folder beside this file: its init.lua returns
-- what it registers, as cme.server.category says. Nothing outside of these folders knows a category's name: whoever
-- needs something of a project's category asks for it by the record's `category`, or goes over all of them.

local schema = require "cme.schema"

---@class cme.server.category what a category registers
---@field name string              in CreateProject's Category: "VIDEO_EDIT"
---@field input string             member of CreateProject that describes a project, and object of the schema
---@field info string              member of ProjectInfo that tells about one
---@field action string            its Handle...Project
---@field failed string            code of an operation that failed
---@field stored cme.schema.field[] what the store keeps of a project beside what the API calls its input
---@field empty fun(): table       an input that can be shown, of a project whose own cannot be read
---@field outputs fun(input: table): { Id: string, Name: string }[] all that a stored input sends to
---@field states cme.server.categories.states every operation in every state
---@field damaged table<string, true> operations of its action that are done all the same of a project that is damaged
---@field events cme.server.event_kind how its events are called
---@field fallback boolean|nil     the category of what runs, or is stored, and does not say which it is of
---@field open fun(host: cme.server.host): cme.server.category_service|nil, string|nil makes its part of a service

---@class cme.server.host what a service offers its categories, when it makes them
---@field store cme.server.store.interface
---@field locks cme.task.locks      changes of a project run one after the other
---@field changes cme.server.changes
---@field relays cme.server.process.keepers    the engines
---@field callbacks cme.server.process.callbacks for processes of the category's own
---@field edge cme.server.edge|nil    nil: the service runs without one
---@field slates cme.server.slates|nil nil: none are made
---@field fleet cme.server.sharing|false|nil the service is a node, and has to have a project before it starts it
---@field uplink cme.server.uplink|nil nil: nothing is known of it
---@field looks cme.server.looks|nil nil: nobody looks at what viewers see
---@field recordings cme.server.recordings|nil nil: nothing is recorded
---@field publishers cme.server.publishers|nil why encoders are refused; nil: nothing is pushed
---@field settings cme.server.settings
---@field folder string               RELAYS, for processes of the category's own
---@field preset string               x264's
---@field media string|nil            folder of the media library
---@field playouts cme.server.process.keepers|nil specs put others in place of the playouts
---@field clock cme.system.clock
---@field log cme.server.log

--- A category's part of a service: all that is done with a project of it. What is marked nil may be missing.
---@class cme.server.category_service
---@field check fun(self, input: table): table|nil, string|nil, cme.detail|nil checks the member of CreateProject
---  that describes a project, and completes it for the store
---@field copy fun(self, input: table): table|nil, string|nil, cme.detail|nil the same of what a project has, for
---  a copy of it
---@field push_addresses fun(self, input: table): table[] RtmpPushInputInfoSet of CreateProject
---@field info fun(self, record: cme.server.project): table its member of ProjectInfo
---@field spec fun(self, record: cme.server.project): table|nil, string|nil the state that an engine is to have, or why
---  there can be none
---@field handle fun(self, call: cme.server.http.call, record: cme.server.project): table|nil, string|nil,
---  cme.detail|nil its action
---@field switch_output fun(self, call: cme.server.http.call, record: cme.server.project): table|nil, string|nil,
---  cme.detail|nil SwitchProjectOutput
---@field modify_recording (fun(self, call: cme.server.http.call, record: cme.server.project): table|nil, string|nil,
---  cme.detail|nil)|nil ModifyProjectRecording; nil: projects of it are not recorded
---@field modify_slate (fun(self, call: cme.server.http.call, record: cme.server.project): table|nil, string|nil,
---  cme.detail|nil)|nil ModifyProjectSlate; nil: projects of it have no slate
---@field modify_merge (fun(self, call: cme.server.http.call, record: cme.server.project): table|nil, string|nil,
---  cme.detail|nil)|nil ModifyProjectMerge; nil: its projects have one input
---@field modify_standby (fun(self, call: cme.server.http.call, record: cme.server.project): table|nil, string|nil,
---  cme.detail|nil)|nil ModifyProjectStandby; nil: no node can stand by for its projects
---@field modify_looks (fun(self, call: cme.server.http.call, record: cme.server.project): table|nil, string|nil,
---  cme.detail|nil)|nil ModifyProjectLooks; nil: inputs of its projects are not looked at
---@field watched (fun(self, record: cme.server.project): cme.server.looks.plan|nil, cme.server.looks.failover|nil)|nil
---  what of a Working project is looked at; nil: nothing
---@field processes cme.server.process.keepers|nil those that its projects have beside their engines
---@field over (fun(self, record: cme.server.project, slack: number): string|nil)|nil why the run of a Working project
---  is over; its planned end alone when missing
---@field ended (fun(self, record: cme.server.project))|nil a run has ended by itself; must not wait
---@field switched (fun(self, id: string, reason: string))|nil an engine changed its input by itself
---@field created (fun(self, id: string))|nil
---@field deleted (fun(self, id: string))|nil
---@field parts (fun(self, id: string, health: cme.server.process.health|nil): table|nil)|nil the inputs and outputs of
---  a project, where they are not its engine's
---@field has_input (fun(self, record: cme.server.project, endpoint: "main"|"backup"): boolean)|nil for a look
---@field source (fun(self, record: cme.server.project, endpoint: "main"|"backup"): table|nil)|nil the input as an
---  engine takes it that reads it for a look; nil: it has none
---@field begin (fun(self): true|nil, string|nil)|nil what ran is taken over: it may start projects by itself
---@field close (fun(self))|nil

local categories = {}

-- One line for each folder.
local folders = {}
folders[#folders + 1] = require "cme.server.categories.stream_connect"
folders[#folders + 1] = require "cme.server.categories.media_cast"

--- What is registered, in the order of the folders.
---@type cme.server.category[]
categories.list = folders

--- The same by name.
---@type table<string, cme.server.category>
categories.by_name = {}

--- The category of what does not say which it is of.
---@type cme.server.category
categories.fallback = folders[1]

-- Those that the API has beside them: the member of CreateProject, by name.
local OTHERS = {
  VIDEO_EDIT = "VideoEditProjectInput",
  SWITCHER = "SwitcherProjectInput",
  VIDEO_SEGMENTATION = "VideoSegmentationProjectInput",
  RECORD_REPLAY = "RecordReplayProjectInput",
}

--- The member of CreateProject that describes a project, by category: of all that the API has.
---@type table<string, string>
categories.inputs = {}

local ADOPTED = { name = "Adopted", type = "boolean" } -- Working, and known to its engine only (adoption.lua)

-- By category, the fields of what the store keeps of a project: what the API calls its input, and what else is needed.
local stored = {}

for name, member in pairs(OTHERS) do categories.inputs[name] = member end
for _, category in ipairs(folders) do
  local fields = schema.objects[category.input]
  fields = table.move(fields, 1, #fields, 1, {})
  fields = table.move(category.stored, 1, #category.stored, #fields + 1, fields)
  fields[#fields + 1] = ADOPTED
  stored[category.name] = fields
  categories.by_name[category.name] = category
  categories.inputs[category.name] = category.input
  if category.fallback then categories.fallback = category end
end

--- A record's category.
---@param record { category: string }
---@return cme.server.category
function categories.of(record)
  return categories.by_name[record.category]
end

--- The fields of what the store keeps of a project of a category.
---@param name string
---@return cme.schema.field[]
function categories.stored(name)
  return stored[name]
end

--- Makes the part of each category of a service.
---@param host cme.server.host
---@return table<string, cme.server.category_service>|nil services by name
---@return string|nil message
---@return cme.detail|nil detail
function categories.open(host)
  local services = {}
  for _, category in ipairs(folders) do
    local service, message, detail = category.open(host)
    if not service then return nil, message, detail end
    services[category.name] = service
  end
  return services
end

--- The category of a process that runs and of whose project nothing is known.
---@param services table<string, cme.server.category_service>
---@param has fun(processes: cme.server.process.keepers): boolean whether a project has one of a category's processes
---@return string name
function categories.guess(services, has)
  for name, service in pairs(services) do
    if service.processes and has(service.processes) then return name end
  end
  return categories.fallback.name
end

return categories
