-- SPDX-License-Identifier: MIT
-- What the checks look at: the names of all files and their texts. The specs give a table of texts, `make lint` the
-- checkout.

local tree = {}

---@class lint.tree
---@field paths string[] of all files, sorted
---@field read fun(path: string): string|nil

--- A tree of these texts, by path.
---@param texts table<string, string>
---@return lint.tree
function tree.of(texts)
  local paths = {}
  for path in pairs(texts) do paths[#paths + 1] = path end
  table.sort(paths)
  return { paths = paths, read = function(path) return texts[path] end }
end

--- The files of the checkout in the current folder, but those that git ignores.
---@return lint.tree
function tree.checkout()
  local pipe = assert(io.popen "git ls-files -co --exclude-standard")
  local texts, paths = {}, {}
  for path in pipe:lines() do paths[#paths + 1] = path end
  pipe:close()
  local function read(path)
    if texts[path] == nil then
      local file = io.open(path, "rb")
      texts[path] = file and file:read "a" or false
      if file then file:close() end
    end
    return texts[path] or nil
  end
  return { paths = paths, read = read }
end

--- Whether a list has a value.
---@param list any[]
---@param value any
---@return boolean
function tree.has(list, value)
  for _, one in ipairs(list) do
    if one == value then return true end
  end
  return false
end

--- Visits every file whose path matches one of the patterns.
---@param files lint.tree
---@param patterns string[]
---@param visit fun(path: string, text: string)
function tree.each(files, patterns, visit)
  for _, path in ipairs(files.paths) do
    for _, pattern in ipairs(patterns) do
      if path:find(pattern) then
        local text = files.read(path)
        if text then visit(path, text) end -- nil: deleted, and not yet committed
        break
      end
    end
  end
end

return tree
