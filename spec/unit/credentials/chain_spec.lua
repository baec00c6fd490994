-- SPDX-License-Identifier: MIT

local chain = require "cme.credentials.chain"

local function source(name, ...)
  local list = { ... }
  return { name = name, forgotten = 0, forget = function(self) self.forgotten = self.forgotten + 1 end,
    find = function()
      local entry = table.remove(list, 1)
      if entry.code then return nil, name .. ": " .. entry.code, { code = "credentials." .. entry.code } end
      return entry
    end }
end

local NONE, FAILED = { code = "none" }, { code = "failed" }
local KEYS = { secret_id = "i", secret_key = "k" }

describe("cme.credentials.chain", function()
  it("takes the first that has any", function()
    assert.are.equal(KEYS, chain.new({ source("a", NONE), source("b", KEYS), source "c" }):find({}, 0))
  end)

  it("ends at one that applies but is broken", function()
    local found, message, detail = chain.new({ source("a", NONE), source("b", FAILED), source "c" }):find({}, 0)
    assert.are.same({ nil, "b: failed", "credentials.failed" }, { found, message, detail.code })
  end)

  it("names all that were tried", function()
    local _, message, detail = chain.new({ source("a", NONE), source("b", NONE) }):find({}, 0)
    assert.are.equal("credentials.none", detail.code)
    assert.truthy(message:find("; tried a: none; b: none", 1, true), message)
  end)

  it("stays with the one that gave keys: the identity does not change under a broadcast", function()
    local first, second = source("a", NONE, KEYS), source("b", KEYS, FAILED)
    local made = chain.new { first, second }
    made:find({}, 0)
    local found, message = made:find({}, 0)
    assert.are.same({ nil, "b: failed" }, { found, message })
    made:forget()
    assert.are.same({ 0, 1 }, { first.forgotten, second.forgotten })
  end)
end)
