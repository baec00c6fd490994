-- SPDX-License-Identifier: MIT
-- Starts programs, over luv. This is the one place that does: engines, playouts and the edge, which outlive this
-- process, as well as ffmpeg, openssl and commands of a show, which end with their work.
--
--   spawn --> on_exit: the process has ended --> on_end: and all that it wrote to pipes was taken
--
-- run() waits for a program's end, within a time; tasks only. Elsewhere callbacks come from the luv loop and must not
-- raise; whoever needs a task makes one. A detached program that this
-- process did not start is looked for and ended by cme.system.processes.

local codes = require "cme.codes"
local errno = require "cme.system.errno"
local luv = require "cme.net.loop.luv"
local task = require "cme.task"
local uv = require "luv"

local child = {}

local TAIL = 8192 -- bytes of stderr that are kept

---@class cme.system.child.options
---@field program string path, or name that is looked for in PATH
---@field args string[]
---@field what string|cme.reason|nil what messages call it, "engine 'cme-relay'"; the program in quotes when nil
---@field env string[]|nil "NAME=VALUE"; this process's own when nil
---@field cwd string|nil
---@field detached boolean|nil a session of its own: it outlives this process, and its group can be signalled
---@field stdin "pipe"|integer|nil a descriptor to inherit; nil: /dev/null, as for the next two
---@field stdout "pipe"|integer|nil
---@field stderr "tail"|integer|nil "tail": the last 8 KiB are kept in `words`
---@field on_output fun(chunk: string)|nil reads a piped stdout from the start
---@field on_exit fun(exit: cme.system.child.exit)|nil
---@field on_end fun(exit: cme.system.child.exit)|nil

---@class cme.system.child.exit
---@field code integer
---@field signal integer 0: it ended by itself
---@field ok boolean it did its work
---@field reason cme.reason "exit code 1", "killed by signal 9"

---@class cme.system.child
---@field pid integer
---@field exit cme.system.child.exit|nil nil while it runs
---@field words string the end of what it wrote to stderr
---@field private _stdin userdata|nil pipes, as the next two
---@field private _stdout userdata|nil
---@field private _stderr userdata|nil
---@field private _handle userdata
---@field private _left integer parts that have not ended: the process, its pipes
---@field private _grace userdata|nil the timer of stop()
---@field private _on_end fun(exit: cme.system.child.exit)|nil
---@field private _take fun(failure: string|nil, chunk: string|nil) reader of stdout
local Child = {}
Child.__index = Child
Child.__name = "cme.system.child"

local function close(handle)
  if handle and not handle:is_closing() then handle:close() end
end

--- How a process ended. Pure.
---@param code integer
---@param signal integer
---@return cme.system.child.exit
function child.exit(code, signal)
  local reason = signal ~= 0 and codes.reason("word:killed", { signal = signal })
    or codes.reason("word:exit_code", { code = code })
  return { code = code, signal = signal, ok = code == 0 and signal == 0, reason = reason }
end

