-- SPDX-License-Identifier: MIT
-- The language of what `cme` says: English as it stands in the sources, Chinese from messages_zh.lua, which is keyed by
-- the English text. A text without its Chinese is shown in English. spec/unit/cli/messages_spec.lua finds every text
-- of the sources by the way it is written, t("...") or mark "...", and holds it against the catalogue. Messages of the
-- library are English; cme.text.translation turns them as a whole, by library_zh.lua. What is shown stays in one
-- language: a text that has an English sentence put into it is shown in English. Pure.

local messages = {}

---@alias cme.cli.translate fun(format: string, ...: any): string the text in the reader's language, filled in

--- Which language a locale asks for, by the rules of POSIX: the first of the three that is set decides.
---@param getenv fun(name: string): string|nil
---@return "en"|"zh"
function messages.language(getenv)
  for _, name in ipairs { "LC_ALL", "LC_MESSAGES", "LANG" } do
    local value = getenv(name)
    if value and value ~= "" then return value:lower():find "^zh" and "zh" or "en" end
  end
  return "en"
end

--- The service's name for a language.
messages.API = { en = "en-US", zh = "zh-CN" }
messages.BY_API = { ["en-US"] = "en", ["zh-CN"] = "zh" }

--- Marks a text that is translated where it is shown.
---@param text string
---@return string text the same
function messages.mark(text)
  return text
end

-- Four words, which is more than the name of a command or a show has.
local SENTENCE = "%l%l+ %l+ %l+ %l"

-- The values of a format with the library's messages among them in Chinese; nil: a sentence has none.
local function tell_all(format, tell, values)
  local i = 0
  for before, kind in format:gsub("%%%%", ""):gmatch "(.?)%%[%d.]*(%a)" do
    i = i + 1
    local value = values[i]
    if kind == "s" and before ~= "'" and type(value) == "string" then
      values[i] = tell(value) or not value:find(SENTENCE) and value or nil
      if not values[i] then return nil end
    end
  end
  return values
end

local chinese -- cme.translation of what the library and the engine say, once it is needed

local function tell_in_chinese(text)
  if not chinese then
    local engine = require "cme.text.engine_zh"
    chinese = require "cme.text.translation".new({ require "cme.cli.library_zh", engine.texts }, engine.codes)
  end
  return chinese:whole(text)
end

--- Makes the function that shows a message of the library in the reader's language, as a whole or not at all.
---@param language "en"|"zh"
---@return fun(text: string): string
function messages.teller(language)
  if language ~= "zh" then return function(text) return text end end
  return function(text) return tell_in_chinese(text) or text end
end

--- Makes the function that translates.
---@param language "en"|"zh"
---@return cme.cli.translate
function messages.translator(language)
  local catalogue = language == "zh" and require "cme.cli.messages_zh" or {}
  return function(format, ...)
    local text = catalogue[format]
    if select("#", ...) == 0 then return text or format end
    local values = text and tell_all(format, tell_in_chinese, table.pack(...))
    if not values then return format:format(...) end
    return text:format(table.unpack(values, 1, select("#", ...)))
  end
end

return messages
