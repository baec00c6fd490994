-- SPDX-License-Identifier: MIT
-- The language of what `cme` says: English as it stands in the sources, Chinese from messages_zh.lua, which is keyed by
-- the English text. A text without its Chinese is shown in English. spec/unit/cli/messages_spec.lua finds every text
-- of the sources by the way it is written, t("...") or mark "...", and holds it against the catalogue. A failure of the
-- library is put into a text as the reason that it is (cme.codes), and said in the same language. What is shown stays
-- in one language: a text that has an English sentence put into it is shown in English. Pure.

local codes = require "cme.codes"

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

-- The values of a format in a language; nil: one is an English sentence, where Chinese was asked for.
local function values_in(language, format, values)
  local i = 0
  for before, kind in format:gsub("%%%%", ""):gmatch "(.?)%%[%d.]*(%a)" do
    i = i + 1
    local value = values[i]
    if type(value) == "table" then value = codes.say(value, language) end
    local is_sentence = kind == "s" and before ~= "'" and type(value) == "string" and value:find(SENTENCE)
    if language == "zh" and is_sentence and not value:find "[\228-\233][\128-\191][\128-\191]" then return nil end
    values[i] = value
  end
  return values
end

local function fill(language, text, format, ...)
  local values = values_in(language, format, table.pack(...))
  return values and text:format(table.unpack(values, 1, select("#", ...)))
end

--- Makes the function that translates. A value may be a reason or a failure's detail: it is said in the language.
---@param language "en"|"zh"
---@return cme.cli.translate
function messages.translator(language)
  local catalogue = language == "zh" and require "cme.cli.messages_zh" or {}
  return function(format, ...)
    local text = catalogue[format]
    if select("#", ...) == 0 then return text or format end
    return text and fill(language, text, format, ...) or fill("en", format, format, ...)
  end
end

return messages
