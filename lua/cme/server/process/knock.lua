-- SPDX-License-Identifier: MIT
-- Knocks at a destination without publishing: resolves the name, connects, with TLS if the URL says so (by openssl
-- s_client, verified), and begins the handshake: RTMP's (RTMP 1.0, 5.2), or SRT's induction (version 4 asks, version 5
-- and the magic 4A17h answer), after which a listener keeps nothing. One deadline bounds all steps. Only the host and
-- port of the URL are used and shown. Tasks only.

local codes = require "cme.codes"
local child = require "cme.system.child"
local clock = require "cme.system.clock"
local errno = require "cme.system.errno"
local task = require "cme.task"
local uv = require "luv"

local knock = {}

local PORTS = { rtmp = 1935, rtmps = 443 }

---@class cme.server.process.knock.target
---@field scheme string
---@field host string without brackets
---@field port integer

--- Takes the place out of a URL. Pure.
---@param url string
---@return cme.server.process.knock.target|nil
function knock.target(url)
  local scheme, authority = url:match "^(%a+)://([^/?#]*)"
  if not scheme then return nil end
  scheme = scheme:lower()
  authority = authority:gsub("^.*@", "")
  local host, rest = authority:match "^%[([%x:.]+)%](.*)$"
  if not host then host, rest = authority:match "^([^:]+)(.*)$" end
  local port = host and (rest == "" and PORTS[scheme] or math.tointeger(tonumber(rest:match "^:(%d+)$")))
  if not port or port < 1 or port > 65535 then return nil end
  return { scheme = scheme, host = host, port = port }
end

-- By the name that libuv gives a failure; false: the other side has closed the connection.
local function reason_of(failure)
  return failure and errno.reason(failure) or codes.reason "word:connection_closed"
end

-- ---- the connection

local function resolve(target, kind, deadline)
  local failure, addresses = task.wait(function(wake)
    uv.getaddrinfo(target.host, nil, { socktype = kind }, wake)
  end, deadline - clock.monotonic())
  if type(addresses) == "table" and addresses[1] then return addresses end
  return codes.fail(failure == nil and "network.resolve:not_in_time" or "network.resolve:unknown_name")
end

-- A stream is { write, read, close }: read(wake) calls wake(chunk), or wake(nil, message, detail).
local function tcp_stream(socket)
  return {
    write = function(bytes) socket:write(bytes) end,
    read = function(wake)
      socket:read_start(function(failure, chunk)
        if chunk then return wake(chunk) end
        wake(codes.fail("network.reset:knock", { reason = reason_of(failure) }))
      end)
    end,
    close = function() if not socket:is_closing() then socket:close() end end,
  }
end

local function connect(target, deadline)
  local addresses, message, detail = resolve(target, "stream", deadline)
  if not addresses then return nil, message, detail end
  local why = codes.reason "word:timed_out"
  for _, address in ipairs(addresses) do
    local socket = uv.new_tcp()
    local failure, timeout = task.wait(function(wake)
      socket:connect(address.addr, target.port, function(err) wake(err or false) end)
    end, deadline - clock.monotonic())
    if failure == false then return tcp_stream(socket) end
    socket:close()
    if timeout then
      why = codes.reason "word:timed_out"
      break
    end
    why = reason_of(failure)
  end
  return codes.fail("network.connect:knock", { reason = why })
end

-- ---- TLS, by openssl

local TLS_TEXTS = { "verify error:.-:(.-)\n", "(certificate verify failed)", "(hostname mismatch)",
  "(wrong version number)", "(unexpected eof while reading)", "connect:errno=%d+\n?(.-)$" }

local function tls_reason(said)
  for _, pattern in ipairs(TLS_TEXTS) do
    local found = said:lower():match(pattern)
    if found and found ~= "" then return found end
  end
  return codes.reason "word:tls_failed"
end

