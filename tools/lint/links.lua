-- SPDX-License-Identifier: MIT
-- Every link of the Markdown files to another file of the checkout leads to one that exists, and every anchor to a
-- heading in it. What is on the web is not asked.

local tree = require "tools.lint.tree"

local links = {}

-- The text without code: nothing in it is a link. Lines keep their numbers.
local function prose(text)
  local inside, out = false, {}
  for line in (text .. "\n"):gmatch "(.-)\n" do
    local fence = line:find "^%s*```"
    out[#out + 1] = (inside or fence) and "" or (line:gsub("`[^`]*`", function(code) return (" "):rep(#code) end))
    if fence then inside = not inside end
  end
  return out
end

-- The anchor that GitHub makes of a heading: lower case, blanks become hyphens, other punctuation goes.
local function anchor_of(heading)
  local text = heading:gsub("%[(.-)%]%b()", "%1"):gsub("[`*]", ""):lower()
  text = text:gsub("[%z\1-\127]", function(byte) return byte:find "[%w _-]" and byte or "" end)
  text = text:gsub("，", ""):gsub("。", ""):gsub("、", ""):gsub("：", ""):gsub("；", ""):gsub("（", ""):gsub("）", "")
  return (text:gsub("？", ""):gsub("！", ""):gsub("“", ""):gsub("”", ""):gsub("《", ""):gsub("》", ""):gsub(" ", "-"))
end

local function anchors_of(text)
  local anchors, inside = {}, false
  for line in (text .. "\n"):gmatch "(.-)\n" do
    if line:find "^%s*```" then inside = not inside end
    local heading = not inside and line:match "^#+%s+(.-)%s*#*$"
    if heading then
      local anchor = anchor_of(heading)
      local same = anchors[anchor]
      anchors[anchor] = (same or 0) + 1
      if same then anchors[("%s-%d"):format(anchor, same)] = 1 end
    end
    for id in line:gmatch '<a [^>]*id="([^"]+)"' do anchors[id] = 1 end
  end
  return anchors
end

-- "docs/a.md" and "../x/b.md" are "x/b.md"; nil: out of the checkout.
local function resolve(from, target)
  local parts = {}
  for part in ((from:match "^(.*)/" or "") .. "/" .. target):gmatch "[^/]+" do
    if part == ".." then
      if not table.remove(parts) then return nil end
    elseif part ~= "." then
      parts[#parts + 1] = part
    end
  end
  return table.concat(parts, "/")
end

-- All paths and the folders above them.
local function places(files)
  local known = { [""] = true }
  for _, path in ipairs(files.paths) do
    while path do
      known[path], path = true, path:match "^(.*)/"
    end
  end
  return known
end

-- What is wrong with a link in the file `from`; nil: nothing.
local function fault_of(files, known, from, link)
  local target, anchor = link:match "^([^#]*)#?(.*)$"
  local path = target == "" and from or resolve(from, target)
  if not path or not known[path] then return "leads nowhere" end
  if anchor == "" or not path:find "%.md$" then return nil end
  if not anchors_of(files.read(path))[anchor] then return "has no such heading" end
end

---@param files lint.tree
---@return string[] faults
function links.check(files)
  local faults, known = {}, places(files)
  tree.each(files, { "%.md$" }, function(path, text)
    for number, line in ipairs(prose(text)) do
      for link in line:gmatch "%]%(([^%s)]+)[^)]*%)" do
        local fault = not link:find "^%a[%w+.-]*:" and fault_of(files, known, path, link)
        if fault then faults[#faults + 1] = ("%s:%d: '%s' %s"):format(path, number, link, fault) end
      end
    end
  end)
  return faults
end

return links
