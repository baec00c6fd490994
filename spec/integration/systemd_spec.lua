-- SPDX-License-Identifier: MIT
-- The unit files of examples/systemd, where systemd-analyze is there to judge it.

local files = require "spec.support.files"
local proc = require "spec.support.proc"

local SERVE, ROOM = "examples/systemd/cme-serve.service", "examples/systemd/cme-room.service"

describe("examples/systemd", function()
  teardown(function() proc.cleanup() end)

  it("is what systemd takes, without a complaint", function()
    if proc.run { "sh", "-c", "command -v systemd-analyze" } ~= 0 then
      pending "systemd-analyze is not installed"
      return
    end
    local _, here = proc.run { "pwd" }
    for path, folder in pairs { [SERVE] = "/bin/", [ROOM] = "/room/" } do
      local copy = ("%s/%s"):format(proc.folder(), path:match "[^/]*$")
      local file = assert(io.open(copy, "w"))
      file:write((files.read(path):gsub("/usr/local/bin/", here:gsub("\n", "") .. folder)))
      file:close()
      local code, out, err = proc.run { "systemd-analyze", "verify", copy }
      assert.are.same({ 0, "", "" }, { code, out, err })
    end
  end)

  it("starts a command that cme takes, and leaves the engines alone", function()
    local text = files.read(SERVE)
    local command = text:match "\nExecStart=%S+ serve ([^\n]*)\n"
    local args = {}
    for word in command:gmatch "%S+" do args[#args + 1] = word end
    local parsed = require "cme.cli".parser():parse { "serve", table.unpack(args) }
    assert.are.equal("/var/lib/cme", parsed.state)
    assert.matches("\nKillMode=process\n", text)
    assert.matches("\nOOMPolicy=continue\n", text)
  end)

  it("keeps the control room's state where systemd made a folder for it", function()
    local text = files.read(ROOM)
    assert.matches("\nStateDirectory=cme%-room\n", text)
    assert.matches("\nExecReload=[^\n]*/var/lib/cme%-room/nginx%.pid", text)
  end)
end)
