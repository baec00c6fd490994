-- SPDX-License-Identifier: MIT
-- Checks what callers hand to the module. Misuse (an unknown option, a wrong type, a missing one) raises at the
-- caller's line: the first stack frame outside this module's own folder, so neither wrappers nor tail calls inside
-- the module change whose line is named. Pure; the raised text names the option and the nearest valid one,
-- never a value that may be secret.

local text = require "cme.text.strings"

---@class cme.text.options
local options = {}

---@class cme.text.option
---@field [1] string|string[] the type or types it may have, as type() says
---@field required boolean|nil
---@field fact (fun(value: any): string|nil)|nil what is wrong with a value of the right type; nil: nothing

-- The folder of the library as Lua names sources: "@./lua/cme/".
local OWN = debug.getinfo(1, "S").source:match "^(.*)text/options%.lua$"

local function is_own(info)
  return info.what == "C" or info.what == "tail" or (OWN and info.source:sub(1, #OWN) == OWN)
end

--- Raises at the line that called into the module.
---@param message string
---@param _detail cme.detail|nil whose sentence the message ends with: cme.cli looks at it to say that in Chinese
function options.misuse(message, _detail)
  local level = 2
  local info = debug.getinfo(level, "S")
  while info and is_own(info) do
    level = level + 1
    info = debug.getinfo(level, "S")
  end
  error(message, info and level or 0)
end

local function type_fits(wanted, value)
  if type(wanted) == "string" then return type(value) == wanted end
  for _, name in ipairs(wanted) do
    if type(value) == name then return true end
  end
  return false
end

local function type_text(wanted)
  return type(wanted) == "string" and wanted or table.concat(wanted, " or ")
end

local LONGEST_NAME = 60 -- bytes of a name that was made up

-- Sorted, so that two mistakes are always reported in the same order.
local function refuse_unknown(what, given, spec)
  local unknown = {}
  for name in pairs(given) do
    if not spec[name] then unknown[#unknown + 1] = text.printable(name, LONGEST_NAME) end
  end
  if #unknown == 0 then return end
  table.sort(unknown)
  local names = text.sorted_keys(spec)
  local near = text.nearest(unknown[1], names)
  local hint = near and ("did you mean '%s'?"):format(near) or "there are " .. table.concat(names, ", ")
  options.misuse(("%s: option '%s': unknown (%s)"):format(what, unknown[1], hint))
end

--- Checks a table of options and copies it (one level).
---@param what string who takes them, e.g. "cme.client"
---@param given table|nil nil counts as empty
---@param spec table<string, cme.text.option>
---@return table copy
function options.check(what, given, spec)
  if given == nil then given = {} end
  if type(given) ~= "table" then
    options.misuse(("%s: a table of options is needed, got %s"):format(what, type(given)))
  end
  refuse_unknown(what, given, spec)
  local copy = {}
  for _, name in ipairs(text.sorted_keys(spec)) do
    local value, option = given[name], spec[name]
    if value == nil then
      if option.required then options.misuse(("%s: option '%s': missing"):format(what, name)) end
    elseif not type_fits(option[1], value) then
      options.misuse(("%s: option '%s': %s is needed, got %s"):format(what, name, type_text(option[1]), type(value)))
    else
      local fact = option.fact and option.fact(value)
      if fact then options.misuse(("%s: option '%s': %s"):format(what, name, fact)) end
      copy[name] = value
    end
  end
  return copy
end

--- The length of a list; Lua's own operator may stop at a hole, or not.
---@param list table keys that are no places are not looked at
---@return integer length the last place that is taken
---@return integer|nil hole the first place before it that is not
function options.length(list)
  local last = 0
  for key in pairs(list) do
    if type(key) == "number" and key % 1 == 0 and key > last then last = key end
  end
  for i = 1, last do
    if list[i] == nil then return last, i end
  end
  return last
end

--- A `fact` for text that goes into a header or a name: not empty, no control characters.
---@param value string
---@return string|nil fact
function options.plain_text(value)
  if value == "" then return "empty" end
  if value:find "%c" then return "control characters in it" end
end

--- A `fact` for durations.
---@param value number
---@return string|nil fact
function options.positive(value)
  if not (value > 0 and value < math.huge) then return "a number above 0 is needed" end
end

--- A `fact` for the time a transport is given: it counts milliseconds in an int.
---@param value number
---@return string|nil fact
function options.timeout(value)
  if not (value >= 0.001 and value <= 2000000) then return "0.001 to 2000000 seconds are needed" end
end

return options
