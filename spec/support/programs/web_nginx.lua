-- SPDX-License-Identifier: MIT
-- A real nginx as an HTTP, HTTPS and HTTP/2 server on 127.0.0.1, with certificates made by openssl for this run.
--
-- `/` answers "ok", `/echo` the request's body, `/slow` after 0.3 s. Every answer names its connection in
-- X-Connection, and every request is a line in `log()`. With an upstream, `/` is passed to that port instead; with an
-- answer, `/` gives that text as JSON.

local certificates = require "spec.support.programs.certificates"
local proc = require "spec.support.proc"

local CONF = [[
load_module /usr/lib/nginx/modules/ngx_http_echo_module.so;
daemon off;
master_process off;
user root;
pid {dir}/nginx.pid;
error_log {dir}/error.log notice;
events { worker_connections 4096; }
http {
  log_format calls '$connection $server_protocol $request_method $uri $status';
  access_log {dir}/calls.log calls;
  client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/fastcgi;
  uwsgi_temp_path {dir}/uwsgi; scgi_temp_path {dir}/scgi;
  client_max_body_size 16m;
  client_body_buffer_size 16m;
  keepalive_requests {requests};
  keepalive_timeout {idle}s;
  http2_max_concurrent_streams 128;
  default_type text/plain;
  add_header X-Connection $connection always;
  server {
    listen 127.0.0.1:{plain};
    {locations}
  }
  server {
    listen 127.0.0.1:{tls} ssl http2;
    ssl_certificate {dir}/good.pem;
    ssl_certificate_key {dir}/good.key;
    {locations}
  }
  server {
    listen 127.0.0.1:{tls1} ssl;
    ssl_certificate {dir}/good.pem;
    ssl_certificate_key {dir}/good.key;
    {locations}
  }
  server {
    listen 127.0.0.1:{misnamed} ssl;
    ssl_certificate {dir}/misnamed.pem;
    ssl_certificate_key {dir}/misnamed.key;
    {locations}
  }
  server {
    listen 127.0.0.1:{old} ssl;
    ssl_certificate {dir}/good.pem;
    ssl_certificate_key {dir}/good.key;
    ssl_protocols TLSv1 TLSv1.1;
    ssl_ciphers ALL:@SECLEVEL=0;
    {locations}
  }
}
]]

local TOP = 'return 200 "ok";'
local ANSWER = "default_type application/json; return 200 '%s';"
local UPSTREAM = "proxy_pass http://127.0.0.1:%d; proxy_set_header Host $http_host;"

local LOCATIONS = [[
    location = / { {top} }
    location = /echo { echo_read_request_body; echo_request_body; }
    location = /slow { echo_sleep 0.3; echo "slow"; }
    location = /header { return 200 "$http_x_test|$http_content_type|$http_expect|$request_method"; }
]]

---@class spec.web_nginx
---@field dir string
---@field plain integer     port of HTTP
---@field tls integer       port of HTTPS with HTTP/2, certificate for 127.0.0.1 and localhost
---@field tls1 integer      port of HTTPS without HTTP/2
---@field misnamed integer  port of HTTPS whose certificate is for another host
---@field old integer       port of HTTPS that speaks TLS 1.1 at most
---@field ca_file string    the CA that signed both
local Web = {}
Web.__index = Web

local web_nginx = {}

local function write_conf(self, options)
  local values = { requests = options.requests or 10000, idle = options.idle or 75 }
  local top = options.upstream and UPSTREAM:format(options.upstream) or TOP
  if options.answer then top = ANSWER:format(options.answer) end
  values.locations = LOCATIONS:gsub("{top}", function() return top end)
  setmetatable(values, { __index = self })
  local file = assert(io.open(self.dir .. "/nginx.conf", "w"))
  file:write((CONF:gsub("{(%w+)}", function(name) return tostring(values[name]) end)))
  file:close()
end

--- Starts one.
---@param options { requests: integer|nil, idle: integer|nil, upstream: integer|nil, answer: string|nil }|nil
---  requests: how many a connection serves before nginx retires it; idle: seconds before it closes an unused one;
---  upstream: the port that `/` is passed to; answer: what `/` answers, without ' and $
---@return spec.web_nginx
function web_nginx.start(options)
  local self = setmetatable({ dir = proc.folder() }, Web)
  local taken = {} -- a port is free again as soon as it is found, and may be found twice
  for _, name in ipairs { "plain", "tls", "tls1", "misnamed", "old" } do
    repeat self[name] = proc.free_port() until not taken[self[name]]
    taken[self[name]] = true
  end
  self.ca_file = certificates.ca(self.dir)
  certificates.issue(self.dir, "good", "IP:127.0.0.1,DNS:localhost")
  certificates.issue(self.dir, "misnamed", "DNS:other.example")
  write_conf(self, options or {})
  self.process = proc.spawn({ "nginx", "-c", self.dir .. "/nginx.conf", "-p", self.dir }, { name = "nginx" })
  self.process:expect_listening(self.old)
  return self
end

--- The lines "connection protocol method path status" of requests answered so far.
---@return string
function Web:log()
  local file = assert(io.open(self.dir .. "/calls.log"))
  local text = file:read "a"
  file:close()
  return text
end

function Web:stop()
  self.process:stop()
end

return web_nginx
