-- SPDX-License-Identifier: MIT

local json = require "cme.json"
local project = require "cme.server.project"
local schema = require "cme.schema"

describe("cme.server.project", function()
  it("shows a project of either category in the same envelope", function()
    local record = { id = "p", name = "n", category = "MEDIA_CAST", owner = { type = "PERSON", id = "u" },
      created_at = 0, updated_at = 1.5 }
    local own = {}
    local info = project.info(record, own)
    for _, field in ipairs(schema.objects.ProjectInfo) do
      assert.is_not_nil(info[field.name], field.name)
    end
    assert.are.equal(own, info.MediaCastProjectInfo)
    assert.are.equal(json.null, info.StreamConnectProjectInfo)
    record.category = "STREAM_CONNECT"
    info = project.info(record, own)
    assert.are.equal(own, info.StreamConnectProjectInfo)
    assert.are.equal(json.null, info.MediaCastProjectInfo)
    assert.are.equal("1970-01-01T00:00:01.500Z", info.UpdateTime)
  end)

  it("shows a time that does not apply as nothing", function()
    assert.are.equal("", project.stamp(nil))
  end)

  it("checks names, owners and aspect ratios", function()
    for _, case in ipairs {
      { nil, "check_name", ("直"):rep(30) }, { "InvalidParameterValue.NameLenLimt", "check_name", ("直"):rep(31) },
      { "InvalidParameterValue.Name", "check_name", "" },
      { nil, "check_owner", { Type = "PERSON", Id = ("u"):rep(256) } },
      { "InvalidParameterValue.OwnerId", "check_owner", { Type = "PERSON", Id = ("u"):rep(257) } },
      { "InvalidParameterValue.OwnerType", "check_owner", { Type = "TEAM", Id = "u" } },
      { nil, "check_aspect_ratio", "16:9" }, { nil, "check_aspect_ratio", "" },
      { "InvalidParameterValue.AspectRatio", "check_aspect_ratio", "wide" },
    } do
      local ok, code = project[case[2]](case[3])
      assert.are.same({ case[1] == nil and true or nil, case[1] }, { ok, code })
    end
  end)
end)
