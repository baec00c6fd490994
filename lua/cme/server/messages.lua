-- SPDX-License-Identifier: MIT
-- A refusal in the language of a request. Its sentences are the catalogue's (cme.codes). What has words alone, such as
-- the failures of playouts, cme.text.translation takes apart by messages_zh.lua; what it does not know stays English,
-- as then does the whole message.

local codes = require "cme.codes"
local text = require "cme.text.strings"

local messages = {}

local chinese -- the translation, once it is asked for

local function translate(words)
  if not chinese then
    chinese = require "cme.text.translation".new { require "cme.server.messages_zh" }
  end
  return chinese:whole(words)
end

-- A copy of a reason whose words and text values went through a function each.
local function map(value, words, value_text)
  if type(value) == "string" then return value_text(value) end
  if type(value) ~= "table" then return value end
  local copy = { sentence = value.sentence, text = value.text and words(value.text) }
  for _, name in ipairs { "values", "within" } do
    if value[name] then
      copy[name] = {}
      for key, member in pairs(value[name]) do copy[name][key] = map(member, words, value_text) end
    end
  end
  for i, member in ipairs(value) do copy[i] = map(member, words, value_text) end
  return copy
end

local function same(value) return value end

-- A message may quote what the client sent; what is not UTF-8 must not break the answer.
local function printable(value)
  return text.utf8_len(value) and value or (value:gsub("[\128-\255]", "?"))
end

--- A reason that can be sent: without what is not UTF-8, and without the other members of a detail.
---@param reason cme.reason|cme.detail
---@return cme.reason
function messages.presentable(reason)
  return map(reason, printable, printable)
end

--- A reason in the language that a request asks for.
---@param reason cme.reason
---@param language string|nil X-TC-Language; English for all but "zh-CN"
---@return string
function messages.say(reason, language)
  if language ~= "zh-CN" then return codes.say(reason) end
  local whole = true
  local own = map(reason, function(words)
    local said = translate(words)
    whole = whole and said ~= nil
    return said or words
  end, same)
  return whole and codes.say(own, "zh") or codes.say(reason)
end

return messages
