-- SPDX-License-Identifier: MIT

local json = require "cme.json"
local schema = require "cme.schema"

local FIELDS = {
  { name = "Text", type = "string" },
  { name = "Count", type = "integer", of = "int64" },
  { name = "Ratio", type = "float" },
  { name = "On", type = "boolean" },
  { name = "Words", type = "array", of = "string" },
  { name = "Owner", type = "object", of = "Entity" },
  { name = "Outputs", type = "array", of = "StreamConnectOutput" },
}

local function refused(code, ...)
  local value, message, detail = ...
  assert.is_nil(value)
  assert.is_string(message)
  assert.are.equal("invalid." .. code, detail.code, message)
  return message
end

describe("cme.json", function()
  describe("encode", function()
    it("writes the schema's order, whatever the table's", function()
      assert.are.equal('{"Text":"a","Count":2,"On":false,"Words":["x","y"]}',
        json.encode({ Words = { "x", "y" }, On = false, Count = 2, Text = "a" }, FIELDS))
    end)

    it("writes empty arrays as [] and empty objects as {}", function()
      assert.are.equal('{"Words":[],"Outputs":[]}', json.encode({ Outputs = {}, Words = {} }, FIELDS))
      assert.are.equal("{}", json.encode({}, FIELDS))
      assert.are.equal('{"Outputs":[{}]}', json.encode({ Outputs = { {} } }, FIELDS))
    end)

    it("writes integers without a point and exactly, to 2^53", function()
      for number, shown in pairs {
        [0] = "0", [-5] = "-5", [3.0] = "3", [2 ^ 53] = "9007199254740992", [-2 ^ 53] = "-9007199254740992",
        [9007199254740991] = "9007199254740991", [1763848800] = "1763848800",
      } do
        assert.are.equal('{"Count":' .. shown .. "}", json.encode({ Count = number }, FIELDS))
      end
      assert.are.equal('{"Count":0}', json.encode({ Count = -0.0 }, FIELDS))
      refused("wrong_type", json.encode({ Count = 9007199254740993 }, FIELDS))
    end)

    it("writes floats so that they read back the same", function()
      for _, number in ipairs { 0.1, 1 / 3, 1e300, 5e-324, 1763848800.123456, -2.5, 12, 1e21 } do
        local encoded = json.encode({ Ratio = number }, FIELDS)
        assert.are.equal(number, json.decode(encoded, FIELDS).Ratio)
      end
      assert.are.equal('{"Ratio":0.1}', json.encode({ Ratio = 0.1 }, FIELDS))
    end)

    it("escapes what JSON wants escaped and nothing else", function()
      assert.are.equal([[{"Text":"直播 \"q\" \\ / \n\r\t\u0001\u0000\u007f😀"}]],
        json.encode({ Text = '直播 "q" \\ / \n\r\t\1\0\127😀' }, FIELDS))
    end)

    it("keeps null apart from absent", function()
      assert.are.equal('{"Text":null}', json.encode({ Text = json.null }, FIELDS))
    end)

    it("refuses what the schema does not have, with the nearest name", function()
      assert.truthy(refused("unknown_field", json.encode({ Txet = "a" }, FIELDS)):find("'Text'", 1, true))
      refused("wrong_type", json.encode({ Text = {} }, FIELDS))
      refused("not_utf8", json.encode({ Text = "\195" }, FIELDS))
      refused("missing_field", json.encode({ Owner = { Type = "PERSON" } }, FIELDS))
    end)

    it("goes by the shape of the value without a schema", function()
      assert.are.equal('{"a":[1,2.5,"x",true,null],"b":{},"c":[],"d":{"e":[[]]}}', json.encode {
        a = { 1, 2.5, "x", true, json.null }, b = {}, c = json.array {}, d = { e = { json.array {} } },
      })
      assert.are.equal('"x"', json.encode "x")
    end)

    it("refuses without a schema what has no JSON form", function()
      local loop = {}
      loop.a = loop
      for _, bad in ipairs { print, { 1, nil, 3, x = 1 }, { [1.5] = 1 }, 1 / 0, 0 / 0, { a = "\255" },
        { ["\255"] = 1 }, 2 ^ 53 + 2, loop } do
        refused("value", json.encode(bad))
      end
    end)
  end)

  describe("decode", function()
    it("gives integers as integers and floats as floats", function()
      local value = json.decode('{"Count":3,"Ratio":3,"Other":4,"Half":1.5,"Outputs":[{"Extra":7}]}', FIELDS)
      assert.are.equal("integer", math.type(value.Count))
      assert.are.equal("float", math.type(value.Ratio))
      assert.are.equal("integer", math.type(value.Other))
      assert.are.equal(1.5, value.Half)
      assert.are.equal("integer", math.type(value.Outputs[1].Extra))
    end)

    it("is exact to 2^53 and fails past it, wherever the fields tell of the number", function()
      assert.are.equal(9007199254740992, json.decode('{"Count":9007199254740992}', FIELDS).Count)
      assert.are.equal(-9007199254740992, json.decode('{"Count":-9007199254740992}', FIELDS).Count)
      for _, source in ipairs {
        '{"Count":9007199254740993}', '{"Count":-9007199254740993}', '{"Ratio":9007199254740993}',
        '{"Count":9007199254740993.0}', '{"Count":-9007199254740993e0}', '{"Ratio":-1e400}',
      } do
        refused("integer_range", json.decode(source, FIELDS))
      end
      for _, source in ipairs { "[12345678901234567890]", "[12345678901234567]", "[-1e400]", "12345678901234567" } do
        refused("integer_range", json.decode(source))
      end
      assert.are.equal(1e300, json.decode('{"Ratio":1e300}', FIELDS).Ratio)
    end)

    it("does not mistake digits in texts for numbers", function()
      local source = [[{"Text":"\"9007199254740993","Id\\":"99999999999999999999"}]]
      assert.are.equal('"9007199254740993', json.decode(source, FIELDS).Text)
    end)

    it("keeps [] an array and {} an object, in and outside the schema", function()
      local source = '{"Words":[],"Owner":{"Id":"a"},"x":[],"y":{},"z":[[],[[]],{}],"s":"\\"[]\\\\"}'
      local value = json.decode(source, FIELDS)
      assert.are.equal(schema.array_mt, getmetatable(value.x))
      assert.is_nil(getmetatable(value.y))
      assert.are.equal(schema.array_mt, getmetatable(value.z[2][1]))
      assert.are.equal('{"s":"\\"[]\\\\","x":[],"y":{},"z":[[],[[]],{}]}',
        json.encode { s = value.s, x = value.x, y = value.y, z = value.z })
      assert.are.same({}, value.Words)
      assert.are.equal('{"Words":[]}', json.encode({ Words = value.Words }, FIELDS))
    end)

    it("tells an empty object from the array that is wanted, and the other way round", function()
      local _, _, detail = schema.check(json.decode('{"Words":{}}', FIELDS), FIELDS)
      assert.are.equal("Words", detail.field)
      _, _, detail = schema.check(json.decode('{"Owner":[]}', FIELDS), FIELDS)
      assert.are.equal("Owner", detail.field)
      _, _, detail = schema.check(json.decode("[]", FIELDS), FIELDS)
      assert.are.equal("invalid.wrong_type", detail.code)
      assert.is_true(schema.check(json.decode("{}", FIELDS), FIELDS))
    end)

    it("keeps null apart from absent", function()
      local value = json.decode('{"Text":null,"Owner":null}', FIELDS)
      assert.are.equal(json.null, value.Text)
      assert.are.equal(json.null, value.Owner)
      assert.is_nil(value.Words)
    end)

    it("reads escapes and surrogate pairs", function()
      assert.are.equal("直播😀\n", json.decode([[{"Text":"\u76f4\u64ad\ud83d\ude00\n"}]], FIELDS).Text)
      refused("json", json.decode([[{"Text":"\ud83d"}]]))
      refused("json", json.decode([[{"Text":"\ude00"}]]))
    end)

    it("refuses what is not UTF-8", function()
      refused("not_utf8", json.decode '{"Text":"\255"}')
      refused("not_utf8", json.decode '{"Text":"\237\160\128"}')
    end)

    it("refuses what is not JSON", function()
      for _, bad in ipairs {
        "", "   ", "{", "[1,]", "{} x", "nul", "[01]", "[+1]", "[.5]", "[0x10]", "[NaN]", "[Infinity]", "{'a':1}",
        '{"a":1', '{"a":"b', "<html>", '{"a" 1}', "{}\0", '{"Response":{"Proj',
      } do
        refused("json", json.decode(bad))
      end
    end)

    it("bounds nesting", function()
      assert.is_table(json.decode(("["):rep(60) .. ("]"):rep(60)))
      refused("json", json.decode(("["):rep(70) .. ("]"):rep(70)))
      refused("json", json.decode(('{"a":'):rep(100000)))
    end)

    it("keeps a member of another type as it is, for the check to name", function()
      assert.are.equal(5, json.decode('{"Text":5}', FIELDS).Text)
      assert.are.equal("x", json.decode('{"Owner":"x"}', FIELDS).Owner)
      assert.are.same({ "a" }, json.decode('{"Owner":["a"]}', FIELDS).Owner)
    end)
  end)

  it("comes back the same from there and back", function()
    local value = {
      Text = "直播\0", Count = -7, Ratio = 0.25, On = true, Words = { "", "b" }, Owner = { Type = "PERSON", Id = "x" },
      Outputs = { { Id = "1" }, {} },
    }
    assert.are.same(value, json.decode(json.encode(value, FIELDS), FIELDS))
  end)

  it("picks members by type", function()
    assert.are.equal("a", json.string "a")
    assert.is_nil(json.string(json.null))
    assert.are.same({}, json.object(json.null))
    assert.are.same({ 1 }, json.object { 1 })
  end)
end)
