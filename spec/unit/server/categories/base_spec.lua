-- SPDX-License-Identifier: MIT

local base = require "cme.server.categories.base"
local codes = require "cme.codes"

describe("cme.server.categories.base", function()
  local class = base.class { name = "a class", beside = "shelf", absent = { Link = "", Set = "none" },
    project = {
      check = function(...) return { "checked", ... } end,
      copy = function(...) return { "copied", ... } end,
    },
    operations = {
      Start = function(self, call, record)
        return { Link = record.id, who = self.who, what = call.params.Operation }
      end,
      Stop = function() return codes.fail "api.FailedOperation:working" end,
    } }
  local part = setmetatable({ who = "me", shelf = "books", now = function() return 7 end }, class)

  local function handle(operation)
    return part:handle({ params = { Operation = operation } }, { id = "p" })
  end

  it("checks and copies by the rules of the category, with what it looks at beside the input", function()
    assert.are.same({ "checked", "input", "books", 7 }, part:check "input")
    assert.are.same({ "copied", "input", "books", 7 }, part:copy "input")
  end)

  it("does the operation that is named, and gives every member of the answer", function()
    assert.are.same({ Link = "p", who = "me", what = "Start", Set = "none" }, handle "Start")
    assert.are.equal("api.FailedOperation", select(3, handle "Stop").code)
    local none, message, detail = handle "Fly"
    assert.is_nil(none)
    assert.matches("unknown operation 'Fly'", message, 1, true)
    assert.are.equal("api.InvalidParameterValue.OperationInvalid", detail.code)
  end)

  it("finds what an input sends to", function()
    assert.are.same({ 1 }, base.outputs "Outputs" { Outputs = { 1 } })
  end)
end)
