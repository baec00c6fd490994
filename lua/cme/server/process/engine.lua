-- SPDX-License-Identifier: MIT
-- The engine program: where it is, starting one for a project, reaching the one that runs. An engine is detached (its
-- own session), so it outlives the service; its arguments hold its socket's name only, its stderr goes to
-- RELAYS/ID.log, and it inherits no TENCENTCLOUD_* variable. RELAYS/ID.sock is how a later service finds it. trim_logs
-- bounds the logs, and the service calls it regularly: an engine writes at most 10 lines a second. The playout of a
-- media cast is started and found in the same way; a cme.server.process.engine_kind has the differences.

local child = require "cme.system.child"
local codes = require "cme.codes"
local control = require "cme.server.process.control"
local errno = require "cme.system.errno"
local files = require "cme.system.files"
local json = require "cme.json"
local luv = require "cme.net.loop.luv"
local processes = require "cme.system.processes"
local task = require "cme.task"
local uv = require "luv"

local engine = {}

local READY_SECONDS = 10
local AT_ONCE = 3 -- starts: each holds up the service's loop until the system has the process, which renews leases
local MAX_LOG = 10 * 1024 * 1024 -- bytes; a larger log is set aside as ID.log.1

---@class cme.server.process.engine_kind
---@field name cme.reason|string  for messages
---@field peer "edge"|nil        see control.connect
---@field lacking string          the sentence when there is no program
---@field socket string           ending of the socket's name
---@field log string              of the log's
---@field files string[]          of all that a project leaves
---@field argv fun(socket: string): string[]
---@field env string[]|nil        what its environment holds beside ours

---@type cme.server.process.engine_kind
engine.relay = {
  name = codes.reason "word:engine",
  lacking = "server.no_program:engine",
  socket = ".sock",
  log = ".log",
  files = { ".sock", ".sock.lock", ".log", ".log.1" },
  argv = function(socket)
    return { "--control", socket }
  end,
}

--- An engine that publishes by lease alone, as hosts have it that share their projects.
---@type cme.server.process.engine_kind
engine.leased = setmetatable({
  argv = function(socket)
    return { "--leased", "--control", socket }
  end,
}, { __index = engine.relay })

---@class cme.server.process.engine
---@field program string|nil       absolute path; nil when none was found
---@field private _kind cme.server.process.engine_kind
---@field private _folder string   RELAYS
---@field private _locks cme.task.locks one for each start that may be under way
---@field private _starts integer  so far
local Engine = {}
Engine.__index = Engine
Engine.__name = "cme.server.process.engine"

local function executable(path)
  return path and uv.fs_access(path, "X") and uv.fs_realpath(path) or nil
end

local function in_path(name, path)
  for folder in (path or ""):gmatch "[^:]+" do
    local found = executable(folder .. "/" .. name)
    if found then return found end
  end
  return nil
end

--- Finds a program in PATH.
---@param name string
---@return string|nil path
function engine.in_path(name)
  return in_path(name, os.getenv "PATH")
end

--- Finds one of our own programs: beside the module cme.httpd (PREFIX/lib/lua/5.4/cme -> PREFIX/bin), else in PATH.
---@param name string
---@return string|nil path
function engine.beside(name)
  local module = package.searchpath("cme.httpd", package.cpath)
  local folder = module and module:match "^(.*)/[^/]*$"
  return folder and executable(folder .. "/../../../../bin/" .. name) or engine.in_path(name)
end

--- Finds the engine: the one named, else the one that was installed with this.
---@param named string|nil
---@return string|nil path
---@return string|nil message
---@return cme.detail|nil detail
function engine.find(named)
  if named then
    local found = executable(named)
    if found then return found end
    return codes.fail("local.no_engine:named", { path = named })
  end
  local found = engine.beside "cme-relay"
  if found then return found end
  return codes.fail "local.no_engine"
end

---@param folder string RELAYS
---@param program string|nil
---@param kind cme.server.process.engine_kind|nil the relay unless told
---@return cme.server.process.engine
function engine.new(folder, program, kind)
  return setmetatable({ program = program, _kind = kind or engine.relay, _folder = folder, _locks = task.locks(),
    _starts = 0 }, Engine)
end

---@param id string project
---@return string
function Engine:socket(id)
  return ("%s/%s%s"):format(self._folder, id, self._kind.socket)
end

function Engine:_log_path(id)
  return ("%s/%s%s"):format(self._folder, id, self._kind.log)
end

-- The engine's own last word, for the message of a start that failed.
local function last_words(path)
  local tail = files.tail(path, 4096) or ""
  local line = tail:match "([^\n]+)\n?$"
  local entry = line and json.decode(line)
  if type(entry) == "table" and type(entry.message) == "string" then return entry.message end
  return line
end

--- The event with which the last engine of a project ended, from its log.
---@param id string
---@return { reason: string, time: number }|nil event nil: it ended without a word, or there was none
---@return string|nil message its log could not be looked at
---@return cme.detail|nil detail
function Engine:last_stop(id)
  local last
  local tail, message, detail = files.tail(self:_log_path(id), 4096)
  if not tail then return nil, message, detail end
  for line in tail:gmatch '[^\n]*"stopped"[^\n]*' do
    local entry = json.decode(line)
    last = type(entry) == "table" and entry.event == "stopped" and entry or last
  end
  return last
end

function Engine:_open_log(id)
  local path = self:_log_path(id)
  local fd, message, name = uv.fs_open(path, "a", files.OWNER_ONLY)
  if not fd then return codes.fail("local.log", { path = path, reason = errno.reason(name, message) }) end
  return fd
