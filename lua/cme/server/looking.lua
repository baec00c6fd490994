-- SPDX-License-Identifier: MIT
-- Joins the looks (looks/init.lua) with the rest of the service: what of which project is looked at, who is told, and
-- what a switch to the backup is.

local codes = require "cme.codes"
local engine = require "cme.server.process.engine"
local listen = require "cme.server.http.listen"
local looks = require "cme.server.looks"
local uv = require "luv"

local looking = {}

local ANY = { ["0.0.0.0"] = true, ["::"] = true }
local ENDPOINTS = { main = "Main", backup = "Backup" }

---@class cme.server.looking.parts
---@field store cme.server.store.interface
---@field relays cme.server.process.keepers
---@field services fun(): table<string, cme.server.category_service>
---@field stands fun(id: string): boolean its engine publishes nothing here: another node looks
---@field switched fun(id: string, reason: string) an engine has another input now
---@field journal cme.server.events.journal|nil
---@field folder string for pictures
---@field addresses fun(): cme.server.http.address[] of the API
---@field domain string|nil name by which others know this machine
---@field clock cme.system.clock
---@field log cme.server.log

-- "no_picture" as "NoPicture".
local function camel(state)
  return (state:gsub("^%l", string.upper):gsub("_(%l)", string.upper))
end

local function output_of(record, id)
  for _, output in ipairs(record and record.input.Outputs or {}) do
    if output.Id == id then return output end
  end
end

--- What is told of a state; pure.
---@param record cme.server.project|nil
---@param key string of the target
---@param state cme.look.state "ok": all is well again
---@param picture string|nil its address
---@return table info of the event
function looking.info(record, key, state, picture)
  local endpoint, id = ENDPOINTS[key:match "^input (.*)$"], key:match "^output (.*)$"
  local output, code = output_of(record, id), state ~= "ok" and "look." .. state or nil
  return { Status = camel(state), EndPoint = endpoint, OutputId = id, Name = output and output.Name, Code = code,
    Reason = code and codes.say(codes.reason(code)), Picture = picture }
end

local function wanted(parts, id)
  local record = parts.store:get(id)
  if not record or record.status ~= "Working" or record.fault or parts.stands(id) then return nil end
  local service = parts.services()[record.category]
  if service and service.watched then return service:watched(record) end
end

local function switch(parts, id, state)
  local ok, message = parts.relays:switch(id, "backup")
  if not ok then
    return parts.log:warn("main shows nothing to see, and the backup cannot be taken", { project = id, state = state,
      error = message })
  end
  parts.log:info("main is left for what it shows", { project = id, state = state })
  parts.switched(id, "main input: " .. state)
end

local function base_of(parts)
  local address = parts.addresses()[1]
  local host = ANY[address.host] and (parts.domain or uv.os_gethostname()) or address.host
  return listen.url { host = host, port = address.port, tls = address.tls } .. "/pictures/"
end

--- Makes the looks of a service.
---@param parts cme.server.looking.parts
---@return cme.server.looks
function looking.open(parts)
  local self
  self = looks.new { program = engine.beside "cme-look", folder = parts.folder, clock = parts.clock, log = parts.log,
    base = function() return base_of(parts) end,
    wanted = function(id) return wanted(parts, id) end,
    active = function(id) return parts.relays:active(id) end,
    switch = function(id, state) switch(parts, id, state) end,
    update = function(id) parts.relays:update(id) end,
    told = function(id, key, state)
      local info = looking.info(parts.store:get(id), key, state, state ~= "ok" and self:url(id, key) or nil)
      parts.log:info("look " .. state, { project = id, at = key })
      if parts.journal then parts.journal:looked(id, info) end
    end }
  return self
end

return looking
