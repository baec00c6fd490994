-- SPDX-License-Identifier: MIT
-- The service's edge: an nginx with the rtmp module, detached like the engines, which receives what encoders push and
-- serves HLS previews. Its files are in STATE/edge:
--
--   nginx.conf  keys  error.log, .1   nginx.pid   hls/   tmp/
--   notify.sock    nginx asks the service whether somebody may publish; a service that is down means no
--   control.sock   the service asks nginx to drop a publisher
--
-- A crash of the service disconnects no publisher. The next service adopts the nginx if it runs with the configuration
-- that the service would write now; otherwise it ends that nginx and starts another. A supervisor restarts an nginx
-- that died, waiting longer after each failure. When the service ends in an orderly way, nginx keeps running while
-- broadcasts go on.
--
-- nginx.lua keeps it running.

local uv = require "luv"

local codes = require "cme.codes"
local conf = require "cme.server.edge.conf"
local edge_keys = require "cme.server.edge.keys"
local files = require "cme.system.files"
local http = require "cme.server.edge.http"
local ingest = require "cme.server.edge.ingest"
local nginx = require "cme.server.edge.nginx"
local process = require "cme.server.edge.process"
local luv = require "cme.net.loop.luv"
local task = require "cme.task"

local edge = {}

local MAX_LOG = 10 * 1024 * 1024 -- bytes; a larger one is set aside as error.log.1

---@class cme.server.edge.options
---@field folder string                 EDGE; made if needed
---@field rtmp cme.server.edge.address  port 0: the one it had, else a free one
---@field http cme.server.edge.address
---@field domain string|nil             host that encoders are told; default: the one that is listened on
---@field found { program: string, module: string }
---@field log cme.server.log
---@field clock cme.system.clock
---@field told (fun(reason: "Hung"|"Died"))|nil nginx or its worker is being replaced; must not wait

---@class cme.server.edge
---@field rtmp cme.server.edge.address  where it really listens
---@field http cme.server.edge.address
---@field private _options cme.server.edge.options
---@field private _folder string        the real path
---@field private _keys cme.server.edge.keys
---@field private _domain string        host:port of push addresses
---@field private _play_domain string   host:port of HLS
---@field private _find fun(stream: string): cme.server.project|nil, string|nil
---@field private _previews cme.server.edge.previews
---@field private _listener userdata|nil
---@field private _nginx cme.server.edge.nginx
local Edge = {}
Edge.__index = Edge
Edge.__name = "cme.server.edge"

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
-- encoders have them.
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

function Edge:_choose_ports()
  local options = self._options
  local before, fault, why = previous(self._folder)
  if not before then return nil, fault, why end
  for _, name in ipairs { "rtmp", "http" } do
    local host = options[name].host
    local port, message, detail = port_of(host, options[name].port, before[name], "--edge-" .. name)
    if not port then return nil, message, detail end
    self[name] = { host = host, port = port }
  end
  return true
end

local function make_folders(folder)
  for _, name in ipairs { "", "/tmp", "/hls", "/hls/ingest", "/hls/show", "/hls/input" } do
    local ok, message, detail = files.make_folder(folder .. name)
    if not ok then return nil, message, detail end
  end
  return uv.fs_realpath(folder)
end

--- Host that encoders are told, when they are told none: the one that is listened on, or this machine's name. Pure.
---@param host string
---@param hostname string
---@return string
function edge.domain(host, hostname)
  return host == "0.0.0.0" and hostname or host
end

function Edge:_public(name)
  local address = self[name]
  return ("%s:%d"):format(self._options.domain or edge.domain(address.host, uv.os_gethostname()), address.port)
end

--- Finds keys and ports; starts nothing yet.
---@param options cme.server.edge.options
---@return cme.server.edge|nil
---@return string|nil message
---@return cme.detail|nil detail
function edge.open(options)
  local self = setmetatable({ _options = options }, Edge)
  local ok, message, detail
  self._folder, message, detail = make_folders(options.folder)
  if not self._folder then return nil, message, detail end
  self._keys, message, detail = edge_keys.open(self._folder .. "/keys")
  if not self._keys then return nil, message, detail end
  ok, message, detail = self:_choose_ports()
  if not ok then return nil, message, detail end
  self._domain, self._play_domain = self:_public "rtmp", self:_public "http"
  self._nginx = nginx.new { folder = self._folder, program = options.found.program, rtmp = self.rtmp, http = self.http,
    clock = options.clock, log = options.log, told = options.told, text = function() return self:_text() end,
    came_up = function() self:_drop_strangers() end }
  return self
end

-- ---- nginx

function Edge:_text()
  return conf.text { module = self._options.found.module, rtmp = self.rtmp, http = self.http,
    secret = self._keys.secret, superuser = uv.getuid() == 0 }
end

--- Takes up the nginx that runs, or starts one, and keeps it up from now on; returns after the first attempt. Waits;
--- tasks only.
---@param find fun(stream: string): cme.server.project|nil, string|nil the project that has a stream; must not wait
---@param previews cme.server.edge.previews
---@return true|nil
---@return string|nil message nginx cannot ask us, so nobody could push
---@return cme.detail|nil detail
function Edge:start(find, previews)
  local message, detail
  self._find, self._previews = find, previews
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
function Edge:check()
  self._nginx:check()
end

--- Lets go of nginx; one that start() was not called for is left as it is. Once is enough, more is harmless.
---@param leave boolean it goes on; otherwise it ends, too
function Edge:close(leave)
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
function edge.sweep(folder)
  local real = uv.fs_realpath(folder)
  local there = real and process.running(real) and true or false
  if there then
    process.stop(real)
  end
  return there
