-- SPDX-License-Identifier: MIT
-- A fleet to break: three hosts, each with a member of etcd and `cme serve`, and a fourth host that is the rest of the
-- world: the encoder, the platform that refuses nobody (bench/fleet/judge.c) and a strict one (nginx-rtmp).

local uv = require "luv"

local host = require "spec.support.proofs.fleet.host"
local http = require "cme.http"
local keys = require "cme.server.store.keys"
local media = require "spec.support.programs.media"
local paths = require "spec.support.paths"
local proc = require "spec.support.proc"
local strict = require "spec.support.proofs.fleet.strict"
local verdict = require "spec.support.proofs.fleet.verdict"

local stage = {}

local HOSTS, WORLD = 3, 100 -- the fourth host's number
local RTMP, JUDGE, API, HLS, CLIENTS, PEERS = 1935, 1936, 8156, 8157, 2379, 2380 -- ports
local READY = 90 -- seconds until something answers
local HEARTBEAT, ELECTION = "50", "300" -- ms: another leader must be there before leases of 3 s are over
local IDLE = 5 -- seconds after which the strict platform lets a silent publisher go
local LOOK = { size = "320x180", rate = 15, gop = 15, bitrate = "150k", picture = "testsrc2", tone = 440,
  sample_rate = 16000, channels = 1, profile = "main", bframes = 0 }
local CLOCKS = 'require "spec.support.paths" print(require "cme.http".clocks())'
local CLOCK_SLACK = 60 -- seconds that a loaded machine may take to look
local FAKETIME = "/usr/lib/%s/faketime/libfaketimeMT.so.1"