end

-- The engine goes on writing to the file it has, at what is then its end: so the file is copied and emptied, not
-- renamed. A line written between the two is lost.
local function set_aside(path)
  local failure = task.wait(function(wake)
    uv.fs_copyfile(path, path .. ".1", wake)
  end)
  if failure then return files.fail("in.set_aside", path, failure) end
  local fd, message, name = uv.fs_open(path, "r+", files.OWNER_ONLY)
  if not fd then return files.fail("in.set_aside", path, message, name) end
  local ok
  ok, message, name = uv.fs_ftruncate(fd, 0)
  uv.fs_close(fd)
  if not ok then return files.fail("in.set_aside", path, message, name) end
  return true
end

--- Sets aside every log that has grown too large, in place of the one set aside before. Waits; tasks only.
---@return string|nil message why one could not be
---@return cme.detail|nil detail
function Engine:trim_logs()
  local names, fault, detail = files.names(self._folder)
  for _, name in ipairs(names or {}) do
    local path = self._folder .. "/" .. name
    local stat = name:match "%.log$" and files.stat(path)
    if stat and stat.size > MAX_LOG then
      local ok, message, why = set_aside(path)
      if not ok then fault, detail = message, why end
    end
  end
  return fault, detail
end

-- Waits for the line that says the socket is there; nil and the reason when the engine ends before it.
local function wait_ready(started, exited)
  local text = ""
  return task.wait(function(wake)
    luv.detach(function()
      wake(nil, exited:wait().reason)
    end)
    started:read(luv.callback(function(chunk)
      text = (text .. chunk):sub(-4096)
      if text:find("listening on ", 1, true) then
        wake(true)
      end
    end))
  end, READY_SECONDS)
end

-- Starts the process; `exited` is notified with its exit.
function Engine:_launch(id, exited)
  local log, message, detail = self:_open_log(id)
  if not log then return nil, message, detail end
  local started
  started, message, detail = child.spawn { program = self.program, what = self._kind.name,
    args = self._kind.argv(self:socket(id)), cwd = "/", stdout = "pipe", stderr = log, detached = true,
    env = child.environment(uv.os_environ(), nil, self._kind.env), on_exit = function(exit) exited:notify(exit) end }
  uv.fs_close(log)
  return started, message, detail
end

local function spawn(self, id)
  local exited = task.signal()
  local started, fault, detail = self:_launch(id, exited)
  if not started then return nil, fault, detail end
  local forget = task.on_cancel(task.current(), function()
    started:kill "sigkill"
    started:close()
  end)
  local ready, why = wait_ready(started, exited)
  forget()
  started:close()
  if ready then return started.pid end
  if why == "timeout" then
    started:kill "sigkill"
    why = codes.reason("word:not_ready", { seconds = READY_SECONDS })
  end
  local said = last_words(self:_log_path(id))
  return codes.fail(said and "server.engine_ended:said" or "server.engine_ended",
    { program = self._kind.name, why = why, said = said and { text = said } })
end

--- Starts an engine for a project and waits until it can be reached. Few are started at the same time.
---@param id string
---@return integer|nil pid
---@return string|nil message
---@return cme.detail|nil detail
function Engine:spawn(id)
  if not self.program then return codes.fail(self._kind.lacking) end
  self._starts = self._starts + 1
  return self._locks:with(self._starts % AT_ONCE, spawn, self, id)
end

--- Connects to the engine of a project, if one runs.
---@param id string
---@param on_event fun(event: table)
---@param on_close fun()
---@return cme.server.process.control|nil
---@return string|nil message
---@return cme.detail|nil detail see control.connect
function Engine:connect(id, on_event, on_close)
  return control.connect(self:socket(id), on_event, on_close, self._kind.peer)
end

--- Waits until an engine that has closed its socket has ended: until then it holds its lock, and a new one of the same
--- project could not start. Tasks only.
---@param pid integer
---@param seconds number
function Engine:wait_gone(pid, seconds) -- luacheck: ignore 212/self
  task.wait(function(wake) return processes.on_end(pid, wake) end, seconds)
end

--- Ends an engine that does not listen. The caller knows that the pid is still the engine's.
---@param pid integer
---@param signal string
function Engine:kill(pid, signal) -- luacheck: ignore 212/self
  processes.kill(pid, signal)
end

--- The processes of an engine that cannot be asked for its pid: those of this user that have its socket among their
--- arguments.
---@param id string
---@return integer[]|nil pids
---@return string|nil message it could not be looked
---@return cme.detail|nil detail
function Engine:pids(id)
  return processes.with_argument(self:socket(id))
end

--- The ids for which a socket is there, whether or not an engine answers on it.
---@return string[]|nil ids
---@return string|nil message it could not be looked
---@return cme.detail|nil detail
function Engine:ids()
  local ids, pattern = {}, "^(.+)%" .. self._kind.socket .. "$"
  local names, message, detail = files.names(self._folder)
  if not names then return nil, message, detail end
  for _, name in ipairs(names) do
    ids[#ids + 1] = name:match(pattern)
  end
  return ids
end

--- Removes the socket that a crashed engine left.
---@param id string
function Engine:sweep(id)
  files.remove(self:socket(id))
end

--- Removes all files of a project that is gone.
---@param id string
function Engine:forget(id)
  for _, ending in ipairs(self._kind.files) do
    files.remove(("%s/%s%s"):format(self._folder, id, ending))
  end
end

return engine
