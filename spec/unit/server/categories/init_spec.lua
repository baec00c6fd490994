-- SPDX-License-Identifier: MIT
-- Every category registers all that others ask of it.

local categories = require "cme.server.categories"
local front_stage = require "spec.support.fakes.front_stage"
local schema = require "cme.schema"

local MEMBERS = { name = "string", input = "string", info = "string", action = "string", failed = "string",
  stored = "table", empty = "function", outputs = "function", states = "table", damaged = "table", events = "table",
  open = "function" }
local METHODS = { "check", "copy", "push_addresses", "info", "spec", "handle", "switch_output" }

local function names_of(fields)
  local names = {}
  for _, field in ipairs(fields) do names[field.name] = true end
  return names
end

describe("cme.server.categories", function()
  local service = front_stage.new(before_each, after_each)

  for _, category in ipairs(categories.list) do
    it("registers all of " .. category.name, function()
      for member, kind in pairs(MEMBERS) do assert.are.equal(kind, type(category[member]), member) end
      assert.is_table(schema.objects[category.input])
      assert.is_table(schema.actions[category.action])
      assert.is_true(names_of(schema.objects.ProjectInfo)[category.info])
      assert.are.equal(category, categories.of { category = category.name })
      for _, method in ipairs(METHODS) do
        assert.is_function(service.services[category.name][method], method)
      end
    end)

    it("keeps beside the API's input what is needed, of " .. category.name, function()
      local stored = names_of(categories.stored(category.name))
      assert.is_true(stored.Adopted)
      for _, field in ipairs(schema.objects[category.input]) do assert.is_true(stored[field.name], field.name) end
      for _, field in ipairs(category.stored) do assert.is_true(stored[field.name], field.name) end
    end)

    it("has an input that can be shown when its own cannot be read, of " .. category.name, function()
      local record = { id = "p", category = category.name, status = "Idle", active = "Main", input = category.empty() }
      assert.is_table(service.services[category.name]:info(record))
      assert.are.same({}, category.outputs(record.input))
    end)
  end

  it("knows those that the API has and this service does not run", function()
    assert.is_string(categories.inputs.SWITCHER)
    assert.is_nil(categories.by_name.SWITCHER)
  end)

  it("guesses the category of a process by the processes beside it", function()
    local own
    for name, one in pairs(service.services) do own = one.processes and name or own end
    assert.are.equal(own, categories.guess(service.services, function() return true end))
    assert.are.equal(categories.fallback.name, categories.guess(service.services, function() return false end))
  end)
end)
