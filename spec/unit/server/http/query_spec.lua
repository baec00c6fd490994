-- SPDX-License-Identifier: MIT

local flatten = require "cme.api.flatten"
local query = require "cme.server.http.query"
local schema = require "cme.schema"

local create = schema.actions.CreateProject.request
local describe_request = schema.actions.DescribeProjects.request

local function tree(raw, fields)
  return flatten.tree(assert(query.parse(raw)), fields)
end

describe("cme.server.http.query", function()
  it("undoes the URL encoding", function()
    assert.are.same({ a = "x y/ä", b = "", ["c.0"] = "1=2" }, query.parse "a=x+y%2F%C3%a4&b=&c.0=1=2")
    assert.are.same({}, query.parse "")
  end)

  it("refuses broken escapes and repeated names", function()
    for raw, why in pairs { ["a=%4"] = "hex", ["a=%zz"] = "hex", ["%=1"] = "hex", ["a=1&a=2"] = "twice" } do
      local params, message = query.parse(raw)
      assert.is_nil(params)
      assert.matches(why, message)
    end
  end)

  it("rebuilds the tree and coerces by the schema", function()
    local got = assert(tree("Platform=test&Offset=0&Limit=20&ProjectIds.1=b&ProjectIds.0=7&Owner.Id=1"
      .. "&Owner.Type=PERSON", describe_request))
    assert.are.same({ Platform = "test", Offset = 0, Limit = 20, ProjectIds = { "7", "b" },
      Owner = { Id = "1", Type = "PERSON" } }, got)
    assert.are.equal("integer", math.type(got.Limit))
    local nested = assert(tree("StreamConnectProjectInput.Outputs.0.PushUrl=rtmp%3A%2F%2Fa"
      .. "&StreamConnectProjectInput.Outputs.0.Id=1&StreamConnectProjectInput.Outputs.1.Id=2", create))
    assert.are.same({ { PushUrl = "rtmp://a", Id = "1" }, { Id = "2" } }, nested.StreamConnectProjectInput.Outputs)
  end)

  it("leaves to the schema what does not fit it", function()
    for raw, code in pairs {
      ["Platform=t&Limit=ten"] = "invalid.wrong_type",
      ["Platform=t&Limit=1.5"] = "invalid.wrong_type",
      ["Platform=t&ProjectIds.1=a"] = "invalid.wrong_type",
      ["Platform=t&ProjectIds=a"] = "invalid.wrong_type",
      ["Platform=t&Owner=a"] = "invalid.wrong_type",
      ["Platform=t&Platfrom=a"] = "invalid.unknown_field",
      ["Limit=1"] = "invalid.missing_field",
    } do
      local ok, _, detail = schema.check(assert(tree(raw, describe_request)), describe_request)
      assert.is_nil(ok, raw)
      assert.are.equal(code, detail.code, raw)
    end
  end)

  it("refuses names that contradict each other", function()
    for _, raw in ipairs { "A=1&A.B=2", "A.B=2&A=1", "A..B=1", ".A=1", "A.=1", "=1" } do
      local got, message = tree(raw, create)
      assert.is_nil(got, raw)
      assert.matches("does not fit", message)
    end
  end)
end)
