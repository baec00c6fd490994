-- SPDX-License-Identifier: MIT
-- Child processes for specs, the demo and the benches: start, wait for a line, signal, and never leave one behind.
--
-- Waiting is always for an event (an exit, a line, a condition) with a limit; `proc.eventually` is the only loop.
-- Children get SIGKILL from the kernel when the runner dies (setpriv --pdeathsig); `proc.cleanup` ends the rest.

local uv = require "luv"

local heard = require "spec.support.heard"

local proc = {}

---@class spec.proc
---@field pid integer
---@field name string        what failures call it
---@field program string     as it was started
---@field out string         everything it wrote to stdout so far
---@field err string         the same for stderr
---@field code integer|nil   exit code once it has ended
---@field signal integer|nil signal that ended it, 0 for none
local Proc = {}
Proc.__index = Proc

local HALT_LOOKS = 20000 -- a millisecond between two
-- A look at a condition may read all of /proc or ask a service. What it took decides when the next one is: looking
-- takes a fifth of the time at the most, or specs that wait keep from the processor what they wait for.
local REST, LONGEST_REST = 4, 0.5 -- times what the look took; seconds

local started = {} -- every child that has not ended, by pid
local ours = {} -- those of our programs that have, until what they said is kept

local function now()
  return uv.hrtime() / 1e9
end

--- What limits are multiplied by. They are what an idle machine needs at the very most; suites run side by side, and
--- beside other work. CME_PATIENCE sets another: under valgrind everything takes fifty times as long.
proc.PATIENCE = tonumber(os.getenv "CME_PATIENCE") or 3

--- Whether it all runs under valgrind (`make valgrind`).
proc.VALGRIND = os.getenv "CME_VALGRIND" == "1"

