-- SPDX-License-Identifier: MIT
-- How the operations of both categories are carried out: one action whose `Operation` names the operation, and the
-- function that finds out whether it was done when its answer got lost.

local calls = require "cme.project.calls"

---@class cme.project.handling
---@field operate fun(call: cme.project.calls, operation: string, params: table|nil, settle: function|nil): table|nil,
--- string|nil, cme.detail|nil the response
---@field done fun(call: cme.project.calls, operation: string, params: table|nil, settle: function|nil): true|nil,
--- string|nil, cme.detail|nil
---@field read_info fun(entry: table): table what info() would say of an entry of the service's list
---@field by_info fun(call: cme.project.calls, judge: function): function a settle function that judges it
---@field by_status fun(call: cme.project.calls, wanted: string): function the same of its status

local handling = {}

--- Makes the functions of a category.
---@param action string that of its operations
---@param read fun(entry: table, info: table) fills in what info() says
---@return cme.project.handling
function handling.new(action, read)
  local self = {}

  function self.operate(call, operation, params, settle)
    params = params or {}
    params.Operation = operation
    return call:act(action, params, settle)
  end

  function self.done(call, operation, params, settle)
    local response, message, detail = self.operate(call, operation, params, settle)
    if not response then return nil, message, detail end
    return true
  end

  function self.read_info(entry)
    local info = {}
    read(entry, info)
    return info
  end

  function self.by_info(call, judge)
    return call:settled(function(entry)
      if not entry then return calls.unclear "invalid.unclear:gone" end
      return judge(self.read_info(entry))
    end)
  end

  function self.by_status(call, wanted)
    return self.by_info(call, function(info) return info.status == wanted and {} end)
  end

  return self
end

return handling
