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

  it("redacts every URL of a text", function()
    assert.are.equal("open 'rtmp://***@h/app/***': no, then \"rtmps://h/a/***\", `srt://h***`",
      redact.text("open 'rtmp://u:p@h/app/key?x=1': no, then \"rtmps://h/a/key\", `srt://h?streamid=key`", 1000))
  end)

  it("shows nothing of a URL that the limit cuts", function()
    local text = "open rtmp://user:sekret@h/app/key"
    for limit = 1, #text - 1 do
      assert.not_matches("sek", redact.text(text, limit))
    end
    assert.are.equal("open ", redact.text(text, #text - 1))
    assert.are.equal("open rtmp://***@h/app/***", redact.text(text, #text))
  end)

  it("has its table", function()
    assert.is_true(rows >= 10)
  end)
end)
