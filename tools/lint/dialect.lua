-- SPDX-License-Identifier: MIT
-- One dialect of Lua, which CONTRIBUTING.md describes. Checked is what a rule about tokens can tell:
--
--   a guard (`if` whose body only leaves: return, break, goto or error) that fits one line is one line
--   a type that may be missing is `T|nil`, not `T?`
--   a doc comment begins with a blank: `--- Text`
--   a local of a module that is a literal, or a table that nothing changes, is a constant: UPPER_CASE
--   a class is named in lower case, apart from the cloud's own (cme.api)
--   a module ends with `return`

local tokens = require "tools.lint.tokens"
local tree = require "tools.lint.tree"

local dialect = {}

local WIDTH = 120
local WHERE = { "^lua/.*%.lua$", "^room/.*%.lua$", "^tools/.*%.lua$", "^examples/.*%.lua$", "^spec/.*%.lua$",
  "^bench/.*%.lua$" }
local MODULES = { "^lua/cme/", "^room/lua/" }
local PROGRAM = "/main%.lua$" -- run as it is, never required
local CLASSES_OF_THE_CLOUD = "^cme%.api%.%u"

---@class lint.fault
---@field line integer
---@field fact string

local function add(faults, line, fact)
  faults[#faults + 1] = { line = line, fact = fact }
end

-- ---- guards

local LEAVING = { ["return"] = true, ["break"] = true, ["goto"] = true }

-- Whether what is between `first` and `last` is one call of error and nothing else.
local function only_raises(code, first, last)
  if code[first].text ~= "error" or code[first + 1].text ~= "(" then return false end
  local depth = 0
  for index = first + 1, last do
    if code[index].text == "(" then depth = depth + 1 end
    if code[index].text == ")" then depth = depth - 1 end
    if depth == 0 then return index == last end
  end
  return false
end

-- The `then` of a plain guard that begins at `opening` and ends at `closing`; nil: it is none.
local function then_of_guard(code, opening, closing)
  local at
  for index = opening + 1, closing - 1 do
    if code[index].text == "function" then return nil end
    if code[index].text == "then" then
      if at then return nil end
      at = index
    end
  end
  if LEAVING[code[at + 1].text] or only_raises(code, at + 1, closing - 1) then return at end
  return nil
end

local function is_commented(list, from, to)
  for _, token in ipairs(list) do
    if token.kind == "comment" and token.from > from and token.from < to then return true end
  end
  return false
end

--- The guards that could be one line, and are not: where they begin and end, and what they would be.
---@param text string
---@param list lint.token[] all tokens of the text
---@return { line: integer, from: integer, to: integer, better: string }[]
function dialect.long_guards(text, list)
  local found, code = {}, tokens.code(list)
  tokens.blocks(code, function(opening, closing)
    local from, to = code[opening], code[closing]
    if from.text ~= "if" or from.line == to.line then return end
    local indent = ("\n" .. text:sub(1, from.from - 1)):match "\n([ \t]*)$"
    local at = indent and then_of_guard(code, opening, closing)
    if not at or is_commented(list, from.from, to.to) then return end
    if code[at].line ~= from.line or code[closing - 1].line ~= code[at + 1].line then return end
    local better = text:sub(from.from, to.to):gsub("%s*\n%s*", " ")
    local after = text:match("^[^\n]*", to.to + 1)
    if #indent + #better + #after > WIDTH then return end
    found[#found + 1] = { line = from.line, from = from.from, to = to.to, better = better }
  end)
  return found
end

-- ---- annotations

local function check_comment(token, faults)
  local text = token.text
  if text:find "^%-%-%-[^ @|%-\n]" then add(faults, token.line, "a doc comment begins with a blank: `--- Text`") end
  if not text:find "^%-%-%-%s*@" then return end
  local plain = text:gsub('"[^"]*"', '""'):gsub("`[^`]*`", "")
  if plain:find "[%w_%]>})\"]%?%f[%s,|)%]>%z]" then
    add(faults, token.line, "a type that may be missing is written `T|nil`")
  end
  local class = text:match "^%-%-%-@class%s+([%w_.]+)"
  if class and class:find "%u" and not class:find(CLASSES_OF_THE_CLOUD) then
    add(faults, token.line, ("class '%s' is named in lower case"):format(class))
  end
end

-- ---- constants

local LITERAL = { string = true, number = true }
local ARITHMETIC = { ["*"] = true, ["+"] = true, ["-"] = true, ["/"] = true, [".."] = true, ["//"] = true,
  ["<<"] = true }

-- Whether an expression of literals alone begins at `index`, and the line after it is another statement.
local function is_literal(code, index)
  local first, token = index, code[index]
  if token.text == "-" then index = index + 1 end
  while true do
    token = code[index]
    if not token or not LITERAL[token.kind] and token.text ~= "true" and token.text ~= "false" then return false end
    local after = code[index + 1]
    if not after or not ARITHMETIC[after.text] then
      return not after or after.line > code[first].line and after.text ~= ":" and after.text ~= "or"
        and after.text ~= "and"
    end
    index = index + 2
  end
end

local CLOSES = { ["{"] = "}", ["("] = ")", ["["] = "]" }

-- The index of what closes the bracket at `index`.
local function closing_bracket(code, index)
  local opening, depth = code[index].text, 0
  local closing = CLOSES[opening]
  for at = index, #code do
    if code[at].text == opening then depth = depth + 1 end
    if code[at].text == closing then depth = depth - 1 end
    if depth == 0 then return at end
  end
end

local function is_table(code, index)
  return code[index].text == "{" and code[index + 1].text ~= "}"
end

local CHANGING = { setmetatable = true, insert = true, remove = true, sort = true }

local GOES_ON = { [","] = true, ["{"] = true, ["("] = true, [";"] = true }

-- The index after the fields and indices of the name at `index`.
local function after_fields(code, index)
  local at = index + 1
  while code[at] and (code[at].text == "." or code[at].text == "[") do
    at = code[at].text == "." and at + 2 or closing_bracket(code, at) + 1
  end
  return at
end

-- Whether the name at `index` is given a value, or the table that it names is, or it leaves the module as a whole.
local function is_changed(code, index)
  local before, after = code[index - 1], code[index + 1] or { text = "" }
  if not before then return false end
  if before.text == "." or before.text == ":" then return false end
  if before.text == "function" or before.text == "for" then return true end
  if before.text == "return" then return not after.text:find "^[.:%[(]$" end
  if before.text == "(" and CHANGING[code[index - 2].text] then return true end
  if GOES_ON[before.text] then return false end -- a key, an argument
  local is_first = before.line < code[index].line
  local assigned = code[after_fields(code, index)]
  return assigned ~= nil and (assigned.text == "=" or assigned.text == "," and is_first)
end

-- How deep every token is in blocks.
local function depths(code)
  local depth, list = 0, {}
  local steps = {}
  tokens.blocks(code, function(opening, closing) steps[opening], steps[closing] = 1, -1 end)
  for index = 1, #code do
    depth = depth + (steps[index] or 0)
    list[index] = depth
  end
  return list
end

--- The locals of a module that are constants and not written so.
---@param code lint.token[] without comments
---@param with_tables boolean tables that nothing changes, too
---@return { line: integer, name: string, index: integer }[]
function dialect.constants(code, with_tables)
  local found, changed, depth = {}, {}, depths(code)
  for index, token in ipairs(code) do
    local declares = token.text == "local" and depth[index] == 0 and code[index + 2] and code[index + 2].text == "="
    if declares and code[index + 1].text:find "%l" and (is_literal(code, index + 3)
        or with_tables and is_table(code, index + 3)) then
      found[#found + 1] = { line = token.line, name = code[index + 1].text, index = index + 1 }
    end
    local declared = code[index - 1] and code[index - 1].text == "local"
    if token.kind == "name" and not declared and is_changed(code, index) then changed[token.text] = true end
  end
  local constants = {}
  for _, one in ipairs(found) do
    if not changed[one.name] then constants[#constants + 1] = one end
  end
  return constants
end

-- ---- a file

local function matches(path, patterns)
  for _, pattern in ipairs(patterns) do
    if path:find(pattern) then return true end
  end
  return false
end

-- The module's last statement, at the top.
local function ends_with_return(code)
  local depth = depths(code)
  for index = #code, 1, -1 do
    if code[index].text == "return" and depth[index] == 0 then return true end
  end
  return false
end

--- What is wrong with one text.
---@param path string
---@param text string
---@return lint.fault[]
function dialect.faults(path, text)
  local faults, list = {}, tokens.of(text)
  local code, is_module = tokens.code(list), matches(path, MODULES)
  for _, guard in ipairs(dialect.long_guards(text, list)) do
    add(faults, guard.line, "a guard that fits one line is one line: " .. guard.better)
  end
  for _, token in ipairs(list) do
    if token.kind == "comment" then check_comment(token, faults) end
  end
  for _, one in ipairs(dialect.constants(code, is_module)) do
    add(faults, one.line, ("'%s' is a constant: %s"):format(one.name, one.name:upper()))
  end
  if is_module and not path:find "/_meta/" and not path:find(PROGRAM) and not ends_with_return(code) then
    add(faults, list[#list].line, "a module returns its table at the end")
  end
  return faults
end

---@param files lint.tree
---@return string[] faults
function dialect.check(files)
  local lines = {}
  tree.each(files, WHERE, function(path, text)
    for _, fault in ipairs(dialect.faults(path, text)) do
      lines[#lines + 1] = ("%s:%d: %s"):format(path, fault.line, fault.fact)
    end
  end)
  return lines
end

return dialect
