-- SPDX-License-Identifier: MIT
-- A number between 2^53 and 10^17 was written as an integer of 17 digits. It is no integer that JSON of cme may have,
-- so what had been written could not be read again.

local json = require "cme.json"

describe("a large number", function()
  local FIELDS = { { name = "Ratio", type = "float" } }

  it("reads back as what was written", function()
    for _, number in ipairs { -90079007199457241.0, 2.0 ^ 53 + 2, 2.0 ^ 53, 99999999999999990.0, 1e17, 1e300 } do
      local written = assert(json.encode({ Ratio = number }, FIELDS))
      assert.are.same({ Ratio = number }, assert(json.decode(written, FIELDS)), written)
    end
  end)
end)
