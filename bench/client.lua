-- SPDX-License-Identifier: MIT
-- `make bench-client`: the client beside bare OpenSSL and libcurl in C, Lua written by hand, and the official Node SDK.
--
-- One nginx answers every call with the same 900 bytes on core 0; the clients, one process per figure, run on core 1.
-- A round asks each client in turn for each figure, so that what else the machine does falls on all of them alike;
-- figures are medians over the rounds, ratios the medians of each round's ratio to the floor. CME_BENCH_ROUNDS
-- sets how many (7). A client whose parts are not installed is left out and named.
--
-- The floor neither makes nor reads JSON, and signs nothing in its calls. "parts" does all three with as little as C
-- can, by the libraries that the client has: lua-cjson, OpenSSL, libcurl. What the client costs beyond it is its own.

package.path = "./?.lua;" .. package.path
local build = require "spec.support.paths".build
local cjson = require "cjson"
local node_sdk = require "spec.support.programs.node_sdk"
local proc = require "spec.support.proc"
local web_nginx = require "spec.support.programs.web_nginx"

local SERVER_CORE, CLIENT_CORE = "0", "1"
local ROUNDS = tonumber(os.getenv "CME_BENCH_ROUNDS") or 7
local TIMED = build .. "/bench/client/timed"

---@class bench.peer
---@field name string
---@field argv string[]       what mode and arguments follow
---@field modules string[]|nil Lua modules it needs
---@field most integer        calls in flight that it can have
---@field http2 boolean|nil
---@field env table<string, string>|nil
---@field native boolean|nil  callgrind can count its instructions
---@field calls boolean|nil   it only makes calls: it signs as the floor does
---@field slow boolean|nil    a connection per call: a fifth of the calls say enough

---@type bench.peer[]
local PEERS = {
  { name = "floor", argv = { build .. "/bench/client/floor" }, most = 64, http2 = true, native = true },
  { name = "parts", argv = { build .. "/bench/client/parts" }, most = 64, http2 = true, calls = true },
  {
    name = "cme", argv = { "lua5.4", "bench/client/cme.lua" }, most = 64, http2 = true, native = true,
    env = {
      LUA_PATH_5_4 = "./lua/?.lua;./lua/?/init.lua;;", LUA_CPATH_5_4 = build .. "/lib/lua/5.4/?.so;;",
    },
  },
  {
    name = "luasocket", argv = { "lua5.4", "bench/client/handwritten.lua" }, most = 1, native = true, slow = true,
    modules = { "cjson", "openssl.hmac", "socket.http", "ssl.https" },
  },
  {
    name = "lua-curl, 5.1", argv = { "lua5.1", "bench/client/handwritten.lua" }, most = 1, http2 = true, native = true,
    modules = { "cjson", "openssl.hmac", "socket", "curl" },
  },
  {
    name = "Node SDK", argv = { "node", "bench/client/node.js" }, most = 64,
    env = { NODE_PATH = node_sdk.modules },
  },
}

---@class bench.figure
---@field name string
---@field server string   field of spec.web_nginx with the port
---@field warm integer    calls before those that count: what a first call loads is in "start to first call" alone
---@field count integer
---@field flight integer
---@field cold boolean|nil the process is measured, not the calls

local function figure(name, server, flight, cold)
  return {
    name = name, server = server, flight = flight, cold = cold, warm = cold and 0 or flight > 1 and 1 or 50,
    count = cold and 1 or flight > 1 and 1000 or 500,
  }
end

---@type bench.figure[]
local FIGURES = {
  figure("one by one, HTTP", "plain", 1),
  figure("one by one, HTTPS", "tls1", 1),
  figure("one by one, HTTP/2", "tls", 1),
  figure("64 in flight, HTTP", "plain", 64),
  figure("64 in flight, HTTPS", "tls1", 64),
  figure("64 in flight, HTTP/2", "tls", 64),
  figure("start to first call", "plain", 1, true),
}

local REQUEST = {
  Platform = "test", Category = "STREAM_CONNECT", Name = "直播多平台分发",
  Owner = { Type = "PERSON", Id = "user_id_109993839" },
  StreamConnectProjectInput = {
    MainInput = {
      InputType = "LivePull", LivePullInputInfo = { InputUrl = "https://play.example.com/cme/src_live.flv" },
    },
    BackupInput = {
      InputType = "LivePull", LivePullInputInfo = { InputUrl = "https://play.example.com/cme/src_backup.flv" },
    },
    Outputs = {
      { Id = "1", Name = "推流1", Type = "URL", PushUrl = "rtmp://push.example.com/cme/live1?txSecret=a1b2&txTime=5F" },
      { Id = "2", Name = "推流2", Type = "URL", PushUrl = "rtmp://push.example.com/cme/live2?txSecret=a1b2&txTime=5F" },
    },
  },
  Description = "",
}

