-- SPDX-License-Identifier: MIT
-- Translates finished messages. A message is put together by many functions, none of which knows its reader; so it is
-- taken apart again here: the English texts of a catalogue are matched against it, and what stands for each %s is
-- translated in turn. A message is translated whole or not at all, so that a reader never meets two languages in one
-- sentence. What stands in quotes, a name, and what is Chinese already stay as they are.
--
-- Strangers choose much of a message, so the work is bounded: a placeholder ends where the text that follows it is
-- first found, each part is looked at once, and there are at most MAX_PARTS parts. Pure.

local unpack = table.unpack or _G.unpack -- luacheck: ignore 143

local translation = {}

local MAX_TEXT = 4096 -- bytes of a message that is taken apart
local MAX_DEPTH = 8
local MAX_PARTS = 48 -- different parts of one message that are looked at

local NUMBERS = { d = "^%-?%d+", g = "^%-?[%d.]+" }

---@class cme.translation.form
---@field english string
---@field head string   the English before the first placeholder
---@field holes { kind: "s"|"d"|"g", after: string, open: boolean }[] the placeholders and what follows each; open: what
--- stands there is translated as well
---@field target string the Chinese, a format
---@field weight integer how much of the English is not a placeholder: the more, the earlier it is tried

--- Makes what matches an English text.
---@param english string a format with %s, %d and %g
---@param chinese string a format with the same ones in the same order
---@return cme.translation.form
function translation.form(english, chinese)
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
  if NUMBERS[hole.kind] then
    local _, to = text:find(NUMBERS[hole.kind], from)
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

--- What stands for each placeholder of a form.
---@param form cme.translation.form
---@param text string
---@return string[]|nil values nil: the text is another
function translation.match(form, text)
  if #form.holes == 0 then return text == form.head and {} or nil end
  if text:sub(1, #form.head) ~= form.head then return nil end
  local values, from = {}, #form.head + 1
  for i, hole in ipairs(form.holes) do
    local to = end_of(hole, i == #form.holes, text, from)
    if not to then return nil end
    values[i] = text:sub(from, to)
    from = to + #hole.after + 1
  end
  return values
end

local function by_weight(a, b)
  if a.weight ~= b.weight then return a.weight > b.weight end
  return a.english < b.english
end

-- Chinese already (names in it apart), or nothing that is a sentence: a name, an address, a number.
local function needs_nothing(text)
  if not text:find "%l%l+ %l" then return true end
  local bare = text:gsub("“.-”", ""):gsub("'[^']*'", "")
  return bare:find "[\228-\233][\128-\191][\128-\191]" ~= nil and not bare:find "%a%a+ %a+ %a%a+"
end

---@class cme.translation
---@field private _forms cme.translation.form[] those that say most first
---@field private _exact table<string, string>
local Translation = {}
Translation.__index = Translation
Translation.__name = "cme.text.translation"

--- Makes the translation of some catalogues.
---@param catalogues table<string, string>[] Chinese by English, both formats with the same placeholders in order
---@return cme.translation
function translation.new(catalogues)
  local self = setmetatable({ _forms = {}, _exact = {} }, Translation)
  for _, catalogue in ipairs(catalogues) do
    for english, chinese in pairs(catalogue) do
      if english:find "%%[sdg]" then
        self._forms[#self._forms + 1] = translation.form(english, chinese)
      else
        self._exact[english] = chinese
      end
    end
  end
  table.sort(self._forms, by_weight)
  return self
end

local part_of

-- A form that fits, with every part of it translated.
local function by_form(self, text, seen, depth)
  for _, form in ipairs(self._forms) do
    local values = translation.match(form, text)
    for i, hole in ipairs(values and form.holes or {}) do
      local value = hole.open and values and part_of(self, values[i], seen, depth + 1)
      if hole.open and not value then
        values = nil
        break
      end
      values[i] = value or values[i]
    end
    if values then return form.target:format(unpack(values)) end
  end
end

-- A list whose members are sentences of their own.
local function by_list(self, text, seen, depth)
  if not text:find("; ", 1, true) then return nil end
  local parts = {}
  for part in (text .. "; "):gmatch "(.-); " do
    local found = part_of(self, part, seen, depth + 1)
    if not found then return nil end
    parts[#parts + 1] = found
  end
  return table.concat(parts, "；")
end

-- "DescribeProjects: ...", "CME_ENDPOINT: ...", "Outputs.3: ...": a name that is the same in every language.
local function by_name(self, text, seen, depth)
  local name, rest = text:match "^(%u[%w_.]+): (.+)$"
  local found = name and part_of(self, rest, seen, depth + 1)
  return found and name .. "：" .. found
end

part_of = function(self, text, seen, depth)
  if self._exact[text] then return self._exact[text] end
  if seen.parts[text] ~= nil then return seen.parts[text] or nil end
  if depth > MAX_DEPTH or seen.count == MAX_PARTS then return nil end
  seen.count, seen.parts[text] = seen.count + 1, false
  local found = by_form(self, text, seen, depth) or by_name(self, text, seen, depth)
    or by_list(self, text, seen, depth) or needs_nothing(text) and text or nil
  seen.parts[text] = found or false
  return found
end

--- A message in Chinese.
---@param text string
---@return string|nil chinese nil: a part of it has no Chinese
function Translation:whole(text)
  if #text > MAX_TEXT then return nil end
  return part_of(self, text, { count = 0, parts = {} }, 0)
end

return translation
