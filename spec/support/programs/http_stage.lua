-- SPDX-License-Identifier: MIT
-- What specs of cme.http share: an nginx for what should work, a scripted server of the test's own for what goes wrong,
-- and a pool that is new in each test.

local assert = require "luassert"
local http = require "cme.http"
local proc = require "spec.support.proc"
local raw_server = require "spec.support.fakes.raw_server"
local web_nginx = require "spec.support.programs.web_nginx"

local http_stage = {}

---@class spec.http_stage
---@field web table  the nginx, from setup on
---@field pool table of the test that runs
---@field private _server table|nil
local Stage = {}
Stage.__index = Stage

--- Registers with busted's functions of the block.
---@param block { setup: function, teardown: function, before_each: function, after_each: function }
---@return spec.http_stage
function http_stage.new(block)
  local self = setmetatable({}, Stage)
  block.setup(function() self.web = web_nginx.start() end)
  block.teardown(function()
    self.web:stop()
    assert.same({}, proc.cleanup())
  end)
  block.before_each(function() self.pool = http.new() end)
  block.after_each(function()
    self.pool:close()
    if self._server then self._server:stop() end
    self._server = nil
  end)

  --- Starts the server of the test: what it does with each connection, as raw_server.start.
  function self.serve(handler)
    self._server = raw_server.start(handler)
    return self._server
  end

  --- The same, a proxy: what it answers to CONNECT, as raw_server.proxy.
  function self.proxy(status)
    self._server = raw_server.proxy(status)
    return self._server
  end

  --- URLs of nginx, plain and by TLS, and of the test's own server.
  function self.plain(path) return ("http://127.0.0.1:%d%s"):format(self.web.plain, path) end
  function self.tls(path) return ("https://127.0.0.1:%d%s"):format(self.web.tls, path) end
  function self.raw(path) return ("http://127.0.0.1:%d%s"):format(self._server.port, path or "/") end

  return self
end

return http_stage
