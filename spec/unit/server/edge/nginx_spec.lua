-- SPDX-License-Identifier: MIT

local files = require "cme.system.files"
local nginx = require "cme.server.edge.nginx"
local process = require "cme.server.edge.process"

describe("cme.server.edge.nginx", function()
  it("says why one could not be started, not why there was none", function()
    local running, stop = process.running, process.stop
    finally(function() process.running, process.stop = running, stop end)
    function process.running() return false end
    function process.stop() return files.fail("in.read_file", "/proc", nil, "EMFILE") end
    local subject = nginx.new { folder = "/nonexistent", clock = {}, log = {} }
    local how, message, detail = subject:raise()
    assert.is_nil(how)
    assert.are.same({ "read '/proc': too many open files", "local.file" }, { message, detail.code })
  end)
end)
