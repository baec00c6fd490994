-- SPDX-License-Identifier: MIT
-- What the actions of all categories do with a request beside what it asks for.

local codes = require "cme.codes"
local limits = require "cme.api.limits"
local text = require "cme.text.strings"

local call = {}

local MAX_SHOWN = 64 -- bytes

--- Why a media cast ended that nobody confirmed, as the history has it.
call.UNCONFIRMED = ("not confirmed within %d s"):format(limits.cast.confirm_seconds)

--- What a request said, as far as a sentence repeats it.
---@param value string
---@return string
function call.shown(value)
  return value:sub(1, MAX_SHOWN)
end

--- What another part of the service said, as a part of a sentence.
---@param message string
---@param detail cme.detail|nil nil: it has words alone
---@return cme.reason
function call.part(message, detail)
  if detail and detail.sentence then return detail end
  return { text = message }
end

-- What is not UTF-8 must not break the answer; a sentence may repeat what the client sent.
local function printable(value)
  if type(value) ~= "string" or text.utf8_len(value) then return value end
  return (value:gsub("[\128-\255]", "?"))
end

-- Of all members of a table: the values of a reason, what was being done, or a list of values.
local function each_presentable(members)
  local copy = {}
  for name, value in pairs(members) do
    if type(value) ~= "table" then
      copy[name] = printable(value)
    elseif value.sentence or value.text then
      copy[name] = call.presentable(value)
    else
      copy[name] = each_presentable(value)
    end
  end
  return copy
end

--- A reason that can be sent: without what is not UTF-8, and without the other members of a detail.
---@param reason cme.reason|cme.detail
---@return cme.reason
function call.presentable(reason)
  return { sentence = reason.sentence, text = printable(reason.text),
    values = reason.values and each_presentable(reason.values),
    within = reason.within and each_presentable(reason.within) }
end

--- Why a request changed something, for the history.
---@param request cme.server.http.call
---@return string
function call.reason(request)
  return "request " .. request.request_id
end

--- Whether a request changes nothing.
---@param request cme.server.http.call
---@return boolean
function call.is_reading(request)
  return (request.params.Operation or request.action):find "^Describe" ~= nil
end

--- The cloud's code of a refusal.
---@param detail cme.detail
---@return string
function call.cloud_code(detail)
  return (detail.code:gsub("^api%.", ""))
end

-- The reasons that the service writes into the history by itself.
local REASONS = { ["planned end"] = "word:planned_end", ["played out"] = "word:played_out",
  ["engine gone"] = "word:engine_gone", ["auto start"] = "word:auto_start", failover = "word:failover",
  failback = "word:failback", adopted = "word:adopted", [call.UNCONFIRMED] = "word:unconfirmed",
  request = "word:some_request" }
local LIMITS = { ["word:unconfirmed"] = { seconds = limits.cast.confirm_seconds } }

--- A reason of the history, as a part of a sentence.
---@param reason string
---@return cme.reason
function call.read_reason(reason)
  local sentence = REASONS[reason]
  if sentence then return codes.reason(sentence, LIMITS[sentence]) end
  local id = reason:match "^request ([%x-]+)$"
  return id and codes.reason("word:request", { id = id }) or call.part(reason)
end

--- The response of an operation that has nothing to tell but that it was done.
---@param after any what the change returned, as the next two
---@param message string|nil
---@param detail cme.detail|nil
---@return table|nil response
---@return string|nil message
---@return cme.detail|nil detail
function call.done(after, message, detail)
  if not after then return nil, message, detail end
  return {}
end

return call
