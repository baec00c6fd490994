-- SPDX-License-Identifier: MIT
-- No module reads another's private fields: `x._name` and `x:_name()` stand in the file that has the class, which is
-- where an annotation (`---@field private _name`), a method or `self._name` says so.

local tokens = require "tools.lint.tokens"
local tree = require "tools.lint.tree"

local private = {}

local WHERE = { "^lua/cme/.*%.lua$", "^room/.*%.lua$", "^examples/.*%.lua$" }

-- Where it is done all the same, and why.
local EXCEPTIONS = {
  { "^lua/cme/net/loop/", "a task and its loop are one machine; cme.task.tree says which fields are the loop's" },
  { "^lua/cme/net/transport/curl%.lua$", "a task that waits is handed to its own loop" },
  { "^lua/cme/cli/help%.lua$", "argparse has no other way to ask for its options" },
}

local function is_private(token)
  return token ~= nil and token.kind == "name" and token.text:find "^_%l" ~= nil
end

-- Every place with a private name after a dot or a colon: visit(owner, name, line).
local function each_use(code, visit)
  for index = 2, #code - 1 do
    local link = code[index].text
    if (link == "." or link == ":") and code[index].kind == "operator" and is_private(code[index + 1]) then
      visit(code[index - 1].text, code[index + 1].text, code[index + 1].line)
    end
  end
end

local function own_names(text, code)
  local own = {}
  for name in text:gmatch "%-%-%-@field%s+private%s+(_[%w_]+)" do own[name] = true end
  for name in text:gmatch "%-%-%-@field%s+(_[%w_]+)" do own[name] = true end
  for name in text:gmatch "function%s+[%w_]+[.:](_[%w_]+)" do own[name] = true end
  each_use(code, function(owner, name)
    if owner == "self" then own[name] = true end
  end)
  return own
end

local function is_excepted(path)
  for _, exception in ipairs(EXCEPTIONS) do
    if path:find(exception[1]) then return true end
  end
  return false
end

---@param files lint.tree
---@return string[] faults
function private.check(files)
  local faults = {}
  tree.each(files, WHERE, function(path, text)
    if is_excepted(path) then return end
    local code = tokens.code(tokens.of(text))
    local own = own_names(text, code)
    each_use(code, function(owner, name, line)
      if not own[name] then
        faults[#faults + 1] = ("%s:%d: '%s.%s' is private to another module"):format(path, line, owner, name)
      end
    end)
  end)
  return faults
end

return private
