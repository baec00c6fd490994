-- SPDX-License-Identifier: MIT
-- What `cme run` refuses before it does anything; spec/integration/show_spec.lua has the rest.
local cjson = require "cjson"

local cli = require "spec.support.cli"

describe("cme run", function()
  it("wants show files, and an interval that is one", function()
    for _, words in ipairs { { "run" }, { "run", "show.lua", "--interval", "soon" },
      { "run", "show.lua", "--nonsense" }, { "run", "broken.lua" }, { "run", "broken.lua", "--dry-run" },
      { "run", "show.lua", "--dry-run", "--interval", "soon" } } do
      local ran = cli.with_files(words)
      assert.are.same({ 2, "" }, { ran.code, ran.out }, ran.err)
      assert.matches("^cme run: [^\n]+\n$", ran.err)
    end
  end)

  it("refuses a project with an option that is none, as a wrong command line", function()
    for _, words in ipairs { { "run", "misspelt.lua" }, { "run", "misspelt.lua", "--dry-run" },
      { "run", "show.lua", "misspelt.lua", "--dry-run" } } do
      local ran = cli.with_files(words, nil, { env = { KEY = "hush" } })
      assert.are.same({ 2, "" }, { ran.code, ran.out }, ran.err)
      assert.matches("^cme run: [^\n]*'slat_after'[^\n]*slate_after[^\n]*\n$", ran.err)
    end
  end)

  it("says that a file is not there", function()
    local ran = cli.with_files { "run", "none.lua", "--json" }
    assert.equal(5, ran.code)
    assert.equal("cme run: show 'none.lua': No such file or directory\n", ran.err)
    assert.same({ 5, "invalid.not_found" }, { cjson.decode(ran.out).error.exit, cjson.decode(ran.out).error.code })
  end)

  it("says that a folder is no show file", function()
    local folder = { read = function() return nil, "Is a directory", 21 end, close = function() end }
    local system = { open = function() return folder end, getenv = function() end }
    local _, message, detail = require "cme.show.file".load("/tmp", system)
    assert.same({ "show '/tmp': Is a directory", "invalid.not_found" }, { message, detail.code })
  end)

  it("says that its folder is none", function()
    local ran = cli.with_files({ "run", "show.lua" }, nil, { env = { KEY = "hush", STATE_DIRECTORY = "/dev/null/x" } })
    assert.equal(1, ran.code)
    assert.equal("cme run: show 'show.lua': lock '/dev/null/x/show.lock': it cannot be made or opened "
      .. "(--state names another folder)\n", ran.err)
  end)

  it("shows with --dry-run what would put it on the air, and does nothing", function()
    local ran = cli.with_files({ "run", "show.lua", "--dry-run" }, { cli.none(), cli.none() },
      { env = { KEY = "hush", STATE_DIRECTORY = "/dev/null/x" } })
    assert.same({ 0, "" }, { ran.code, ran.err })
    assert.matches("^CreateProject {.+\nHandleStreamConnectProject {[^\n]*\"Start\"", ran.out)
    assert.is_nil(ran.out:find("hush", 1, true))
    for _, request in ipairs(ran.asked) do assert.matches("Describe", table.concat(request.headers, "\n")) end
  end)
end)
