-- SPDX-License-Identifier: MIT
-- The real playout of a media cast, without a service and an engine: the spec gives it orders, and reads its stream.

local json = require "cme.json"
local playout = require "cme.server.categories.media_cast.playout"
local proc = require "spec.support.proc"
local unix = require "cme.system.unix"

local LIMIT = 60 -- seconds

local cast = {}

--- Starts a playout.
---@param base string       path of its sockets without their endings
---@param programs table<string, string>|nil in place of those that are found, by the name of their variable
---@return spec.proc
function cast.start(base, programs)
  local program, kind = playout.kind "ultrafast"
  local env = {}
  for _, entry in ipairs(kind.env) do
    local name, value = entry:match "^(.-)=(.*)$"
    env[name] = programs and programs[name] or value
  end
  local running = proc.spawn({ program, table.unpack(kind.argv(base .. ".cast")) }, { env = env })
  running:expect("listening on", LIMIT)
  return running
end

--- Has it play a film once. Tasks only.
---@param base string
---@param film string path
---@param follow boolean|nil with the film's own picture; else with a small one
---@return userdata pipe that is to be closed
function cast.play(base, film, follow)
  local spec = { project = "project", run = "run", loop_count = 1, sources = { { id = "film", path = film } },
    picture = { width = 160, height = 120, bitrate = 100, frame_rate = 25 }, follow = follow }
  local orders = assert(unix.connect(base .. ".cast", LIMIT))
  assert(orders:write(json.encode { id = 1, op = "set", spec = spec } .. "\n"))
  return orders
end

--- Reads its stream, as an engine does, up to its end. Tasks only.
---@param base string
---@param on_bytes fun(bytes: string)
---@param on_end fun()
function cast.read(base, on_bytes, on_end)
  local pipe = assert(unix.connect(base .. ".flv", LIMIT))
  pipe:read_start(function(_, chunk)
    if chunk then return on_bytes(chunk) end
    on_end()
    pipe:close()
  end)
end

return cast
