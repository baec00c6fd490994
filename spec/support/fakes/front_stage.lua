-- SPDX-License-Identifier: MIT
-- A front (front.lua) of its own for each spec of a describe block, closed behind it.

local front = require "spec.support.fakes.front"

local front_stage = {}

--- Registers with busted's functions of the block; what is returned stands for the front of the spec that runs.
---@param before_each fun(fn: fun())
---@param after_each fun(fn: fun())
---@return spec.front
function front_stage.new(before_each, after_each)
  local current
  before_each(function() current = front.new() end)
  after_each(function() current:close() end)
  return setmetatable({}, {
    __index = function(_, name) return current[name] end,
    __newindex = function(_, name, value) current[name] = value end,
  })
end

return front_stage
