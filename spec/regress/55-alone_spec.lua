-- SPDX-License-Identifier: MIT
-- A service that is alone, with SQLite, loads nothing of fleets and of etcd, nor libcurl, which these alone need.

local proc = require "spec.support.proc"

local CODE = [[
  require "spec.support.paths"
  require "cme.cli.commands.serve"
  require "cme.server"
  for name in pairs(package.loaded) do print(name) end]]

describe("a service that is alone", function()
  it("loads nothing of fleets", function()
    local code, out, err = proc.run { "lua5.4", "-e", CODE }
    assert.are.equal(0, code, err)
    assert.matches("cme.server\n", out, 1, true)
    for name in out:gmatch "[^\n]+" do
      assert.is_nil(name:find "^cme%.etcd" or name:find "^cme%.server%.fleet" or name:find "^cme%.http$", name)
      assert.is_nil(name:find "^cme%.server%.store%.etcd", name)
    end
  end)
end)
