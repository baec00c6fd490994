-- SPDX-License-Identifier: MIT

local control = require "cme.server.process.control"

describe("cme.server.process.control", function()
  it("puts lines together again, however they were cut", function()
    local text = '{"a":1}\n\n{"b":2}\nrest'
    for size = 1, #text do
      local lines, rest = {}, ""
      for from = 1, #text, size do
        local some
        some, rest = control.split(rest, text:sub(from, from + size - 1))
        table.move(some, 1, #some, #lines + 1, lines)
      end
      assert.are.same({ '{"a":1}', "", '{"b":2}' }, lines)
      assert.are.equal("rest", rest)
    end
  end)
end)
