-- SPDX-License-Identifier: MIT
-- The edge's nginx as the subject of a supervisor (process/supervisor.lua). An nginx that runs with the configuration
-- that the service would write now is adopted; any other is ended and replaced. Its worker is asked for a sign of life,
-- which contains the worker's pid: so a worker that died and was replaced by the master is noticed and reported. When
-- the service cannot look or ask for a reason of its own, that proves nothing about nginx. Tasks only.

local codes = require "cme.codes"
local conf = require "cme.server.edge.conf"
local files = require "cme.system.files"
local http = require "cme.server.edge.http"
local process = require "cme.server.edge.process"
local processes = require "cme.system.processes"
local supervisor = require "cme.server.process.supervisor"
local luv = require "cme.net.loop.luv"
local task = require "cme.task"

local nginx = {}

local UP_SECONDS = 10 -- from nginx's start to its first answer
nginx.UP_SECONDS = UP_SECONDS

---@class cme.server.edge.nginx: cme.server.process.subject
---@field up boolean it answers
---@field private _options cme.server.edge.nginx.options
---@field private _supervisor cme.server.process.supervisor
---@field private _pid integer|nil of the master that is kept
---@field private _worker string|nil pid of the worker that answered last
---@field private _killed boolean the one that is kept was killed for being hung
---@field private _ended boolean the service lets go of it
local Nginx = {}
Nginx.__index = Nginx
Nginx.__name = "cme.server.edge.nginx"

---@class cme.server.edge.nginx.options
---@field folder string the real path
---@field program string
---@field text fun(): string its configuration
---@field rtmp cme.server.edge.address where it listens
---@field http cme.server.edge.address
---@field clock cme.system.clock
---@field log cme.server.log
---@field came_up fun() it answers; may wait
---@field told (fun(reason: "Hung"|"Died"))|nil it, or its worker, is being replaced; must not wait

---@param options cme.server.edge.nginx.options
---@return cme.server.edge.nginx
function nginx.new(options)
  local self = setmetatable({ what = "edge", up = false, changed = task.signal(), _options = options, _killed = false,
    _ended = false }, Nginx)
  self._supervisor = supervisor.new(self, options.clock, options.log)
  return self
end

--- Asks it by its control socket.
---@param target string
---@return string|nil body
---@return string|nil message
---@return cme.detail|nil detail code server.edge.unasked: for a reason of our own the question could not be put
function Nginx:ask(target)
  return http.get(self._options.folder .. "/control.sock", target)
end

-- ---- bringing it up

-- The pid of the nginx that runs and can stay; whether it answers shows later. false: there is none; nil: not known.
function Nginx:_current()
  local folder = self._options.folder
  local pid, message, detail = process.running(folder)
  if not pid then return pid, message, detail end
  local text, fault, why = files.read(folder .. "/nginx.conf")
  if not text and why.code ~= "local.file.absent" then return nil, fault, why end
  return text == self._options.text() and pid
end

local function last_words(folder)
  return (files.tail(folder .. "/error.log", 4096) or ""):match "([^\n]+)\n?$"
end

-- Makes room for a new one, and writes its configuration.
function Nginx:_prepare()
  local folder = self._options.folder
  local ok, message, detail = process.stop(folder) -- workers of one that was killed hold the ports
  if not ok then return nil, message, detail end
  files.remove(folder .. "/control.sock")
  return files.write_atomically(folder .. "/nginx.conf", self._options.text())
end

-- Waits until one that starts answers, and asks again whenever something has happened to it.
function Nginx:_wait_answer(start)
  local clock = self._options.clock
  local deadline = clock.monotonic() + UP_SECONDS
  repeat
    start.stirred = false
    self._worker = self:ask "/alive"
    local over = self._worker or start.ended or clock.monotonic() >= deadline
    if not (over or start.stirred) then start.changed:wait(deadline - clock.monotonic()) end
  until over
  return self._worker ~= nil
end

