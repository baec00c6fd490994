-- SPDX-License-Identifier: MIT
-- The language of what `cme` says: English as it stands in the sources, Chinese from messages_zh.lua, which is keyed by
-- the English text. A text without its Chinese is shown in English. spec/unit/cli/messages_spec.lua finds every text
-- of the sources by the way it is written, t("...") or mark "...", and holds it against the catalogue. Pure.

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

--- Makes the function that translates.
---@param language "en"|"zh"
---@return cme.cli.translate
function messages.translator(language)
  local catalogue = language == "zh" and require "cme.cli.messages_zh" or {}
  return function(format, ...)
    local text = catalogue[format] or format
    if select("#", ...) == 0 then return text end
    return text:format(...)
  end
end

return messages
