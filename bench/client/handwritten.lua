-- SPDX-License-Identifier: MIT
-- What a Lua user writes by hand: lua-cjson, TC3 as the API's pages tell it on luaossl, and luasocket
-- with luasec (Lua 5.4) or lua-curl (Lua 5.1). Arguments and output are those of floor.c; one call at a time only.

local cjson = require "cjson"
local digest = require "openssl.digest"
local hmac = require "openssl.hmac"

local ID, KEY, HOST = "benchid0123456789", "benchkey0123456789", "cme.tencentcloudapi.com"

local file = assert(io.open(arg[2]))
local payload = file:read "*a"
file:close()

local function hex(bytes)
  return (bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

local function sha256(text)
  return hex(digest.new("sha256"):final(text))
end

local function mac(key, text)
  return hmac.new(key, "sha256"):final(text)
end

local function authorization(host, body, timestamp)
  local date = os.date("!%Y-%m-%d", timestamp)
  local canonical = table.concat({
    "POST", "/", "", "content-type:application/json", "host:" .. host, "", "content-type;host", sha256(body),
  }, "\n")
  local scope = date .. "/cme/tc3_request"
  local text = table.concat({ "TC3-HMAC-SHA256", timestamp, scope, sha256(canonical) }, "\n")
  local key = mac(mac(mac("TC3" .. KEY, date), "cme"), "tc3_request")
  return ("TC3-HMAC-SHA256 Credential=%s/%s, SignedHeaders=content-type;host, Signature=%s"):format(ID, scope,
    hex(mac(key, text)))
end

local function report(count, clock, run)
  local wall, cpu = clock(), os.clock()
  run(count)
  wall, cpu = clock() - wall, os.clock() - cpu
  io.write(("each %.3f %.3f\n"):format(wall / count * 1e6, cpu / count * 1e6))
end

if arg[1] == "sign" then
  report(tonumber(arg[3]), os.clock, function(count)
    for i = 1, count do authorization(HOST, payload, 1572307200 + i % 86400) end
  end)
  return
end

local url, ca_file = arg[3], arg[4]
local params = cjson.decode(payload)
local host = url:match "//([^/]+)"

-- Debian has lua-curl for Lua 5.1 only: one easy handle, reused.
local function with_curl()
  local curl = require "curl"
  local handle = curl.easy_init()
  handle:setopt(curl.OPT_URL, url)
  handle:setopt(curl.OPT_FAILONERROR, 1)
  if ca_file ~= "-" then handle:setopt(curl.OPT_CAINFO, ca_file) end
  local parts
  handle:setopt(curl.OPT_WRITEFUNCTION, function(text)
    parts[#parts + 1] = text
    return #text
  end)
  return function(body, headers)
    local lines = {}
    parts = {}
    for name, value in pairs(headers) do lines[#lines + 1] = name .. ": " .. value end
    handle:setopt(curl.OPT_HTTPHEADER, lines)
    handle:setopt(curl.OPT_POSTFIELDS, body)
    assert(handle:perform() == 0)
    return table.concat(parts)
  end
end

-- A connection per call: luasocket keeps none.
local function with_socket()
  local ltn12 = require "ltn12"
  local request = url:match "^https" and require "ssl.https".request or require "socket.http".request
  return function(body, headers)
    local parts = {}
    headers["Content-Length"] = #body
    local _, status = assert(request {
      url = url,
      method = "POST",
      headers = headers,
      source = ltn12.source.string(body),
      sink = ltn12.sink.table(parts),
      verify = ca_file ~= "-" and "peer" or nil,
      cafile = ca_file ~= "-" and ca_file or nil,
    })
    assert(status == 200, status)
    return table.concat(parts)
  end
end

local post = (_VERSION == "Lua 5.1" and with_curl or with_socket)()

local function call()
  local body, timestamp = cjson.encode(params), os.time()
  local answer = post(body, {
    ["Content-Type"] = "application/json",
    Host = host,
    Authorization = authorization(host, body, timestamp),
    ["X-TC-Action"] = "CreateProject",
    ["X-TC-Version"] = "2019-10-29",
    ["X-TC-Timestamp"] = tostring(timestamp),
  })
  return assert(cjson.decode(answer).Response.ProjectId)
end

local function run(count)
  for _ = 1, count do call() end
end

run(tonumber(arg[5]))
report(tonumber(arg[6]), require "socket".gettime, run)
