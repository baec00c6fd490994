-- SPDX-License-Identifier: MIT
-- Where things stand: no folder is so full that nobody finds anything in it, no file so long, a spec's place follows
-- from its source's, and what docs/api.md describes is what stands at the top of lua/cme.

local tree = require "tools.lint.tree"

local places = {}

local FULL = 25 -- files at one level
-- Folders of specs mirror their sources, or are lists of cases; commands are a list as well, one file each.
local MAY_BE_FULL = { "^spec/", "^lua/cme/cli/commands/" }

local LONGEST = 600 -- lines of a source, or of a spec
local SOURCE = { "^src/.*%.[ch]$", "^lua/.*%.lua$", "^room/.*%.lua$", "^tools/.*%.lua$", "^bench/.*%.lua$",
  "^spec/.*%.lua$", "^spec/.*%.[ch]$" }
-- Lists of texts, and what is made from others.
local MAY_BE_LONG = { ["lua/cme/cli/messages_zh.lua"] = true, ["lua/cme/_meta/actions.lua"] = true }

-- A spec's name without its ending, and where its source may be; %1 is the name. The first that fits counts.
local SOURCES = {
  { "^spec/unit/room/(.*)_spec%.lua$", { "room/lua/room/%1.lua" } },
  { "^spec/unit/tools/(.*)_spec%.lua$", { "tools/%1.lua", "tools/%1.sh" } },
  { "^spec/unit/support/(.*)_spec%.lua$", { "spec/support/%1.lua" } },
  { "^spec/unit/docs/(.*)_spec%.lua$", { "docs/%1.md", "README.md" } }, -- one page, or what all have in common
  { "^spec/unit/(.*)_spec%.lua$", { "lua/cme/%1.lua", "lua/cme/%1/init.lua", "lua/cme/_meta/%1.lua" } },
  { "^spec/c/(.*)_test%.c$", { "src/%1.c", "src/%1.h" } },
}

-- Modules at the top of lua/cme that docs/api.md does not describe, and why.
local NOT_IN_API = {
  version = "a string", -- require "cme".version is described
}

-- ---- folders

local function may_be_full(folder)
  for _, pattern in ipairs(MAY_BE_FULL) do
    if folder:find(pattern) then return true end
  end
  return false
end

local function check_folders(files, faults)
  local count = {}
  for _, path in ipairs(files.paths) do
    local folder = path:match "^(.*)/" or "."
    count[folder] = (count[folder] or 0) + 1
  end
  for folder, number in pairs(count) do
    if number > FULL and not may_be_full(folder .. "/") then
      faults[#faults + 1] = ("%s: %d files at one level (%d at most)"):format(folder, number, FULL)
    end
  end
end

local function check_lengths(files, faults)
  tree.each(files, SOURCE, function(path, text)
    local _, lines = text:gsub("\n", "")
    if lines > LONGEST and not MAY_BE_LONG[path] then
      faults[#faults + 1] = ("%s: %d lines (%d at most)"):format(path, lines, LONGEST)
    end
  end)
end

-- ---- specs

local function has_one(known, candidates, name)
  for _, candidate in ipairs(candidates) do
    if known[(candidate:gsub("%%1", (name:gsub("%%", "%%%%"))))] then return true end
  end
  return false
end

local function sources_of(path)
  for _, rule in ipairs(SOURCES) do
    local name = path:match(rule[1])
    if name then return rule[2], name end
  end
end

-- A spec that requires what is not in spec/support fails when it is run; this says so before.
local function check_support(path, text, known, faults)
  for name in text:gmatch "require%(? ?[\"'](spec%.support%.[%w_.]+)[\"']" do
    if not known[name:gsub("%.", "/") .. ".lua"] then
      faults[#faults + 1] = ("%s: there is no '%s'"):format(path, name)
    end
  end
end

local function check_specs(files, faults)
  local known = {}
  for _, path in ipairs(files.paths) do known[path] = true end
  tree.each(files, { "^spec/.*%.lua$", "^tools/.*%.lua$", "^bench/.*%.lua$" }, function(path, text)
    check_support(path, text, known, faults)
  end)
  for _, path in ipairs(files.paths) do
    local candidates, name = sources_of(path)
    local has_source = candidates and (has_one(known, candidates, name)
      or has_one(known, candidates, (name:gsub("_", "-")))) -- docs/control-protocol.md
    if candidates and not has_source then
      faults[#faults + 1] = ("%s: no source at its place (%s)"):format(path,
        (table.concat(candidates, ", "):gsub("%%1", (name:gsub("%%", "%%%%")))))
    end
    if path:find "^spec/regress/" and path:find "_[st]%a+%.%a+$" and not path:find "^spec/regress/%d%d%-" then
      faults[#faults + 1] = ("%s: a fault that was mended is named NN-what"):format(path)
    end
  end
end

-- ---- public modules

local function described(files)
  local found = {}
  for name in ("\n" .. (files.read "docs/api.md" or "")):gmatch "\n## cme([%w_.]*)" do
    found[name == "" and "init" or name:sub(2)] = true
  end
  return found
end

local function check_public(files, faults)
  local found = described(files)
  for _, path in ipairs(files.paths) do
    local name = path:match "^lua/cme/([%w_]+)%.lua$"
    if name and not found[name] and not NOT_IN_API[name] then
      faults[#faults + 1] = ("%s: docs/api.md does not describe it: what is not public stands in a room"):format(path)
    end
  end
end

---@param files lint.tree
---@return string[] faults
function places.check(files)
  local faults = {}
  check_folders(files, faults)
  check_lengths(files, faults)
  check_specs(files, faults)
  check_public(files, faults)
  table.sort(faults)
  return faults
end

return places
