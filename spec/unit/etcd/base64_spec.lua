-- SPDX-License-Identifier: MIT

local base64 = require "cme.etcd.base64"

describe("cme.etcd.base64", function()
  it("passes the test vectors of RFC 4648, section 10", function()
    local vectors = { [""] = "", f = "Zg==", fo = "Zm8=", foo = "Zm9v", foob = "Zm9vYg==", fooba = "Zm9vYmE=",
      foobar = "Zm9vYmFy" }
    for bytes, text in pairs(vectors) do
      assert.are.same({ text, bytes }, { base64.encode(bytes), base64.decode(text) })
    end
  end)

  it("gives back any bytes", function()
    math.randomseed(1)
    for length = 0, 60 do
      local bytes = {}
      for i = 1, length do bytes[i] = string.char(math.random(0, 255)) end
      local text = table.concat(bytes)
      assert.are.equal(text, base64.decode(base64.encode(text)))
    end
  end)

  it("takes nothing else", function()
    for _, text in ipairs { "Z", "Zg", "Zg=", "Zg===", "Z===", "Zm9v\n", "Zm-v", "====", "Zm=v" } do
      assert.is_nil(base64.decode(text), text)
    end
  end)
end)
