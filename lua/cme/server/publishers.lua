-- SPDX-License-Identifier: MIT
-- What the edge reports of encoders, as it concerns people: who is refused, and why. An encoder tries again every few
-- seconds, so a refusal is told once, until it is another one or an encoder was admitted with the key. It explains an
-- input without a picture for as long as it is fresh.

local publishers = {}

local FRESH_SECONDS = 60
local MAX_REFUSALS = 4096 -- that are remembered

---@class cme.server.publishers.refusal
---@field code string
---@field message string
---@field parts any what the message is made of, as the edge says it
---@field at number unix seconds; the last time

---@class cme.server.publishers
---@field private _now fun(): number
---@field private _told fun(id: string, info: table)
---@field private _refusals table<string, cme.server.publishers.refusal> by "PROJECT ENDPOINT"
---@field private _count integer
local Publishers = {}
Publishers.__index = Publishers
Publishers.__name = "cme.server.publishers"

---@param now fun(): number unix seconds
---@param told fun(id: string, info: table) an encoder is refused: EndPoint, Address, Code, Reason; must not wait
---@return cme.server.publishers
function publishers.new(now, told)
  return setmetatable({ _now = now, _told = told, _refusals = {}, _count = 0 }, Publishers)
end

local function text(value) return type(value) == "string" and value or "" end

function Publishers:_put(key, refusal)
  if self._refusals[key] and not refusal then
    self._count = self._count - 1
  elseif refusal and not self._refusals[key] then
    if self._count == MAX_REFUSALS then self._refusals, self._count = {}, 0 end
    self._count = self._count + 1
  end
  self._refusals[key] = refusal
end

--- Takes in what the edge said. Does not wait.
---@param id string project
---@param endpoint "main"|"backup"
---@param event table
function Publishers:event(id, endpoint, event)
  local key = id .. " " .. endpoint
  if event.state == "admitted" then return self:_put(key, nil) end
  if event.state ~= "refused" then return end
  local code, before = text(event.code), self._refusals[key]
  self:_put(key, { code = code, message = text(event.reason), parts = event.parts, at = self._now() })
  if before and before.code == code then return end
  self._told(id, { EndPoint = endpoint == "main" and "Main" or "Backup", Address = text(event.address), Code = code,
    Reason = text(event.reason) })
end

--- Why the encoder of an input is refused by now.
---@param id string project
---@param endpoint "main"|"backup"
---@return cme.server.publishers.refusal|nil
function Publishers:refusal(id, endpoint)
  local refusal = self._refusals[id .. " " .. endpoint]
  return refusal and self._now() - refusal.at <= FRESH_SECONDS and refusal or nil
end

return publishers
