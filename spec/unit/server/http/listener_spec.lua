-- SPDX-License-Identifier: MIT
local listener = require "cme.server.http.listener"
local uv = require "luv"

describe("cme.server.http.listener", function()
  it("tells with its detail why the HTTP server cannot go on", function()
    local ends = assert(uv.pipe())
    local httpd = { fd = function() return ends.read end, close = function() end,
      run = function() return nil, "out of descriptors", { code = "local.httpd" } end }
    local subject, told = listener.new(httpd, function() end), nil
    subject:start(function(...) told = { ... } end)
    subject:close()
    uv.run "nowait"
    for _, fd in pairs(ends) do uv.fs_close(fd) end
    assert.are.same({ "out of descriptors", { code = "local.httpd" } }, told)
  end)
end)
