-- SPDX-License-Identifier: MIT
-- The program cme-edge as the subject of a supervisor (process/supervisor.lua). It is detached, as engines are: one
-- that runs is adopted, and told the keys that are good by now; otherwise one is started. While no service runs it
-- admits encoders by the keys that it was told last. Tasks only.

local codes = require "cme.codes"
local link = require "cme.server.process.link"
local luv = require "cme.net.loop.luv"
local pulse = require "cme.server.process.pulse"
local supervisor = require "cme.server.process.supervisor"
local task = require "cme.task"

local program = {}

program.ID = "edge" -- of its socket and its log: edge.sock, edge.log
program.UP_SECONDS = 10 -- from its start until it takes orders
local ANSWER_SECONDS = 10 -- with thousands of keys, of which each has a socket
local STAT = { op = "stat", live = true } -- of thousands of keys, those in use
local TELL_SECONDS = 5 -- for keys that changed: somebody waits for an answer; thousands take a second under load

---@class cme.server.edge.program: cme.server.process.subject
---@field up boolean it has taken the keys
---@field restarts integer times that it ended without being asked to
---@field most integer|nil keys that it takes; nil: it was not asked yet
---@field private _options cme.server.edge.program.options
---@field private _link cme.server.process.link
---@field private _supervisor cme.server.process.supervisor
---@field private _taking boolean it is being told the keys, over a fresh connection
---@field private _killed boolean the one that is kept was killed for being hung
---@field private _ended boolean the service lets go of it
local Program = {}
Program.__index = Program
Program.__name = "cme.server.edge.program"

---@class cme.server.edge.program.options
---@field engine cme.server.process.engine starts it, and finds one that runs
---@field listening fun(): table<string, string> where it listens, by protocol
---@field clock cme.system.clock
---@field log cme.server.log
---@field spec fun(): table|nil, string|nil, cme.detail|nil what it is told by `set`; nil: not known
---@field heard fun(event: table) what it said; must not wait
---@field taken (fun(stat: table, spec: table))|nil it is up: it has taken these keys over a fresh connection, and was
---  like this before; must not wait
---@field told (fun(reason: "Hung"|"Died"))|nil it is being replaced; must not wait

---@param options cme.server.edge.program.options
---@return cme.server.edge.program
function program.new(options)
  local self = setmetatable({ what = "edge", up = false, restarts = 0, changed = task.signal(), _options = options,
    _taking = false, _killed = false, _ended = false }, Program)
  self._link = link.new(program.ID, { engine = options.engine, log = options.log, clock = options.clock,
    what = "edge" }, self.changed, options.heard)
  self._supervisor = supervisor.new(self, options.clock, options.log)
  return self
end

-- ---- bringing it up

function Program:_start()
  local pid, message, detail = self._options.engine:spawn(program.ID)
  if not pid then return nil, message, detail end
  self._link.pid = pid
  self._supervisor:forget_pulse()
  return self._supervisor:connect(self._link)
end

-- Returns what was told, when it was taken.
function Program:_set(seconds)
  local spec, message, detail = self._options.spec()
  if not spec then return nil, message, detail end
  local ok
  ok, message, detail = self._link:request({ op = "set", spec = spec }, seconds)
  return ok and spec, message, detail
end

-- One behind a fresh connection may have been started with files that are others by now.
function Program:_greet()
  local stat, message, detail = self._link:request(STAT, ANSWER_SECONDS)
  if not stat then return nil, message, detail end
  self._link.pid, self.most = math.tointeger(stat.pid), math.tointeger(stat.keys_max)
  if stat.certificate then self:reload() end
  return stat
end

-- What changes meanwhile is told afterwards, by those who wait for that, or else by who hears `taken`.
function Program:_take()
  self._taking = true
  local spec = nil
  local stat, message, detail = self:_greet()
  if stat then spec, message, detail = self:_set(ANSWER_SECONDS) end
  self._taking, self.up = false, spec ~= nil
  if spec and self._options.taken then self._options.taken(stat, spec) end
  return spec and true, message, detail
end

--- One attempt to have one that runs.
---@return "adopted"|"started"|nil how
---@return string|nil message
---@return cme.detail|nil detail
function Program:raise()
  self._killed = false
  local control, message, detail = self._supervisor:connect(self._link)
  local how = control and "adopted" or "started"
  if not control and not self._link.unseen then control, message, detail = self:_start() end
  local ok = nil
  if control then ok, message, detail = self:_take() end
  return ok and how, message, detail
end

--- An attempt is over.
function Program:tried()
  self.changed:notify()
end

--- Waits until it is gone, or let go.
function Program:watch()
  while self._link:is_open() and not self._ended do self.changed:wait() end
  self.up = false
end

-- ---- for the supervisor

---@return boolean
function Program:over()
  return self._ended
end

---@return table
function Program:about()
  local about = { pid = self._link.pid }
  for protocol, address in pairs(self._options.listening()) do about[protocol] = address end
  return about
