-- SPDX-License-Identifier: MIT
-- Keepers whose engines are tables, for unit specs of the keepers: what was started and told, what the callbacks
-- heard, and clocks that a spec moves.

local log = require "cme.server.log"
local keepers = require "cme.server.process.keepers"
local luv = require "cme.net.loop.luv"
local task = require "cme.task"

local fake_engines = {}

--- The state that an engine is to have.
---@param id string project
---@param more table|nil members
---@return table
function fake_engines.spec(id, more)
  local spec = { project = id, revision = 1,
    inputs = { main = { url = "http://a/x" }, backup = { url = "http://b/x" } },
    active = "main", outputs = { { id = "1", name = "o", url = "rtmp://c/l/k" } } }
  for name, value in pairs(more or {}) do
    spec[name] = value
  end
  return spec
end

--- One running engine as its keeper sees it.
---@param pid integer
---@return table
function fake_engines.program(pid)
  return { pid = pid, got = {}, stat = { pid = pid } }
end

-- An Engine whose programs are tables.
local function new_fake()
  local fake = { running = {}, spawned = 0, swept = {}, killed = {}, gone = {} }

  function fake:spawn(id)
    if self.refuse then return nil, self.refuse, { code = "server.engine_ended" } end
    self.spawned = self.spawned + 1
    self.running[id] = fake_engines.program(100 + self.spawned)
    return self.running[id].pid
  end

  function fake:connect(id, on_event, on_close)
    local program = self.running[id]
    if not program then return nil, "connection refused", { code = self.unseen or "control.absent" } end
    local control = { open = true }
    function control.request(_, request)
      if not control.open then return nil, "the engine is gone", { code = "control.lost" } end
      if request.op == "alive" and not program.hung then return program.alive or { stuck = {} } end
      if program.hung then return nil, "the engine did not answer within 5 s", { code = "control.timeout" } end
      program.got[#program.got + 1] = request.op
      program.last = request
      if request.op == "stat" then
        if program.on_stat then program.on_stat() end
        return program.stat
      elseif request.op == "set" then
        if program.refuse_set then return nil, program.refuse_set, { code = "invalid.spec" } end
        program.spec = request.spec
      elseif request.op == "stop" and not program.deaf then
        fake:die(id)
      end
      return { within = request.op == "stop" and program.within or nil }
    end
    function control.close()
      if control.open then
        control.open = false
        on_close()
      end
    end
    program.control, program.event = control, on_event
    return control
  end

  function fake:die(id)
    local program = self.running[id]
    self.running[id] = nil
    program.control.close()
  end

  function fake:kill(pid, signal)
    self.killed[#self.killed + 1] = signal
    for id, program in pairs(self.running) do
      if program.pid == pid and signal == "sigkill" then
        self:die(id)
      end
    end
  end

  function fake:pids(id)
    return { self.running[id] and self.running[id].pid }
  end

  function fake:wait_gone(pid)
    self.gone[pid] = true
  end

  function fake:ids()
    local ids = {}
    for id in pairs(self.running) do
      ids[#ids + 1] = id
    end
    return ids
  end

  function fake:last_stop(id)
    return self.said and self.said[id]
  end

  function fake:sweep(id)
    self.swept[id] = true
  end

  return fake
end

---@class spec.fake_engines
---@field fake table            the engine: `running` programs by project, `spawned`, `killed`; `refuse` to start
---@field desired table<string, table> specs by project
---@field ended table<string, table>   what the callbacks heard, as the next two
---@field switched table<string, string>
---@field shown table[]
---@field hung string[]
---@field over string[]
---@field logged string[]
---@field now number
---@field clock number
---@field tell_end (fun(why: string): boolean|nil)|nil false: the run goes on
---@field subject cme.server.process.keepers

---@return spec.fake_engines
function fake_engines.new()
  local self = { fake = new_fake(), desired = {}, ended = {}, switched = {}, shown = {}, hung = {}, over = {},
    logged = {}, standbys = {}, now = 1000, clock = 0 }
  self.subject = keepers.new {
    engine = self.fake, clock = { now = function() return self.now end, monotonic = function() return self.clock end },
    log = log.new("error", function(line)
      self.logged[#self.logged + 1] = line
    end, os.time),
    stands = function(id) return self.standbys[id] == true end,
    callbacks = {
      desired = function(id)
        return self.desired[id]
      end,
      ended = function(id, at, why)
        if self.tell_end and self.tell_end(why) == false then return false end
        self.ended[id] = { at, why }
        return true
      end,
      switched = function(id, reason)
        self.switched[id] = reason
      end,
      health = function(id, health)
        self.shown[#self.shown + 1] = { id, health }
      end,
      hung = function(id)
        self.hung[#self.hung + 1] = id
      end,
      over = function(id)
        self.over[#self.over + 1] = id
      end,
    },
  }
  return self
end

--- Runs a function as a task and the loop until it is done.
---@param fn function
function fake_engines.run(fn)
  luv.run(fn)
end

--- Lets all other tasks go as far as they can without waiting.
function fake_engines.settle()
  task.sleep(0)
end

return fake_engines
