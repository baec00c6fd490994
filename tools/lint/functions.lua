-- SPDX-License-Identifier: MIT
-- No function of Lua is longer than 40 lines, from `function` to its `end`. (clang-tidy keeps those of C; what a spec's
-- describe holds is no function in this sense.)

local tokens = require "tools.lint.tokens"
local tree = require "tools.lint.tree"

local functions = {}

local LONGEST = 40 -- lines
local WHERE = { "^lua/.*%.lua$", "^room/.*%.lua$", "^tools/.*%.lua$", "^examples/.*%.lua$" }

-- How a function is called: the words around the keyword.
local function name_of(code, opening)
  local name = ""
  local index = opening + 1
  while code[index] and code[index].text ~= "(" do
    name, index = name .. code[index].text, index + 1
  end
  if name ~= "" then return name end
  local before = code[opening - 2]
  return before and before.kind == "name" and before.text or "a function"
end

local function too_long(path, code, faults)
  tokens.blocks(code, function(opening, closing)
    local from, to = code[opening], code[closing]
    local lines = to.line - from.line + 1
    if from.text == "function" and lines > LONGEST then
      local name = name_of(code, opening)
      faults[#faults + 1] = ("%s:%d: %s has %d lines (%d at most)"):format(path, from.line, name, lines, LONGEST)
    end
  end)
end

---@param files lint.tree
---@return string[] faults
function functions.check(files)
  local faults = {}
  tree.each(files, WHERE, function(path, text) too_long(path, tokens.code(tokens.of(text)), faults) end)
  return faults
end

return functions
