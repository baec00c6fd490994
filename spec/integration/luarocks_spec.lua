-- SPDX-License-Identifier: MIT
-- `luarocks make` of the client into a fresh tree, and use of what it installed from outside the checkout. Both rocks,
-- from a release: spec/regress/27-luarocks_install_spec.lua.

local luarocks = require "spec.support.programs.luarocks"
local proc = require "spec.support.proc"

describe("luarocks make", function()
  local dir, tree, source

  -- The tracked files, so that nothing already built can stand in for what the rockspec builds.
  local function copy_of_the_checkout()
    source = dir .. "/source"
    assert.are.equal(0, (proc.run { "mkdir", source }))
    local code, _, err = proc.run { "sh", "-c",
      "git ls-files -co --exclude-standard | tar -cf - -T - | tar -xf - -C " .. source }
    assert.are.equal(0, code, err)
  end

  local function installed(argv)
    return proc.run(argv, { cwd = "/", env = {
      LUA_PATH = tree .. "/share/lua/5.4/?.lua;" .. tree .. "/share/lua/5.4/?/init.lua;;",
      LUA_CPATH = tree .. "/lib/lua/5.4/?.so;;",
      PATH = tree .. "/bin:" .. os.getenv "PATH",
      CME_BUILD = false,
    } })
  end

  setup(function()
    dir = proc.folder()
    copy_of_the_checkout()
    local rocks = luarocks.new(dir)
    tree = rocks.tree
    rocks:run(source, "make", "cme-dev-1.rockspec")
  end)

  teardown(function()
    proc.cleanup()
  end)

  it("installs the client, which signs", function()
    local code, out, err = installed { "lua5.4", "-e", [[
      local cme = require "cme"
      local key = require "cme.sign".new("id", "key")
      local auth = key:tc3 { service = "cme", host = "cme.tencentcloudapi.com", timestamp = 1551113065, payload = "{}" }
      print(cme.version, auth:match "^TC3%-HMAC%-SHA256 Credential=id/2019%-02%-25/cme/tc3_request")
      require "cme.http".new({}):close()
    ]] }
    assert.are.equal(0, code, err)
    assert.matches("^%d+%.%d+%.%d+%s+TC3", out)
  end)

  it("gives the client alone a cme that says what it lacks", function()
    local code, out, err = installed { "cme", "--version" }
    assert.are.equal(0, code, err)
    assert.matches("^cme %d", out)
    assert.are.equal(0, (proc.run { "sh", "-c", "ls " .. tree .. "/lib/luarocks/rocks-5.4/cme/*/man/man1/cme.1" }))
    code, out, err = installed { "cme", "serve" }
    assert.are.equal(1, code, out)
    assert.matches("comes with cme%-server", err)
  end)
end)
