-- SPDX-License-Identifier: MIT
-- The edge's nginx as processes: finding the program, starting it detached (it outlives the service, as engines do),
-- finding the one that an earlier service started, ending it. Our processes are recognised by their working directory,
-- which is the edge's folder: a pid alone may belong to another process by now. When a master is killed, its workers go
-- on and keep the ports, so `end` ends every process that works in the folder. A search that fails (the service is out
-- of descriptors) does not mean that nginx is gone: it returns nil and the reason, and nothing is started or ended
-- because of it.

local child = require "cme.system.child"
local clock = require "cme.system.clock"
local codes = require "cme.codes"
local errno = require "cme.system.errno"
local files = require "cme.system.files"
local luv = require "cme.net.loop.luv"
local processes = require "cme.system.processes"
local task = require "cme.task"
local uv = require "luv"

local process = {}

local GONE_SECONDS = 5 -- for one that was told to end
local KILL_SECONDS = 1 -- for one that was killed, before it is killed again

local PROGRAM_FOLDERS = { "/usr/sbin", "/usr/local/sbin", "/usr/local/nginx/sbin" }
local MODULE_FOLDERS = { "/usr/lib/nginx/modules", "/usr/lib64/nginx/modules", "/usr/local/nginx/modules" }
local MODULE_NAME = "ngx_rtmp_module.so"

local function first(folders, name, mode)
  for _, folder in ipairs(folders) do
    local path = folder .. "/" .. name
    if uv.fs_access(path, mode) then return path end
  end
  return nil
end

--- Finds nginx and its rtmp module.
---@param path string|nil the environment's PATH
---@return { program: string, module: string }|nil
---@return string|nil message
---@return cme.detail|nil detail
function process.find(path)
  local folders = {}
  for folder in (path or ""):gmatch "[^:]+" do
    folders[#folders + 1] = folder
  end
  table.move(PROGRAM_FOLDERS, 1, #PROGRAM_FOLDERS, #folders + 1, folders)
  local program, module = first(folders, "nginx", "X"), first(MODULE_FOLDERS, MODULE_NAME, "R")
  if program and module then return { program = program, module = module } end
  return codes.fail(program and "local.no_nginx:module" or "local.no_nginx")
end

--- The pid of the nginx that runs in a folder.
---@param folder string its real path
---@return integer|false|nil pid false: none runs; nil: it could not be looked
---@return string|nil message
---@return cme.detail|nil detail
function process.running(folder)
  local text, message, detail = files.read(folder .. "/nginx.pid")
  if not text and detail.code ~= "local.file.absent" then return nil, message, detail end
  local pid = text and math.tointeger(tonumber(text))
  return pid and processes.works_in(pid, folder) and pid or false
end

local function signal_all(folder, signal)
  -- The master, its workers, and workers whose master is gone.
  local pids, message, detail = processes.working_in(folder)
  for _, pid in ipairs(pids or {}) do
    processes.kill(pid, signal)
  end
  return pids, message, detail
end

local function wait_gone(pids, deadline)
  for _, pid in ipairs(pids) do
    task.wait(function(wake) return processes.on_end(pid, wake) end, deadline - clock.monotonic())
  end
end

--- Ends all that runs in a folder; returns when it is gone. Waits; tasks only.
---@param folder string its real path
---@return true|nil
---@return string|nil message it could not be looked what runs there
---@return cme.detail|nil detail
function process.stop(folder)
  local deadline, signal = clock.monotonic() + GONE_SECONDS, "sigterm"
  repeat -- a worker may have been started meanwhile
    local pids, message, detail = signal_all(folder, signal)
    if not pids then return nil, message, detail end
    wait_gone(pids, deadline)
    if clock.monotonic() >= deadline then deadline, signal = clock.monotonic() + KILL_SECONDS, "sigkill" end
  until not pids[1]
  return true
end

--- Ends all that runs in a folder by force; it does not wait.
---@param folder string its real path
---@return true|nil
---@return string|nil message it could not be looked what runs there
---@return cme.detail|nil detail
function process.kill(folder)
  local pids, message, detail = signal_all(folder, "sigkill")
  return pids and true, message, detail
end

--- Ends all that runs in a folder, for the start and the end of the service: outside of tasks. Returns when it is gone.
---@param folder string its real path
function process.sweep(folder)
  luv.run(process.stop, folder)
end

--- Starts nginx in a folder that holds its nginx.conf.
---@param folder string its real path
---@param program string
---@param on_exit fun() once it has ended
---@return integer|nil pid
---@return string|nil message
---@return cme.detail|nil detail
function process.start(folder, program, on_exit)
  local log, fault, name = uv.fs_open(folder .. "/error.log", "a", files.OWNER_ONLY)
  if not log then return files.fail("in.open_file", folder .. "/error.log", fault, name) end
  local started, message, detail = child.spawn { program = program, cwd = folder, stdout = log, stderr = log,
    env = child.environment(uv.os_environ(), { "PATH" }, { "TZ=UTC" }), -- its master's title is written over it
    args = { "-p", folder, "-c", folder .. "/nginx.conf", "-e", folder .. "/error.log" }, detached = true,
    on_exit = on_exit }
  uv.fs_close(log)
  if not started then return nil, message, detail end
  started:unref() -- it goes on when the service ends
  return started.pid
end

--- Whether an address is free to listen on.
---@param host string
---@param port integer 0: a free one
---@return integer|nil port
---@return string|nil message
---@return cme.detail|nil detail
function process.try_port(host, port)
  local socket = uv.new_tcp()
  local ok, message, name = socket:bind(host, port)
  if ok then
    ok, message, name = socket:listen(1, function() end)
  end
  local found = ok and socket:getsockname().port
  socket:close()
  if found then return found end
  return codes.fail("local.listen", { reason = errno.reason(name, message) })
end

return process
