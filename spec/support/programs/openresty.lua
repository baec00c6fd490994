-- SPDX-License-Identifier: MIT
-- Debian's nginx with its Lua module (LuaJIT): what an OpenResty user runs. Every location but those that the options
-- add is answered by one piece of Lua.

local error_log = require "spec.support.programs.error_log"
local files = require "spec.support.files"
local heard = require "spec.support.heard"
local proc = require "spec.support.proc"

local MODULES = "/usr/lib/nginx/modules/"

-- lua_package_path starts with the checkout's own; the C modules are those of the build under test.
local CONF = [[
load_module {modules}ndk_http_module.so;
load_module {modules}ngx_http_lua_module.so;
daemon off;
user root;
{main}
worker_processes 1;
pid {dir}/nginx.pid;
error_log {dir}/error.log notice;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/fastcgi;
  uwsgi_temp_path {dir}/uwsgi; scgi_temp_path {dir}/scgi;
  lua_package_path "{root}/lua/?.lua;{root}/lua/?/init.lua;{root}/?.lua;;";
  lua_package_cpath "{root}/{build}/lib/lua/5.1/?.so;;";
  {http}
  server {
    listen 127.0.0.1:{port} backlog=2048;
    client_max_body_size 16m;
    client_body_buffer_size 16m;
    {locations}
    location / { default_type text/plain; content_by_lua_file {dir}/content.lua; }
  }
}
]]

---@class spec.open_resty
---@field port integer
---@field dir string
local OpenResty = {}
OpenResty.__index = OpenResty

local openresty = {}

--- Starts an nginx whose every request runs `content` (Lua for LuaJIT).
---@param content string
---@param options { main: string|nil, http: string|nil, locations: string|nil, env: table|nil }|nil more of nginx.conf,
--- environment
---@return spec.open_resty
function openresty.start(content, options)
  options = options or {}
  local self = setmetatable({ dir = proc.folder(), port = proc.free_port() }, OpenResty)
  local _, root = proc.run { "pwd" }
  local build = require("spec.support.paths").build
  local values = {
    modules = MODULES, dir = self.dir, port = self.port, root = root:gsub("%s+$", ""), build = build,
    main = options.main or "", http = options.http or "", locations = options.locations or "",
  }
  -- An instrumented module needs its runtime; nginx itself keeps memory to its end, so leaks are not looked for.
  local env = options.env or {}
  if build:match "asan" then env.LD_PRELOAD, env.ASAN_OPTIONS = os.getenv "LD_PRELOAD", "detect_leaks=0" end
  files.write(self.dir .. "/nginx.conf", (CONF:gsub("{(%l+)}", values)))
  files.write(self.dir .. "/content.lua", content)
  self.proc = proc.spawn({ "nginx", "-p", self.dir, "-c", self.dir .. "/nginx.conf", "-e", self.dir .. "/error.log" },
    { name = "nginx", env = env })
  self.proc:expect_listening(self.port, 20)
  return self
end

--- Does one request; returns the status and the body.
---@param path string|nil "/" when nil
---@param data string|nil a body to POST
---@return integer status, string body
function OpenResty:get(path, data)
  local argv = {
    "curl", "--silent", "--show-error", "--noproxy", "*", "--max-time", "90", "--write-out", "\n%{http_code}",
    ("http://127.0.0.1:%d%s"):format(self.port, path or "/"),
  }
  if data then
    files.write(self.dir .. "/data", data)
    argv[#argv + 1], argv[#argv + 2] = "--data-binary", "@" .. self.dir .. "/data"
  end
  local code, out, err = proc.run(argv, { timeout = 100 })
  assert(code == 0, err)
  local body, status = out:match "^(.*)\n(%d+)$"
  return tonumber(status), body
end

--- Lines of the error log of level error and above.
---@return string[]
function OpenResty:errors()
  return error_log.errors(self.dir .. "/error.log")
end

--- Ends nginx in order: the workers finish, their Lua states are closed.
function OpenResty:stop()
  self.proc:kill "sigquit"
  self.proc:wait(20)
  heard.keep("openresty", files.read(self.dir .. "/error.log"))
end

return openresty
