-- SPDX-License-Identifier: MIT
-- INI texts as the vendor's tools write them: credentials files. One section at a time; a value may be in double
-- quotes; lines that are nothing of the kind are skipped. Pure.

---@class cme.text.ini
local ini = {}

local BYTE_ORDER_MARK = "^\239\187\191"

--- Reads one section.
---@param text string
---@param wanted string|nil the section, "default"; lines before the first section count to that one
---@return table<string, string> values empty ones are left out
---@usage require "cme.text.ini".read "[default]\nsecret_id = a".secret_id --> "a"
function ini.read(text, wanted)
  wanted = wanted or "default"
  local values, section = {}, "default"
  for line in text:gsub(BYTE_ORDER_MARK, ""):gmatch "[^\r\n]+" do
    local name = line:match "^%s*%[%s*(.-)%s*%]%s*$"
    local key, value = line:match "^%s*([%w_]+)%s*=%s*(.-)%s*$"
    value = value and value:match '^"(.*)"$' or value
    if name then
      section = name
    elseif key and section == wanted and value ~= "" then
      values[key] = value
    end
  end
  return values
end

return ini
