-- SPDX-License-Identifier: MIT

local options = require "cme.text.options"

local SPEC = {
  name = { "string", required = true, fact = options.plain_text },
  when = { { "number", "string" } },
  timeout = { "number", fact = options.positive },
}

local function raised(given)
  local ok, message = pcall(options.check, "thing", given, SPEC)
  assert.is_false(ok)
  return message
end

describe("cme.text.options", function()
  it("copies what is right", function()
    local given = { name = "a", when = 5 }
    local copy = options.check("thing", given, SPEC)
    assert.are.same(given, copy)
    assert.are_not.equal(given, copy)
    assert.are.same({}, options.check("thing", nil, { x = { "string" } }))
  end)

  it("names the unknown option and the nearest one, or all of them", function()
    assert.truthy(raised({ nmae = "a" }):find("thing: option 'nmae': unknown (did you mean 'name'?)", 1, true))
    assert.truthy(raised({ zebra = 1 }):find("option 'zebra': unknown (there are name, timeout, when)", 1, true))
    assert.truthy(raised({ "a" }):find("option '1': unknown", 1, true))
  end)

  it("names the wrong type and the right one", function()
    assert.truthy(raised({ name = 5 }):find("option 'name': string is needed, got number", 1, true))
    assert.truthy(raised({ name = "a", when = true }):find("'when': number or string is needed, got boolean", 1, true))
    assert.truthy(raised("x"):find("a table of options is needed, got string", 1, true))
  end)

  it("names what is missing, and what is wrong with a value", function()
    assert.truthy(raised({}):find("option 'name': missing", 1, true))
    assert.truthy(raised({ name = "" }):find("option 'name': empty", 1, true))
    assert.truthy(raised({ name = "a\nb" }):find("option 'name': control characters", 1, true))
    for _, bad in ipairs { 0, -1, 1 / 0, 0 / 0 } do
      assert.truthy(raised({ name = "a", timeout = bad }):find("option 'timeout': a number above 0", 1, true))
    end
  end)

  it("raises at the line outside the module, whatever is in between", function()
    local client = require "cme.client"
    local line = debug.getinfo(1, "l").currentline + 1
    local ok, message = pcall(function() client.new { endpoint = 5 } end)
    assert.is_false(ok)
    assert.truthy(message:find("options_spec.lua:" .. line .. ": ", 1, true), message)
  end)

  it("measures lists, holes and all", function()
    for _, case in ipairs { { {}, 0 }, { { 1, 2 }, 2 }, { { 1, nil, 3 }, 3, 2 }, { { nil, 2 }, 2, 1 },
      { { [1] = 1, [1e9] = 1 }, 1e9, 2 }, { { 1, n = 5, [0] = 0, [1.5] = 0, [-1] = 0, [1 / 0] = 0 }, 1 } } do
      local length, hole = options.length(case[1])
      assert.are.equal(case[2], length)
      assert.are.equal(case[3], hole)
    end
  end)
end)
