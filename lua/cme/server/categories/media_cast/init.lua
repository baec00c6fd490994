-- SPDX-License-Identifier: MIT
-- The category MEDIA_CAST: sources played one after the other, encoded anew, to many destinations. What it registers is
-- described in categories/init.lua; the operations of HandleMediaCastProject are in run.lua and edit.lua.

local auto_start = require "cme.server.categories.media_cast.auto_start"
local base = require "cme.server.categories.base"
local codes = require "cme.codes"
local edit = require "cme.server.categories.media_cast.edit"
local engine = require "cme.server.process.engine"
local events = require "cme.server.categories.media_cast.events"
local json = require "cme.json"
local reconcile = require "cme.server.process.reconcile"
local library = require "cme.server.library"
local playout = require "cme.server.categories.media_cast.playout"
local project = require "cme.server.categories.media_cast.project"
local keepers = require "cme.server.process.keepers"
local run = require "cme.server.categories.media_cast.run"
local states = require "cme.server.categories.media_cast.states"

-- What the store keeps of a run, beside what the API calls the project's input.
local RUN = { name = "Run", type = "object", of = {
  { name = "Id", type = "string" },
  { name = "StartedAt", type = "float" }, -- unix seconds
  { name = "Confirmed", type = "boolean" },
  { name = "Disabled", type = "array", of = "string" }, -- ids of destinations
} }

---@type cme.server.category
local media_cast = {
  name = "MEDIA_CAST",
  input = "MediaCastProjectInput",
  info = "MediaCastProjectInfo",
  action = "HandleMediaCastProject",
  failed = "FailedOperation",
  stored = { RUN },
  states = states,
  damaged = { Stop = true },
  events = events,
  outputs = base.outputs "DestinationInfos",
}

function media_cast.empty()
  return { SourceInfos = json.array {}, DestinationInfos = json.array {}, PlaySetting = {},
    OutputMediaSetting = json.object {} }
end

local OPERATIONS = {
  AddSource = edit.add_source,
  DeleteSource = edit.delete_source,
  SwitchSource = run.switch,
  AddDestination = edit.add_destination,
  ModifyDestination = edit.modify_destination,
  DeleteDestination = edit.delete_destination,
  EnableDestination = edit.enable_destination,
  DisableDestination = edit.disable_destination,
  Start = run.start,
  Confirm = run.confirm,
  Stop = run.stop,
  ModifyOutputMediaSetting = edit.set_output_media,
  ModifyPlaySetting = edit.set_play,
  DescribePlayInfo = run.play_info,
}

---@class cme.server.categories.media_cast : cme.server.category_service
---@field processes cme.server.process.keepers      the playouts
---@field files cme.server.categories.media_cast.playout_files   what they share with us
---@field outputs table<string, table<string, cme.server.process.part>> how the destinations are, by project
---@field library cme.server.library
---@field auto_start cme.server.categories.media_cast.auto_start
---@field changes cme.server.changes
---@field relays cme.server.process.keepers         the engines
---@field store cme.server.store.interface
---@field settings cme.server.settings
---@field now fun(): number
local MediaCast = base.class { name = "cme.server.categories.media_cast", project = project, beside = "library",
  operations = OPERATIONS, absent = { PlayInfo = json.null, SourceInfoSet = json.array {},
    DestinationInfoSet = json.array {} } }

-- ---- making it

--- What a keeper of playouts asks and tells: the category, and of a run's end the service.
---@param callbacks cme.server.process.run_callbacks of the engines
---@return cme.server.process.callbacks
function MediaCast:playout_callbacks(callbacks)
  return {
    desired = function(id) return self:_desired(id) end,
    ended = callbacks.ended,
    switched = function() end, -- of an engine's inputs only
    health = function() end, -- of an engine's parts
    hung = function(id) callbacks.hung(id, "Playout") end,
    event = function(id, event)
      self.files:note(id, event)
      if event.event == "source" then callbacks.health(id) end
    end,
  }
end

local function new_playouts(self, host)
  if host.playouts then return host.playouts end
  local program, kind = playout.kind(host.preset)
  return keepers.new { what = "playout", engine = engine.new(host.folder, program, kind), log = host.log,
    clock = host.clock, callbacks = self:playout_callbacks(host.callbacks) }
end

local function new_auto_start(self, host)
  return auto_start.new { name = media_cast.name, store = host.store, now = host.clock.now, log = host.log,
    at = run.auto_start_at, begin = function(record)
      local options = { reason = "auto start", confirmed = true }
      if not host.fleet then return run.begin(self, record, options) end
      return host.fleet:in_turn(record.id, run.begin, self, record, options)
    end }
end

function media_cast.open(host)
  local files, message, detail = library.open(host.media)
  if not files then return nil, message, detail end
  local self = setmetatable({ files = playout.files(host.folder), outputs = {}, library = files,
    changes = host.changes, relays = host.relays, store = host.store, settings = host.settings,
    now = host.clock.now }, MediaCast)
  self.processes = new_playouts(self, host)
  self.auto_start = new_auto_start(self, host)
  return self
end

-- ---- what a project is

function MediaCast.push_addresses()
  return json.array {}
end

function MediaCast.info(_, record)
  return project.info(record)
end

function MediaCast:spec(record)
  return project.spec(record, self.files)
end

-- What the playout of a project is to play.
function MediaCast:_desired(id)
  local record, message, detail = self.store:get(id)
  if not record or record.status ~= "Working" or self.changes:is_stopping(id) then return nil, message, detail end
  if record.fault then return reconcile.as_it_is(record) end
  return project.playout_spec(record, self.files, self.library, self.settings.public_sources)
end

-- ---- what becomes of one

function MediaCast:created(id)
  local record = self.store:get(id)
  if record and record.status == "Idle" then self.auto_start:watch(record) end
end

function MediaCast:deleted(id)
  self.auto_start:forget(id)
  self.outputs[id] = nil
  self.files:forget(id)
  self.processes:forget(id)
end

MediaCast.over = run.over
MediaCast.ended = run.ended

-- The parts of a project are its sources, of which the playout tells, and the engine's outputs; the engine's one input
-- is the playout, and none of the project's.
function MediaCast:parts(id, health)
  self.outputs[id] = health and health.outputs or self.outputs[id] or {}
  return { inputs = self.files:sources(id), outputs = self.outputs[id] }
end

function MediaCast:begin()
  return self.auto_start:begin()
end

function MediaCast:close()
  self.auto_start:close()
end

function MediaCast.switch_output(_, _, record)
  return codes.fail("api.InvalidParameterValue.Category:has_destinations",
    { id = record.id, category = media_cast.name })
end

return media_cast
