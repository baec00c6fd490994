-- SPDX-License-Identifier: MIT
-- Makes the edge's nginx.conf from the addresses it listens on. Every path in it is relative to the edge's folder,
-- which is also nginx's working directory, so the text depends on nothing else: a running nginx whose file has the same
-- text needs no change. Engines publish to its application `show` what is to be looked at, on this machine alone: the
-- output of each project, previews of inputs. nginx asks the service for a playlist that is not there, and the service
-- may start a preview (previews.lua). nginx also reports every request for a playlist to the service.
--
-- A silent connection is closed: after 10 s without a handshake, 40 s after one. Some connections are reserved for
-- HTTP, which the service and the previews use, so that RTMP cannot take all of them.
--
-- Whether an engine may play or publish must not depend on the service, which may be down: nginx asks itself
-- (location /engine) for the secret that only this file and the engines' URLs hold. Pure.

local conf = {}

---@class cme.server.edge.address
---@field host string an IPv4 address
---@field port integer

---@class cme.server.edge.conf
---@field module string                 path of nginx's rtmp module
---@field rtmp cme.server.edge.address  where engines publish
---@field http cme.server.edge.address  where HLS is played from
---@field secret string                 hex; what engines prove themselves by
---@field superuser boolean             the service runs as root, and so do nginx's workers

local TEMPLATE = [[
# Written by cme serve at its start: changes here are lost. rtmp=%(rtmp)s http=%(http)s
load_module "%(module)s";
daemon off;
%(user)s
worker_processes 1;
worker_rlimit_nofile 4096;
pid nginx.pid;
error_log error.log error;
events { worker_connections 4096; }
rtmp {
  access_log off;
  max_connections 2048;
  timeout 10s;
  ping 30s;
  ping_timeout 10s;
  server {
    listen %(rtmp)s;
    notify_method get;
    application show {
      live on;
      drop_idle_publisher 10s;
      allow publish %(rtmp_here)s;
      deny publish all;
      deny play all;
      on_publish http://%(http_here)s/engine;
      hls on;
      hls_nested on;
      hls_path hls/show;
      hls_fragment 2s;
      hls_playlist_length 8s;
    }
  }
}
http {
  access_log off;
  server_tokens off;
  client_body_temp_path tmp/body; proxy_temp_path tmp/proxy; fastcgi_temp_path tmp/fastcgi;
  uwsgi_temp_path tmp/uwsgi; scgi_temp_path tmp/scgi;
  client_header_timeout 10s;
  client_max_body_size 1k;
  types { application/vnd.apple.mpegurl m3u8; video/mp2t ts; }
  server {
    listen unix:control.sock;
    location = /alive { return 200 $pid; }
    location /control { rtmp_control all; }
    location /stat { rtmp_stat all; }
  }
  server {
    listen %(http)s;
    root hls;
    location / { return 404; }
    location = /engine {
      if ($arg_engine = "%(secret)s") { return 204; }
      return 403;
    }
    add_header Access-Control-Allow-Origin * always;
    add_header Cache-Control no-cache always;
    log_not_found off;
    location ~ "^/hls/(?<project>cmepid_[0-9a-f]+)/(?<what>main|backup)/index\.m3u8$" {
      limit_except GET { deny all; }
      mirror /mirrored;
      try_files /show/$project-$what/index.m3u8 @look;
    }
    location ~ "^/hls/(?<project>cmepid_[0-9a-f]+)/(?<what>output|main|backup)/(?<file>[0-9a-z]+\.(?:m3u8|ts))$" {
      limit_except GET { deny all; }
      try_files /show/$project-$what/$file =404;
    }
    location @look {
      proxy_pass http://unix:notify.sock:/look?project=$project&what=$what;
      proxy_method GET;
      proxy_read_timeout 15s;
    }
    location = /mirrored {
      internal;
      proxy_pass http://unix:notify.sock:/looked?project=$project&what=$what;
      proxy_method GET;
      proxy_connect_timeout 1s;
      proxy_read_timeout 1s;
      error_log error.log emerg;
    }
    location ~ "^/looked/(?<project>cmepid_[0-9a-f]+)/(?<what>main|backup)$" {
      internal;
      try_files /show/$project-$what/index.m3u8 =404;
    }
  }
}
]]

---@param address cme.server.edge.address
---@return string
function conf.show(address)
  return ("%s:%d"):format(address.host, address.port)
end

--- How a program on this machine reaches what listens on an address.
---@param address cme.server.edge.address
---@return cme.server.edge.address
function conf.here(address)
  return { host = address.host == "0.0.0.0" and "127.0.0.1" or address.host, port = address.port }
end

--- Host that people are told, when they are told none: the one that is listened on, or this machine's name.
---@param host string
---@param hostname string
---@return string
function conf.domain(host, hostname)
  return host == "0.0.0.0" and hostname or host
end

---@param options cme.server.edge.conf
---@return string
function conf.text(options)
  local values = {
    module = options.module,
    rtmp = conf.show(options.rtmp),
    rtmp_here = conf.here(options.rtmp).host,
    http = conf.show(options.http),
    http_here = conf.show(conf.here(options.http)),
    secret = options.secret,
    user = options.superuser and "user root;" or "",
  }
  return (TEMPLATE:gsub("%%%(([%w_]+)%)s", values))
end

--- Where the nginx of a written nginx.conf listens; nil when the text is not one.
---@param text string
---@return { rtmp: cme.server.edge.address, http: cme.server.edge.address }|nil
function conf.addresses(text)
  local rtmp_host, rtmp_port, http_host, http_port = text:match "^[^\n]* rtmp=([%d.]+):(%d+) http=([%d.]+):(%d+)\n"
  if not rtmp_host then return nil end
  return { rtmp = { host = rtmp_host, port = math.tointeger(tonumber(rtmp_port)) },
    http = { host = http_host, port = math.tointeger(tonumber(http_port)) } }
end

return conf
