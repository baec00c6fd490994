-- SPDX-License-Identifier: MIT
-- Runs commands side by side and counts their TAP lines. What a command says is shown whole when it has ended; it has
-- a folder for its temporary files (TMPDIR), is killed with everything it started when its deadline passes or the
-- runner is told to end, and must leave no process behind. Each runs below a reaper (tools/reaper.c), which keeps hold
-- of what detaches itself.
--
--   runner ── reaper ── the command ── ...
--                └── what outlived its parent

local uv = require "luv"

local pool = {}

pool.DEADLINE = 1200 -- seconds for one command: for what hangs; the longest take 200 on a quiet machine
pool.GRACE = 60 -- seconds in which what a command started may still be ending: a busy machine is slow at that too

pool.REAPER = (os.getenv "CME_BUILD" or "build") .. "/tools/reaper" -- what starts them; `make spec` builds it
local DIED = 127 -- the exit code of a command that could not be started
local FAILURE_LINES = 12 -- of a result that failed: what it is, and why
local LOOK_MS = 50 -- between looks at what is left of a command

---@class pool.job
---@field name string       what headings and failures call it
---@field argv string[]
---@field seconds number|nil about how long it takes: long ones begin first; default 0
---@field deadline number|nil seconds, default pool.DEADLINE
---@field env table<string, string>|nil added to the environment

---@class pool.options
---@field width integer            how many run at a time
---@field folder string            an empty one, for logs and temporary files
---@field grace number|nil         seconds, default pool.GRACE
---@field ended fun(job: pool.job, text: string, took: pool.took)  one has ended; the text is all of it

---@class pool.took
---@field seconds number until its program ended
---@field user number    seconds of processor time in user mode, of all that stemmed from it
---@field kernel number  the same in the kernel

-- ---- what a command said

--- Counts TAP lines. A command that failed without saying so, or that proved nothing, has failed once.
---@param text string
---@param code integer exit code, or 128 and the signal
---@return integer good, integer bad
function pool.count(text, code)
  local good, bad = 0, 0
  for line in text:gmatch "[^\n]+" do
    if line:find "^ok " then good = good + 1 end
    if line:find "^not ok " and not line:find "# SKIP" then bad = bad + 1 end
  end
  if bad == 0 and (code ~= 0 or good == 0) then bad = 1 end
  return good, bad
end