local NGINX = [[
load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
daemon off; master_process off; user root;
pid %(dir)s/nginx.pid; error_log %(dir)s/nginx.log error;
events { worker_connections 1024; }
rtmp { access_log off; server { listen %(address)s:%(port)d; chunk_size 4096; notify_method get;
  application source { live on; }
  application strict { live on; drop_idle_publisher %(idle)ds;
    on_publish http://127.0.0.1:8080/; on_publish_done http://127.0.0.1:8080/; } } }
http { access_log off; client_body_temp_path %(dir)s/body; proxy_temp_path %(dir)s/proxy;
  fastcgi_temp_path %(dir)s/fastcgi; uwsgi_temp_path %(dir)s/uwsgi; scgi_temp_path %(dir)s/scgi;
  log_format calls '$msec $arg_call $arg_name $arg_addr $arg_clientid';
  server { listen 127.0.0.1:8080; location = / { access_log %(dir)s/strict.log calls; return 200; } } }
]]

---@class spec.fleet.stage
---@field dir string
---@field hosts spec.fleet.host[]
---@field world spec.fleet.host
---@field verdict spec.fleet.verdict
---@field lease integer          seconds
---@field projects integer
---@field pushed integer         how many of them have an encoder, which pushes to any of the hosts
---@field interrupted boolean    somebody pressed Ctrl-C
---@field private _options table
---@field private _judge spec.proc
---@field private _writer spec.proc
---@field faketime string|nil     the library that sets wall clocks; nil: there is none
local Stage = {}
Stage.__index = Stage

--- Microseconds of the clock that the judge stamps with.
---@return integer
function stage.now_us() return uv.hrtime() // 1000 end

--- Waits; raises when somebody interrupts.
---@param what string|fun():string
---@param seconds number
---@param condition fun():any
function Stage:wait(what, seconds, condition)
  local result = proc.eventually(what, seconds, function() return self.interrupted or condition() end)
  if self.interrupted then error("interrupted", 0) end
  return result
end

--- Lets time pass.
---@param seconds number
function Stage:pass(seconds)
  local over = stage.now_us() + seconds * 1e6
  self:wait("time to pass", seconds + 5, function() return stage.now_us() >= over end)
end

-- ---- the world

local function write_file(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

local function listens(one, port)
  return proc.run(one:argv { "sh", "-c", ("grep -qi ':%04X 00000000:0000 0A' /proc/net/tcp"):format(port) }) == 0
end

local function start_nginx(self)
  local values = { dir = self.dir, address = self.world.address, port = RTMP, idle = IDLE }
  write_file(self.dir .. "/nginx.conf", (NGINX:gsub("%%%((%w+)%)%a", values)))
  self.world:spawn({ "nginx", "-p", self.dir, "-c", self.dir .. "/nginx.conf", "-e", self.dir .. "/nginx.log" },
    { name = "nginx" })
  self:wait("nginx-rtmp", READY, function() return listens(self.world, RTMP) end)
end

-- Its own reader: a judge says more in an hour than a string should hold.
local function start_judge(self)
  local program = paths.build .. "/bench/fleet/judge"
  local output = uv.new_pipe(false)
  local argv = self.world:argv { program, ("%s:%d"):format(self.world.address, JUDGE) }
  self._judge_input = uv.new_pipe(false)
  local args = table.move(argv, 1, #argv, 4, { "--pdeathsig", "KILL", "--" })
  assert(uv.spawn("setpriv", { args = args, stdio = { self._judge_input, output, 2 } }, function() end))
  local rest = ""
  output:read_start(function(_, chunk)
    if not chunk then return output:close() end
    rest = (rest .. chunk):gsub("([^\n]*)\n", function(line)
      self.verdict:take(line)
      return ""
    end)
  end)
  self:wait("the judge", READY, function() return listens(self.world, JUDGE) end)
end

local function start_world(self)
  self.world = host.new(WORLD)
  start_nginx(self)
  start_judge(self)
  self.source = ("rtmp://%s:%d/source/main"):format(self.world.address, RTMP)
  local look = setmetatable({ gop = LOOK.rate * self._options.gop }, { __index = LOOK })
  self._loop = media.file(self.dir .. "/loop.flv", 20, look)
  self.world:spawn({ "ffmpeg", "-nostdin", "-loglevel", "error", "-re", "-stream_loop", "-1", "-i", self._loop, "-c",
    "copy", "-f", "flv", self.source }, { name = "source" })
end

-- An encoder that pushes to one host, and to the next one when that is over. What is not taken is soon noticed.
local ENCODER = [[
at=$1 file=$2; shift 2
while :; do
  for url in "$@"; do
    echo "$url" | cut -d/ -f3 >"$at"
    ffmpeg -nostdin -loglevel error -re -stream_loop -1 -i "$file" -c copy -f flv -rw_timeout 1000000 \
      -send_buffer_size 8192 "$url"
    sleep 0.2
  done
done]]

local function start_encoder(self, name, url)
  local argv = { "sh", "-c", ENCODER, "encoder", self.dir .. "/pushes-" .. name, self._loop }
  for _, one in ipairs(self.hosts) do
    argv[#argv + 1] = (url:gsub("^rtmp://[^/]+", ("rtmp://%s:%d"):format(one.address, RTMP)))
  end
  self.world:spawn(argv, { name = "encoder " .. name })
end

--- How long the strict platform was free before it was published to again, since a time.
---@param since number seconds of the wall clock
---@return number[] seconds for each stream that went to another host
function Stage:strict_waits(since) return strict.waits(io.lines(self.dir .. "/strict.log"), since) end

-- ---- hosts

local function url(one, port) return ("http://%s:%d"):format(one.address, port) end

-- All hosts' URLs; those of one host first, for who is on it.
local function all(self, port, first)
  local urls = first and { url(first, port) } or {}
  for _, one in ipairs(self.hosts) do urls[#urls + 1] = one ~= first and url(one, port) or nil end
  return urls
end

-- Starts a program on a host. What it says goes into a file of the stage, which KEEP keeps.
local function start_logged(self, one, name, argv, env)
  local log = assert(uv.fs_open(("%s/%s%d.log"):format(self.dir, name, one.number), "a", 384))
  one:spawn(argv, { name = ("%s %d"):format(name, one.number), env = env, stderr = log })
  uv.fs_close(log)
end

--- Starts the member of etcd of a host, with what it had. Without --pre-vote, which is off in etcd 3.4, a member that
--- was cut off makes the others elect anew when it is back, and leases are over meanwhile.
---@param one spec.fleet.host
function Stage:start_member(one)
  local peers = {}
  for i, other in ipairs(self.hosts) do peers[i] = ("h%d=%s"):format(i, url(other, PEERS)) end
  start_logged(self, one, "etcd", { "etcd", "--name", "h" .. one.number,
    "--data-dir", ("%s/etcd%d"):format(self.dir, one.number),
    "--listen-client-urls", url(one, CLIENTS), "--advertise-client-urls", url(one, CLIENTS),
    "--listen-peer-urls", url(one, PEERS), "--initial-advertise-peer-urls", url(one, PEERS),
    "--initial-cluster", table.concat(peers, ","), "--heartbeat-interval", HEARTBEAT, "--election-timeout", ELECTION,
    "--pre-vote=true", "--logger", "zap", "--log-level", "warn" })
end

-- What tells a host's programs how far their wall clock is off.
local function clock_file(self, one) return ("%s/clock%d"):format(self.dir, one.number) end

-- What everything of ours on a host is started with.
local function environment(self, one)
  local loaded = { os.getenv "LD_PRELOAD" }
  local values = { CME_FLEET_HOST = tostring(one.number) }
  if self._options.unfenced then loaded[#loaded + 1] = uv.fs_realpath(paths.build .. "/bench/fleet/unfenced.so") end
  if self.faketime then
    loaded[#loaded + 1] = self.faketime
    values.FAKETIME_TIMESTAMP_FILE, values.FAKETIME_NO_CACHE = clock_file(self, one), "1"
    values.FAKETIME_DONT_FAKE_MONOTONIC = "1"
  end
  values.LD_PRELOAD = #loaded > 0 and table.concat(loaded, ":") or nil
  return values
end

-- An edge costs its engines something, so hosts have one only where something is pushed.
local function edge_of(self, one)
  if self.pushed == 0 then return { "--edge", "off" } end
  return { "--edge-rtmp", ("%s:%d"):format(one.address, RTMP), "--edge-http", ("%s:%d"):format(one.address, HLS) }
end

--- Starts `cme serve` on a host, with what it had.
---@param one spec.fleet.host
function Stage:start_service(one)
  local argv = { "bin/cme", "serve", "--state", ("%s/state%d"):format(self.dir, one.number), "--listen", url(one, API),
    "--rate-limit", "off", "--default-stop", "none", "--platform", "test",
    "--etcd", table.concat(all(self, CLIENTS, one), ","), "--seal-key", self.dir .. "/seal.key",
    "--node", "h" .. one.number, "--capacity", tostring(2 * self.projects), "--advertise", url(one, API),
    "--lease", self.lease .. "s", table.unpack(edge_of(self, one)) }
  start_logged(self, one, "serve", argv, environment(self, one))
end

local function set_clock(self, one, seconds) write_file(clock_file(self, one), ("%+d\n"):format(seconds)) end

--- Sets the wall clock of a host's programs so many seconds off, and makes sure that no other clock is.
---@param one spec.fleet.host
---@param seconds integer
function Stage:step_clock(one, seconds)
  set_clock(self, one, seconds)
  local before = table.pack(http.clocks())
  local code, out, err = proc.run(one:argv { "lua5.4", "-e", CLOCKS }, { env = environment(self, one) })
  assert(code == 0, err)
  local seen, i = {}, 0
  for text in out:gmatch "%S+" do seen[#seen + 1] = tonumber(text) end
  for _, off in ipairs { 0, seconds, 0 } do -- monotonic, wall, boot
    i = i + 1
    assert(math.abs(seen[i] - before[i] - off) < CLOCK_SLACK, "clocks are not as they were set: " .. out)
  end
end

--- Starts what is missing on a host.
---@param one spec.fleet.host
function Stage:mend(one)
  if not one:is_up() then one:raise() end
  if #one:pids "^etcd " == 0 then self:start_member(one) end
  if #one:pids "cme serve" == 0 then self:start_service(one) end
end

-- The answer to a GET, nil without one.
local function get(address)
  local code, out = proc.run { "curl", "-sS", "--max-time", "3", address }
  return code == 0 and out or nil
end

local function is_ready(one)
  return (get(url(one, API) .. "/healthz") or ""):find "^ok" and (get(url(one, CLIENTS) .. "/health") or ""):find "true"
end

--- Waits until each host answers, its etcd too.
function Stage:expect_ready()
  for _, one in ipairs(self.hosts) do
    self:wait(function() return ("host %d to answer; %s"):format(one.number, self:last_words(one)) end, READY,
      function() return is_ready(one) end)
  end
end

--- The end of a service's log.
---@param one spec.fleet.host
---@return string
function Stage:last_words(one)
  local _, out = proc.run { "tail", "-c", "1500", ("%s/serve%d.log"):format(self.dir, one.number) }
  return out
end

local function ask_member(one, path, body)
  local address = url(one, CLIENTS) .. "/v3/maintenance" .. path
  return select(2, proc.run { "curl", "-sS", "--max-time", "3", "-d", body, address })
end

local function status(one)
  local out = ask_member(one, "/status", "{}")
  return out:match '"member_id":"(%d+)"', out:match '"leader":"(%d+)"'
end

--- The host whose member leads etcd; nil: none does right now.
---@return spec.fleet.host|nil
function Stage:leader()
  for _, one in ipairs(self.hosts) do
    local own, leads = status(one)
    if own and own == leads then return one end
  end
  return nil
end

-- Addresses of hosts that publish.
local function busy(self)
  local seen = {}
  for _, result in ipairs(self.verdict:results(stage.now_us())) do seen[result.host or ""] = true end
  return seen
end

--- A host that publishes something; not the one that leads etcd, of which there are faults of their own, unless no
--- other does.
---@return spec.fleet.host
function Stage:busy_host()
  local list, seen, leader = {}, busy(self), self:leader()
  for _, one in ipairs(self.hosts) do
    if seen[one.address] and one ~= leader then list[#list + 1] = one end
  end
  return list[math.random(math.max(1, #list))] or leader
end

--- The host that leads etcd and publishes; nil: another one leads, and was asked to hand that over.
---@return spec.fleet.host|nil
function Stage:busy_leader()
  local leader = self:leader()
  if not leader or busy(self)[leader.address] then return leader end
  local id = status(self:busy_host())
  if id then ask_member(leader, "/transfer-leadership", ('{"targetID":"%s"}'):format(id)) end
  return nil
end

--- The host that an encoder pushes to; nil: it is about to choose one.
---@return spec.fleet.host|nil
function Stage:pushed_host()
  local file <close> = assert(io.open(self.dir .. "/pushes-q01"))
  local address = file:read "a":match "^(.*):%d+\n$"
  for _, one in ipairs(self.hosts) do
    if one.address == address then return one end
  end
end

-- ---- what runs

-- All nodes have the same key that signs requests.
local function share_keys(self)
  assert(proc.run { "bin/cme", "serve", "seal-key", self.dir .. "/seal.key" } == 0)
  local text = keys.generate()
  for _, one in ipairs(self.hosts) do
    local folder = ("%s/state%d"):format(self.dir, one.number)
    assert(uv.fs_mkdir(folder, 448))
    write_file(folder .. "/credentials", text)
    assert(uv.fs_chmod(folder .. "/credentials", 384))
    set_clock(self, one, 0)
  end
  self._environment = { CME_PLATFORM = "test" }
  self._environment.TENCENTCLOUD_SECRET_ID, self._environment.TENCENTCLOUD_SECRET_KEY = keys.parse(text)
end

local function start_projects(self)
  local argv = { "lua5.4", "spec/support/programs/fleet_writer.lua", tostring(self._options.seed),
    table.unpack(all(self, API)) }
  self._writer = proc.spawn(argv, { name = "writer", env = self._environment, stdin = true })
  local world = "rtmp://" .. self.world.address
  local platforms = ("%s:%d/strict/ %s:%d/live/"):format(world, RTMP, world, JUDGE)
  self._writer:write(("start %d %s %s\n"):format(self.projects - self.pushed, self.source, platforms))
  self._writer:expect("started", READY)
  self._writer:write(("push %d %s\n"):format(self.pushed, platforms))
  for i = 1, self.pushed do
    local name = ("q%02d"):format(i)
    start_encoder(self, name, self._writer:expect("pushed " .. name .. " (%S+)\n", READY))
  end
  self:wait(function() return self.projects .. " projects on the air" end, READY, function()
    return self:is_on_air()
  end)
end

--- Has a node stand by for each project, or none; waits until that is so.
---@param on boolean
function Stage:set_standbys(on)
  self._writer.out = ""
  self._writer:write(("standby %s\n"):format(on and "on" or "off"))
  self._writer:expect("standing", READY)
end

--- Whether each project had a picture in the last second and a half.
---@return boolean
function Stage:is_on_air() return self.verdict:on_air(stage.now_us(), 1.5) == self.projects end

---@class spec.fleet.written
---@field writes integer      that were acknowledged so far
---@field unanswered integer
---@field lost integer

--- Reads all that the writer knows to be written.
---@return spec.fleet.written
function Stage:check_writes()
  self._writer.out = ""
  self._writer:write "check\n"
  local writes, unanswered, lost = self._writer:expect("checked (%d+) (%d+) (%d+)\n", 240)
  return { writes = tonumber(writes), unanswered = tonumber(unanswered), lost = tonumber(lost),
    words = self._writer.out:match "lost '[^\n]*" }
end

-- A sanitizer wants to be loaded first, and so does this.
local function find_faketime()
  if os.getenv "LD_PRELOAD" then return nil end
  local _, name = proc.run { "gcc", "-print-multiarch" }
  local path = FAKETIME:format(name:match "%S*")
  return uv.fs_stat(path) and path or nil
end

--- Puts all of it up, in a network of the runner's own.
---@param options { seed: integer, projects: integer, pushed: integer|nil, lease: integer, gop: integer,
---  unfenced: boolean|nil }
---@return spec.fleet.stage
function stage.start(options)
  local self = setmetatable({ dir = proc.folder(), hosts = {}, lease = options.lease, projects = options.projects,
    pushed = options.pushed or 0, verdict = verdict.new(), interrupted = false, _options = options,
    faketime = find_faketime() }, Stage)
  for _, name in ipairs { "sigint", "sigterm" } do
    uv.new_signal():start(name, function() self.interrupted = true end)
  end
  host.lay_bridge()
  for i = 1, HOSTS do self.hosts[i] = host.new(i) end
  start_world(self)
  share_keys(self)
  for _, one in ipairs(self.hosts) do self:start_member(one) end
  for _, one in ipairs(self.hosts) do self:start_service(one) end
  self:expect_ready()
  start_projects(self)
  return self
end

return stage
