-- SPDX-License-Identifier: MIT

local interface = require "cme.server.store.interface"
local store = require "cme.server.store.sqlite"

describe("cme.server.store.interface", function()
  it("is all there in the driver for SQLite", function()
    local subject = assert(store.open(":memory:", function() return 0 end))
    assert.are.same({}, interface.lacking(subject))
    subject:close()
  end)

  it("says what a driver lacks", function()
    local names = interface.lacking { outbox = { add = function() end }, close = function() end }
    local lacks = {}
    for _, name in ipairs(names) do lacks[name] = true end
    assert.is_true(lacks.apply and lacks["outbox.get"] and lacks["sealed_keys.find"])
    assert.is_nil(lacks.close or lacks["outbox.add"])
  end)

  it("has an annotation for each of its functions", function()
    local file = assert(io.open(package.searchpath("cme.server.store.interface", package.path)))
    local text = file:read "a"
    file:close()
    local lists = { interface.STORE }
    for _, names in pairs(interface.PARTS) do lists[#lists + 1] = names end
    for _, names in ipairs(lists) do
      for _, name in ipairs(names) do
        assert.is_truthy(text:find("---@field " .. name .. " fun(self", 1, true), name)
      end
    end
  end)
end)
