-- SPDX-License-Identifier: MIT
-- The name of a class begins with that of its module's folder: lua/cme/server/process/link.lua may declare
-- cme.server.process.link and cme.server.process.around. Public classes, which docs/api.md describes, keep their names
-- wherever they are declared. The type that an annotation begins with is declared somewhere.

local tree = require "tools.lint.tree"

local classes = {}

local WHERE = { "^lua/cme/.*%.lua$" }
local PUBLIC = "docs/api.md"
local WRONG = "%s:%d: class '%s' is declared in %s: its name begins so"

-- "lua/cme/server/events/init.lua" -> "cme.server.events", "cme.server": an init.lua may also be named by the folder
-- around its own, in which its users stand.
local function rooms_of(path)
  local module = path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/", ".")
  local folder = module:gsub("%.[%w_]+$", "")
  return folder, module:find "%.init$" and folder:gsub("%.[%w_]+$", "") or folder
end

local function belongs(name, room)
  return name == room or name:sub(1, #room + 1) == room .. "."
end

local function public_names(files)
  local names = {}
  for name in (files.read(PUBLIC) or ""):gmatch "cme%.[%w_.]*[%w_]" do names[name] = true end
  return names
end

-- The types of this project that an annotation begins with.
local function mentioned(line)
  local text = line:match "^%s*%-%-%-@param%s+%S+%s+(%S+)" or line:match "^%s*%-%-%-@return%s+(%S+)"
    or line:match "^%s*%-%-%-@type%s+(%S+)" or line:match "^%s*%-%-%-@field%s+private%s+%S+%s+(%S+)"
    or line:match "^%s*%-%-%-@field%s+%S+%s+(%S+)" or line:match "^%s*%-%-%-@class%s+[%w_.]+%s*:%s*(%S+)" or ""
  local types = {}
  for name in text:gmatch "%f[%w_.]cme%.[%w_.]*[%w_]" do types[#types + 1] = name end
  return types
end

local function each_line(text, visit)
  local number = 0
  for line in text:gmatch "([^\n]*)\n" do
    number = number + 1
    visit(line, number)
  end
end

---@param files lint.tree
---@return string[] faults
function classes.check(files)
  local faults, public, declared, uses = {}, public_names(files), {}, {}
  tree.each(files, WHERE, function(path, text)
    local folder, around = rooms_of(path)
    local is_free = path:find "/_meta/" -- the cloud's types, and those of modules in C
    each_line(text, function(line, number)
      local class = line:match "^%-%-%-@class%s+([%w_.]+)" or line:match "^%-%-%-@alias%s+([%w_.]+)"
      if class then declared[class] = true end
      if class and not (is_free or public[class] or belongs(class, folder) or belongs(class, around)) then
        faults[#faults + 1] = WRONG:format(path, number, class, folder)
      end
      for _, name in ipairs(mentioned(line)) do uses[#uses + 1] = { path, number, name } end
    end)
  end)
  for _, use in ipairs(uses) do
    if not declared[use[3]] then faults[#faults + 1] = ("%s:%d: no class '%s'"):format(table.unpack(use)) end
  end
  return faults
end

return classes