end

-- nginx opens its log again when it is told to: nothing is lost.
--- Keeps the log within its bound; to be called from time to time.
function Edge:trim_log()
  local path = self._folder .. "/error.log"
  local stat, pid = files.stat(path), process.running(self._folder)
  if stat and pid and stat.size > MAX_LOG and uv.fs_rename(path, path .. ".1") then
    uv.kill(pid, "sigusr1")
    uv.fs_chmod(path .. ".1", files.OWNER_ONLY)
  end
end

-- ---- publishers

-- A look at the input by HLS must not tell the stream's name, which is half of an address.
function Edge:_link(project, endpoint, stream)
  local path = ("%s/hls/input/%s-%s"):format(self._folder, project, endpoint)
  files.remove(path)
  local ok, message = uv.fs_symlink("../ingest/" .. stream, path)
  if not ok then
    self._options.log:warn("no playback of a pushed input", { project = project, error = message })
  end
end

function Edge:_publish(query)
  local admitted, reason = ingest.admit(query, self._keys, self._options.clock.now(), self._find)
  if not admitted then
    self._options.log:warn("publisher refused", { reason = reason })
    return 403
  end
  self:_link(admitted.project, admitted.endpoint, admitted.stream)
  self._options.log:info("publisher admitted", { project = admitted.project, endpoint = admitted.endpoint })
  return 200
end

function Edge:_playlist(project, what)
  return ("%s/hls/show/%s-%s/index.m3u8"):format(self._folder, project, what)
end

--- Nothing more comes for a playlist that an engine made: nobody is to begin with what is left of it.
---@param project string
---@param what "output"|"main"|"backup"
function Edge:end_playback(project, what)
  files.remove(self:_playlist(project, what))
end

local function wait_for_file(path, seconds)
  task.wait(function(wake) return files.on_arrival(path, wake) end, seconds)
  return files.exists(path)
end

-- Somebody asks for the playlist of an input: `first` when it is not there (yet).
function Edge:_look(query, first)
  local project, endpoint = query:match "^project=([%w_]+)&what=(%l+)$"
  if not project then return 404 end
  if not first then return self._previews:looked(project, endpoint) end
  local status = self._previews:look(project, endpoint, function(seconds)
    return wait_for_file(self:_playlist(project, endpoint), seconds)
  end)
  return status, status == 200 and { ["X-Accel-Redirect"] = ("/looked/%s/%s"):format(project, endpoint) } or nil
end

function Edge:_answer(path, query)
  if path == "/publish" then
    return self:_publish(query)
  elseif path == "/look" or path == "/looked" then
    return self:_look(query, path == "/look")
  end
  return 404
end

function Edge:_drop(stream)
  local _, message = self._nginx:ask(("/control/drop/publisher?app=%s&name=%s"):format(ingest.app, stream))
  if message and self._nginx.up then
    self._options.log:error("publisher not dropped", { error = message })
  end
end

--- Drops who publishes what a project no longer has, and ends looks at what it had. Waits; tasks only.
---@param before cme.server.project
---@param after cme.server.project|nil nil: it is gone
function Edge:settle(before, after)
  local now = after and ingest.streams(after) or {}
  for endpoint, stream in pairs(ingest.streams(before)) do
    if now[endpoint] ~= stream then
      files.remove(("%s/hls/input/%s-%s"):format(self._folder, before.id, endpoint))
      self:_drop(stream)
    end
  end
  self._previews:settle(before.id)
  if not after then
    self:end_playback(before.id, "output")
  end
end

--- The streams that are published, from what nginx tells; pure.
---@param stat string the XML of /stat
---@return string[]
function edge.published(stat)
  local streams = {}
  local application = stat:match("<application>%s*<name>" .. ingest.app .. "</name>(.-)</application>") or ""
  for stream in application:gmatch "<stream>%s*<name>([^<]*)</name>" do
    streams[#streams + 1] = stream
  end
  return streams
end

-- A service that crashed may have deleted an input without dropping who publishes it.
function Edge:_drop_strangers()
  for _, stream in ipairs(edge.published(self._nginx:ask "/stat" or "")) do
    local record, message = self._find(stream)
    if not record and not message then
      self._options.log:warn "publisher of an input that is gone: dropping it"
      self:_drop(stream)
    end
  end
end

-- ---- addresses

--- The address that an encoder pushes to.
---@param stored string see ingest.lua
---@return string
function Edge:push_url(stored)
  return ingest.url(stored, self._domain, self._keys)
end

function Edge:_engine_url(app, stream)
  return ("rtmp://%s/%s/%s?engine=%s"):format(conf.show(conf.here(self.rtmp)), app, stream, self._keys.secret)
end

--- The address from which an engine pulls a pushed input.
---@param stored string see ingest.lua
---@return string
function Edge:pull_url(stored)
  return self:_engine_url(ingest.app, (ingest.parse(stored)))
end

--- The address to which an engine publishes for a look.
---@param stream string PROJECT-output, PROJECT-main or PROJECT-backup
---@return string
function Edge:publish_url(stream)
  return self:_engine_url("show", stream)
end

--- Tells this edge's addresses from another's.
---@return string
function Edge:address()
  return conf.show(self.rtmp)
end

--- Where a project's output or one of its inputs is played, as HLS.
---@param project string
---@param what "output"|"main"|"backup"
---@return string
function Edge:playback_url(project, what)
  return ("http://%s/hls/%s/%s/index.m3u8"):format(self._play_domain, project, what)
end

return edge
