-- SPDX-License-Identifier: MIT
-- What is written by a list of fields reads back as what it was, and what does not fit is not written.

local cjson = require "cjson"
local core = require "cme.json_core"
local json = require "cme.json"
local schema = require "cme.schema"
local walk = require "cme.text.json_walk"

local parser = cjson.new()

local ROUNDS = os.getenv "CME_PATIENCE" and 1 or 20 -- of values for each action; valgrind takes its time

local FIELDS = {
  { name = "Name", type = "string", required = true },
  { name = "Count", type = "integer", of = "uint64" },
  { name = "Offset", type = "integer", of = "int64" },
  { name = "Ratio", type = "float" },
  { name = "On", type = "boolean" },
  { name = "Words", type = "array", of = "string" },
  { name = "Numbers", type = "array", of = "uint64" },
  { name = "Owner", type = "object", of = "Entity" },
  { name = "Outputs", type = "array", of = "StreamConnectOutput" },
}

local random = { state = 20191029 }
function random.upto(n)
  random.state = (random.state * 1103515245 + 12345) % 2147483648
  return random.state // 65536 % n + 1
end

local TEXTS = { "", "a", "直播多平台分发", "rtmp://push.example.com/cme/live1?txSecret=a b+c/d=", "😀", ("x"):rep(300), "/" }
local NUMBERS = { 0, 1, 5.0, 86400, 2 ^ 53 - 1, 1763848800 }
local FLOATS = { 0, 0.1, -2.5, 1e300, 12, 1 / 3 }

local of_fields