local function openssl_arguments(target, ca_file)
  local host = target.host:find(":", 1, true) and "[" .. target.host .. "]" or target.host
  local by_address = target.host:find "^[%d.]+$" or target.host:find(":", 1, true)
  local args = { "s_client", "-quiet", "-verify_return_error", "-connect", ("%s:%d"):format(host, target.port),
    by_address and "-verify_ip" or "-verify_hostname", target.host }
  if by_address then args[#args + 1] = "-noservername" end
  if ca_file then table.move({ "-CAfile", ca_file }, 1, 2, #args + 1, args) end
  return args
end

local function tls_stream(target, ca_file)
  local over, waiting = nil, nil
  local openssl = child.spawn { program = "openssl", args = openssl_arguments(target, ca_file), stdin = "pipe",
    stdout = "pipe", stderr = "tail", on_end = function()
      over = true
      if waiting then waiting() end
    end }
  if not openssl then return codes.fail "local.openssl" end
  return {
    write = function(bytes) openssl:write(bytes) end,
    -- Its last words, which say why, may come after the end of its stdout.
    read = function(wake)
      waiting = function() wake(codes.fail("network.tls:knock", { reason = tls_reason(openssl.words) })) end
      openssl:read(wake)
      if over then waiting() end
    end,
    close = function()
      waiting = nil
      openssl:kill "sigkill"
      openssl:close()
    end,
  }
end

-- ---- RTMP

local VERSION, SIZE = "\3", 1536

-- C0 and C1: the version; time 0, zero, 1528 bytes of anything.
local function greeting()
  local bytes = {}
  for i = 1, SIZE - 8 do bytes[i] = string.char(math.random(0, 255)) end
  return VERSION .. ("\0"):rep(8) .. table.concat(bytes)
end

-- Reads S0, S1 and S2; true, or why not.
local function shake_hands(stream, deadline)
  local got, waiting, message, detail = "", nil, nil, nil
  stream.read(function(chunk, ...)
    if chunk then got = got .. chunk elseif not detail then message, detail = ... end
    if waiting then waiting(true) end
  end)
  stream.write(greeting())
  while #got < 1 + 2 * SIZE do
    if got ~= "" and got:sub(1, 1) ~= VERSION then return codes.fail "network.protocol:not_rtmp" end
    if detail then return nil, message, detail end
    local woken = task.wait(function(wake) waiting = wake end, deadline - clock.monotonic())
    waiting = nil
    if not woken then return codes.fail "network.timeout:no_rtmp" end
  end
  return true
end

local function rtmp(target, deadline, ca_file)
  local stream, message, detail = connect(target, deadline)
  if stream and target.scheme == "rtmps" then
    stream.close()
    stream, message, detail = tls_stream(target, ca_file)
  end
  if not stream then return nil, message, detail end
  local ok
  ok, message, detail = shake_hands(stream, deadline)
  stream.close()
  return ok, message, detail
end

-- ---- SRT

-- An induction handshake: control packet of type 0; version 4, extension 2, MTU 1500, window 8192, type 1.
local INDUCTION = string.pack(">I4I4I4I4 I4I2I2 I4I4I4I4I4I4", 0x80000000, 0, 0, 0, 4, 0, 2,
  1, 1500, 8192, 1, 0x434D45, 0) .. ("\0"):rep(16)

local function is_srt(packet)
  if #packet < 64 then return false end
  local head, version, extension = string.unpack(">I4", packet), string.unpack(">I4", packet, 17),
    string.unpack(">I2", packet, 23)
  return head == 0x80000000 and version == 5 and extension == 0x4A17
end

local function srt(target, deadline)
  local addresses, message, detail = resolve(target, "dgram", deadline)
  if not addresses then return nil, message, detail end
  local socket = uv.new_udp()
  local address = addresses[1].addr
  socket:bind(address:find(":", 1, true) and "::" or "0.0.0.0", 0)
  local packet, why
  repeat -- a datagram may be lost
    packet, why = task.wait(function(wake)
      socket:recv_start(function(failure, data)
        if failure then wake(nil, reason_of(failure)) elseif data then wake(data) end
      end)
      socket:send(INDUCTION, address, target.port, function(failure)
        if failure then wake(nil, reason_of(failure)) end
      end)
    end, math.max(0, math.min(1, deadline - clock.monotonic())))
    socket:recv_stop()
  until packet or why ~= "timeout" or clock.monotonic() >= deadline
  socket:close()
  if packet and is_srt(packet) then return true end
  if packet then return codes.fail "network.protocol:not_srt" end
  if why == "timeout" then return codes.fail "network.timeout:no_srt" end
  return codes.fail("network.timeout:knock", { reason = why })
end

local WAYS = { rtmp = rtmp, rtmps = rtmp, srt = srt }

--- Knocks.
---@param url string
---@param seconds number that it may take
---@param ca_file string|nil certificates to trust
---@return number|nil ms that it took
---@return string|nil message why not, without anything of the URL
---@return cme.detail|nil detail code: network.*, invalid.url, or local.openssl where TLS could not be checked
function knock.at(url, seconds, ca_file)
  local target = knock.target(url)
  if not target or not WAYS[target.scheme] then return codes.fail "invalid.url:no_destination" end
  local from = clock.monotonic()
  local ok, message, detail = WAYS[target.scheme](target, from + seconds, ca_file)
  if not ok then return nil, message, detail end
  return (clock.monotonic() - from) * 1000
end

return knock
