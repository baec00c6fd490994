-- SPDX-License-Identifier: MIT
-- Push addresses of RtmpPush inputs: what is stored of an address, how the address is made from it, and what the edge
-- is given of it so that it knows an encoder that has the address.
--
--   stored in the project   PushUrl = "cme-<24 hex>?txTime=6745ABCD"
--   shown in the API        rtmp://HOST:PORT/output/cme-<24 hex>?txSecret=...&txTime=6745ABCD
--     for SRT               srt://HOST:PORT?streamid=cme-<24 hex>-6745ABCD-<32 hex>&passphrase=...
--
-- Encoders pass SRT's stream id on as it stands in the URL, so nothing in it may need an escape. It crosses the network
-- in the clear: the passphrase, which does not, is what keeps it from being of use to others. So its last part is no
-- txSecret, and the edge takes it by SRT only.
-- So the database alone does not let anybody push, addresses follow the edge when it moves, and keys can be changed: an
-- address is made with the main key and accepted with either key. Each input that is added or changed gets a new stream
-- name, which makes earlier addresses invalid. Pure.

local live_url = require "cme.live_url"
local sign = require "cme.sign"
local token = require "cme.server.edge.token"

local ingest = {}

ingest.app = "output"
ingest.latest = 0xFFFFFFFF -- the last second that txTime holds

local SECRET_LENGTH = 32 -- hex digits, of stream ids and passphrases; SRT takes passphrases of 10 to 79 bytes

local ENDPOINTS = { main = "MainInput", backup = "BackupInput" }

---@class cme.server.edge.keys
---@field key string        makes addresses
---@field backup_key string good, too: an earlier or a coming one
---@field secret string     makes what tokens of playback are made with, and the keys of engines; the edge never has it

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

-- The stream id of an address, and the passphrase that belongs to it.
local function srt_form(stored, key)
  local stream, expires = ingest.parse(stored)
  local function secret(what) return sign.hmac_sha256_hex(key, what .. " " .. stored):sub(1, SECRET_LENGTH) end
  return ("%s-%08X-%s"):format(stream, expires, secret "srt id"), secret "srt passphrase"
end

--- The address for SRT.
---@param stored string
---@param domain string host:port
---@param keys cme.server.edge.keys
---@param encrypted boolean with a passphrase
---@return string
function ingest.srt_url(stored, domain, keys, encrypted)
  local id, passphrase = srt_form(stored, keys.key)
  return ("srt://%s?streamid=%s%s"):format(domain, id, encrypted and "&passphrase=" .. passphrase or "")
end

--- The edge's name for the key with which an engine publishes.
---@param project string
---@param what "output"|"main"|"backup"
---@return string 24 hex digits
function ingest.feed_id(project, what)
  return sign.sha256_hex("feed " .. token.name(project, what)):sub(1, 24)
end

--- The key with which an engine publishes a project's programme, or an input that is pulled, to the edge, and what the
--- edge is given of it.
---@param project string
---@param what "output"|"main"|"backup"
---@param keys cme.server.edge.keys
---@return string key
---@return { id: string, hashes: string[], play: string }
function ingest.feed(project, what, keys)
  local name = token.name(project, what)
  local key = "cme-own-" .. sign.hmac_sha256_hex(keys.secret, "feed " .. name):sub(1, 32)
  return key, { id = ingest.feed_id(project, what), hashes = { sign.sha256_hex(key) }, play = name }
end

--- The key with which an engine of another node reads what is pushed to an address.
---@param stored string
---@param keys cme.server.edge.keys
---@return string
function ingest.read_key(stored, keys)
  return "cme-read-" .. sign.hmac_sha256_hex(keys.secret, "read " .. stored):sub(1, SECRET_LENGTH)
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

--- The inputs that a project has, pulled or pushed.
---@param record cme.server.project
---@return table<"main"|"backup", true>
function ingest.inputs(record)
  local inputs = {}
  for endpoint, member in pairs(ENDPOINTS) do inputs[endpoint] = record.input[member] ~= nil or nil end
  return inputs
end

--- The edge's name for an address: it stands in paths and logs, and lets nobody push.
---@param stored string
---@return string 24 hex digits
function ingest.id(stored)
  return sign.sha256_hex((ingest.parse(stored))):sub(1, 24)
end

---@class cme.server.edge.key what the edge is given of an address
---@field id string
---@field hashes string[] SHA-256 in hex of the forms that are good by RTMP: signed with the key, and the backup key
---@field srt { hashes: string[], passphrases: string[] } the same by SRT, and what each form is encrypted with
---@field expires integer unix seconds

--- What the edge is given of an address.
---@param stored string
---@param keys cme.server.edge.keys
---@return cme.server.edge.key
function ingest.key(stored, keys)
  local _, expires = ingest.parse(stored)
  local hashes, srt = {}, { hashes = {}, passphrases = {} }
  for i, key in ipairs { keys.key, keys.backup_key } do
    local id, passphrase = srt_form(stored, key)
    hashes[i] = sign.sha256_hex((ingest.url(stored, "edge", { key = key }):match "/([^/]+)$"))
    srt.hashes[i], srt.passphrases[i] = sign.sha256_hex(id), passphrase
  end
  return { id = ingest.id(stored), hashes = hashes, srt = srt, expires = expires }
end

return ingest
