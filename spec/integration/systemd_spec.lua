-- SPDX-License-Identifier: MIT
-- The unit file of examples/systemd, where systemd-analyze is there to judge it.

local proc = require "spec.support.proc"

local path = "examples/systemd/cme-serve.service"

local function read()
  local file = assert(io.open(path))
  local text = file:read "a"
  file:close()
  return text
end

describe(path, function()
  teardown(function() proc.cleanup() end)

  it("is what systemd takes, without a complaint", function()
    if proc.run { "sh", "-c", "command -v systemd-analyze" } ~= 0 then
      pending "systemd-analyze is not installed"
      return
    end
    local _, here = proc.run { "pwd" }
    local copy = proc.folder() .. "/cme-serve.service"
    local file = assert(io.open(copy, "w"))
    file:write((read():gsub("/usr/local/bin/cme", here:gsub("\n", "") .. "/bin/cme")))
    file:close()
    local code, out, err = proc.run { "systemd-analyze", "verify", copy }
    assert.are.same({ 0, "", "" }, { code, out, err })
  end)

  it("starts a command that cme takes, and leaves the engines alone", function()
    local text = read()
    local command = text:match "\nExecStart=%S+ serve ([^\n]*)\n"
    local args = {}
    for word in command:gmatch "%S+" do args[#args + 1] = word end
    local parsed = require "cme.cli".parser():parse { "serve", table.unpack(args) }
    assert.are.equal("/var/lib/cme", parsed.state)
    assert.matches("\nKillMode=process\n", text)
    assert.matches("\nOOMPolicy=continue\n", text)
  end)
end)
