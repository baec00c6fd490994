-- SPDX-License-Identifier: MIT
-- The table is shared with spec/c/common/redact_test.c.

local redact = require "cme.redact"

describe("cme.redact", function()
  local rows = 0
  for line in io.lines "spec/fixtures/redact.tsv" do
    local url, shown = line:match "^(.*)\t(.*)$"
    rows = rows + 1
    it("shows " .. (shown == "" and "nothing of nothing" or shown), function()
      assert.are.equal(shown, redact.url(url))
    end)
  end

  it("has its table", function()
    assert.is_true(rows >= 10)
  end)
end)
