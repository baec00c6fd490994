-- SPDX-License-Identifier: MIT
-- cme: sends one live source to many platforms, with Tencent Cloud CME or `cme serve`. This file only gathers the
-- public names. Requiring it does no I/O, starts no thread and reads no environment; the first cme.client{} reads the
-- environment, and the first call opens the transport.
--
--   local cme = require "cme"
--   local show = cme.project { name = "live-1", owner = "me", input = "https://...", outputs = { "rtmp://..." } }
--   local _, warning = assert(show:start { stop_at = "2026-11-22T22:00:00+08:00" })

local client = require "cme.client"

---@class cme
---@field version string
---@field run fun(fn: function, ...: any): any ...
---@field embed fun(fn: function, ...: any): cme.embedded
---@field spawn fun(fn: function, ...: any): cme.task
---@field parallel fun(list: any[], fn: function, limit: integer|nil): any[], table[], table[]
---@field sleep fun(seconds: number)
---@field sleep_until fun(at: number|string|table)
---@field wait fun(arm: (fun(wake: fun(...: any)): (fun()|nil)), seconds: number|nil): any ...
---@field signal fun(): cme.task.signal
---@field locks fun(): cme.task.locks
local cme = { version = require "cme.version" }

local default

-- The client that projects have when none is named, made when first needed.
local function default_client()
  default = default or client.new {}
  return default
end

--- Creates a client; see cme.client.options.
---@param given cme.client.options|nil
---@return cme.client
function cme.client(given)
  return client.new(given)
end

--- Creates a project object of the default client, which takes its settings from the environment. Nothing is sent.
---@param spec cme.project.spec|string a spec, or the id of an existing project
---@return cme.project
function cme.project(spec)
  return require "cme.project".new(default_client(), spec) -- not above: a script of calls alone need not wait for it
end

local TASKS = { run = true, embed = true, spawn = true, parallel = true, sleep = true, sleep_until = true, wait = true,
  signal = true, locks = true }

-- Tasks, which cme.task describes, are loaded when the first of these names is asked for.
setmetatable(cme, {
  __index = function(self, name)
    if not TASKS[name] then return nil end
    require "cme.net.host" -- what runs are made of in this process
    local task = require "cme.task"
    for one in pairs(TASKS) do rawset(self, one, task[one]) end
    return task[name]
  end,
})

return cme
