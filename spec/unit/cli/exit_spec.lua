-- SPDX-License-Identifier: MIT

local exit = require "cme.cli.exit"

describe("cme.cli.exit", function()
  it("gives each kind of failure its code", function()
    for code, want in pairs {
      ["api.AuthFailure.SignatureFailure"] = 3, ["api.LimitExceeded"] = 3, ["api.ResourceNotFound.Platform"] = 5,
      ["api.InvalidParameterValue.ProjectId"] = 5, ["api.InvalidParameterValue.Platform"] = 3,
      ["project.confirm_too_late"] = 3, ["network.timeout"] = 4, ["network.not_json"] = 4,
      ["invalid.unknown_project"] = 5, ["invalid.not_found"] = 5, ["invalid.unsupported"] = 2, ["invalid.url"] = 2,
      ["local.locked"] = 7, ["credentials.none"] = 1, ["live_url.expired"] = 1,
    } do
      assert.are.equal(want, exit.of { code = code }, code)
    end
    assert.are.equal(1, exit.of(nil))
    assert.are.equal(6, exit.of { code = "project.unconfirmed" })
    assert.are.equal(6, exit.of { code = "network.timeout", done = { "create" } })
    assert.are.equal(4, exit.of { code = "network.timeout", done = {} })
    assert.are.equal(2, exit.of { code = "invalid.stop_at_past" })
    assert.are.equal(6, exit.of { code = "project.stop_at_passed" })
  end)

  it("means each code once", function()
    local codes = {}
    for i, meaning in ipairs(exit.MEANINGS) do codes[i] = meaning[1] end
    assert.are.same({ 0, 1, 2, 3, 4, 5, 6, 7, 130 }, codes)
  end)
end)
