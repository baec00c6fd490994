-- SPDX-License-Identifier: MIT

local cjson = require "cjson"
local files = require "spec.support.files"
local json = require "cme.json"
local more = require "cme.api.schema_local"
local schema = require "cme.schema"

local metadata = cjson.decode(files.read "spec/fixtures/cme-2019-10-29.json")

-- Every field of a list has the metadata's name, type, order and flags.
local function assert_same_fields(expected, fields, where, ours)
  assert.are.equal(#expected + (ours or 0), #fields, where)
  local types = { int = "integer", bool = "boolean", list = "array" }
  for i, want in ipairs(expected) do
    local got = fields[i]
    local at = where .. "." .. want.name
    assert.are.equal(want.name, got.name, at)
    assert.are.equal(types[want.type] or want.type, got.type, at)
    assert.are.equal(want.of, got.of, at)
    assert.are.equal(want.required, got.required, at)
    assert.are.equal(want.disabled, got.disabled, at)
    if got.type == "object" then assert.is_table(schema.objects[got.of], at) end
  end
end

local MINIMAL = { string = "x", integer = 1, int64 = 1, uint64 = 1, float = 0.5, boolean = true }

-- The least value that a list of fields takes.
local function minimal(fields)
  local value = {}
  for _, field in ipairs(fields) do
    if field.required and field.type == "array" then
      value[field.name] = { MINIMAL[field.of] or minimal(schema.objects[field.of]) }
    elseif field.required then
      value[field.name] = field.type == "object" and minimal(schema.objects[field.of]) or MINIMAL[field.type]
    end
  end
  return value
end

local CREATE = schema.actions.CreateProject.request

local function create(changes)
  local request = { Platform = "test", Name = "n", Owner = { Type = "PERSON", Id = "me" }, Category = "STREAM_CONNECT" }
  for name, value in pairs(changes or {}) do request[name] = value end
  return request
end

describe("cme.schema", function()
  it("is what the generator makes of the metadata", function()
    local generator = dofile "tools/gen_schema.lua"
    assert.are.equal(generator.generate(generator.metadata()), files.read "lua/cme/api/schema_data.lua")
  end)

  it("knows the service, its version and host", function()
    assert.are.equal(metadata.service, schema.service)
    assert.are.equal(metadata.version, schema.version)
    assert.are.equal(metadata.host, schema.host)
  end)

  it("has every action and object of the metadata, field by field", function()
    local count = 0
    for name, action in pairs(metadata.actions) do
      count = count + 1
      assert_same_fields(action.request, schema.actions[name].request, name)
      assert_same_fields(action.response, schema.actions[name].response, name)
    end
    assert.are.equal(52, count)
    assert.are.equal(52, #schema.action_names)
    for name, fields in pairs(metadata.objects) do
      assert_same_fields(fields, schema.objects[name], name, select(2, (more.members[name] or ""):gsub(":", "")))
    end
    assert.is_nil(schema.objects.Nothing)
    assert.is_nil(schema.actions.Nothing)
  end)

  it("has what only the local service offers, apart from the cloud's", function()
    assert.are.same({ "DescribeProjectHealth", "DescribeProjectHistory", "DescribeProjectPlayback",
      "DescribeProjectsHealth", "ModifyProjectLooks", "ModifyProjectMerge", "ModifyProjectRecording",
      "ModifyProjectSlate", "ModifyProjectStandby", "SwitchProjectOutput" }, schema.local_action_names)
    local action = schema.actions.DescribeProjectHealth
    assert.is_true(schema.check({ Platform = "test", ProjectId = "p" }, action.request))
    assert.are.equal("ProjectOutputHealth", schema.index(action.response).Outputs.of)
    assert.are.equal("float", schema.index(schema.objects.ProjectOutputHealth).DelayP50.type)
    assert.is_nil(metadata.actions.DescribeProjectHealth)
    for name in pairs(more.objects) do assert.is_nil(metadata.objects[name], name) end
    assert.are.equal("string", schema.index(schema.objects.StreamConnectOutput).Codecs.type)
  end)

  for _, name in ipairs(schema.action_names) do
    it("takes the least request of " .. name .. ", there and back", function()
      local fields = schema.actions[name].request
      local request = minimal(fields)
      local encoded = assert(json.encode(request, fields))
      assert.are.same(cjson.decode(encoded), request)
      assert.are.same(request, json.decode(encoded, fields))
      for _, field in ipairs(fields) do
        if field.required then
          local kept = request[field.name]
          request[field.name] = nil
          local ok, message, detail = schema.check(request, fields)
          assert.is_nil(ok)
          assert.are.equal("invalid.missing_field", detail.code)
          assert.truthy(message:find(field.name, 1, true))
          request[field.name] = kept
        end
      end
    end)
  end

  it("names the field and what is wrong with it", function()
    for _, case in ipairs {
      { create { Platfrom = "x" }, "unknown_field", "Platfrom", "did you mean 'Platform'" },
      { create { Owner = { Id = "me", Type = "PERSON", Nmae = 1 } }, "unknown_field", "Owner.Nmae", "unknown" },
      { create { Name = 5 }, "wrong_type", "Name", "a string is needed, got 5" },
      { create { Name = json.null }, "missing_field", "Name", "missing" },
      { create { Owner = "me" }, "wrong_type", "Owner", "an object is needed, got string" },
      { create { Owner = { "me" } }, "wrong_type", "Owner", "an object is needed" },
      { create { Owner = { Type = "PERSON" } }, "missing_field", "Owner.Id", "missing" },
      { create { Name = "\255" }, "not_utf8", "Name", "not UTF-8" },
      { create { StreamConnectProjectInput = { Outputs = { { Id = "1" }, { Id = 2 } } } }, "wrong_type",
        "StreamConnectProjectInput.Outputs.1.Id", "a string is needed" },
      { create { StreamConnectProjectInput = { Outputs = { Id = "1" } } }, "wrong_type",
        "StreamConnectProjectInput.Outputs", "the key 'Id'" },
      { create { StreamConnectProjectInput = { Outputs = "x" } }, "wrong_type",
        "StreamConnectProjectInput.Outputs", "an array is needed" },
    } do
      local ok, message, detail = schema.check(case[1], CREATE)
      assert.is_nil(ok)
      assert.are.equal("invalid." .. case[2], detail.code)
      assert.are.equal(case[3], detail.field)
      assert.truthy(message:find("field '" .. case[3] .. "': ", 1, true), message)
      assert.truthy(message:find(case[4], 1, true), message)
    end
  end)

  it("holds numbers to their kind", function()
    local fields = {
      { name = "I", type = "integer", of = "int64" }, { name = "U", type = "integer", of = "uint64" },
      { name = "F", type = "float" }, { name = "B", type = "boolean" },
      { name = "L", type = "array", of = "uint64" },
    }
    for _, good in ipairs {
      { I = -1 }, { I = 2 ^ 53 }, { I = -2 ^ 53 }, { U = 0 }, { U = 3.0 }, { F = 1 }, { F = -0.5 }, { B = false },
      { L = { 1, 2 } }, { L = {} }, { I = json.null },
    } do
      assert.is_true(schema.check(good, fields))
    end
    for _, bad in ipairs {
      { I = 1.5 }, { I = 2 ^ 53 + 2 }, { I = "1" }, { I = math.huge }, { I = 0 / 0 }, { U = -1 }, { F = 1 / 0 },
      { F = 0 / 0 }, { F = "0.5" }, { B = 1 }, { B = "true" }, { L = { 1, -1 } }, { L = { 1, nil, 3 } },
    } do
      local ok, _, detail = schema.check(bad, fields)
      assert.is_nil(ok)
      assert.are.equal("invalid.wrong_type", detail.code)
    end
  end)

  it("refuses a value that is no object at all", function()
    for _, bad in ipairs { 5, "x", true, { 1 }, json.null, json.array {} } do
      local ok, _, detail = schema.check(bad, CREATE)
      assert.is_nil(ok)
      assert.are.equal("invalid.wrong_type", detail.code)
    end
  end)

  it("names the same field of several unknown ones each time", function()
    for _ = 1, 20 do
      local _, _, detail = schema.check(create { Zeta = 1, Alpha = 1, Mid = 1 }, CREATE)
      assert.are.equal("Alpha", detail.field)
    end
  end)
end)
