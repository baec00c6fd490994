-- SPDX-License-Identifier: MIT

local layout = require "cme.server.store.etcd.layout"
local sealed_keys = require "cme.server.store.etcd.sealed_keys"
local sign = require "cme.sign"

describe("cme.server.store.etcd.sealed_keys", function()
  it("takes any number of keys that have expired away, a few at a time", function()
    local form, sizes, deleted, fault = layout.new("/cme", assert(sign.keyring(("0f"):rep(32)))), {}, {}, nil
    local transactions = {}
    function transactions.run(_, fn, ...)
      if fault then return nil, "etcd is away", { code = fault } end
      sizes[#sizes + 1] = 0
      return fn(...)
    end
    function transactions.delete(_, key)
      sizes[#sizes], deleted[key] = sizes[#sizes] + 1, true
    end
    local subject = sealed_keys.new { transactions = transactions, layout = form }
    for i = 1, 130 do
      subject:changed("id" .. i, { create_revision = i, value = layout.write { name = "n", sealed = "s",
        created_at = 1, expires_at = i <= 125 and 1000 or 3000 } })
    end
    assert.is_true(subject:expire(2000))
    local count = 0
    for _ in pairs(deleted) do count = count + 1 end
    assert.are.same({ 125, true }, { count, deleted[form:key("keys", "id125")] })
    for _, size in ipairs(sizes) do assert.is_true(size <= 120, size) end -- MOST of transactions.lua
    fault = "etcd.no_quorum"
    local ok, message = subject:expire(2000)
    assert.are.same({ nil, "etcd is away" }, { ok, message })
  end)
end)
