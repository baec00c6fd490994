-- SPDX-License-Identifier: MIT
-- Requests that no client should make: bytes at random, requests spoilt at random, signed requests with spoilt bodies
-- and queries, and the seeds of the fuzz targets. From a seed, so that a run can be repeated.

local proc = require "spec.support.proc"
local sign = require "cme.sign"
local uv = require "luv"

local garbage = {}

local FORM = "application/x-www-form-urlencoded"

local BODIES = {
  [[{"Platform":"test","ProjectIds":["cmepid_1"],"Limit":3,"Sort":{"Field":"CreateTime","Order":"Asc"}}]],
  [[{"Platform":"test","Name":"播","Owner":{"Type":"PERSON","Id":"u"},"Category":"STREAM_CONNECT",]]
    .. [["StreamConnectProjectInput":{"MainInput":{"InputType":"VodPull","VodPullInputInfo":{"InputUrls":]]
    .. [[["rtmp://h/a/b"],"LoopTimes":-1}},"Outputs":[{"Id":"1","PushUrl":"rtmp://h/a/b"}]}}]],
  [[{"Platform":"test","Name":"c","Owner":{"Type":"PERSON","Id":"u"},"Category":"MEDIA_CAST","MediaCastProjectInput":]]
    .. [[{"SourceInfos":[{"Type":"EXTERNAL","Url":"http://h/a","Offset":1.5}],"OutputMediaSetting":{"VideoSetting":]]
    .. [[{"Width":640,"Height":360,"FrameRate":25.0}},"PlaySetting":{"EndTime":"2027-01-01T00:00:00Z"}}}]],
  [[{"Platform":"test","ProjectId":"cmepid_1","Operation":"AddOutput","OutputInfo":{"PushUrl":"srt://h:1?a=b"}}]],
}
local ACTIONS = { "DescribeProjects", "CreateProject", "HandleStreamConnectProject", "HandleMediaCastProject",
  "ModifyProject", "DescribePlatforms", "CopyProject", "DeleteProject" }
local QUERIES = { "Platform=test&Limit=3&ProjectIds.0=a&Sort.Field=CreateTime", "Platform=test&Owner.Id=%E6%92%AD+x",
  "Platform=test&ProjectIds.4294967296=a", "Platform=test&Sort=1&Sort.Field=2" }
local PIECES = { "\0", "\255\254", "\r\n", "\r\n\r\n", '"', "{", "}", "[", "]", ("["):rep(3000), ("{\"a\":"):rep(2000),
  "1e999", "-0", "18446744073709551616", "9007199254740993", "null", "true", "\\u0000", "\\ud800", "%", "%00", "%zz",
  "&", "=", ".", ("A"):rep(70000), "\240\159\146\169", "../../../etc/passwd", "' OR 1=1 --", "%n%s", "NaN" }

local function bytes(length)
  local list = {}
  for i = 1, length do list[i] = string.char(math.random(0, 255)) end
  return table.concat(list)
end

