-- SPDX-License-Identifier: MIT
-- The language of the API's error messages: English as it stands in the sources, Chinese from messages_zh.lua for who
-- asks for it with X-TC-Language. A message is put together in many places, of which none knows the reader; so it is
-- taken apart again here: the catalogue's English texts are matched against it, and what stands in the place of a %s
-- is itself translated, unless it is in quotes, since that is the caller's own. What no text fits stays English. Pure.

local messages = {}

---@class cme.server.MessageForm
---@field pattern string     matches the English
---@field target string      the Chinese, a format
---@field open boolean[]     of each capture: translated as well
---@field weight integer     how much of the English is not a placeholder: the more, the earlier it is tried

local max_text = 8192 -- bytes of a message that is taken apart

local placeholders = { s = "(.-)", d = "(%-?%d+)" }

local function escape(text)
  return (text:gsub("[%^%$%(%)%%%.%[%]%*%+%-%?]", "%%%0"))
end

---Makes what matches an English text; pure.
---@param english string a format with %s and %d
---@param chinese string a format with the same ones in the same order
---@return cme.server.MessageForm
function messages.form(english, chinese)
  local pattern, open, from, weight = { "^" }, {}, 1, 0
  for at, letter, after in english:gmatch "()%%([sd])()" do
    local literal = english:sub(from, at - 1)
    pattern[#pattern + 1] = escape(literal) .. placeholders[letter]
    open[#open + 1] = letter == "s" and english:sub(at - 1, at - 1) ~= "'"
    from, weight = after, weight + #literal
  end
  local rest = english:sub(from)
  pattern[#pattern + 1] = escape(rest) .. "$"
  return { pattern = table.concat(pattern), target = (chinese:gsub("%%d", "%%s")), open = open,
    weight = weight + #rest }
end

---Makes the forms of a catalogue, those that say most first.
---@param catalogue table<string, string>
---@return cme.server.MessageForm[]
function messages.forms(catalogue)
  local forms = {}
  for english, chinese in pairs(catalogue) do
    forms[#forms + 1] = messages.form(english, chinese)
  end
  table.sort(forms, function(a, b)
    if a.weight ~= b.weight then
      return a.weight > b.weight
    end
    return a.pattern < b.pattern
  end)
  return forms
end

local translate

-- A list, of what does not work for example, whose parts are sentences of their own.
local function translate_list(forms, text)
  local parts = {}
  for part in (text .. "; "):gmatch "(.-); " do
    parts[#parts + 1] = translate(forms, part)
  end
  return table.concat(parts, "；")
end

translate = function(forms, text)
  for _, form in ipairs(forms) do
    local captures = table.pack(text:match(form.pattern))
    if captures[1] then
      for i, open in ipairs(form.open) do
        captures[i] = open and translate(forms, captures[i]) or captures[i]
      end
      return form.target:format(table.unpack(captures, 1, #form.open))
    end
  end
  return text:find("; ", 1, true) and translate_list(forms, text) or text
end

local chinese -- forms, once they are asked for

---A message in the language that a request asks for.
---@param language string? X-TC-Language
---@param text string
---@return string
function messages.translate(language, text)
  if language ~= "zh-CN" or #text > max_text then
    return text
  end
  chinese = chinese or messages.forms(require "cme.server.messages_zh")
  return translate(chinese, text)
end

return messages
