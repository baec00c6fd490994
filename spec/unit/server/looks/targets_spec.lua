-- SPDX-License-Identifier: MIT

local targets = require "cme.server.looks.targets"

describe("cme.server.looks.targets", function()
  local LIST = { { id = "1", watch = "https://h/a.flv" }, { id = "2" } }
  local INPUTS = { main = { url = "rtmp://h/a/hush" }, backup = { url = "srt://h:9000", public = true } }

  it("are the outputs that say where they are watched, beside the input on the air", function()
    assert.same({ outputs = { { key = "output 1", url = "https://h/a.flv", public = true } }, inputs = {},
      source = "rtmp://h/a/hush" }, targets.plan(LIST, INPUTS, { active = "main", public = true }))
  end)

  it("say of the source, too, whether it is read from public addresses alone", function()
    local inputs = { main = { url = "rtmp://h/a/hush", public = true } }
    assert.is_true(targets.plan(LIST, inputs, { active = "main" }).source_public)
    assert.is_nil(targets.plan(LIST, INPUTS, { active = "main", public = true }).source_public)
  end)

  it("compare with no source that may have one reader only", function()
    assert.is_nil(targets.plan(LIST, INPUTS, { active = "backup" }).source)
    assert.is_nil(targets.plan(LIST, {}, { active = "main" }).source)
  end)

  it("are the inputs, too, where that is wished, but no lists of files", function()
    assert.same({ { key = "input main", url = "rtmp://h/a/hush" },
      { key = "input backup", url = "srt://h:9000", public = true } },
      targets.plan(LIST, INPUTS, { active = "main", looked = true }).inputs)
    local files = { main = { urls = { "http://h/x" } } }
    assert.same({}, targets.plan(LIST, files, { active = "main", looked = true }).inputs)
  end)
end)
