-- SPDX-License-Identifier: MIT
-- Push addresses of RtmpPush inputs: what is stored of an address, how the address is made from it, and what the edge
-- is given of it so that it knows an encoder that has the address.
--
--   stored in the project   PushUrl = "cme-<24 hex>?txTime=6745ABCD"
--   shown in the API        rtmp://HOST:PORT/output/cme-<24 hex>?txSecret=...&txTime=6745ABCD
--
-- So the database alone does not let anybody push, addresses follow the edge when it moves, and keys can be changed: an
-- address is made with the main key and accepted with either key. Each input that is added or changed gets a new stream
-- name, which makes earlier addresses invalid. Pure.

local live_url = require "cme.live_url"
local sign = require "cme.sign"

local ingest = {}

ingest.app = "output"
ingest.latest = 0xFFFFFFFF -- the last second that txTime holds

local ENDPOINTS = { main = "MainInput", backup = "BackupInput" }

---@class cme.server.edge.keys
---@field key string        makes addresses
---@field backup_key string good, too: an earlier or a coming one
---@field secret string     makes tokens of playback

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

--- The address that each pushed input of a project has.
---@param record cme.server.project
---@return table<"main"|"backup", string> stored by endpoint
function ingest.addresses(record)
  local addresses = {}
  for endpoint, member in pairs(ENDPOINTS) do
    local input = record.input[member]
    if input and input.InputType == "RtmpPush" then addresses[endpoint] = input.RtmpPushInputInfo.PushUrl end
  end
  return addresses
end

--- The edge's name for an address: it stands in paths and logs, and lets nobody push.
---@param stored string
---@return string 24 hex digits
function ingest.id(stored)
  return sign.sha256_hex((ingest.parse(stored))):sub(1, 24)
end

---@class cme.server.edge.key what the edge is given of an address
---@field id string
---@field hashes string[] SHA-256 in hex of the forms that are good: signed with the key, and with the backup key
---@field expires integer unix seconds

--- What the edge is given of an address.
---@param stored string
---@param keys cme.server.edge.keys
---@return cme.server.edge.key
function ingest.key(stored, keys)
  local _, expires = ingest.parse(stored)
  local hashes = {}
  for i, key in ipairs { keys.key, keys.backup_key } do
    hashes[i] = sign.sha256_hex(ingest.url(stored, "edge", { key = key }):match "/([^/]+)$")
  end
  return { id = ingest.id(stored), hashes = hashes, expires = expires }
end

return ingest