-- Starts nginx, which writes its pid into its folder when it listens, and waits until it answers; its pid.
function Nginx:_start()
  local folder, start = self._options.folder, { changed = task.signal() }
  local ok, message, detail = self:_prepare()
  if not ok then return nil, message, detail end
  local function stir()
    start.stirred = true
    start.changed:notify()
  end
  local pid
  pid, message, detail = process.start(folder, self._options.program, function()
    start.ended = true
    stir()
    self.changed:notify()
  end)
  if not pid then return nil, message, detail end
  local forget = files.on_change(folder, stir)
  local answers = self:_wait_answer(start)
  forget()
  if answers then return pid end
  process.kill(folder)
  local said = last_words(folder)
  return codes.fail(start.ended and "server.edge:ended" or "server.edge:silent",
    { said = said and { text = said } or codes.reason "word:said_nothing" })
end

--- One attempt to have one that runs.
---@return "adopted"|"started"|nil how
---@return string|nil message
---@return cme.detail|nil detail
function Nginx:raise()
  self._worker, self._killed = nil, false
  local pid, message, detail = self:_current()
  local how = pid and "adopted" or "started"
  if pid == false then pid, message, detail = self:_start() end
  self._pid, self.up = pid, pid ~= nil
  return pid and how, message, detail
end

--- An attempt is over.
function Nginx:tried()
  self.changed:notify()
end

-- Whether it is certainly not there any more.
function Nginx:_is_gone()
  local running = process.running(self._options.folder)
  return running ~= nil and running ~= self._pid
end

--- Waits until it is gone, of which the kernel tells, be it a child of this process or adopted.
function Nginx:watch()
  local forget = processes.on_end(self._pid, function() self.changed:notify() end)
  self._options.came_up()
  self._supervisor:expect_pulse()
  luv.detach(self.alive, self, self._supervisor.pulse)
  while not self._ended and not self:_is_gone() do self.changed:wait() end
  forget()
  self._supervisor:forget_pulse()
  self.up = false
end

-- ---- for the supervisor

---@return boolean
function Nginx:over()
  return self._ended
end

---@return table
function Nginx:about()
  local options = self._options
  return { pid = self._pid, rtmp = conf.show(options.rtmp), http = conf.show(options.http) }
end

function Nginx:_tell(reason)
  if self._options.told then self._options.told(reason) end
end

---@param was_up boolean
---@return string words
function Nginx:gone(was_up)
  if was_up and not self._killed then self:_tell "Died" end
  return was_up and "edge ended unexpectedly" or "edge not up"
end

--- An error of ours ended the attempt, or the watch.
function Nginx:crashed()
  self._supervisor:forget_pulse()
  self.up = false
  self.changed:notify()
end

-- The pid that answers is the worker's: another than before is in the place of one that died, and whoever pushed to
-- that one was dropped.
function Nginx:_heard(worker)
  if self._worker and worker ~= self._worker then
    self._options.log:error("edge's worker died: every encoder was dropped, and may connect again",
      { pid = self._worker, successor = worker, error = last_words(self._options.folder) })
    self:_tell "Died"
  end
  self._worker = worker
end

--- Asks for a sign of life.
---@param beat cme.server.process.pulse of the nginx that is meant
---@return boolean alive true, too, where the question could not be put: that is no silence
function Nginx:alive(beat)
  local worker, _, detail = self:ask "/alive"
  if worker and beat == self._supervisor.pulse then self:_heard(worker) end
  return worker ~= nil or detail.code == "server.edge.unasked"
end

---@return boolean|nil
---@return string|nil message
---@return cme.detail|nil detail
function Nginx:kill()
  return process.kill(self._options.folder)
end

--- It was killed for being hung.
function Nginx:hung()
  self._killed = true
  self:_tell "Hung"
end

-- ---- for the edge

--- Keeps it up until it is let go.
function Nginx:keep()
  self._supervisor:run()
end

--- Looks whether it lives, and asks it for a sign of that; to be called once a pulse.PERIOD. Does not wait; tasks only.
function Nginx:check()
  if self._ended then return end
  self._supervisor:check()
  self.changed:notify()
end

--- Lets go of it.
function Nginx:release()
  self._ended = true
  self.changed:notify()
end

return nginx
