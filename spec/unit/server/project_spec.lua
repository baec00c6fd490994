-- SPDX-License-Identifier: MIT

local project = require "cme.server.project"

describe("cme.server.project", function()
  it("shows a time that does not apply as nothing", function()
    assert.are.equal("", project.stamp(nil))
  end)

  it("checks names, owners and aspect ratios", function()
    for _, case in ipairs {
      { nil, "check_name", ("直"):rep(30) }, { "api.InvalidParameterValue.NameLenLimt", "check_name", ("直"):rep(31) },
      { "api.InvalidParameterValue.Name", "check_name", "" },
      { nil, "check_owner", { Type = "PERSON", Id = ("u"):rep(256) } },
      { "api.InvalidParameterValue.OwnerId", "check_owner", { Type = "PERSON", Id = ("u"):rep(257) } },
      { "api.InvalidParameterValue.OwnerType", "check_owner", { Type = "TEAM", Id = "u" } },
      { nil, "check_aspect_ratio", "16:9" }, { nil, "check_aspect_ratio", "" },
      { "api.InvalidParameterValue.AspectRatio", "check_aspect_ratio", "wide" },
    } do
      local ok, _, detail = project[case[2]](case[3])
      assert.are.same({ case[1] == nil and true or nil, case[1] }, { ok, detail and detail.code })
    end
  end)
end)
