-- SPDX-License-Identifier: MIT
-- Modules that are loaded at their first use: what only failures, tasks or rare options need. A script that makes one
-- call should not pay for the rest.

local lazy = {}

--- Stands for a module until one of its members is asked for, and after.
---@generic T
---@param load fun(): T e.g. function() return require "cme.codes" end, so that the name stands where it is looked for
---@return T
function lazy.module(load)
  return setmetatable({}, { __index = function(_, name) return load()[name] end })
end

return lazy
