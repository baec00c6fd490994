-- SPDX-License-Identifier: MIT
-- Push addresses of RtmpPush inputs: what is stored of an address, how the address is made from it, and who may
-- publish.
--
--   stored in the project   PushUrl = "cme-<24 hex>?txTime=6745ABCD"
--   shown in the API        rtmp://HOST:PORT/output/cme-<24 hex>?txSecret=...&txTime=6745ABCD
--
-- So the database alone does not let anybody push, addresses follow the edge when it moves, and keys can be changed: an
-- address is made with the main key and accepted with either key. Each input that is added or changed gets a new stream
-- name, which makes earlier addresses invalid. Pure.

local codes = require "cme.codes"
local live_url = require "cme.live_url"

local ingest = {}

ingest.app = "output"
ingest.latest = 0xFFFFFFFF -- the last second that txTime holds

local ENDPOINTS = { main = "MainInput", backup = "BackupInput" }

---@class cme.server.edge.keys
---@field key string        makes addresses
---@field backup_key string good, too: an earlier or a coming one
---@field secret string     what engines prove themselves by

--- What is stored of a new address.
---@param random string 24 hex digits
---@param expires integer unix seconds; until when a connection may be made
---@return string
function ingest.stored(random, expires)
  return ("cme-%s?txTime=%08X"):format(random, expires)
end

---@param stored string
---@return string stream, integer expires
function ingest.parse(stored)
  local stream, tx_time = stored:match "^(.*)%?txTime=(%x+)$"
  return stream, math.tointeger(tonumber(tx_time, 16))
end

--- The address that an encoder is given.
---@param stored string
---@param domain string host:port
---@param keys cme.server.edge.keys
---@return string
function ingest.url(stored, domain, keys)
  local stream, expires = ingest.parse(stored)
  return assert(live_url.push { domain = domain, app = ingest.app, stream = stream, key = keys.key,
    expires = expires })
end

--- The stream that each pushed input of a project has.
---@param record cme.server.project
---@return table<"main"|"backup", string> streams by endpoint
function ingest.streams(record)
  local streams = {}
  for endpoint, member in pairs(ENDPOINTS) do
    local input = record.input[member]
    if input and input.InputType == "RtmpPush" then
      streams[endpoint] = ingest.parse(input.RtmpPushInputInfo.PushUrl)
    end
  end
  return streams
end

local function unescape(text)
  return (text:gsub("%%(%x%x)", function(hex)
    return string.char(tonumber(hex, 16))
  end))
end

-- nginx puts its own parameters first and then the publisher's as they came, unchecked: one that is there twice is
-- an attempt to be taken for another.
local function read_query(query)
  local values = {}
  for name, value in query:gmatch "([^&=]+)=([^&]*)" do
    if values[name] then return nil end
    values[name] = unescape(value)
  end
  return values
end

--- Whether a publisher may publish.
---@param query string as nginx-rtmp sends it to on_publish
---@param keys cme.server.edge.keys
---@param now number unix seconds
---@param find fun(stream: string): cme.server.project|nil the project that has this stream
---@return { project: string, endpoint: "main"|"backup", stream: string }|nil admitted
---@return string|nil message
---@return cme.detail|nil detail
function ingest.admit(query, keys, now, find)
  local values = read_query(query)
  if not values then return codes.fail "server.publisher:twice" end
  if values.app ~= ingest.app then return codes.fail "server.publisher:application" end
  local found, message, detail = live_url.check_stream(values.name, values.txSecret, values.txTime,
    { key = keys.key, backup_key = keys.backup_key, now = now })
  if not found then return nil, message, detail end
  local record, failure, fault = find(values.name)
  for endpoint, stream in pairs(record and ingest.streams(record) or {}) do
    if stream == values.name then return { project = record.id, endpoint = endpoint, stream = stream } end
  end
  if failure then return nil, failure, fault end
  return codes.fail "server.publisher:no_input"
end

return ingest
