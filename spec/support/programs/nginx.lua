-- SPDX-License-Identifier: MIT
-- A real nginx-rtmp that plays the streaming platforms: one application each, every publish logged, all recorded.

local proc = require "spec.support.proc"

local MODULE = "/usr/lib/nginx/modules/ngx_rtmp_module.so"

-- Every publish and its end reach our own http server as a callback, whose access log is the record.
local CONF = [[
load_module %(module)s;
daemon off;
master_process off;
user root;
pid %(dir)s/nginx.pid;
error_log %(dir)s/error.log notice;
events { worker_connections 4096; }
rtmp {
  access_log off;
  server {
    listen 127.0.0.1:%(port)d;
    chunk_size %(chunk_size)d;
    notify_method get;
%(apps)s
  }
}
http {
  access_log off;
  client_body_temp_path %(dir)s/body; proxy_temp_path %(dir)s/proxy; fastcgi_temp_path %(dir)s/fastcgi;
  uwsgi_temp_path %(dir)s/uwsgi; scgi_temp_path %(dir)s/scgi;
  log_format calls '$msec $arg_call $arg_app $arg_name';
  server {
    listen 127.0.0.1:%(http_port)d;
    location = /call { access_log %(dir)s/calls.log calls; return 200; }
    location /hls/ { root %(dir)s; types { application/vnd.apple.mpegurl m3u8; video/mp2t ts; } }
  }
}
]]

local APP = [[
    application %(app)s {
      live on;
      wait_key on;
      wait_video on;
      on_publish http://127.0.0.1:%(http_port)d/call;
      on_publish_done http://127.0.0.1:%(http_port)d/call;
      %(more)s
    }
]]

-- For benches: nothing that costs and is not relaying.
local PLAIN = [[
    application %(app)s {
      live on;
      %(more)s
    }
]]

local RECORD = "record all; record_path %(dir)s/rec/%(app)s; record_unique on; record_suffix .flv;"
local HLS = "hls on; hls_path %(dir)s/hls/%(app)s; hls_fragment 1s; hls_playlist_length 6s;"

local function fill(template, values)
  return (template:gsub("%%%((%w+_?%w*)%)%a", function(key)
    return tostring(assert(values[key], key))
  end))
end

---@class spec.nginx
---@field port integer       of rtmp
---@field http_port integer
---@field dir string
---@field keys string        what every stream key begins with; names are without it
local Nginx = {}
Nginx.__index = Nginx

local nginx = {}

--- Starts an nginx-rtmp.
---@param options { apps: string[], record: boolean|nil, hls: string[]|nil, port: integer|nil, plain: boolean|nil, more:
--- string|nil,
---  keys: string|nil, chunk_size: integer|nil }
---  apps: names of the applications; record: keep every publish as an FLV; hls: applications that also make HLS;
---  plain: no callbacks, so publishes are not known; more: further directives of each application;
---  keys: what every stream key begins with, "hush-": tools/secrets.sh looks for it;
---  chunk_size: bytes of what it sends, 4096 as nginx-rtmp has it
---@return spec.nginx
function nginx.start(options)
  local self = setmetatable({ apps = options.apps, keys = options.keys or "hush-", options = options }, Nginx)
  self.dir = proc.folder()
  self.port, self.http_port = options.port or proc.free_port(), proc.free_port()
  local hls = {}
  for _, app in ipairs(options.hls or {}) do hls[app] = true end
  local apps = {}
  for i, app in ipairs(options.apps) do
    local values = { dir = self.dir, app = app, http_port = self.http_port }
    proc.run { "mkdir", "-p", self.dir .. "/rec/" .. app, self.dir .. "/hls/" .. app }
    values.more = (options.record and fill(RECORD, values) or "") .. (hls[app] and fill(HLS, values) or "")
      .. (options.more or "")
    apps[i] = fill(options.plain and PLAIN or APP, values)
  end
  local file = assert(io.open(self.dir .. "/nginx.conf", "w"))
  file:write(fill(CONF, {
    module = MODULE, dir = self.dir, port = self.port, http_port = self.http_port, apps = table.concat(apps),
    chunk_size = options.chunk_size or 4096,
  }))
  file:close()
  self:up()
  return self
end

--- Starts the process (again), on the same ports.
function Nginx:up()
  self.proc = proc.spawn({ "nginx", "-p", self.dir, "-c", self.dir .. "/nginx.conf", "-e", self.dir .. "/error.log" },
    { name = "nginx" })
  self.proc:expect_listening(self.port)
end

function Nginx:url(app, name)
  return ("rtmp://127.0.0.1:%d/%s/%s%s"):format(self.port, app, self.keys, name)
end

function Nginx:hls_url(app, name)
  return ("http://127.0.0.1:%d/hls/%s/%s%s.m3u8"):format(self.http_port, app, self.keys, name)
end

--- The publishes of an application so far, and when those that have ended did.
---@param app string
---@param stream string|nil those of this name alone
---@return { name: string, at: number, ended: number|nil }[] the oldest first
function Nginx:publishes(app, stream)
  local list = {}
  local file = io.open(self.dir .. "/calls.log")
  if not file then return list end
  for at, call, its_app, name in file:read "a":gmatch "(%S+) (%S+) (%S+) (%S+)\n" do
    name = name:sub(1, #self.keys) == self.keys and name:sub(#self.keys + 1) or name
    local wanted = its_app == app and (not stream or name == stream)
    if wanted and call == "publish" then
      list[#list + 1] = { name = name, at = tonumber(at) }
    elseif wanted and call == "publish_done" then
      for i = #list, 1, -1 do -- the last one: of those before a kill the end was never told
        if list[i].name == name and not list[i].ended then
          list[i].ended = tonumber(at)
          break
        end
      end
    end
  end
  file:close()
  return list
end

--- Waits until `count` publishes have begun in an application.
function Nginx:expect_publish(app, count, timeout)
  proc.eventually(("publish %d to %s"):format(count or 1, app), timeout or 20, function()
    return #self:publishes(app) >= (count or 1)
  end)
end

--- Waits until nobody publishes to an application any more (its recordings are complete then).
function Nginx:expect_silence(app, timeout)
  proc.eventually("the publishes to " .. app .. " to end", timeout or 20, function()
    for _, publish in ipairs(self:publishes(app)) do
      if not publish.ended then return false end
    end
    return true
  end)
end

--- Waits until whoever publishes from now on is recorded in another file than those before. nginx-rtmp names a
--- recording by the second, and opens it, emptied, even for a publish that it then refuses.
---@param app string
function Nginx:expect_new_recording(app)
  proc.eventually("a second in which nobody began to publish to " .. app, 20, function()
    local now = os.time()
    for _, publish in ipairs(self:publishes(app)) do
      if publish.at + 1 > now then return false end
    end
    return true
  end)
end

--- The recordings of an application, oldest first.
---@return string[]
function Nginx:recordings(app)
  local _, out = proc.run { "find", self.dir .. "/rec/" .. app, "-name", "*.flv", "-size", "+0" }
  local list = {}
  for path in out:gmatch "[^\n]+" do list[#list + 1] = path end
  table.sort(list)
  return list
end

function Nginx:stop()
  self.proc:stop()
end

return nginx
