-- SPDX-License-Identifier: MIT
-- What the parts of a service that its categories make have in common: they check and copy an input by the rules of
-- their project.lua, and do the operation that a request names. A category's init.lua adds what is its own.

local answer = require "cme.server.call"
local codes = require "cme.codes"

local base = {}

---@class cme.server.categories.kind
---@field name string of the class, for messages
---@field project { check: function, copy: function } the category's project.lua
---@field beside string the member of the service's part that those two look at beside the input
---@field operations table<string, fun(self, call: cme.server.http.call, record: cme.server.project): table|nil,
--- string|nil, cme.detail|nil> by their name in the API
---@field absent table<string, any> members of every answer, as they are where an operation gives none

--- Does the operation that a request names.
---@param kind cme.server.categories.kind
---@param service cme.server.category_service
---@param call cme.server.http.call
---@param record cme.server.project
---@return table|nil response
---@return string|nil message
---@return cme.detail|nil detail
local function handle(kind, service, call, record)
  local operation = kind.operations[call.params.Operation]
  if not operation then
    return codes.fail("api.InvalidParameterValue.OperationInvalid:unknown",
      { operation = answer.shown(call.params.Operation) })
  end
  local response, message, detail = operation(service, call, record)
  if not response then return nil, message, detail end
  for name, value in pairs(kind.absent) do
    if response[name] == nil then response[name] = value end
  end
  return response
end

--- Makes the class of a category's part of a service: a cme.server.category_service to be completed.
---@param kind cme.server.categories.kind
---@return table class
function base.class(kind)
  local class = { __name = kind.name }
  class.__index = class
  function class:check(input) return kind.project.check(input, self[kind.beside], self.now()) end
  function class:copy(input) return kind.project.copy(input, self[kind.beside], self.now()) end
  function class:handle(call, record) return handle(kind, self, call, record) end
  return class
end

--- What a category's stored inputs send to; see cme.server.category.
---@param member string of the input
---@return fun(input: table): { Id: string, Name: string }[]
function base.outputs(member)
  return function(input) return input[member] end
end

return base
