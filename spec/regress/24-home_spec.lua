-- SPDX-License-Identifier: MIT
-- Without HOME the service kept its state in /.local/state, and nowhere said where it was.

local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"
local state = require "cme.server.store.state"

local function folder(env, home)
  return state.default_folder(function(name) return env[name] end, function() return home and { homedir = home } end)
end

describe("the state without HOME", function()
  it("is in the home that the password database has, or nowhere", function()
    assert.are.equal("/p/.local/state/cme", folder({}, "/p"))
    assert.are.equal("/p/.local/state/cme", folder({ HOME = "" }, "/p/"))
    assert.are.equal("/p/.local/state/cme", folder({ HOME = "relative" }, "/p"))
    assert.are.equal("/h/.local/state/cme", folder({ HOME = "/h" }, "/p"))
    for _, home in ipairs { false, "", "/", "none" } do
      assert.is_nil(folder({}, home), home)
      assert.is_nil(folder({ HOME = "/" }, home), home)
    end
  end)
end)

describe("cme serve", function()
  after_each(proc.cleanup)

  it("says where its state and its key are", function()
    local serve = service.start()
    assert.are.equal(("state in %s\nkey in %s/credentials\n"):format(serve.state, serve.state),
      (serve.proc:expect "\n(state in [^\n]+\nkey in [^\n]+\n)$"))
    serve:stop()
  end)

  it("does not say that nothing can be stopped without a ballast, which is not so", function()
    local file = assert(io.open "lua/cme/server/init.lua")
    assert.not_matches("nothing can be stopped", file:read "a")
    file:close()
  end)
end)
