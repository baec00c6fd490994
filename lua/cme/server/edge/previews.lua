-- SPDX-License-Identifier: MIT
-- Previews of inputs: a separate engine sends one input to be looked at, and nowhere else. It starts when somebody
-- requests its playlist, or plays it by RTMP, and ends half a minute after the last who did. It is not the engine of
-- the broadcast, so a preview and its failures do not affect what is on the air. While a project is Working, a source
-- that is pulled is pulled a second time; what is pushed is read from the edge, which plays it by RTMP itself.
--
--   look(project, endpoint) --> relays:keep("<24 hex>-main") ... nobody looks --> relays:forget

local engine_spec = require "cme.server.process.spec"
local luv = require "cme.net.loop.luv"
local playback = require "cme.server.edge.playback"
local task = require "cme.task"

local previews = {}

local IDLE_SECONDS = 30 -- after the last look
local UNKNOWN_SECONDS = 60 -- more, while nobody knows who looks
local RETRY_SECONDS = 5 -- between two questions then
local WAIT_SECONDS = 10 -- of a first look, for the playlist
previews.max = 8 -- at once

local prefix = "cmepid_" -- left out of ids: they name sockets, whose names are short

local ENDPOINTS = { main = true, backup = true }
local MEMBERS = { "url", "loop", "public", "pushed", "elsewhere" } -- of a source, beside its `urls`

---@class cme.server.edge.preview
---@field source table  what the engine reads
---@field looked number monotonic seconds; the last time

---@class cme.server.edge.previews
---@field private _store cme.server.store.interface
---@field private _services table<string, cme.server.category_service>
---@field private _edge cme.server.edge
---@field private _clock cme.system.clock
---@field private _relays cme.server.process.keepers
---@field private _entries table<string, cme.server.edge.preview> by id
---@field private _count integer
local Previews = {}
Previews.__index = Previews
Previews.__name = "cme.server.edge.previews"

--- What an engine's id stands for; pure.
---@param id string
---@return string|nil project, string|nil endpoint
function previews.parse(id)
  local hex, endpoint = id:match "^(%x+)%-(%l+)$"
  if not hex or not ENDPOINTS[endpoint] then return nil end
  return prefix .. hex, endpoint
end

---@param project string
---@param endpoint string
---@return string id "": no project and endpoint of ours
function previews.id(project, endpoint)
  local hex = project:match("^" .. prefix .. "(%x+)$")
  return hex and ENDPOINTS[endpoint] and hex .. "-" .. endpoint or ""
end

-- The state of a preview's engine.
local function spec_of(self, id)
  local entry = self._entries[id]
  if not entry then return nil end
  local project, endpoint = previews.parse(id)
  return engine_spec.new { project = id, revision = 1, inputs = { main = entry.source },
    outputs = playback.outputs(self._edge, project, endpoint, entry.source.pushed and not entry.source.elsewhere) }
end

---@param options { relays: (fun(callbacks: cme.server.process.callbacks): cme.server.process.keepers),
---  store: cme.server.store.interface, services: table<string, cme.server.category_service>, edge: cme.server.edge|nil,
---  clock: cme.system.clock } relays: in a folder of their own; edge: who asks for previews
---@return cme.server.edge.previews
function previews.new(options)
  local self = setmetatable({ _store = options.store, _services = options.services, _edge = options.edge,
    _clock = options.clock, _entries = {}, _count = 0 }, Previews)
  self._relays = options.relays {
    desired = function(id)
      return spec_of(self, id)
    end,
    ended = function()
      return true
    end,
    switched = function() end,
    health = function() end, -- of a look, not of the project
  }
  return self
end

--- Ends the previews that a service that crashed has left. Waits; tasks only.
function Previews:start()
  self._relays:adopt({}, 0)
end

function Previews:_remove(id)
  if self._entries[id] then
    self._entries[id], self._count = nil, self._count - 1
    self._relays:forget(id)
    self._edge.viewing:end_playback(previews.parse(id)) -- who looks next must not see what is left
  end
end

-- Ends a preview when nobody looks any more; ends itself when the entry is gone. An edge that does not answer may have
-- viewers, but not for ever: one that hangs is replaced, and its viewers are gone with it.
function Previews:_watch(id, entry)
  while self._entries[id] == entry do
    local watched = self._edge:is_watched(previews.parse(id))
    if watched then entry.looked = self._clock.monotonic() end
    local left = entry.looked + IDLE_SECONDS - self._clock.monotonic()
    local over = left <= (watched == nil and -UNKNOWN_SECONDS or 0)
    if over and self._entries[id] == entry then return self:_remove(id) end
    task.sleep(left > 0 and left or RETRY_SECONDS)
  end
end

function Previews:_add(id, source)
  local entry = { source = source, looked = self._clock.monotonic() }
  self._entries[id], self._count = entry, self._count + 1
  self._relays:keep(id)
  luv.detach(self._watch, self, id, entry)
end

-- What an engine reads of an input now; nil: there is none.
function Previews:_source(project, endpoint)
  local record = self._store:get(project)
  local service = record and self._services[record.category]
  return service and service.source and service:source(record, endpoint) or nil
end

local function same(source, other)
  if not other or table.concat(source.urls or {}, "\n") ~= table.concat(other.urls or {}, "\n") then return false end
  for _, member in ipairs(MEMBERS) do
    if source[member] ~= other[member] then return false end
  end
  return true
end

--- Somebody looks at an input. Waits only for an earlier look at it to end; tasks only.
---@param project string
---@param endpoint string
---@return integer status 200, or why not: 404 no such input, 503 too many looks
function Previews:looked(project, endpoint)
  local id = previews.id(project, endpoint)
  local source = id ~= "" and self:_source(project, endpoint)
  if not source then return 404 end
  if not self._entries[id] and self._count >= previews.max then return 503 end
  if self._entries[id] then
    self._entries[id].looked = self._clock.monotonic()
  else
    self:_add(id, source)
  end
  return 200
end

--- Somebody begins to look at an input. Returns when there is something to see. Waits; tasks only.
---@param project string
---@param endpoint string
---@param arrives fun(seconds: number): boolean waits for the playlist, so long at most; whether it is there
---@return integer status as of looked(), or 504: it gives no picture
function Previews:look(project, endpoint, arrives)
  local status = self:looked(project, endpoint)
  if status ~= 200 then return status end
  return arrives(WAIT_SECONDS) and 200 or 504
end

--- A project was changed, or is gone: ends the previews of inputs that are others now. Waits; tasks only.
---@param project string
function Previews:settle(project)
  for endpoint in pairs(ENDPOINTS) do
    local id = previews.id(project, endpoint)
    local entry = self._entries[id]
    if entry and not same(entry.source, self:_source(project, endpoint)) then self:_remove(id) end
  end
end

--- Looks whether the engines live; to be called once a pulse.PERIOD. Tasks only.
function Previews:check()
  self._relays:check()
end

--- Keeps the engines' logs within their bound; to be called from time to time.
function Previews:trim_logs()
  self._relays:trim_logs()
end

--- Ends all. Waits; tasks only.
function Previews:stop()
  local ids = {}
  for id in pairs(self._entries) do
    ids[#ids + 1] = id
  end
  for _, id in ipairs(ids) do -- removing waits, and somebody may look meanwhile
    self:_remove(id)
  end
end

--- Lets go of what is left.
function Previews:close()
  self._relays:detach()
end

return previews