-- A text with one to four places cut out, doubled, or overwritten.
local function spoil(text)
  for _ = 1, math.random(4) do
    local from = math.random(#text + 1)
    local to = math.min(#text, from + math.random(0, 12))
    local choice = math.random(4)
    local piece = choice == 1 and "" or choice == 2 and text:sub(from, to):rep(2)
      or choice == 3 and bytes(math.random(4)) or PIECES[math.random(#PIECES)]
    text = text:sub(1, from - 1) .. piece .. text:sub(to + 1)
  end
  return text
end

local function pick(list)
  return list[math.random(#list)]
end

local function headers_of(service, action, method, query, body)
  local now, host = os.time(), "127.0.0.1:" .. service.port
  local key = sign.new(service.secret_id, service.secret_key)
  local content_type = method == "GET" and FORM or "application/json"
  local value = key:tc3 { service = "cme", host = host, timestamp = now, payload = body, method = method, query = query,
    content_type = content_type }
  key:close()
  return ("Host: %s\r\nContent-Type: %s\r\nX-TC-Action: %s\r\nX-TC-Version: 2019-10-29\r\nX-TC-Timestamp: %d\r\n"
    .. "Authorization: %s\r\n"):format(host, content_type, action, now, value)
end

local function signed_post(service, body)
  return ("POST / HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n%s"):format(
    headers_of(service, pick(ACTIONS), "POST", "", body), #body, body)
end

-- Bytes that end the request line are no part of a query that reaches the service.
local function signed_get(service, query)
  query = query:gsub("[%z\1-\32\127-\255#?]", "")
  return ("GET /?%s HTTP/1.1\r\n%s\r\n"):format(query, headers_of(service, pick(ACTIONS), "GET", query, ""))
end

local function unsigned_form(_, text)
  return ("POST / HTTP/1.1\r\nHost: h\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"):format(FORM, #text, text)
end

local kinds = {
  function() return bytes(math.random(1, 400)) end,
  function(service) return spoil(signed_post(service, pick(BODIES))) end,
  function(service) return signed_post(service, spoil(pick(BODIES))) end,
  function(service) return signed_post(service, bytes(math.random(0, 200))) end,
  function(service) return signed_get(service, spoil(pick(QUERIES))) end,
  function(service)
    return unsigned_form(service, spoil("Action=DescribeProjects&Version=2019-10-29&Nonce=1&Timestamp=" .. os.time()
      .. "&SecretId=" .. service.secret_id .. "&Signature=AAAA&SignatureMethod=HmacSHA256&Platform=test"))
  end,
}

local function seeds()
  local list = {}
  local found = io.popen "find spec/fuzz -path '*_seeds/*' -type f | sort"
  for path in found:lines() do
    local file = assert(io.open(path, "rb"))
    list[#list + 1] = file:read "a"
    file:close()
  end
  found:close()
  return list
end

--- `count` requests, those of the fuzz targets' seeds first: as raw bytes and as signed bodies.
---@param service spec.service
---@param count integer
---@return fun(): string|nil requests
function garbage.requests(service, count)
  return coroutine.wrap(function()
    for _, seed in ipairs(seeds()) do
      coroutine.yield(seed)
      coroutine.yield(signed_post(service, seed))
    end
    for _ = 1, count do coroutine.yield(pick(kinds)(service)) end
  end)
end

-- For an answer, before the sending half is closed: most of these requests are not whole. So many times what the
-- slowest whole one took so far, since the machine may have other work.
local PATIENCE, FIRST_MS, LEAST_MS = 4, 1000, 200

---@class spec.garbage_result
---@field sent integer
---@field answers table<string, integer> by status
---@field slowest number|nil ms, of the requests that were answered before their sending half was closed
---@field internal string[] requests whose answer was InternalError, and failures of connections

local function take(result, request, answer)
  for status in answer:gmatch "HTTP/1%.%d (%d+)" do result.answers[status] = (result.answers[status] or 0) + 1 end
  if answer:find("InternalError", 1, true) then result.internal[#result.internal + 1] = request end
end

-- One request on a connection of its own; calls `done` when that is over.
local function exchange(port, request, result, done)
  local socket, timer, answer = uv.new_tcp(), uv.new_timer(), ""
  local began, whole = uv.hrtime(), true
  local function close(err)
    if socket:is_closing() then return end
    if whole and answer ~= "" then result.slowest = math.max(result.slowest or 0, (uv.hrtime() - began) / 1e6) end
    take(result, request, answer)
    if err and err ~= "ECONNRESET" and err ~= "EPIPE" then result.internal[#result.internal + 1] = err end
    socket:close()
    timer:close()
    done()
  end
  socket:connect("127.0.0.1", port, function(err)
    if err then return close(err) end
    socket:read_start(function(failure, chunk)
      answer = answer .. (chunk or "")
      if not chunk or answer:find("\r\n\r\n.*}$") then close(failure) end
    end)
    socket:write(request, function(failure)
      if failure then return close(failure) end
      local patience = result.slowest and math.max(LEAST_MS, PATIENCE * result.slowest) or FIRST_MS
      timer:start(math.ceil(patience), 0, function()
        whole = false
        if not socket:is_closing() then socket:shutdown() end
      end)
    end)
  end)
end

--- Sends requests, so many at once.
---@param port integer
---@param requests fun(): string|nil
---@param flight integer
---@return spec.garbage_result
function garbage.send(port, requests, flight)
  local result, open, over = { sent = 0, answers = {}, internal = {} }, 0, false
  local function next_one()
    local request = not over and requests()
    over = not request
    if over then return end
    open, result.sent = open + 1, result.sent + 1
    exchange(port, request, result, function()
      open = open - 1
      next_one()
    end)
  end
  for _ = 1, flight do next_one() end
  proc.eventually(function() return ("%d answers; %d were sent"):format(open, result.sent) end, 120, function()
    return over and open == 0
  end)
  return result
end

return garbage
