-- SPDX-License-Identifier: MIT

local custom = require "cme.credentials.custom"

local function find(...)
  local results = { ... }
  return custom.new(function() return results[1], results[2] end):find({}, 10)
end

describe("cme.credentials.custom", function()
  it("gives what the function gives, its expiry as seconds", function()
    assert.are.same({ secret_id = "i", secret_key = "k", token = "t", expires_at = 1, source = "function" },
      find { secret_id = "i", secret_key = "k", token = "t", expires_at = "1970-01-01T00:00:01Z", more = 1 })
  end)

  it("passes the time and the reason on", function()
    local got
    custom.new(function(now) got = now end):find({}, 77)
    assert.are.equal(77, got)
    local _, message, detail = find(nil, "vault\nis sealed")
    assert.are.same({ "function: vault is sealed", "credentials.failed", true },
      { message, detail.code, detail.retryable })
    assert.are.equal("function: it gave nothing", select(2, find()))
  end)

  it("refuses what is no credential", function()
    assert.are.equal("function: a table with secret_id and secret_key is needed, got string", select(2, find "AKID"))
    local _, message = find { secret_id = "i", secret_key = "k", expires_at = "soon" }
    assert.truthy(message:find("function: expires_at: time 'soon'", 1, true), message)
  end)
end)
