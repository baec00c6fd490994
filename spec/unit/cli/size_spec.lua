-- SPDX-License-Identifier: MIT

local size = require "cme.cli.size"

describe("cme.cli.size", function()
  it("reads whole numbers above 0, in units of 1024", function()
    for text, bytes in pairs { ["1"] = 1, ["512"] = 512, ["1K"] = 1024, ["3M"] = 3 * 1024 ^ 2,
      ["500G"] = 500 * 1024 ^ 3, ["2T"] = 2 * 1024 ^ 4, ["99999999999"] = 99999999999 } do
      assert.are.equal(bytes, size.bytes(text), text)
      assert.are.equal("integer", math.type(size.bytes(text)), text)
    end
  end)

  it("reads rates of bits, in units of 1000, and no number without a unit", function()
    for text, kbps in pairs { ["800K"] = 800, ["20M"] = 20000, ["2.5M"] = 2500, ["1G"] = 1000000 } do
      assert.are.equal(kbps, size.kbps(text), text)
    end
    for _, text in ipairs { "", "20", "0M", "0.1K", "M", "-1M", "20m", "20MB", "1e3M", "1.2.3M" } do
      assert.is_nil(size.kbps(text), text)
    end
  end)

  it("reads nothing else", function()
    for _, text in ipairs { "", "0", "0G", "-1", "1.5G", "1g", "1KB", "G", "1 G", "0x10", "100000000000", "none",
      "1P" } do
      assert.is_nil(size.bytes(text), text)
    end
  end)
end)
