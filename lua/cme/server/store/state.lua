-- SPDX-License-Identifier: MIT
-- The state folder: STATE/{credentials,master.key,cme.db,node,lock,ballast,relays/,edge/,looks/,slates/,
-- pictures/}. Only one
-- service may use it at a time; management commands may use it beside a running service. The lock is SQLite's exclusive
-- lock on STATE/lock, held by an open transaction: the kernel releases it when the process ends in any way, and engines
-- do not inherit it. The kernel limits the length of socket names, so the folder's path must leave room for the
-- engines' sockets.

local codes = require "cme.codes"
local uv = require "luv"
local db = require "cme.server.store.db"
local files = require "cme.system.files"

local state = {}

local MAX_SOCKET_PATH = 107 -- sizeof sun_path - 1
local PROJECT_ID_SIZE = 31 -- "cmepid_" and 24 hex digits

---@class cme.server.store.state
---@field folder string
---@field relays string       folder of the engines' sockets and logs
---@field database string    of SQLite
---@field node string        what tells this service from others that share an etcd
---@field credentials string  the development key
---@field master_key string   what seals the other keys
---@field ballast string      space for the ends of runs
---@field edge string         folder of the edge, and of playback
---@field looks string        folder of the previews' sockets and logs
---@field slates string       folder of the slates that were made
---@field pictures string     folder of what viewers saw
---@field webhook_secret string what events are signed with
---@field private _lock cme.server.store.db|nil
local State = {}
State.__index = State
State.__name = "cme.server.store.state"

-- A folder's name in full; nil of any other, which the XDG specification says to ignore.
local function absolute(path)
  return path and path:match "^/.*[^/]" or nil
end

--- Where the state is kept unless told otherwise: below XDG_STATE_HOME, else HOME, else the home that the password
--- database has for this user.
---@param getenv fun(name: string): string|nil
---@param passwd fun(): { homedir: string|nil }|nil the user's entry; luv's os_get_passwd
---@return string|nil folder nil: there is no such place
function state.default_folder(getenv, passwd)
  local base = absolute(getenv "XDG_STATE_HOME")
  if base then return base .. "/cme" end
  local home = absolute(getenv "HOME") or absolute((passwd() or {}).homedir)
  return home and home .. "/.local/state/cme"
end

--- Whether the engines' sockets fit into a folder; pure.
---@param relays string
---@return true|nil
---@return string|nil message
---@return cme.detail|nil detail
function state.check_length(relays)
  local room = MAX_SOCKET_PATH - PROJECT_ID_SIZE - #"/.sock"
  if #relays <= room then return true end
  return codes.within("in.state_folder", { path = (relays:gsub("/relays$", "")) }, select(2, codes.fail(
    "server.state:long_name", { bytes = #relays - #"/relays", limit = room - #"/relays" })))
end

-- Why the lock is not to be had.
local function refuse_lock(path, folder, message, detail)
  if detail.code == "server.database.locked" then
    return codes.within("in.state_folder", { path = folder }, select(2, codes.fail "server.state:in_use"))
  elseif detail.code == "server.database.foreign" then -- nothing is ever kept in it
    message, detail = select(2, codes.fail "server.state:foreign_lock")
  end
  return codes.within("in.lock", { path = path }, message, detail)
end

local function take_lock(path, folder)
  local ok, message, detail = files.touch(path)
  if not ok then return nil, message, detail end
  local lock
  lock, message, detail = db.open(path)
  if not lock then return codes.within("in.lock", { path = path }, message, detail) end
  ok, message, detail = lock:exec "PRAGMA journal_mode = MEMORY" -- a full disk must be no reason not to get it
  if ok then
    ok, message, detail = lock:exec "BEGIN EXCLUSIVE"
  end
  if ok then return lock end
  lock:close()
  return refuse_lock(path, folder, message, detail)
end

-- The real path of a folder, which may not be there yet: that of the nearest one above it, and the rest.
local function real_path(folder)
  local path, rest = folder, ""
  local real = uv.fs_realpath(path)
  while not real do
    local above, name = path:match "^(.-)/*([^/]+)/*$"
    if not name then return folder end
    rest = "/" .. name .. rest
    path = above ~= "" and above or path:sub(1, 1) == "/" and "/" or "."
    real = uv.fs_realpath(path)
  end
  return (real == "/" and rest ~= "" and "" or real) .. rest
end

--- Makes the folder if needed, without taking it: for commands, while a service runs on it or none does.
---@param folder string
---@return cme.server.store.state|nil
---@return string|nil message
---@return cme.detail|nil detail
function state.share(folder)
  folder = real_path(folder)
  local self = setmetatable({
    folder = folder,
    relays = folder .. "/relays",
    database = folder .. "/cme.db",
    node = folder .. "/node",
    credentials = folder .. "/credentials",
    master_key = folder .. "/master.key",
    ballast = folder .. "/ballast",
    edge = folder .. "/edge",
    looks = folder .. "/looks",
    slates = folder .. "/slates",
    pictures = folder .. "/pictures",
    webhook_secret = folder .. "/webhook_secret",
  }, State)
  local ok, message, detail = state.check_length(self.relays) -- before anything is made
  if ok then
    ok, message, detail = files.make_folder(folder)
  end
  if not ok then return nil, message, detail end
  return self
end

--- Makes the folder if needed and takes it for this process.
---@param folder string
---@return cme.server.store.state|nil
---@return string|nil message
---@return cme.detail|nil detail
function state.open(folder)
  local self, message, detail = state.share(folder)
  if not self then return nil, message, detail end
  self._lock, message, detail = take_lock(self.folder .. "/lock", self.folder)
  if not self._lock then return nil, message, detail end
  local ok
  ok, message, detail = files.make_folder(self.relays)
  if ok then
    ok, message, detail = files.make_folder(self.looks)
  end
  if not ok then
    self:close()
    return nil, message, detail
  end
  return self
end

--- Lets go of the folder.
function State:close()
  if self._lock then
    self._lock:close()
    self._lock = nil
  end
end

return state
