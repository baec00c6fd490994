-- SPDX-License-Identifier: MIT
-- Playback of the service's edge: an nginx with the rtmp module, detached like the engines, to which engines publish
-- what is to be looked at, and which serves it as HLS. No encoder reaches it. Its files are in STATE/edge:
--
--   nginx.conf  error.log, .1   nginx.pid   hls/   tmp/
--   notify.sock    nginx asks the service for a playlist that is not there
--   control.sock   the service asks nginx for a sign of life
--
-- The next service adopts the nginx if it runs with the configuration that the service would write now; otherwise it
-- ends that nginx and starts another. nginx.lua keeps it running.

local uv = require "luv"

local codes = require "cme.codes"
local conf = require "cme.server.edge.conf"
local files = require "cme.system.files"
local http = require "cme.server.edge.http"
local nginx = require "cme.server.edge.nginx"
local process = require "cme.server.edge.process"
local luv = require "cme.net.loop.luv"
local task = require "cme.task"

local viewing = {}

local MAX_LOG = 10 * 1024 * 1024 -- bytes; a larger one is set aside as error.log.1
local HERE = "127.0.0.1" -- where engines publish

---@class cme.server.edge.viewing.options
---@field folder string                 EDGE, its real path
---@field http cme.server.edge.address  port 0: the one it had, else a free one
---@field domain string|nil             host that viewers are told; default: the one that is listened on
---@field secret string                 hex; what engines prove themselves by
---@field found { program: string, module: string }
---@field log cme.server.log
---@field clock cme.system.clock
---@field told (fun(reason: "Hung"|"Died"))|nil nginx or its worker is being replaced; must not wait

---@class cme.server.edge.viewing
---@field http cme.server.edge.address  where it really listens
---@field private _rtmp cme.server.edge.address  where engines publish
---@field private _options cme.server.edge.viewing.options
---@field private _folder string
---@field private _previews cme.server.edge.previews
---@field private _listener userdata|nil
---@field private _nginx cme.server.edge.nginx
local Viewing = {}
Viewing.__index = Viewing
Viewing.__name = "cme.server.edge.viewing"

-- ---- opening

local function port_of(host, wanted, before, option)
  local running = before and before.host == host and before.port
  if running and (wanted == 0 or wanted == running) then return running end
  local port, message, detail = process.try_port(host, wanted)
  if port then return port end
  return codes.fail("local.listen:edge", { address = ("%s:%d"):format(host, wanted), option = option,
    reason = codes.words(message, detail) })
end

-- The ports of an nginx of ours that runs are not free, and need not be; those of one that ran are tried first, since
-- viewers have them.
local function previous(folder)
  local text = files.read(folder .. "/nginx.conf")
  local addresses = text and conf.addresses(text)
  local running, message, detail = process.running(folder)
  if running == nil then return nil, message, detail end
  if not addresses or running then return addresses or {} end
  process.sweep(folder) -- workers whose master was killed
  for name, address in pairs(addresses) do
    addresses[name] = process.try_port(address.host, address.port) and address or nil
  end
  return addresses
end

function Viewing:_choose_ports()
  local options = self._options
  local before, fault, why = previous(self._folder)
  if not before then return nil, fault, why end
  for name, wanted in pairs { http = options.http, _rtmp = { host = HERE, port = 0 } } do
    local port, message, detail = port_of(wanted.host, wanted.port, before[name:gsub("^_", "")], "--edge-" .. name)
    if not port then return nil, message, detail end
    self[name] = { host = wanted.host, port = port }
  end
  return true
end

local function make_folders(folder)
  for _, name in ipairs { "/tmp", "/hls", "/hls/show" } do
    local ok, message, detail = files.make_folder(folder .. name)
    if not ok then return nil, message, detail end
  end
  return true
end

function Viewing:_text()
  return conf.text { module = self._options.found.module, rtmp = self._rtmp, http = self.http,
    secret = self._options.secret, superuser = uv.getuid() == 0 }
end

--- Finds ports; starts nothing yet.
---@param options cme.server.edge.viewing.options
---@return cme.server.edge.viewing|nil
---@return string|nil message
---@return cme.detail|nil detail
function viewing.open(options)
  local self = setmetatable({ _options = options, _folder = options.folder }, Viewing)
  local ok, message, detail = make_folders(options.folder)
  if ok then ok, message, detail = self:_choose_ports() end
  if not ok then return nil, message, detail end
  self._nginx = nginx.new { folder = self._folder, program = options.found.program, rtmp = self._rtmp,
    http = self.http, clock = options.clock, log = options.log, told = options.told,
    text = function() return self:_text() end, came_up = function() end }
  return self
