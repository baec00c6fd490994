-- SPDX-License-Identifier: MIT
-- cme.net.transport.curl against real servers: the table that every transport passes. The transport blocks, so it
-- runs in a program of its own.

local cases = require "spec.support.proofs.transport_cases"
local cjson = require "cjson"
local proc = require "spec.support.proc"
local web_nginx = require "spec.support.programs.web_nginx"

describe("cme.net.transport.curl", function()
  local web, dir

  setup(function()
    web = web_nginx.start()
    dir = proc.folder()
  end)
  teardown(function()
    web:stop()
    assert.are.same({}, proc.cleanup())
  end)

  local function run(requests)
    local file = assert(io.open(dir .. "/requests", "wb"))
    file:write(cjson.encode(requests))
    file:close()
    local code, out, err = proc.run({ "lua5.4", "spec/support/proofs/transport_client.lua", dir .. "/requests" },
      { env = { LUA_PATH = package.path .. ";;" } })
    assert.are.equal(0, code, err)
    return cjson.decode(out)
  end

  for _, case in ipairs(cases.cases) do
    it("copes with " .. case[1], function()
      local wrong = cases.run(case, web, run)
      assert.is_nil(wrong, wrong)
    end)
  end
end)