local ANSWER = {
  ProjectId = "5ed8b3c6e4b0d1a2f3c4d5e6", RequestId = "4de77d60-2c3f-4b2a-9f66-1f4d9d9a2b1c",
  RtmpPushInputInfoSet = {
    { ExpiredSecond = 86400, PushUrl = "rtmp://push.example.com/cme/main" },
    { ExpiredSecond = 86400, PushUrl = "rtmp://push.example.com/cme/backup" },
  },
}

-- JSON of 900 bytes: `grow` lengthens one of the value's texts.
local function nine_hundred(value, grow)
  grow ""
  grow(("x"):rep(900 - #cjson.encode(value)))
  return (cjson.encode(value):gsub("\\/", "/"))
end

local function payloads()
  local request = nine_hundred(REQUEST, function(text) REQUEST.Description = text end)
  local first = ANSWER.RtmpPushInputInfoSet[1]
  local answer = nine_hundred({ Response = ANSWER }, function(text)
    first.PushUrl = "rtmp://push.example.com/cme/main?txSecret=" .. text
  end)
  local path = proc.folder() .. "/payload.json"
  local file = assert(io.open(path, "w"))
  file:write(request)
  file:close()
  return path, answer
end

local function run(argv, options)
  local code, out, err = proc.run(argv, options)
  if code ~= 0 then error(("%s: exit %s\n%s%s"):format(table.concat(argv, " "), code, out, err), 0) end
  return out, err
end

local function succeeds(argv)
  local ok, code = pcall(proc.run, argv, { timeout = 300 })
  return ok and code == 0
end

-- ---- who takes part

-- Why a client cannot take part; nil when it can.
local function lack(peer)
  if peer.argv[1] == "node" then
    if not succeeds { "node", "--version" } then return "node is not installed" end
    return not node_sdk.install() and "npm could not install " .. node_sdk.package or nil
  end
  for _, name in ipairs(peer.modules or {}) do
    if not succeeds { peer.argv[1], "-e", ("require '%s'"):format(name) } then
      return ("%s cannot load '%s'"):format(peer.argv[1], name)
    end
  end
end

local function participants()
  local list = {}
  for _, peer in ipairs(PEERS) do
    local why = lack(peer)
    if why then print(("left out: %s: %s"):format(peer.name, why)) else list[#list + 1] = peer end
  end
  return list
end

-- ---- measuring

local function append(argv, ...)
  local list = table.pack(table.unpack(argv))
  for _, more in ipairs { ... } do list[#list + 1] = tostring(more) end
  return list
end

-- Microseconds per piece, wall and CPU; milliseconds and KiB of the whole process.
local function measure(peer, ...)
  local out = run(append({ TIMED, CLIENT_CORE, table.unpack(peer.argv) }, ...), { env = peer.env, timeout = 300 })
  local wall, cpu = out:match "each (%S+) (%S+)"
  local start, _, rss = out:match "process (%S+) (%S+) (%d+)"
  return tonumber(wall), tonumber(cpu), tonumber(start), tonumber(rss)
end

local COUNTED = 1000

-- Instructions per signature: what a thousand more take, so that loading and the first ones do not count.
local function instructions(peer, payload)
  local total = {}
  for i, count in ipairs { 100, 100 + COUNTED } do
    local tool = { "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null" }
    for _, word in ipairs(peer.argv) do tool[#tool + 1] = word end
    local _, err = run(append(tool, "sign", payload, count), { env = peer.env, timeout = 300 })
    total[i] = tonumber(err:match "Collected : (%d+)")
  end
  return (total[2] - total[1]) / COUNTED
end

local function connections(web, from)
  local seen, count = {}, 0
  for number in web:log():sub(from):gmatch "(%d+) [^\n]*\n" do
    if not seen[number] then seen[number], count = true, count + 1 end
  end
  return count
end

local function unit_of(f)
  return f.flight > 1 and { "ms", f.count / 1000 } or { "us", 1 }
end

-- What one client did in one round, by the name of the line it belongs to.
local function ask(web, payload, peer, f, put)
  local from = #web:log() + 1
  local scheme = f.server == "plain" and "http" or "https"
  local url = ("%s://127.0.0.1:%d/"):format(scheme, web[f.server])
  local wall, cpu, process, rss = measure(peer, "call", payload, url, scheme == "https" and web.ca_file or "-", f.warm,
    peer.slow and math.ceil(f.count / 5) or f.count, f.flight)
  if f.cold then return put(f.name .. ", ms", process) end
  local unit = unit_of(f)
  put(("%s, %s"):format(f.name, unit[1]), wall * unit[2])
  put(f.name .. ", CPU us per call", cpu)
  if f.flight > 1 then put(f.name .. ", connections", connections(web, from)) end
  if f.flight > 1 and f.server == "tls1" then put(f.name .. ", peak RSS MB", rss / 1024) end
end

---@type string[] lines in the order in which they came up
local lines = {}
---@type table<string, table<string, number[]>> by line and client: one value per round
local values = {}

local function record(line, peer, value)
  if not values[line] then
    values[line] = {}
    lines[#lines + 1] = line
  end
  local list = values[line][peer.name] or {}
  values[line][peer.name] = list
  list[#list + 1] = value
end

local function can(peer, f)
  return f.flight <= peer.most and (f.server ~= "tls" or peer.http2)
end

local function one_round(web, payload, peers)
  for _, peer in ipairs(peers) do
    if not peer.calls then record("sign, us", peer, (select(2, measure(peer, "sign", payload, 5000)))) end
  end
  for _, f in ipairs(FIGURES) do
    for _, peer in ipairs(peers) do
      if can(peer, f) then
        ask(web, payload, peer, f, function(line, value) record(line, peer, value) end)
      end
    end
  end
end

-- ---- the table

local function median(list)
  local sorted = table.pack(table.unpack(list))
  table.sort(sorted)
  local half = #sorted // 2
  return #sorted % 2 == 1 and sorted[half + 1] or (sorted[half] + sorted[half + 1]) / 2
end

local function ratios(list, floor)
  local found = {}
  for i, value in ipairs(list) do found[i] = value / floor[i] end
  return median(found)
end

local function cell(line, peer)
  local list, floor = values[line][peer.name], values[line].floor
  if not list then return "-" end
  local value = median(list)
  local text = (value >= 100 and "%.0f" or "%.1f"):format(value)
  return peer.name == "floor" and text or ("%s (%.2fx)"):format(text, ratios(list, floor))
end

local function print_table(peers)
  local format = "%-41s" .. (" %16s"):rep(#peers)
  local names = {}
  for i, peer in ipairs(peers) do names[i] = peer.name end
  print(format:format("", table.unpack(names)))
  for _, line in ipairs(lines) do
    local cells = {}
    for i, peer in ipairs(peers) do cells[i] = cell(line, peer) end
    print(format:format(line, table.unpack(cells)))
  end
end

-- Beside what no client in Lua can leave out.
local function print_own(name)
  print(("%s: ratio to its parts"):format(name))
  for _, line in ipairs(lines) do
    local list, parts = values[line][name], values[line].parts
    if list and parts and (line:find "CPU" or line:find "start") then
      print(("%-41s %16s"):format(line, ("%.2fx"):format(ratios(list, parts))))
    end
  end
end

local function main()
  local peers = participants()
  local payload, answer = payloads()
  local web = web_nginx.start { answer = answer }
  for _, peer in ipairs(peers) do
    if peer.argv[1] == "node" then peer.env.NODE_EXTRA_CA_CERTS = web.ca_file end
  end
  run { "taskset", "-acp", SERVER_CORE, tostring(web.process.pid) }
  for i = 1, ROUNDS do
    io.stderr:write(("client bench: round %d of %d\n"):format(i, ROUNDS))
    one_round(web, payload, peers)
  end
  for _, peer in ipairs(peers) do
    if peer.native then record("sign, instructions", peer, instructions(peer, payload)) end
  end
  print(("client: medians of %d rounds; in brackets the ratio to bare OpenSSL and libcurl"):format(ROUNDS))
  print_table(peers)
  print_own "cme"
end

local ok, message = xpcall(main, debug.traceback)
proc.cleanup()
if not ok then
  io.stderr:write(message, "\n")
  os.exit(1)
end