--- The lines of a command that failed which say what failed and why, so that they can be repeated at the end.
---@param text string what it said, with the line that says it failed
---@return string[]
function pool.failures(text)
  local lines, left = {}, 0
  for line in text:gmatch "[^\n]+" do
    if line:find "^not ok " and not line:find "# SKIP" then
      left = FAILURE_LINES
    elseif line:find "^ok " then
      left = 0
    end
    if left > 0 or line:find "^# FAILED: " then lines[#lines + 1] = line end
    left = left - 1
  end
  return lines
end

--- The order in which to begin: the longest first, the others as they were given.
---@param jobs pool.job[]
---@return pool.job[]
function pool.order(jobs)
  local order, place = {}, {}
  for i, job in ipairs(jobs) do order[i], place[job] = job, i end
  table.sort(order, function(a, b)
    local left, right = a.seconds or 0, b.seconds or 0
    if left ~= right then return left > right end
    return place[a] < place[b]
  end)
  return order
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

-- ---- what a command started

local function of_process(pid, name)
  local file = io.open(("/proc/%s/%s"):format(pid, name), "rb")
  local text = file and file:read "a"
  if file then file:close() end
  return text or ""
end

-- Every process that stems from this one: { pid = command line }.
local function stem_from(ancestor)
  local children = {}
  for name in uv.fs_scandir_next, assert(uv.fs_scandir "/proc") do
    local parent = name:match "^%d+$" and tonumber(of_process(name, "stat"):match "^.*%) %a (%d+)")
    if parent then
      children[parent] = children[parent] or {}
      table.insert(children[parent], tonumber(name))
    end
  end
  local found = {}
  local function add(parent)
    for _, pid in ipairs(children[parent] or {}) do
      found[pid] = of_process(pid, "cmdline"):gsub("%z", " ")
      add(pid)
    end
  end
  add(ancestor)
  return found
end

-- ---- one command

---@class pool.run
local Run = {}
Run.__index = Run

local function environment(job, folder)
  local env = uv.os_environ()
  env.TMPDIR = folder
  for name, value in pairs(job.env or {}) do env[name] = value end
  local list = {}
  for name, value in pairs(env) do list[#list + 1] = name .. "=" .. value end
  return list
end

local function now()
  return uv.hrtime() / 1e9
end

-- Takes the reaper's lines: the exit code, at which this returns true, and the processor time.
function Run:_read_status(text)
  self.status = self.status .. text
  local code = not self.code and self.status:match "^(%d+)\n"
  local user, kernel = self.status:match "\n(%d+) (%d+)\n"
  if user then self.took.user, self.took.kernel = user / 1000, kernel / 1000 end
  return tonumber(code)
end

-- Calls back once the command has ended (self.code), and notes when all that stems from it has (self.gone).
function Run:_start(on_end)
  local log, status = assert(uv.fs_open(self.log, "a", 384)), uv.new_pipe(false)
  local function ended(code)
    if self.code then return end
    self.code, self.took.seconds = code, now() - self.began
    self.timer:close()
    on_end(self)
  end
  local handle, pid = uv.spawn(pool.REAPER, { args = self.job.argv, env = environment(self.job, self.folder),
    detached = true, stdio = { nil, log, log, status } }, function() self.handle:close() end)
  uv.fs_close(log)
  if not handle then error(("start '%s': %s (make spec builds it)"):format(pool.REAPER, pid), 0) end
  self.handle, self.pid = handle, pid
  status:read_start(function(_, text)
    if text then
      local code = self:_read_status(text)
      return code and ended(code)
    end
    status:close()
    self.gone = true
    ended(DIED) -- without a word: the reaper itself was killed, or cannot run
  end)
  self.timer:start(math.ceil(self.deadline * 1000), 0, function()
    self.late = true
    self:kill()
  end)
end

--- Ends it and everything it started; what is forked meanwhile is found at the next call.
---@return table<integer, string> killed command lines by pid
function Run:kill()
  if self.gone then return {} end
  local found = stem_from(self.pid)
  for pid in pairs(found) do pcall(uv.kill, pid, "sigkill") end
  return found
end

-- Calls back with the command lines of what it left running, once that has ended, by itself or by force.
function Run:_sweep(done)
  local over = now() + (self.late and 0 or self.grace)
  local timer, left = uv.new_timer(), {}
  timer:start(0, LOOK_MS, function()
    if not self.gone then
      if now() < over then return end
      for pid, line in pairs(self:kill()) do left[pid] = left[pid] or line end
      return
    end
    timer:close()
    local lines = {}
    for _, line in pairs(left) do lines[#lines + 1] = line end
    done(lines)
  end)
end

-- What it said, and what is to be said about it.
function Run:_text(left)
  local text = read(self.log)
  local lines = { text:sub(-1) ~= "\n" and text ~= "" and text .. "\n" or text }
  if self.late then
    lines[#lines + 1] = ("not ok - %s ends within %g s\n"):format(self.job.name, self.deadline)
  elseif #left > 0 then
    lines[#lines + 1] = ("not ok - %s leaves nothing running\n"):format(self.job.name)
  end
  for _, line in ipairs(self.late and {} or left) do lines[#lines + 1] = ("# left: %s\n"):format(line) end
  return table.concat(lines)
end

local function start_run(job, folder, grace, on_end)
  local self = setmetatable({ job = job, folder = folder, log = folder .. ".log", began = now(), grace = grace,
    deadline = job.deadline or pool.DEADLINE, timer = uv.new_timer(), status = "",
    took = { seconds = 0, user = 0, kernel = 0 } }, Run)
  assert(uv.fs_mkdir(folder, 448))
  self:_start(function()
    self:_sweep(function(left) on_end(self, self:_text(left)) end)
  end)
  return self
end

-- ---- all of them

local function on_signals(call)
  local signals = {}
  for i, name in ipairs { "sigint", "sigterm", "sighup" } do
    signals[i] = uv.new_signal()
    signals[i]:start(name, call)
    signals[i]:unref()
  end
  return signals
end

--- Runs all of them; returns what was counted, or nil and the signal that ended the runner.
---@param jobs pool.job[]
---@param options pool.options
---@return integer|nil passed, integer|string failed
function pool.run(jobs, options)
  local order, running, count, next_one = pool.order(jobs), {}, 0, 1
  local passed, failed, ended_by = 0, 0, nil
  local fill

  local function ended(run, text)
    running[run], count = nil, count - 1
    if ended_by then return end
    local good, bad = pool.count(text, run.code)
    passed, failed = passed + good, failed + bad
    if bad > 0 then text = text .. ("# FAILED: %s (exit code %d)\n"):format(run.job.name, run.code) end
    options.ended(run.job, text, run.took)
    fill()
  end

  function fill()
    while not ended_by and count < options.width and order[next_one] do
      local folder = ("%s/%d"):format(options.folder, next_one)
      local run = start_run(order[next_one], folder, options.grace or pool.GRACE, ended)
      running[run], count, next_one = true, count + 1, next_one + 1
    end
  end

  local signals = on_signals(function(name)
    ended_by = name
    for run in pairs(running) do
      run.late = true
      run:kill()
    end
  end)
  fill()
  uv.run()
  for _, signal in ipairs(signals) do signal:close() end
  if ended_by then return nil, ended_by end
  return passed, failed
end

return pool