local function of_word(word, depth)
  if word == "string" then return TEXTS[random.upto(#TEXTS)] end
  if word == "int64" or word == "uint64" then return NUMBERS[random.upto(#NUMBERS)] end
  if word == "float" then return FLOATS[random.upto(#FLOATS)] end
  if word == "boolean" then return random.upto(2) == 1 end
  return of_fields(schema.fields(word), depth - 1)
end

-- A value that the fields allow; optional members by chance, none of them at the bottom.
of_fields = function(fields, depth)
  local value = {}
  for _, field in ipairs(fields) do
    if field.required or depth > 0 and random.upto(2) == 1 then
      if field.type == "array" then
        value[field.name] = {}
        for i = 1, random.upto(4) - 1 do value[field.name][i] = of_word(field.of, depth) end
      else
        value[field.name] = of_word(field.of or field.type, depth)
      end
    end
  end
  return value
end

-- An object of an object of ...; fields that contain themselves.
local NEST = { { name = "In", type = "object" } }
NEST[1].of = NEST

local function deep(levels)
  local value = {}
  for _ = 1, levels do value = { In = value } end
  return value
end

describe("cme.text.json_walk", function()
  it("writes what reads back as it was, for every action", function()
    for _, name in ipairs(schema.action_names) do
      local fields = schema.actions[name].request
      for _ = 1, ROUNDS do
        local value = of_fields(fields, 4)
        local source = assert(walk.write(value, fields))
        assert.same(value, (json.decode(source, fields)), name)
        assert.equal(source, walk.write(json.decode(source, fields), fields), name)
      end
    end
  end)

  it("writes nothing and everything", function()
    assert.equal("{}", walk.write({}, { { name = "Name", type = "string" } }))
    assert.equal('{"Name":"","Count":0,"Offset":-7,"Ratio":0.5,"On":false,"Words":[],"Numbers":[1,2],'
      .. '"Owner":{"Type":"PERSON","Id":"u"},"Outputs":[{},{"Id":"1"}]}', walk.write({
        Name = "", Count = 0, Offset = -7, Ratio = 0.5, On = false, Words = {}, Numbers = { 1, 2 },
        Owner = { Type = "PERSON", Id = "u" }, Outputs = { {}, { Id = "1" } },
      }, FIELDS))
  end)

  it("escapes texts, wherever they are", function()
    for _, text in ipairs { '"', "\\", "\n", "\1", "\0", "\127", 'x","Count":1,"y":"', '\\"', '""' } do
      local value = { Name = text, Words = { "b", text }, Outputs = { { Name = text } } }
      local read = parser.decode((assert(walk.write(value, FIELDS))))
      assert.same({ text, text, text }, { read.Name, read.Words[2], read.Outputs[1].Name })
    end
  end)

  it("writes nulls of members that may be absent", function()
    assert.equal('{"Name":"a","Count":null,"Words":null,"Owner":null}',
      walk.write({ Name = "a", Count = json.null, Words = json.null, Owner = json.null }, FIELDS))
  end)

  it("refuses texts that are not UTF-8, halves of a character too", function()
    assert.is_nil(walk.write({ Name = "\255" }, FIELDS))
    assert.is_nil(walk.write({ Name = "\231\155", Words = { "\180" } }, FIELDS))
    assert.is_nil(walk.write({ Name = "a", Words = { "\231\155", "\180" } }, FIELDS))
  end)

  it("goes as deep as is ever read", function()
    assert.equal(('{"In":'):rep(60) .. "{}" .. ("}"):rep(60), walk.write(deep(60), NEST))
    assert.same({ nil, "nested deeper than 64 levels" }, { walk.write(deep(70), NEST) })
    assert.same(deep(63), (walk.settle(deep(63), NEST)))
  end)

  it("settles nothing that is deeper, or within itself", function()
    local ring = {}
    ring.In = ring
    for _, value in ipairs { deep(64), ring } do
      assert.has_error(function() walk.settle(value, NEST) end, "json: nested deeper than 64 levels")
    end
  end)

  it("writes another text in the middle of one, as a finalizer may ask", function()
    local kinds = core.kinds
    local outer = core.plan { "Name", kinds.string, false, true, "In", kinds.object, "inner", false }
    local inner = core.plan {}
    local write, within
    write = core.writer(setmetatable({ outer = outer }, {
      __index = function()
        within = write({ Name = "another" }, "outer") or write { Name = "another" }
        return inner
      end,
    }), {}, {}, json.null)
    assert.equal('{"Name":"a","In":{}}', write({ Name = "a", In = {} }, "outer"))
    assert.equal('{"Name":"another"}', within)
  end)

  it("keeps writing after an error in the middle of a text", function()
    local write = core.writer(setmetatable({}, { __index = function() error "no plan" end }), {}, {}, json.null)
    assert.has_error(function() write({}, "unknown") end)
    for _ = 1, 3 do assert.equal('{"Name":"b"}', write({ Name = "b" }, nil)) end
  end)

  it("sorts the members of a value without fields by their bytes", function()
    assert.equal('{"":1,"A":2,"a":3,"ab":4,"b":5,"é":6}',
      walk.write { b = 5, ["é"] = 6, ab = 4, a = 3, A = 2, [""] = 1 })
  end)

  it("does not write what does not fit", function()
    for why, value in pairs {
      ["no table"] = 5,
      ["a list"] = { "a" },
      ["a required member missing"] = {},
      ["an unknown member"] = { Name = "a", Nmae = "b" },
      ["an unknown member that is no string"] = { Name = "a", [1] = "b" },
      ["a null for a required member"] = { Name = json.null },
      ["a null among texts"] = { Name = "a", Words = { json.null } },
      ["an array for an object"] = { Name = "a", Owner = json.array {} },
      ["a number for a text"] = { Name = 5 },
      ["a text for a number"] = { Name = "a", Count = "5" },
      ["a negative count"] = { Name = "a", Count = -1 },
      ["a fraction"] = { Name = "a", Offset = 0.5 },
      ["an integer that no double holds"] = { Name = "a", Offset = 9007199254740993 },
      ["past 2^53"] = { Name = "a", Offset = 2 ^ 53 + 2 },
      ["not a number"] = { Name = "a", Ratio = 0 / 0 },
      ["infinity"] = { Name = "a", Ratio = 1 / 0 },
      ["a text for a boolean"] = { Name = "a", On = "true" },
      ["a text for a list"] = { Name = "a", Words = "b" },
      ["a number among texts"] = { Name = "a", Words = { "b", 5 } },
      ["a gap"] = { Name = "a", Numbers = { 1, nil, 3 } },
      ["a member in a list"] = { Name = "a", Numbers = { 1, n = 1 } },
      ["an object of another kind"] = { Name = "a", Owner = { Type = "PERSON" } },
      ["a text among objects"] = { Name = "a", Outputs = { "b" } },
    } do
      assert.is_nil(walk.write(value, FIELDS), why)
    end
  end)
end)
