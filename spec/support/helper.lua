-- SPDX-License-Identifier: MIT
-- What busted loads before the specs (.busted): the build's paths, modules that are read once, and a check behind each
-- file of spec/unit: a handle that is left in luv's loop would keep a later file's `uv.run` waiting. Files of other
-- folders prove the same by `proc.cleanup`.

require "spec.support.paths"

local busted = require "busted"
local uv = require "luv"

-- Each file has modules of its own, made anew from what was read and compiled for the first that required them: that
-- alone took an eighth of the time of spec/unit.
local search, compiled = package.searchers[2], {}

package.searchers[2] = function(name)
  local path = package.searchpath(name, package.path)
  if compiled[path] then return compiled[path], path end
  local loader, where = search(name)
  if where then compiled[where] = loader end
  return loader, where
end

-- The handles that keep the loop alive, as texts; closes them.
local function leftovers()
  local found = {}
  uv.walk(function(handle)
    if handle:is_closing() or not handle:is_active() or not handle:has_ref() then return end
    found[#found + 1] = tostring(handle)
    handle:close()
  end)
  uv.run "nowait"
  return found
end

busted.subscribe({ "file", "end" }, function(file)
  if not file.name:find "spec/unit/" then return nil, true end
  uv.run "nowait" -- what was closed
  local found = leftovers()
  file.trace = { short_src = file.name, currentline = 0 } -- for who reports it
  if found[1] then error("left in luv's loop: " .. table.concat(found, ", "), 0) end
  return nil, true
end)