--- The environment that a program is given. No credentials of the cloud are in it. Pure.
---@param ours table<string, string> of this process
---@param names string[]|nil which of ours a foreign program gets; nil, for one of our own: all but the credentials
---@param more string[]|nil "NAME=VALUE"
---@return string[]
function child.environment(ours, names, more)
  local list = { table.unpack(more or {}) }
  if not names then
    names = {}
    for name in pairs(ours) do
      if not name:find "^TENCENTCLOUD_" then names[#names + 1] = name end
    end
  end
  for _, name in ipairs(names) do
    if ours[name] then list[#list + 1] = name .. "=" .. ours[name] end
  end
  return list
end

-- What libuv takes: a list whose last entry is not nil, since Lua does not know the length of one that ends with nil.
local function stdio_of(stdin, stdout, stderr)
  if stderr then return { stdin, stdout, stderr } end
  if stdout then return { stdin, stdout } end
  return { stdin }
end

function Child:_open(name, wanted)
  if type(wanted) ~= "string" then return wanted end
  self[name] = uv.new_pipe(false)
  return self[name]
end

function Child:_part_over()
  self._left = self._left - 1
  if self._left == 0 and self._on_end then self._on_end(self.exit) end
end

function Child:_exited(code, signal, on_exit)
  self.exit = child.exit(code, signal)
  close(self._handle)
  close(self._grace)
  close(self._stdin)
  if on_exit then on_exit(self.exit) end
  self:_part_over()
end

function Child:_keep_tail()
  self._stderr:read_start(function(_, chunk)
    if chunk then
      self.words = (self.words .. chunk):sub(-TAIL)
      return
    end
    close(self._stderr)
    self:_part_over()
  end)
end

local function launch(self, options)
  local stdio = stdio_of(self:_open("_stdin", options.stdin), self:_open("_stdout", options.stdout),
    self:_open("_stderr", options.stderr))
  local message, name
  self._handle, message, name = uv.spawn(options.program, { args = options.args, env = options.env, cwd = options.cwd,
    detached = options.detached, stdio = stdio },
    function(code, signal) self:_exited(code, signal, options.on_exit) end)
  if self._handle then
    self.pid = math.tointeger(message) -- its second value then
    return true
  end
  self:close()
  return codes.fail("local.program", { program = options.what or "'" .. options.program .. "'",
    reason = errno.reason(name, message) })
end

--- Starts a program.
---@param options cme.system.child.options
---@return cme.system.child|nil
---@return string|nil message
---@return cme.detail|nil detail code local.program
function child.spawn(options)
  local self = setmetatable({ words = "", _left = 1, _on_end = options.on_end }, Child)
  local ok, message, detail = launch(self, options)
  if not ok then return nil, message, detail end
  self._left = 1 + (self._stdout and 1 or 0) + (self._stderr and 1 or 0)
  if self._stderr then self:_keep_tail() end
  if options.on_output then self:read(options.on_output) end
  return self
end

--- Runs a program to its end; one that takes longer is killed, and so is one that nobody waits for any more.
---@param options cme.system.child.options without `on_end`
---@param seconds number for the program, and for what it writes to pipes
---@param began (fun(process: cme.system.child))|nil it runs; must not wait
---@return cme.system.child.exit|false|nil exit false: it took too long
---@return cme.system.child|string process; else the message
---@return cme.detail|nil detail code local.program: it could not be started
function child.run(options, seconds, began)
  local process, message, detail
  local exit = task.wait(function(wake)
    options.on_end = luv.callback(function(ended) wake(ended) end)
    process, message, detail = child.spawn(options)
    if not process then return wake() end
    if began then began(process) end
    return function() process:kill "sigkill" end
  end, seconds)
  if not process then return nil, message, detail end
  return exit or false, process
end

--- Reads what it writes to a piped stdout.
---@param on_output fun(chunk: string)
---@param on_close fun()|nil it has closed its stdout
function Child:read(on_output, on_close)
  self._take = function(_, chunk)
    if chunk then return on_output(chunk) end
    close(self._stdout)
    if on_close then on_close() end
    self:_part_over()
  end
  self._stdout:read_start(self._take)
end

--- Takes no more of what it writes to stdout, so that it has to wait; or goes on taking.
---@param held boolean
function Child:hold(held)
  if self._stdout:is_closing() then return end
  if held then self._stdout:read_stop() else self._stdout:read_start(self._take) end
end

--- Writes to its piped stdin; what it does not take is lost.
---@param bytes string
---@param last boolean|nil closes its stdin after these bytes
function Child:write(bytes, last)
  if self._stdin:is_closing() then return end
  self._stdin:write(bytes, last and function() close(self._stdin) end or nil)
end

--- Sends a signal to it, and to what it has started when it was detached with `group`. One that has ended gets none.
---@param name string "sigterm"
---@param group boolean|nil
function Child:kill(name, group)
  if self.exit then return end
  if group then uv.kill(-self.pid, name) else self._handle:kill(name) end
end

--- Asks it to end, and ends it by force after a while.
---@param grace number seconds
---@param group boolean|nil what it has started, too
function Child:stop(grace, group)
  if self.exit or self._grace then return end
  self:kill("sigterm", group)
  self._grace = uv.new_timer()
  self._grace:start(math.ceil(grace * 1000), 0, function() self:kill("sigkill", group) end)
end

--- Lets this process end, or its loop, while the program goes on.
function Child:unref()
  self._handle:unref()
end

--- Closes our ends of its pipes. The program goes on.
function Child:close()
  close(self._stdin)
  close(self._stdout)
  close(self._stderr)
end

return child
