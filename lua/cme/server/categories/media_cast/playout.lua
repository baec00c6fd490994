-- SPDX-License-Identifier: MIT
-- The playout processes as the service sees them: how one is started (lua/cme/playout/main.lua), the files that
-- it shares with the service and the engine, and how far it has come.
--   RELAYS/ID.cast      its control socket
--   RELAYS/ID.flv       the joined stream, for the engine
--   RELAYS/ID.end       written when the list has been played: a service that was down meanwhile finds it
--   RELAYS/ID.play.log  what it said

local uv = require "luv"

local codes = require "cme.codes"
local engine = require "cme.server.process.engine"
local files = require "cme.system.files"
local health = require "cme.server.process.health"
local json = require "cme.json"

local playout = {}

-- Paths of modules that hold wherever the process runs.
local function absolute(path)
  return (path:gsub("[^;]+", function(entry)
    return entry:sub(1, 1) == "/" and entry or uv.cwd() .. "/" .. entry
  end))
end

local function environment(tools, preset)
  return { "LUA_PATH_5_4=" .. absolute(package.path), "LUA_CPATH_5_4=" .. absolute(package.cpath),
    "CME_FFMPEG=" .. tools.ffmpeg, "CME_FFPROBE=" .. tools.ffprobe, "CME_SECRET_ARGUMENT=" .. tools.secret,
    "CME_PUBLIC_ONLY=" .. tools.public, "CME_PRESET=" .. preset }
end

local function find_library(name)
  local path = package.searchpath("cme." .. name, package.cpath)
  return path and uv.fs_realpath(path)
end

local function find_tools()
  return { ffmpeg = engine.in_path "ffmpeg", ffprobe = engine.in_path "ffprobe",
    secret = find_library "secret_argument", public = find_library "public_only" }
end

---@param preset string of x264
---@return string|nil program nil: something is missing
---@return cme.server.process.engine_kind
function playout.kind(preset)
  local tools = find_tools()
  local libraries = tools.secret and tools.public
  local complete = tools.ffmpeg and tools.ffprobe and libraries
  local main = assert(uv.fs_realpath(package.searchpath("cme.playout.main", package.path)))
  return complete and uv.exepath() or nil, {
    name = codes.reason "word:playout",
    lacking = libraries and "server.no_program:playout" or "server.no_program:library",
    socket = ".cast",
    log = ".play.log",
    files = { ".cast", ".flv", ".end", ".play.log", ".play.log.1" },
    argv = function(socket)
      return { main, "--control", socket }
    end,
    env = complete and environment(tools, preset) or nil,
  }
end

---@class cme.server.categories.media_cast.playout_files
---@field private _folder string  RELAYS
---@field private _reached table<string, { run: string, id: string, rounds: integer }> by project
---@field private _over table<string, { run: string, at: number }> by project: the list has been played
---@field private _sources table<string, table<string, cme.server.process.part>> by project and source
local PlayoutFiles = {}
PlayoutFiles.__index = PlayoutFiles

---@param folder string RELAYS
---@return cme.server.categories.media_cast.playout_files
function playout.files(folder)
  return setmetatable({ _folder = folder, _reached = {}, _over = {}, _sources = {} }, PlayoutFiles)
end

---@param id string project
---@return string path
function PlayoutFiles:feed(id)
  return ("%s/%s.flv"):format(self._folder, id)
end

function PlayoutFiles:_end_path(id)
  return ("%s/%s.end"):format(self._folder, id)
end

local function read_end(path)
  local text = uv.fs_stat(path) and files.read(path)
  local record = text and json.decode(text)
  return type(record) == "table" and type(record.at) == "number" and record or nil
end

--- When the list of a Working project had been played, if it has.
---@param record cme.server.project
---@return number|nil at unix seconds
function PlayoutFiles:end_of(record)
  local run = record.input.Run
  for _, found in ipairs { self._over[record.id] or false, read_end(self:_end_path(record.id)) or false } do
    if found and run and found.run == run.Id then return found.at end
  end
  return nil
end

function PlayoutFiles:_note_source(id, source, part)
  self._sources[id] = self._sources[id] or {}
  self._sources[id][tostring(source)] = part
end

--- How the sources of a project are that have been played, or could not be.
---@param id string project
---@return table<string, cme.server.process.part> by source
function PlayoutFiles:sources(id)
  return self._sources[id] or {}
end

--- Takes in what a playout said.
---@param id string project
---@param event table
function PlayoutFiles:note(id, event)
  local reached, run = self._reached[id], event.run
  if type(run) ~= "string" then return end
  if not reached or reached.run ~= run then
    reached = { run = run, rounds = 0 }
    self._reached[id] = reached
  end
  if event.event == "source" and event.state == "playing" then
    reached.id = event.source_id
    self:_note_source(id, event.source_id, { state = "live", failed = false })
  elseif event.event == "source" then
    self:_note_source(id, event.source_id, { state = "down", failed = true,
      reason = health.reason_of(event.reason, event.parts) })
  elseif event.event == "round" then
    reached.rounds = math.tointeger(event.rounds) or reached.rounds
  elseif event.event == "stopped" and (event.reason == "played_out" or event.reason == "no_media") then
    self._over[id] = { run = run, at = event.time } -- the file says the same, unless the disk is full
  end
end

--- Where a new playout of a Working project goes on: at the source that the one before had come to. nil: at the first.
---@param record cme.server.project
---@return { id: string, rounds: integer }|nil
function PlayoutFiles:reached(record)
  local reached, run = self._reached[record.id], record.input.Run
  if reached and reached.id and run and reached.run == run.Id then
    return { id = reached.id, rounds = reached.rounds }
  end
  return nil
end

--- A run is over, or its project is gone.
---@param id string
function PlayoutFiles:forget(id)
  self._reached[id], self._over[id], self._sources[id] = nil, nil, nil
  files.remove(self:_end_path(id))
end

return playout
