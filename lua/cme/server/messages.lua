-- SPDX-License-Identifier: MIT
-- The language of the API's error messages: English as it stands in the sources, Chinese from messages_zh.lua for who
-- asks for it with X-TC-Language. A message is put together in many places, of which none knows the reader; so it is
-- taken apart again here: the catalogue's English texts are matched against it, and what stands in the place of a %s
-- is itself translated, unless it is in quotes, since that is the caller's own. What no text fits stays English.
--
-- Callers choose much of a message, so matching takes time in proportion to its length: each placeholder ends where
-- what follows it is first found, and nothing is tried again. Depth and parts of a list are bounded. Pure.

local messages = {}

---@class cme.server.MessageForm
---@field english string
---@field head string         the English before the first placeholder
---@field holes { kind: "s"|"d"|"g", after: string, open: boolean }[] the placeholders and what follows each; open: what
---  stands there is translated as well
---@field target string       the Chinese, a format
---@field weight integer      how much of the English is not a placeholder: the more, the earlier it is tried

local numbers = { d = "^%-?%d+", g = "^%-?[%d.]+" }
local max_text = 4096 -- bytes of a message that is taken apart
local max_depth = 8
local max_parts = 64 -- of a list

---Makes what matches an English text; pure.
---@param english string a format with %s, %d and %g
---@param chinese string a format with the same ones in the same order
---@return cme.server.MessageForm
function messages.form(english, chinese)
  local head, rest = english:match "^(.-)(%%[sdg].*)$"
  local form = { english = english, head = head or english, holes = {}, target = (chinese:gsub("%%[dg]", "%%s")) }
  local before = form.head
  for kind, after in (rest or ""):gmatch "%%([sdg])([^%%]*)" do
    form.holes[#form.holes + 1] = { kind = kind, after = after, open = kind == "s" and before:sub(-1) ~= "'" }
    before = after
  end
  form.weight = #english - 2 * #form.holes
  return form
end

-- Where what stands for a placeholder ends; nil: it does not fit.
local function end_of(hole, is_last, text, from)
  if numbers[hole.kind] then
    local _, to = text:find(numbers[hole.kind], from)
    local fits = to and text:sub(to + 1, is_last and -1 or to + #hole.after) == hole.after
    return fits and to or nil
  end
  if is_last then
    local to = #text - #hole.after
    return to >= from - 1 and text:sub(to + 1) == hole.after and to or nil
  end
  local at = text:find(hole.after, from, true)
  return at and at - 1
end

---What stands for each placeholder of a form; pure.
---@param form cme.server.MessageForm
---@param text string
---@return string[]? values nil: the text is another
function messages.match(form, text)
  if #form.holes == 0 then
    return text == form.head and {} or nil
  end
  if text:sub(1, #form.head) ~= form.head then
    return nil
  end
  local values, from = {}, #form.head + 1
  for i, hole in ipairs(form.holes) do
    local to = end_of(hole, i == #form.holes, text, from)
    if not to then
      return nil
    end
    values[i] = text:sub(from, to)
    from = to + #hole.after + 1
  end
  return values
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
    return a.english < b.english
  end)
  return forms
end

local translate

-- A list, of what does not work for example, whose parts are sentences of their own.
local function translate_list(forms, text, depth)
  local parts = {}
  for part in (text .. "; "):gmatch "(.-); " do
    if #parts == max_parts then
      return text
    end
    parts[#parts + 1] = translate(forms, part, depth)
  end
  return #parts > 1 and table.concat(parts, "；") or text
end

translate = function(forms, text, depth)
  if depth == max_depth then
    return text
  end
  for _, form in ipairs(forms) do
    local values = messages.match(form, text)
    if values then
      for i, hole in ipairs(form.holes) do
        values[i] = hole.open and translate(forms, values[i], depth + 1) or values[i]
      end
      return form.target:format(table.unpack(values))
    end
  end
  return translate_list(forms, text, depth + 1)
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
  return translate(chinese, text, 0)
end

return messages
