-- SPDX-License-Identifier: MIT
-- Loads every client module under LuaJIT (as nginx has it) and runs the smoke script there. What differs between the
-- two Luas (integers, utf8, patterns, string.format) shows here.

local paths = require "spec.support.paths"

describe("the client under LuaJIT", function()
  it("loads and works", function()
    local command = ("LUA_PATH='./lua/?.lua;./lua/?/init.lua;./?.lua;;' LUA_CPATH='%s/lib/lua/5.1/?.so;;' "
      .. "luajit spec/support/proofs/luajit_smoke.lua 2>&1"):format(paths.build)
    local pipe = assert(io.popen(command))
    local said = pipe:read "a"
    local ok = pipe:close()
    assert.is_true(ok, said)
    assert.are.equal("smoke ok", said:match "([^\n]*)\n$", said)
  end)
end)
