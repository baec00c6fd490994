-- SPDX-License-Identifier: MIT

local flatten = require "cme.api.flatten"
local json = require "cme.json"
local query = require "cme.server.http.query"
local schema = require "cme.schema"

local create = schema.actions.CreateProject.request

describe("cme.api.flatten", function()
  it("joins objects with dots and counts arrays from 0", function()
    assert.are.same({
      Platform = "test", Name = "直播", Category = "STREAM_CONNECT", ["Owner.Type"] = "PERSON", ["Owner.Id"] = "me",
      ["StreamConnectProjectInput.MainInput.InputType"] = "RtmpPush",
      ["StreamConnectProjectInput.MainInput.RtmpPushInputInfo.ExpiredSecond"] = "3600",
      ["StreamConnectProjectInput.Outputs.0.PushUrl"] = "rtmp://a/b",
      ["StreamConnectProjectInput.Outputs.1.PushUrl"] = "rtmp://c/d",
    }, flatten.params({
      Platform = "test", Name = "直播", Category = "STREAM_CONNECT", Owner = { Type = "PERSON", Id = "me" },
      StreamConnectProjectInput = {
        MainInput = { InputType = "RtmpPush", RtmpPushInputInfo = { ExpiredSecond = 3600.0 } },
        Outputs = { { PushUrl = "rtmp://a/b" }, { PushUrl = "rtmp://c/d" } },
      },
    }, create))
  end)

  it("leaves out null and what is empty", function()
    assert.are.same({ Platform = "t" }, flatten.params({ Platform = "t", ProjectIds = {}, Offset = json.null },
      schema.actions.DescribeProjects.request))
  end)

  it("writes numbers and booleans as the service reads them back", function()
    local fields = {
      { name = "I", type = "integer", of = "int64" }, { name = "F", type = "float" }, { name = "G", type = "float" },
      { name = "T", type = "boolean" }, { name = "N", type = "boolean" }, { name = "S", type = "string" },
      { name = "L", type = "array", of = "uint64" },
    }
    local value = { I = -9007199254740992, F = 0.1, G = 1e300, T = true, N = false, S = "1", L = { 1, 2 } }
    local flat = flatten.params(value, fields)
    assert.are.same({ I = "-9007199254740992", F = "0.1", G = "1e+300", T = "true", N = "false", S = "1",
      ["L.0"] = "1", ["L.1"] = "2" }, flat)
    local back = assert(flatten.tree(assert(query.parse(flatten.encode(flat))), fields))
    assert.are.same(value, back)
    assert.is_false(back.N)
  end)

  it("encodes all but the unreserved characters, sorted by name", function()
    assert.are.equal("A.0=%E7%9B%B4&B=a%20b%2Bc%26d%3D%25~-._&C=", flatten.encode { C = "", B = "a b+c&d=%~-._",
      ["A.0"] = "直" })
    assert.are.equal("", flatten.encode {})
  end)
end)
