-- SPDX-License-Identifier: MIT
-- cme: one live source to many platforms, over Tencent Cloud CME or `cme serve`. This file only gathers the public
-- names. Requiring it does no I/O, starts no thread and reads no environment: that waits for the first cme.client{},
-- and for the transport until the first call.
--
--   local cme = require "cme"
--   local show = cme.project { name = "live-1", owner = "me", input = "https://...", outputs = { "rtmp://..." } }
--   local _, warning = assert(show:start { stop_at = "2026-11-22T22:00:00+08:00" })

local client = require "cme.client"
require "cme.net.host" -- what runs are made of in this process
local task = require "cme.task"

---@class cme
---@field version string
---@field run fun(fn: function, ...: any): any ...
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

--- Makes a client; see cme.client.options.
---@param given cme.client.options|nil
---@return cme.client
function cme.client(given)
  return client.new(given)
end

--- Makes a project of the default client, which is configured by the environment.
---@param spec cme.project.spec|string a spec, or the id of an existing project
---@return cme.project
function cme.project(spec)
  return require "cme.project".new(default_client(), spec) -- not above: a script of calls alone need not wait for it
end

-- Tasks: see cme.task, which says what each does.
cme.run = task.run
cme.spawn = task.spawn
cme.parallel = task.parallel
cme.sleep = task.sleep
cme.sleep_until = task.sleep_until
cme.wait = task.wait
cme.signal = task.signal
cme.locks = task.locks

return cme
