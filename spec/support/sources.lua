-- SPDX-License-Identifier: MIT
-- What specs read of this checkout: its sources and documents.

local sources = {}

---@param path string
---@return string
function sources.read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

--- The paths that find(1) finds, in their order.
---@param words string its arguments, as a shell takes them
---@return string[]
function sources.find(words)
  local paths, listing = {}, assert(io.popen("find " .. words .. " | sort"))
  for path in listing:lines() do paths[#paths + 1] = path end
  listing:close()
  return paths
end

--- What the files that find(1) finds say, one after the other.
---@param words string
---@return string
function sources.read_all(words)
  local texts = {}
  for i, path in ipairs(sources.find(words)) do texts[i] = sources.read(path) end
  return table.concat(texts, "\n")
end

return sources
