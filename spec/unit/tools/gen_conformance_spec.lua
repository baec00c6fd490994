-- SPDX-License-Identifier: MIT
-- tools/gen_conformance.lua: every operation and code is in it, and what is committed is what it makes.

local conformance = require "spec.support.proofs.conformance"
local generator = dofile "tools/gen_conformance.lua"
local sources = require "spec.support.sources"

-- First words of codes; "AuthFailure.X" and the like are theirs.
local FAMILIES = { AuthFailure = true, FailedOperation = true, InternalError = true, InvalidAction = true,
  InvalidParameter = true, InvalidParameterValue = true, InvalidRequest = true, LimitExceeded = true,
  MissingParameter = true, NoSuchVersion = true, OperationDenied = true, RequestLimitExceeded = true,
  RequestSizeLimitExceeded = true, ResourceNotFound = true, UnauthorizedOperation = true, UnknownParameter = true,
  UnsupportedOperation = true, UnsupportedProtocol = true }

describe("tools/gen_conformance.lua", function()
  it("makes docs/conformance.md as it is committed (else run lua5.4 tools/gen_conformance.lua)", function()
    assert.is_true(generator.page() == sources.read "docs/conformance.md",
      "docs/conformance.md is stale: run lua5.4 tools/gen_conformance.lua")
  end)

  it("has every operation", function()
    for category, count in pairs { STREAM_CONNECT = 11, MEDIA_CAST = 14 } do
      local names, found = {}, 0
      for _, row in ipairs(conformance.operations[category]) do
        found = found + (names[row[1]] and 0 or 1)
        names[row[1]] = true
      end
      assert.are.equal(count, found, category)
    end
  end)

  it("has every code that the service's sources have", function()
    local known = {}
    for _, row in ipairs(conformance.codes) do known[row[1]] = true end
    local found = 0
    for code in sources.read_all "lua/cme/server -name '*.lua'":gmatch '"api%.(%u%a+%.?%a*)[":]' do
      if FAMILIES[code:match "^%a+"] then
        found = found + 1
        assert.is_true(known[code], code .. " is not in spec/support/proofs/conformance.lua")
      end
    end
    assert.is_true(found > 100)
  end)
end)
