-- SPDX-License-Identifier: MIT
-- What may be chosen from, as a list in the reader's language: 'on', 'off'. Pure.

local choices = {}

--- The list of names.
---@param names string[] not empty
---@param t cme.cli.translate
---@return string
function choices.list(names, t)
  local list = t("'%s'", names[1])
  for i = 2, #names do list = t("%s, '%s'", list, names[i]) end
  return list
end

--- The names in a list in English.
---@param list string
---@return string[]
function choices.names(list)
  local names = {}
  for name in list:gmatch "'(.-)'" do names[#names + 1] = name end
  return names
end

return choices
