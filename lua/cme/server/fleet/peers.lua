-- SPDX-License-Identifier: MIT
-- What nodes ask of each other: an action on a project, which the node that runs it is to do. A request and its answer
-- are sealed by the fleet's key, so only nodes can ask and read, whatever carries them:
--
--   POST URL/fleet   sealed for "request/", the node and its life:
--                    {"from":"..","number":7,"nonce":"..","action":"..","params":{..},"request_id":".."}
--   200              sealed for "answer/" and the nonce:  {"response":{..}} or {"message":"..","detail":{..}}
--
-- A request is done once, whoever sends it again: what is for an earlier life of the node is not opened, and each
-- service counts (`number`) what it asks of that life in its own (`from`). A life is the time from a service's start to
-- its end; its random name stands in the node's key.

local codes = require "cme.codes"
local json = require "cme.json"
local luv = require "cme.net.loop.luv"
local sign = require "cme.sign"
local task = require "cme.task"

local peers = {}

peers.PATH = "/fleet"
local CONNECT_SECONDS = 2
local LOOK = 0.5 -- seconds between two looks whether the other node lives
local WINDOW = 10000 -- how far a request may be behind the last one of its sender
local LARGEST = 16 * 1024 * 1024 -- bytes of an answer

---@class cme.server.fleet.peers.given
---@field ring cme.keyring
---@field transport cme.transport
---@field ca_file string|nil of CAs that other nodes' certificates may have, besides the system's
---@field id string of this service
---@field life string of this service since its start

---@class cme.server.fleet.peers
---@field private _given cme.server.fleet.peers.given
---@field private _asked table<string, integer> requests so far, by what they were sealed for
---@field private _seen table<string, cme.server.fleet.peers.seen> by their sender's life
local Peers = {}
Peers.__index = Peers
Peers.__name = "cme.server.fleet.peers"

---@class cme.server.fleet.peers.seen requests of one sender
---@field floor integer none up to this number is taken
---@field last integer the highest that came
---@field numbers table<integer, true> those above the floor that came

---@class cme.server.fleet.request
---@field action string
---@field params table
---@field request_id string

---@param given cme.server.fleet.peers.given
---@return cme.server.fleet.peers
function peers.new(given)
  return setmetatable({ _given = given, _asked = {}, _seen = {} }, Peers)
end

-- ---- asking

-- A failure to get an answer at all.
local function silent(_, message, detail)
  detail.silent = true
  return nil, message, detail
end

local function read_answer(self, nonce, response)
  local text = response.status == 200 and self._given.ring:open("answer/" .. nonce, response.body)
  local value = text and json.decode(text)
  if type(value) ~= "table" then
    return silent(codes.fail("server.fleet.answer", { status = response.status }, { sent = true }))
  end
  if value.response then return value.response end
  return nil, value.message, value.detail
end

-- What a request is sealed for.
local function sealed_for(one)
  return ("request/%s/%s"):format(one.id or "", one.life or "")
end

local function exchange(self, member, request, seconds)
  local nonce, receiver = sign.random_hex(16), sealed_for(member)
  self._asked[receiver] = (self._asked[receiver] or 0) + 1
  local text = assert(json.encode { from = self._given.life, number = self._asked[receiver], nonce = nonce,
    action = request.action, params = request.params, request_id = request.request_id })
  local sealed, message, detail = self._given.ring:seal(receiver, text)
  if not sealed then return nil, message, detail end
  local response
  response, message, detail = self._given.transport:request { method = "POST", url = member.api .. peers.PATH,
    body = sealed, headers = { "Content-Type: application/octet-stream", "Expect:" }, timeout = seconds,
    connect_timeout = CONNECT_SECONDS, max_response = LARGEST, ca_file = self._given.ca_file }
  if not response then return silent(nil, message, detail) end
  return read_answer(self, nonce, response)
end

--- Asks a node, for as long as it lives.
---@param member cme.server.fleet.member with `api`
---@param request cme.server.fleet.request
---@param seconds number
---@param lives fun(): boolean whether it is on the list
---@return table|nil response
---@return string|nil message
---@return cme.detail|nil detail of the action; or with `silent`: no answer came, and with `sent`: it may have been done
function Peers:ask(member, request, seconds, lives)
  local answer, done = nil, task.signal()
  local one = luv.detach(function()
    answer = table.pack(exchange(self, member, request, seconds))
    done:notify()
  end)
  while not answer and lives() do done:wait(LOOK) end
  if answer then return table.unpack(answer, 1, 3) end
  one:cancel()
  return silent(codes.fail("server.fleet.gone", { node = member.name }, { sent = true }))
end

-- ---- answering

-- Raises the floor over all that came, and over what is too far behind.
local function raise(seen)
  local floor = math.max(seen.floor, seen.last - WINDOW)
  for number = seen.floor + 1, floor do seen.numbers[number] = nil end
  while seen.numbers[floor + 1] do
    floor = floor + 1
    seen.numbers[floor] = nil
  end
  seen.floor = floor
end

-- Whether a request is here for the first time.
local function is_new(self, from, number)
  if type(from) ~= "string" or math.type(number) ~= "integer" then return false end
  local seen = self._seen[from] or { floor = 0, last = 0, numbers = {} }
  if number <= seen.floor or seen.numbers[number] then return false end
  self._seen[from] = seen
  seen.numbers[number], seen.last = true, math.max(seen.last, number)
  raise(seen)
  return true
end

--- Reads a request of another node.
---@param body string
---@return (cme.server.fleet.request|{ nonce: string })|nil request nil: it is none, or was here before
function Peers:read(body)
  local text = self._given.ring:open(sealed_for(self._given), body)
  local request = text and json.decode(text)
  if type(request) ~= "table" or type(request.params) ~= "table" or type(request.nonce) ~= "string" then return nil end
  return is_new(self, request.from, request.number) and request or nil
end

--- The answer to a request.
---@param nonce string
---@param response table|nil
---@param message string|nil
---@param detail cme.detail|nil
---@return string body
function Peers:answer(nonce, response, message, detail)
  local text = assert(json.encode(response and { response = response } or { message = message, detail = detail }))
  return assert(self._given.ring:seal("answer/" .. nonce, text))
end

return peers
