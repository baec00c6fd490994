-- SPDX-License-Identifier: MIT
-- cme.sign as an OpenResty user loads it: inside nginx, under LuaJIT.

local openresty = require "spec.support.programs.openresty"
local proc = require "spec.support.proc"

-- Every vector as a line "ok <name>" or "not ok <name>: <what came instead>", then what only LuaJIT may get wrong.
local CONTENT = [[
local signing = require "spec.support.proofs.signing"
local cjson = require "cjson"
local sign = require "cme.sign"

local function report(good, name, got)
  ngx.say(good and "ok " .. name or "not ok " .. name .. ": " .. tostring(got))
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

report(jit and _VERSION == "Lua 5.1", "runs under LuaJIT", _VERSION)
for _, case in ipairs(signing.cases(cjson.decode(read(ngx.config.prefix() .. "vectors.json")))) do
  local ran, got = pcall(case.get, sign)
  report(ran and got == case.want, case.name, got)
end

local key = assert(sign.new(signing.id, signing.key))
local options = signing.tc3_options(signing.tc3[4])
local function fails(name, timestamp)
  options.timestamp = timestamp
  local value, _, detail = key:tc3(options)
  report(value == nil and detail.code == "invalid.timestamp", name, value)
end
fails("refuses half seconds", 1551113065.5)
fails("refuses 2^53", 2 ^ 53)
fails("refuses what is no number", 0 / 0)
options.timestamp = 253402300799
report((key:tc3(options) or ""):find("/9999-12-31/cme/", 1, true), "keeps timestamps past 32 bits")
options.timestamp = 1551113065LL
report(not pcall(key.tc3, key, options), "raises for an int64 box")
report(tostring(key) == "cme.sign.key (open)", "tostring of an open key", tostring(key))
key:close()
report(tostring(key) == "cme.sign.key (closed)", "tostring of a closed key", tostring(key))
options.timestamp = 1551113065
local ran, message = pcall(function() key:tc3(options) end)
report(not ran and message:find "content.lua:%d+: sign: the key is closed", "raises once closed", message)
report(not pcall(key.tc3, key, { hots = "x" }), "raises for an unknown option")
report(not pcall(sign.random_hex, 1.5) and #sign.random_hex(8) == 16, "makes random hex")

-- Compiled traces call it too.
local live = assert(sign.new(signing.id, signing.key))
local want, bad = live:tc3(options), 0
for _ = 1, 2000 do
  if live:tc3(options) ~= want then bad = bad + 1 end
end
report(bad == 0, "gives the same 2,000 times in a hot loop", bad)
live = nil
collectgarbage()
collectgarbage()
report(sign.equal("a", "a"), "goes on after a collection")
]]

describe("cme.sign in nginx", function()
  local server

  setup(function()
    server = openresty.start(CONTENT)
    local code, _, err = proc.run { "cp", "spec/fixtures/signature-vectors.json", server.dir .. "/vectors.json" }
    assert.are.equal(0, code, err)
  end)

  teardown(function()
    assert.are.same({}, proc.cleanup())
  end)

  it("signs every vector under LuaJIT, request after request", function()
    for _ = 1, 2 do
      local status, body = server:get()
      assert.are.equal(200, status, body)
      local good, bad = 0, {}
      for line in body:gmatch "[^\n]+" do
        if line:match "^ok " then good = good + 1 else bad[#bad + 1] = line end
      end
      assert.are.same({}, bad)
      assert.are.equal(67, good) -- 54 vectors and 13 more
    end
  end)

  it("ends in order, with a clean error log and no process left", function()
    local dir = server.dir
    server:stop()
    assert.are.equal(0, server.proc.code, server.proc:output())
    assert.are.same({}, server:errors())
    assert.are.same({}, proc.matching(dir))
  end)
end)