--- How often to repeat what is random or the same each time: under valgrind, whose rounds take fifty times as long, a
--- tenth as often.
---@param count integer
---@return integer
function proc.rounds(count)
  return proc.VALGRIND and math.max(1, count // 10) or count
end

--- Runs the loop until `condition()` is true and returns its value; raises after PATIENCE times `timeout` seconds. It
--- is asked after each event of the loop, less often if that takes long.
---@param what string|fun():string  what is waited for, for the message
---@param timeout number            seconds
---@param condition fun():any
function proc.eventually(what, timeout, condition)
  timeout = timeout * proc.PATIENCE
  local deadline = now() + timeout
  local tick = uv.new_timer()
  tick:start(20, 20, function() end)
  local value, next_look = nil, 0
  local function look()
    local began = now()
    value = condition()
    local ended = now()
    next_look = ended + math.min(REST * (ended - began), LONGEST_REST)
  end
  look()
  while not value and now() < deadline do
    uv.run "once"
    if now() >= next_look then look() end
  end
  if not value then look() end -- it may have become true in the last rest
  tick:close()
  if not value then error(("waited %g s for %s"):format(timeout, type(what) == "function" and what() or what), 2) end
  return value
end

--- Lets the loop run for `seconds`: for "nothing happens meanwhile" and for media that must have a length.
function proc.elapse(seconds)
  local over = now() + seconds
  proc.eventually("time to pass", seconds + 5, function() return now() >= over end)
end

local function reader(self, field, pipe)
  pipe:read_start(function(_, chunk)
    if chunk then
      self[field] = self[field] .. chunk
    else
      pipe:close()
    end
  end)
end

-- The program that a child becomes: of a shell's line what it ends with `exec`.
local function program_of(argv)
  return argv[1] == "sh" and argv[2] == "-c" and argv[3]:match "exec%s+(%S+)" or argv[1]
end

-- The environment of a child: ours, changed by `extra` (false removes). Sanitizer preloads are for Lua only:
-- they make Lua able to load instrumented modules and would slow down ffmpeg and nginx.
local function environment(argv, extra)
  local env, program = uv.os_environ(), program_of(argv)
  if not program:match "lua" and not program:match "bin/cme" then env.LD_PRELOAD = nil end
  for name, value in pairs(extra or {}) do env[name] = value or nil end
  local list = {}
  for name, value in pairs(env) do list[#list + 1] = name .. "=" .. value end
  return list
end

---@class spec.spawn_options
---@field name string|nil                  default: the program's name
---@field env table<string, string|false>|nil changes to the environment
---@field cwd string|nil
---@field stderr integer|nil               a descriptor to write to instead of `p.err`
---@field stdin boolean|nil               a pipe that p:write writes to
---@field survives boolean|nil             leave it alive when the runner is killed
---@field shows_keys boolean|nil           it is asked to print a stream key: what it prints is not searched for one

--- Starts a program.
---@param argv string[]
---@param options spec.spawn_options|nil
---@return spec.proc
function proc.spawn(argv, options)
  options = options or {}
  local self = setmetatable({ name = options.name or argv[1], program = argv[1], out = "", err = "" }, Proc)
  local stdout, stderr = uv.new_pipe(false), not options.stderr and uv.new_pipe(false) or nil
  self.stdin = options.stdin and uv.new_pipe(false) or nil
  local program, args = "setpriv", { "--pdeathsig", "KILL", "--" }
  if options.survives then
    program, args = argv[1], {}
    table.move(argv, 2, #argv, 1, args)
  else
    table.move(argv, 1, #argv, #args + 1, args)
  end
  local handle, pid = uv.spawn(program, {
    args = args,
    env = environment(argv, options.env),
    cwd = options.cwd,
    detached = true, -- a session of its own: Ctrl-C reaches the runner, which then ends its children in order
    stdio = { self.stdin, stdout, options.stderr or stderr },
  }, function(code, signal)
    self.code, self.signal = code, signal
    if heard.is_ours(argv[1]) and not options.shows_keys then ours[#ours + 1] = self end
    started[self.pid] = nil
    self.handle:close()
    if self.stdin then self.stdin:close() end
  end)
  if not handle then error(("spawn '%s': %s"):format(self.name, pid), 2) end
  self.handle, self.pid = handle, pid
  started[pid] = self
  reader(self, "out", stdout)
  if stderr then reader(self, "err", stderr) end
  return self
end

--- Writes to its stdin.
---@param bytes string
function Proc:write(bytes)
  self.stdin:write(bytes)
end

--- Both outputs, for messages.
function Proc:output()
  return (self.out .. self.err):sub(-4000)
end

--- Waits until stdout or stderr matches `pattern`; returns its captures. Raises when the process ends first.
---@param pattern string
---@param timeout number|nil seconds, default 20
function Proc:expect(pattern, timeout)
  local found
  proc.eventually(function() return ("'%s' from %s; it said:\n%s"):format(pattern, self.name, self:output()) end,
    timeout or 20, function()
      local text = self.out:match(pattern) and self.out or self.err
      found = table.pack(text:match(pattern))
      return found[1] or self.code
    end)
  if not found[1] then
    error(("%s ended (code %s) before '%s':\n%s"):format(self.name, self.code, pattern, self:output()), 2)
  end
  return table.unpack(found, 1, found.n)
end

-- Whether no thread of a process runs any more. It looks at all of them: libuv keeps the last name of a folder for ever
-- when a walk ends right at it, which LeakSanitizer reports.
local function is_halted(pid)
  local folder, halted = ("/proc/%d/task"):format(pid), true
  local handle = uv.fs_scandir(folder)
  for id in function() return handle and uv.fs_scandir_next(handle) end do
    local file = io.open(("%s/%s/stat"):format(folder, id))
    local state = file and file:read("a"):match "^.*%) (%a)"
    if file then file:close() end
    if state and not state:find "[TtZX]" then halted = false end
  end
  return halted
end

--- Whether a process has ended, also one whose parent has not asked how yet.
---@param pid integer
---@return boolean
function proc.is_ended(pid)
  local file = io.open(("/proc/%d/stat"):format(pid))
  local state = file and file:read "a" -- nil: it went away meanwhile
  if file then file:close() end
  return state == nil or state:match "^.*%) ([ZX])" ~= nil
end

--- Halts a process (SIGSTOP). Its threads stand when this returns: on a loaded machine the one that is to hand the
--- signal on waits for the processor, and the others go on meanwhile. Blocks the loop for that time.
---@param pid integer
function proc.halt(pid)
  uv.kill(pid, "sigstop")
  for _ = 1, HALT_LOOKS do
    if is_halted(pid) then return end
    uv.sleep(1)
  end
  error(("process %d runs on after SIGSTOP"):format(pid))
end

---@param signal string|integer|nil default "sigterm"
function Proc:kill(signal)
  if self.code then return self end
  if heard.wipes(self.program) then heard.keep_arguments(self.pid) end
  if signal == "sigstop" then proc.halt(self.pid) else uv.kill(self.pid, signal or "sigterm") end
  return self
end

--- Waits until it listens on this port of 127.0.0.1; raises when it ends first.
---@param port integer
---@param timeout number|nil seconds, default 10
function Proc:expect_listening(port, timeout)
  proc.eventually(function() return self.name .. " to listen: " .. self:output() end, timeout or 10, function()
    return self.code or proc.listening(port)
  end)
  assert(not self.code, self:output())
end

--- Waits for the end; returns exit code and signal.
---@param timeout number|nil seconds, default 20
function Proc:wait(timeout)
  proc.eventually(function() return ("%s to end; it said:\n%s"):format(self.name, self:output()) end,
    timeout or 20, function() return self.code end)
  return self.code, self.signal
end

--- SIGKILL for it and what it started in its session (a master's workers would outlive it).
function Proc:destroy()
  if not self.code then uv.kill(-self.pid, "sigkill") end
  self:wait(10)
end

--- SIGTERM, then SIGKILL after `grace` seconds; returns when it is gone.
function Proc:stop(grace)
  self:kill "sigterm"
  if not pcall(self.wait, self, grace or 5) then self:destroy() end
end

--- Runs a program to its end.
---@param argv string[]
---@param options { timeout: number|nil, env: table|nil, cwd: string|nil, name: string|nil }|nil
---@return integer code, string stdout, string stderr
function proc.run(argv, options)
  options = options or {}
  local self = proc.spawn(argv, { env = options.env, cwd = options.cwd, name = options.name })
  local ok, message = pcall(self.wait, self, options.timeout or 60)
  if not ok then
    self:stop(0.1)
    error(message, 2)
  end
  uv.run "nowait" -- the last of the pipes
  return self.code, self.out, self.err
end

-- Spec files run side by side, so a port that is free must stay free until a server has it: each process owns a block
-- of ports, below those that the kernel gives to outgoing connections. Holding a UDP port of an address of ours is the
-- lock: it is atomic, and the kernel gives it back however the process ends.
local BLOCK, FIRST_PORT, LAST_PORT, LOCK_ADDRESS = 100, 10000, 32700, "127.67.77.69"
local block -- { lock: uv_udp_t, base: integer, used: integer }

local function lock_block(base)
  local lock = uv.new_udp()
  -- its own port is none for who receives by UDP at any address
  if lock:bind(LOCK_ADDRESS, base) then return { lock = lock, base = base, used = 1 } end
  lock:close()
end

local function own_block()
  local count = (LAST_PORT - FIRST_PORT) // BLOCK
  local first = math.random(count)
  for i = 1, count do
    local found = lock_block(FIRST_PORT + (first + i) % count * BLOCK)
    if found then return found end
  end
  error("proc: no block of ports is free: end the specs that hold them", 0)
end

local function can_bind(port)
  local stream, datagrams = uv.new_tcp(), uv.new_udp()
  -- libuv says that a port is taken when it listens.
  local ok = stream:bind("127.0.0.1", port) and stream:listen(1, function() end) and datagrams:bind("127.0.0.1", port)
  stream:close()
  datagrams:close()
  uv.run "nowait"
  return ok
end

--- A port of 127.0.0.1, TCP and UDP, that no other spec is given while this one runs.
---@return integer
function proc.free_port()
  if not block or block.lock:is_closing() then block = own_block() end
  for _ = 1, BLOCK do
    local port = block.base + block.used
    block.used = (block.used + 1) % BLOCK
    if can_bind(port) then return port end
  end
  error(("proc: all ports from %d on are taken"):format(block.base), 2)
end

--- Is something listening on this port of 127.0.0.1?
function proc.listening(port)
  local hex = (":%04X"):format(port)
  for _, file in ipairs { "/proc/net/tcp", "/proc/net/tcp6" } do
    for line in io.lines(file) do
      if line:match "^%s*%d+: %x+(:%x+) %x+:%x+ 0A" == hex then return true end
    end
  end
  return false
end

-- The pids of all other processes that fit: by what stands in the file `what` of each, or where it leads, for a link.
local function all(what, fits)
  local found = {}
  for name in uv.fs_scandir_next, assert(uv.fs_scandir "/proc") do
    local path = name:match "^%d+$" and ("/proc/%s/%s"):format(name, what)
    local text = path and uv.fs_readlink(path)
    local file = path and not text and io.open(path)
    if file then
      text = file:read "a"
      file:close()
    end
    if text and fits(text) and tonumber(name) ~= uv.os_getpid() then found[#found + 1] = tonumber(name) end
  end
  return found
end

--- The pids of all processes whose command line contains `text` (plain).
---@return integer[]
function proc.matching(text)
  return all("cmdline", function(line) return line:find(text, 1, true) end)
end

--- The pids of a process's children.
---@param parent integer
---@return integer[]
function proc.children(parent)
  return all("stat", function(line) return tonumber(line:match "%) %a (%d+)") == parent end)
end

local function is_below(path, folder) return (path .. "/"):sub(1, #folder + 1) == folder .. "/" end

--- The pids of all processes whose working directory is this folder or below it, in order.
---@return integer[]
function proc.inside(folder)
  local found = all("cwd", function(cwd) return is_below(cwd, folder) end)
  table.sort(found)
  return found
end

--- A new folder for one run; removed by `proc.cleanup`.
local folders = {}
function proc.folder()
  local path = assert(uv.fs_mkdtemp((os.getenv "TMPDIR" or "/tmp") .. "/cme-XXXXXX"))
  folders[#folders + 1] = path
  return path
end

-- Ends every child still alive but those. Returns the names of what was.
local function end_children(spared)
  local left = {}
  for _, child in pairs(started) do left[#left + 1] = not spared[child] and child or nil end
  for i, child in ipairs(left) do
    child:destroy()
    left[i] = child.name
  end
  return left
end

--- Ends every child still alive. Returns the names of what was.
function proc.stop_all() return end_children {} end

--- Calls it, and ends every child that it started and left.
---@param call fun(...): ...
---@return any ... what it returns
function proc.within(call, ...)
  local before = {}
  for _, child in pairs(started) do before[child] = true end
  local results = table.pack(pcall(call, ...))
  end_children(before)
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end

-- What our programs said, and the logs that the service's engines left.
local function keep_heard()
  for _, child in ipairs(ours) do heard.keep(child.name, child.out .. child.err) end
  ours = {}
  if not folders[1] then return end
  local found = io.popen(("find '%s' -path '*/relays/*.log*' -type f -exec cat {} + 2>/dev/null"):format(
    table.concat(folders, "' '")))
  heard.keep("engines", found:read "a")
  found:close()
end

-- Whether it holds for one of the folders of this run.
local function any_folder(holds)
  return function(text)
    for _, path in ipairs(folders) do
      if holds(text, path) then return true end
    end
  end
end

local function names(line, path) return line:find(path, 1, true) end
local function names_relays(line, path) return line:find(path .. "/relays/", 1, true) end

-- Ends what was started below the folders of this run, engines and an edge's workers, and removes them.
local function remove_folders()
  for _, pid in ipairs(all("cmdline", any_folder(names))) do uv.kill(pid, "sigkill") end
  for _, pid in ipairs(all("cwd", any_folder(is_below))) do uv.kill(pid, "sigkill") end
  proc.run { "rm", "-rf", "--", table.unpack(folders) }
  folders = {}
end

--- Ends every child still alive and removes the folders of this run. Returns the names of what was still alive.
function proc.cleanup()
  for _, pid in ipairs(folders[1] and all("cmdline", any_folder(names_relays)) or {}) do heard.keep_arguments(pid) end
  local left = proc.stop_all()
  keep_heard()
  if folders[1] then remove_folders() end
  -- What is closing must be closed when the Lua state ends: luv would call into a state half gone.
  for _ = 1, 10 do
    if not uv.run "nowait" then break end
  end
  return left
end

return proc
