-- SPDX-License-Identifier: MIT
-- Recordings of projects: what an engine is told of one, what it said of its files, and the operator's command for each
-- that is finished. The files are written by the engine's cme-push, into one folder (`cme serve --recordings`); a
-- project gives the beginning of their names and nothing else.
--
-- Every file that is begun is told as finished once, whoever dies: an engine that is killed cannot say it, so the files
-- that it had open are remembered (store's `open_files`), and told when it is gone, or by the next service. Nodes of a
-- fleet share what is remembered, and each tells of its own files: another one cannot know whether they are written.

local uv = require "luv"

local child = require "cme.system.child"
local codes = require "cme.codes"
local json = require "cme.json"
local luv = require "cme.net.loop.luv"
local text = require "cme.text.strings"

local recordings = {}

recordings.OUTPUT_ID = "cme:recording" -- of the engine's output; no project's own output has such an id

local MAX_NAME = 80 -- bytes
local MAX_SECONDS = 30 * 86400
local MAX_COMMANDS = 4 -- at a time
local MAX_WAITING = 1000 -- files whose command has not begun
local TRAILER = 16 -- bytes of the box that ends a file (mfro, ISO/IEC 14496-12 8.8.11)
local FAILED = { backoff = true, refused = true }
local OF = { Programme = "programme", Main = "main", Backup = "backup" }

---@class cme.server.recordings
---@field private _folder string|nil nil: nothing is recorded
---@field private _limit integer bytes of all files; 0: any
---@field private _command string|nil
---@field private _told fun(id: string, status: "Finished"|"Failed", info: table)
---@field private _log cme.server.log
---@field private _node string|nil this node of the fleet; nil: the service is alone
---@field private _kept cme.server.store.interface.open_files|nil nil: nothing outlives the service
---@field private _open table<string, table<string, "heard"|"known"|"told">> by project and file: heard of over this
---  connection to its engine, or known from before; told as finished, and the engine's own word for it may still come
---@field private _failed table<string, true> projects whose recording failed since it was last live
---@field private _running integer
---@field private _waiting string[][] environments
local Recordings = {}
Recordings.__index = Recordings
Recordings.__name = "cme.server.recordings"

-- Whether a file that is remembered is written here. One that was begun before there was a fleet is where it lies.
function Recordings:_is_own(row)
  if not self._node or row.node then return not self._node or row.node == self._node end
  return self._folder ~= nil and uv.fs_stat(self._folder .. "/" .. row.file) ~= nil
end

-- What an earlier service has heard of and not told.
function Recordings:_remember()
  if not self._kept then return end
  local rows, message = self._kept:all()
  if not rows then self._log:error("open recordings are not known", { error = message }) end
  for _, row in ipairs(rows or {}) do
    if self:_is_own(row) then
      self._open[row.project] = self._open[row.project] or {}
      self._open[row.project][row.file] = "known"
    end
  end
end

--- Opens the folder.
---@param options { folder: string|nil, limit: integer|nil, command: string|nil, log: cme.server.log,
---  node: string|nil, kept: cme.server.store.interface.open_files|nil,
---  told: fun(id: string, status: "Finished"|"Failed", info: table) } node: the name of this node of a fleet
---@return cme.server.recordings|nil
---@return string|nil message
---@return cme.detail|nil detail code server.recordings_folder
function recordings.open(options)
  local real = options.folder and uv.fs_realpath(options.folder)
  if options.folder and (not real or uv.fs_stat(real).type ~= "directory" or not uv.fs_access(real, "W")) then
    return codes.fail("server.recordings_folder", { folder = options.folder })
  end
  local self = setmetatable({ _folder = real, _limit = options.limit or 0, _command = options.command,
    _told = options.told, _log = options.log, _node = options.node, _kept = options.kept, _open = {}, _failed = {},
    _running = 0, _waiting = {} }, Recordings)
  self:_remember()
  return self
end

--- What is wrong with a recording that is asked for; pure.
---@param given table ProjectRecording
---@return cme.reason|nil fact nil: nothing
function recordings.fault(given)
  local name = given.Name
  if name == "" or #name > MAX_NAME then return codes.reason("word:file_length", { limit = MAX_NAME }) end
  if name:find "[/\\%c]" or name:find "^%." then return codes.reason "word:file_name" end
  if given.Of and not OF[given.Of] then return codes.reason "word:recording_of" end
  local seconds, bytes = given.MaxSeconds or 0, given.MaxBytes or 0
  if seconds < 0 or seconds > MAX_SECONDS or bytes < 0 then return codes.reason "word:recording_limits" end
  return nil
end

--- Whether anything can be recorded.
---@return boolean
function Recordings:possible() return self._folder ~= nil end

--- The output that an engine is given for a project's recording; nil: it has none.
---@param wanted table|nil ProjectRecording
---@return table|nil
function Recordings:output(wanted)
  if not wanted or not self._folder then return nil end
  return { id = recordings.OUTPUT_ID, name = "", record = { folder = self._folder, name = wanted.Name,
    of = OF[wanted.Of or "Programme"], max_seconds = wanted.MaxSeconds or 0, max_bytes = wanted.MaxBytes or 0,
    total_bytes = self._limit } }
end

local function environment(id, path, event)
  local list = { "CME_PROJECT=" .. id, "CME_FILE=" .. path, "CME_BYTES=" .. tostring(event.bytes or ""),
    "CME_SECONDS=" .. tostring(event.seconds or ""), "CME_INTERRUPTED=" .. (event.interrupted and "1" or "0") }
  for name, value in pairs(uv.os_environ()) do
    if not name:find "^CME_" then list[#list + 1] = name .. "=" .. value end
  end
  return list
end

function Recordings:_run_next()
  if self._running >= MAX_COMMANDS or not self._waiting[1] then return end
  local env = table.remove(self._waiting, 1)
  self._running = self._running + 1
  local function over()
    self._running = self._running - 1
    self:_run_next()
  end
  local started, message = child.spawn { program = "/bin/sh", args = { "-c", self._command }, env = env,
    what = "--recorded", stderr = "tail", on_end = function(exit)
      if not exit.ok then self._log:warn("--recorded failed", { error = codes.say(exit.reason) }) end
      over()
    end }
  if not started then
    self._log:warn("--recorded failed", { error = message })
    over()
  end
end

local function number_or_nil(value) return type(value) == "number" and value or nil end

-- Whether a file has its end, and how long it is; nil: it is not there.
local function look_at(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local bytes = file:seek "end"
  file:seek("set", math.max(0, bytes - TRAILER))
  local trailer = file:read "a" or ""
  file:close()
  return { bytes = bytes, whole = trailer:sub(5, 8) == "mfro" }
end

-- Writes down what is open, without waiting for a store that does; when it fails, a crash of this service leaves a file
-- untold.
function Recordings:_note(change, id, file)
  if not self._kept then return end
  luv.detach(function()
    local ok, message = self._kept[change](self._kept, id, file, self._node)
    if not ok then self._log:warn("open recordings are not stored", { project = id, file = file, error = message }) end
  end)
end

function Recordings:_begun(id, file)
  local open = self._open[id] or {}
  self._open[id] = open
  if not open[file] then self:_note("add", id, file) end
  open[file] = "heard"
end

function Recordings:_finished(id, event)
  local info = { File = event.file, Interrupted = event.interrupted == true, Bytes = number_or_nil(event.bytes),
    Seconds = number_or_nil(event.seconds) }
  if not info.Bytes then info.Bytes = (look_at(self._folder .. "/" .. event.file) or {}).bytes end
  self._told(id, "Finished", info)
  self:_note("remove", id, event.file)
  if not self._command then return end
  if #self._waiting == MAX_WAITING then
    self._log:warn("--recorded is not run: too many files wait for it", { file = event.file })
    return
  end
  self._waiting[#self._waiting + 1] = environment(id, self._folder .. "/" .. event.file,
    { bytes = info.Bytes, seconds = info.Seconds, interrupted = info.Interrupted })
  self:_run_next()
end

-- A file that its engine will not tell of.
function Recordings:_settle(id, file)
  local found = self._folder and look_at(self._folder .. "/" .. file)
  if found then
    self:_finished(id, { file = file, bytes = found.bytes, interrupted = not found.whole })
  else
    self:_note("remove", id, file)
  end
end

function Recordings:_recorded(id, event)
  local open = self._open[id] or {}
  local state = open[event.file]
  open[event.file] = nil
  if state ~= "told" then self:_finished(id, event) end
end

--- Takes in what an engine behind a fresh connection does: the files that it does not write any more are finished, and
--- nobody has said so. Does not wait.
---@param id string project
---@param stat table
function Recordings:stat(id, stat)
  local open, written = self._open[id] or {}, nil
  for _, output in ipairs(json.object(stat.outputs)) do
    if output.id == recordings.OUTPUT_ID then written = json.string(output.file) end
  end
  for file, state in pairs(open) do
    local over = state == "known" and file ~= written
    open[file] = over and "told" or state == "heard" and "known" or state
    if over then self:_settle(id, file) end
  end
  if written and not open[written] then self:_begun(id, written) end
end

--- A project has no engine any more: what that was writing is finished. Does not wait.
---@param id string
function Recordings:gone(id)
  local open = self._open[id] or {}
  for file, state in pairs(open) do
    open[file] = state ~= "told" and "told" or nil
    if state ~= "told" then self:_settle(id, file) end
  end
  if not next(open) then self._open[id] = nil end
end

--- Tells of the files whose engines ended while no service was there. To be called once what runs is taken over.
---@param is_kept fun(id: string): boolean whether a project has an engine, or will have
function Recordings:settle(is_kept)
  for _, id in ipairs(text.sorted_keys(self._open)) do
    if not is_kept(id) then self:gone(id) end
  end
end

--- Takes in what an engine said. Does not wait. A failure is told once, until the recording is live again.
---@param id string project
---@param event table
function Recordings:event(id, event)
  if event.output_id ~= recordings.OUTPUT_ID then return end
  if event.event == "recording" and type(event.file) == "string" then
    self:_begun(id, event.file)
  elseif event.event == "recorded" and type(event.file) == "string" and self._folder then
    self:_recorded(id, event)
  elseif event.event == "output" and event.state == "live" then
    self._failed[id] = nil
  elseif event.event == "output" and FAILED[event.state] and not self._failed[id] then
    self._failed[id] = true
    self._told(id, "Failed", { Code = event.code, Reason = event.reason })
  end
end

return recordings