end

---@param was_up boolean
---@return string words
function Program:gone(was_up)
  self._link:close() -- it may run, and not have taken the keys
  if was_up then self.restarts = self.restarts + 1 end
  if was_up and not self._killed and self._options.told then self._options.told "Died" end
  return was_up and "edge ended unexpectedly" or "edge not up"
end

--- An error of ours ended the attempt, or the watch.
function Program:crashed()
  self._taking, self.up = false, false
  self._link:close()
  self.changed:notify()
end

--- Asks for a sign of life.
---@return boolean alive
function Program:alive()
  return self._link:is_open() and self._link:request({ op = "alive" }, pulse.LIMIT) ~= nil
end

--- Kills whoever has the socket: the supervisor starts another.
---@return true
function Program:kill()
  self._link:signal "sigkill"
  return true
end

--- It was killed for being hung.
function Program:hung()
  self._killed = true
  if self._options.told then self._options.told "Hung" end
end

-- ---- for the edge

--- Keeps it up until it is let go.
function Program:keep()
  self._supervisor:run()
end

--- Waits until it has taken the keys of a fresh connection, if it is just being told them, but not for long.
function Program:wait_taken()
  local deadline = self._options.clock.monotonic() + TELL_SECONDS
  while self._taking and not self._ended do
    local left = deadline - self._options.clock.monotonic()
    if left <= 0 then return end
    self.changed:wait(left)
  end
end

--- Tells it the keys that are good by now. One that does not take them is told again when it is back. Waits.
---@return boolean told
function Program:tell()
  if not self.up then return false end
  local spec, message, detail = self:_set(TELL_SECONDS)
  if spec then return true end
  if detail.code == "control.lost" then return false end
  self._options.log:error("keys not told to the edge", { error = message })
  self._link:close() -- the next connection tells them
  return false
end

--- Has it read the certificate of RTMPS again; encoders stay. Waits.
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function Program:reload()
  local ok, message, detail = self._link:request({ op = "reload" }, TELL_SECONDS)
  if ok then return true end
  self._options.log:error("the edge's TLS certificate stays as it was", { error = message })
  return nil, message, detail
end

--- What it says of itself; of its keys those in use. Waits.
---@param seconds number at most
---@return table|nil stat nil: it does not answer
function Program:stat(seconds)
  return self.up and self._link:request(STAT, seconds) or nil
end

--- Looks whether it lives, and asks it for a sign of that; to be called once a pulse.PERIOD. Does not wait.
function Program:check()
  if self._ended then return end
  self._supervisor:check()
end

--- Keeps its log within its bound. Waits.
function Program:trim_logs()
  self._options.engine:trim_logs()
end

-- Where it listens, by protocol, as it says.
local function listening_of(stat)
  local listening = {}
  for _, one in ipairs(type(stat.listening) == "table" and stat.listening or {}) do
    if type(one) == "table" and type(one.protocol) == "string" then listening[one.protocol] = one.address end
  end
  return listening
end

--- Where the one that runs listens; it is ended when it does not fit, or does not say. Waits.
---@param fits fun(listening: table<string, string>, stat: table): boolean by protocol
---@return table<string, string>|nil listening nil: none runs
function Program:find(fits)
  if not self._link:connect() and not self._link.unseen then return nil end
  local stat = self._link:is_open() and self._link:request(STAT, TELL_SECONDS) or {}
  local listening = listening_of(stat)
  self._link.pid = math.tointeger(stat.pid)
  if fits(listening, stat) then
    self._link:close()
    return listening
  end
  self:stop()
  return nil
end

--- Ends it. Waits.
---@return boolean ended
---@return string|nil message
function Program:stop()
  local ended, message = self._link:end_process()
  if ended then self._link:wait_gone() end
  return ended, message
end

--- Lets go of it.
---@param leave boolean it goes on; otherwise it ends, too
function Program:release(leave)
  self._ended = true
  self.changed:notify()
  if not leave then luv.run(self.stop, self) end
  self._link:close()
end

--- Ends one that an earlier service left. Waits.
---@param engine cme.server.process.engine
---@param clock cme.system.clock
---@param log cme.server.log
---@return boolean there was one
function program.sweep(engine, clock, log)
  local own = program.new { engine = engine, clock = clock, log = log, heard = function() end,
    listening = function() return {} end }
  local there = own._link:connect() ~= nil or own._link.unseen
  if there then own:stop() end
  return there
end

--- How it is started and found.
---@param folder string the real path
---@param arguments fun(): string[] beside those of its folder
---@return cme.server.process.engine_kind
function program.kind(folder, arguments)
  return {
    name = codes.reason "word:edge",
    peer = "edge",
    lacking = "server.no_program:edge",
    socket = ".sock",
    log = ".log",
    files = {},
    argv = function(socket) return { "--control", socket, "--folder", folder, table.unpack(arguments()) } end,
  }
end

return program
