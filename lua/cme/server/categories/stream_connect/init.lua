-- SPDX-License-Identifier: MIT
-- The category STREAM_CONNECT: one source with a backup to many outputs, relayed as it is. What it registers is
-- described in categories/init.lua; the operations of HandleStreamConnectProject are in run.lua and edit.lua.

local base = require "cme.server.categories.base"
local edit = require "cme.server.categories.stream_connect.edit"
local endpoint = require "cme.server.categories.stream_connect.endpoint"
local events = require "cme.server.categories.stream_connect.events"
local inputs = require "cme.server.categories.stream_connect.inputs"
local json = require "cme.json"
local project = require "cme.server.categories.stream_connect.project"
local run = require "cme.server.categories.stream_connect.run"
local states = require "cme.server.categories.stream_connect.states"

---@type cme.server.category
local stream_connect = {
  name = "STREAM_CONNECT",
  input = "StreamConnectProjectInput",
  info = "StreamConnectProjectInfo",
  action = "HandleStreamConnectProject",
  failed = "FailedOperation.StreamConnect",
  stored = {
    { name = "Disabled", type = "array", of = "string" }, -- ids of outputs that are off the air
    { name = "Recording", type = "object", of = "ProjectRecording" },
    { name = "Slate", type = "object", of = "ProjectSlate" },
    { name = "Silence", type = "boolean" },
    { name = "Merge", type = "boolean" },
    { name = "MergeWindow", type = "float" },
    { name = "Standby", type = "boolean" },
    { name = "LookInputs", type = "boolean" },
    { name = "FailoverOn", type = "array", of = "string" }, -- states of cme-look
    { name = "FailoverAfter", type = "float" },
  },
  states = states,
  damaged = { Stop = true, ModifyCurrentStopTime = true },
  events = events,
  outputs = base.outputs "Outputs",
  fallback = true,
}

function stream_connect.empty()
  return { Outputs = json.array {} }
end

local OPERATIONS = {
  Start = run.start,
  Stop = run.stop,
  SwitchInput = run.switch,
  ModifyCurrentStopTime = run.set_stop_at,
  AddInput = edit.add_input,
  ModifyInput = edit.modify_input,
  DeleteInput = edit.delete_input,
  AddOutput = edit.add_output,
  ModifyOutput = edit.modify_output,
  DeleteOutput = edit.delete_output,
  DescribeInputPlayInfo = run.describe_play,
}

---@class cme.server.categories.stream_connect : cme.server.category_service
---@field changes cme.server.changes
---@field relays cme.server.process.keepers       the engines
---@field edge cme.server.edge|nil       nil: nothing can be pushed
---@field store cme.server.store.interface
---@field locks cme.task.locks
---@field recordings cme.server.recordings|nil nil: of a service that keeps none
---@field uplink cme.server.uplink|nil nil: of a service that does not look at it
---@field slates cme.server.slates|nil nil: of a service that makes none
---@field looks cme.server.looks|nil nil: of a service that looks at nothing
---@field publishers cme.server.publishers|nil nil: of a service without an edge
---@field in_fleet boolean other nodes can stand by for its projects
---@field settings cme.server.settings
---@field now fun(): number
---@field log cme.server.log
local StreamConnect = base.class { name = "cme.server.categories.stream_connect", project = project, beside = "edge",
  operations = OPERATIONS, absent = { StreamInputRtmpPushUrl = "", VodPullInputPlayInfo = json.null } }

function stream_connect.open(host)
  return setmetatable({ changes = host.changes, relays = host.relays, edge = host.edge, store = host.store,
    locks = host.locks, slates = host.slates, recordings = host.recordings, uplink = host.uplink, looks = host.looks,
    publishers = host.publishers, in_fleet = host.fleet and true or false, settings = host.settings,
    now = host.clock.now, log = host.log }, StreamConnect)
end

-- ---- what a project is

function StreamConnect:push_addresses(input)
  return project.push_addresses(input, self.edge)
end

function StreamConnect:info(record)
  return project.info(record, endpoint.active(record, self.relays), self.edge,
    record.input.Slate and self.relays:on_slate(record.id))
end

function StreamConnect:spec(record)
  return project.spec(record, self.edge, self.settings, {
    slate = self.slates and self.slates:spec(record),
    recording = self.recordings and self.recordings:output(record.input.Recording),
    stay = self.looks ~= nil and not self.looks:may_go_back(record.id),
  })
end

function StreamConnect:watched(record)
  return project.watched(record, self.edge, self.settings, endpoint.active(record, self.relays):lower())
end

-- ---- its inputs, for a look

function StreamConnect.has_input(_, record, name)
  return record.input[project.members[endpoint.names[name]]] ~= nil
end

function StreamConnect:source(record, name)
  return inputs.engine(record.input[project.members[endpoint.names[name]]], self.edge, self.settings.public_sources)
end

-- ---- what becomes of one

-- The engine changed the active input by itself.
function StreamConnect:switched(id, reason)
  local ok, message = run.store_active(self, id, reason)
  if not ok then self.log:warn(reason .. " is not stored", { project = id, error = message }) end
end

StreamConnect.switch_output = edit.switch_output
StreamConnect.modify_recording = edit.modify_recording
StreamConnect.modify_slate = edit.modify_slate
StreamConnect.modify_merge = edit.modify_merge
StreamConnect.modify_standby = edit.modify_standby
StreamConnect.modify_looks = edit.modify_looks

return stream_connect
