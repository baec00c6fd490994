-- SPDX-License-Identifier: MIT
-- What project_spec does not reach through cme.project.

local project_options = require "cme.project.options"

describe("cme.project.options", function()
  it("names the entry of a list that is wrong", function()
    local seen = {}
    local function see(_, what) seen[#seen + 1] = what end
    project_options.take_list("cme.project: option 'outputs'", { "a", "b" }, see)
    project_options.take_list("add_input: sources", { "a" }, see)
    assert.are.same({ "cme.project: option 'outputs[1]'", "cme.project: option 'outputs[2]'",
      "add_input: sources[1]" }, seen)
  end)

  it("takes a planned stop up to 30 days ahead", function()
    assert.are.equal(30 * 86400, project_options.stop_seconds(30 * 86400, 0))
    for at, code in pairs { [0] = "stop_at_past", [30 * 86400 + 1] = "stop_at_too_far" } do
      local value, _, detail = project_options.stop_seconds(at, 0)
      assert.is_nil(value)
      assert.are.equal("invalid." .. code, detail.code)
    end
  end)
end)
