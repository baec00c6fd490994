-- SPDX-License-Identifier: MIT
-- What fails is worded by the catalogue (cme.codes), and nobody reads a message to find out what happened: no function
-- returns nil and a sentence of its own, or another's without its detail, and no message is searched for words.

local tree = require "tools.lint.tree"

local prose = {}

local WHERE = { "^lua/cme/.*%.lua$" }

local WORDED = "a failure is worded here: give it a sentence of the catalogue"
local DROPPED = "a failure is passed on without its detail: return nil, message, detail"
local SEARCHED = "a message is searched for words: look at detail.code"

-- Lines of code, each with what is wrong about it. Words have a space between them; names of sentences have none.
local RULES = {
  { "return nil, %(?[\"'][^\"']* [^\"']*[\"']", WORDED },
  { "return nil, [%w_.]+ %.%. ?[\"']", WORDED },
}

for _, name in ipairs { "message", "failure", "why" } do
  RULES[#RULES + 1] = { "return nil, " .. name .. "$", DROPPED }
  RULES[#RULES + 1] = { "return nil, " .. name .. " end$", DROPPED }
end
for _, name in ipairs { "message", "failure", "err" } do
  RULES[#RULES + 1] = { "%f[%w_]" .. name .. ":g?[fm][ia][nt][dc]h? ?%(?[\"']", SEARCHED }
end

local function fault_of(line)
  for _, rule in ipairs(RULES) do
    if line:find(rule[1]) then return rule[2] end
  end
end

---@param files lint.tree
---@return string[] faults
function prose.check(files)
  local faults = {}
  tree.each(files, WHERE, function(path, text)
    local number = 0
    for line in text:gmatch "([^\n]*)\n" do
      number = number + 1
      local fault = not line:find "^%s*%-%-" and fault_of(line)
      if fault then faults[#faults + 1] = ("%s:%d: %s"):format(path, number, fault) end
    end
  end)
  return faults
end

return prose
