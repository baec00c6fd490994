-- SPDX-License-Identifier: MIT
-- An nginx that answers as the service would, from a script: projects are created and started by the thousand without
-- an engine for each. Every answer takes `delay` seconds. `calls()` counts what was asked, by action.

local proc = require "spec.support.proc"

local CONF = [[
load_module /usr/lib/nginx/modules/ngx_http_echo_module.so;
daemon off;
master_process off;
user root;
worker_rlimit_nofile 16384;
pid {dir}/nginx.pid;
error_log {dir}/error.log notice;
events { worker_connections 8192; }
http {
  log_format calls '$http_x_tc_action $status';
  access_log {dir}/calls.log calls;
  client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/fastcgi;
  uwsgi_temp_path {dir}/uwsgi; scgi_temp_path {dir}/scgi;
  keepalive_requests 10000;
  default_type application/json;
  map $request_body $asked { default ''; '~"ProjectIds":\["(?<id>[^"]+)"' $id; }
  map $http_x_tc_action $members {
    default '';
    CreateProject '"ProjectId":"$request_id",';
    DescribeProjects '"TotalCount":1,"ProjectInfoSet":[{"ProjectId":"$asked","Category":"STREAM_CONNECT",
      "StreamConnectProjectInfo":{"Status":"Working"}}],';
  }
  server {
    listen 127.0.0.1:{port} backlog=4096;
    location / {
      echo_read_request_body;
      echo_sleep {delay};
      echo '{"Response":{$members"RequestId":"$request_id"}}';
    }
  }
}
]]

---@class spec.stub_service
---@field port integer
---@field url string
---@field dir string
local Stub = {}
Stub.__index = Stub

local stub_service = {}

--- Starts one.
---@param delay number|nil seconds before each answer, 0.1 when nil
---@return spec.stub_service
function stub_service.start(delay)
  local self = setmetatable({ dir = proc.folder(), port = proc.free_port() }, Stub)
  self.url = ("http://127.0.0.1:%d"):format(self.port)
  local values = { dir = self.dir, port = self.port, delay = delay or 0.1 }
  local file = assert(io.open(self.dir .. "/nginx.conf", "w"))
  file:write((CONF:gsub("{(%l+)}", function(name) return values[name] and tostring(values[name]) end)))
  file:close()
  self.process = proc.spawn({ "nginx", "-c", self.dir .. "/nginx.conf", "-p", self.dir }, { name = "the stub service" })
  self.process:expect_listening(self.port)
  return self
end

--- How often each action was called and answered so far.
---@return table<string, integer>
function Stub:calls()
  local counts = {}
  for line in io.lines(self.dir .. "/calls.log") do
    local action = line:match "^(%a+) 200$"
    if action then counts[action] = (counts[action] or 0) + 1 end
  end
  return counts
end

--- The environment of a script for this service.
function Stub:environment()
  return { CME_ENDPOINT = self.url, CME_PLATFORM = "test", TENCENTCLOUD_SECRET_ID = "AKIDEXAMPLE",
    TENCENTCLOUD_SECRET_KEY = "key", LUA_PATH = package.path .. ";;", LUA_CPATH = package.cpath .. ";;" }
end

--- Options of a client for this service.
function Stub:client_options()
  return { endpoint = self.url, platform = "test", secret_id = "AKIDEXAMPLE", secret_key = "key", rate = false }
end

function Stub:stop()
  self.process:stop()
end

return stub_service