end

-- ---- nginx

--- Takes up the nginx that runs, or starts one, and keeps it up from now on; returns after the first attempt. Waits;
--- tasks only.
---@param previews cme.server.edge.previews
---@return true|nil
---@return string|nil message nginx cannot ask us
---@return cme.detail|nil detail
function Viewing:start(previews)
  local message, detail
  self._previews = previews
  self._listener, message, detail = http.serve(self._folder .. "/notify.sock", function(path, query)
    return self:_answer(path, query)
  end)
  if not self._listener then return nil, message, detail end
  luv.detach(self._nginx.keep, self._nginx)
  if not self._nginx.up then self._nginx.changed:wait(nginx.UP_SECONDS) end
  return true
end

--- Looks whether nginx lives, and asks it for a sign of that; to be called once a pulse.PERIOD. Does not wait; tasks
--- only.
function Viewing:check()
  self._nginx:check()
end

--- Lets go of nginx; one that start() was not called for is left as it is. Once is enough, more is harmless.
---@param leave boolean it goes on; otherwise it ends, too
function Viewing:close(leave)
  if self._nginx:over() then return end
  self._nginx:release()
  if self._listener then
    self._listener:close()
  end
  if self._listener and not leave then
    process.sweep(self._folder)
  end
end

--- Ends an nginx that an earlier service left in a folder, when this one has no edge. Waits; tasks only.
---@param folder string
---@return boolean there was one
function viewing.sweep(folder)
  local real = uv.fs_realpath(folder)
  local there = real and process.running(real) and true or false
  if there then
    process.stop(real)
  end
  return there
end

-- nginx opens its log again when it is told to: nothing is lost.
--- Keeps the log within its bound; to be called from time to time.
function Viewing:trim_log()
  local path = self._folder .. "/error.log"
  local stat, pid = files.stat(path), process.running(self._folder)
  if stat and pid and stat.size > MAX_LOG and uv.fs_rename(path, path .. ".1") then
    uv.kill(pid, "sigusr1")
    uv.fs_chmod(path .. ".1", files.OWNER_ONLY)
  end
end

function Viewing:_playlist(project, what)
  return ("%s/hls/show/%s-%s/index.m3u8"):format(self._folder, project, what)
end

--- Nothing more comes for a playlist that an engine made: nobody is to begin with what is left of it.
---@param project string
---@param what "output"|"main"|"backup"
function Viewing:end_playback(project, what)
  files.remove(self:_playlist(project, what))
end

local function wait_for_file(path, seconds)
  task.wait(function(wake) return files.on_arrival(path, wake) end, seconds)
  return files.exists(path)
end

-- Somebody asks for the playlist of an input: `first` when it is not there (yet).
function Viewing:_look(query, first)
  local project, endpoint = query:match "^project=([%w_]+)&what=(%l+)$"
  if not project then return 404 end
  if not first then return self._previews:looked(project, endpoint) end
  local status = self._previews:look(project, endpoint, function(seconds)
    return wait_for_file(self:_playlist(project, endpoint), seconds)
  end)
  return status, status == 200 and { ["X-Accel-Redirect"] = ("/looked/%s/%s"):format(project, endpoint) } or nil
end

function Viewing:_answer(path, query)
  if path == "/look" or path == "/looked" then return self:_look(query, path == "/look") end
  return 404
end

--- Ends looks at what a project had. Waits; tasks only.
---@param before cme.server.project
---@param after cme.server.project|nil nil: it is gone
function Viewing:settle(before, after)
  self._previews:settle(before.id)
  if not after then self:end_playback(before.id, "output") end
end

-- ---- addresses

--- The address to which an engine publishes for a look.
---@param stream string PROJECT-output, PROJECT-main or PROJECT-backup
---@return string
function Viewing:publish_url(stream)
  return ("rtmp://%s/show/%s?engine=%s"):format(conf.show(self._rtmp), stream, self._options.secret)
end

--- Tells this edge's addresses from another's.
---@return string
function Viewing:address()
  return conf.show(self._rtmp)
end

--- Where a project's output or one of its inputs is played, as HLS.
---@param project string
---@param what "output"|"main"|"backup"
---@return string
function Viewing:playback_url(project, what)
  local host = self._options.domain or conf.domain(self.http.host, uv.os_gethostname())
  return ("http://%s:%d/hls/%s/%s/index.m3u8"):format(host, self.http.port, project, what)
end

return viewing
