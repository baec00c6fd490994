-- SPDX-License-Identifier: MIT
-- What specs of cme.httpd share: a server and clients on the loop of this process (web_loop.lua), of which no
-- descriptor is left behind any test.

local assert = require "luassert"
local paths = require "spec.support.paths"
local proc = require "spec.support.proc"
local uv = require "luv"
local web_loop = require "spec.support.programs.web_loop"

local web_stage = {}

web_stage.instrumented = proc.VALGRIND or paths.build:match "asan" ~= nil -- then memory is not what it would be
web_stage.SHORT = 3 -- seconds a client has: those that are to be answered must not need them, on a busy machine neither
web_stage.GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

function web_stage.wait(what, condition) return proc.eventually(what, 20, condition) end

--- Runs curl; what it wrote, its exit code and its complaints.
function web_stage.curl(...)
  local code, out, err = proc.run { "curl", "-sS", "--max-time", "90", ... }
  return out, code, err
end

local function descriptors()
  local count = 0
  for _ in uv.fs_scandir_next, assert(uv.fs_scandir "/proc/self/fd") do count = count + 1 end
  return count
end

--- KB of this process: VmRSS or VmHWM.
function web_stage.memory(field)
  for line in io.lines "/proc/self/status" do
    local kb = line:match("^" .. field .. ":%s+(%d+) kB")
    if kb then return tonumber(kb) end
  end
end

--- Milliseconds of processor time that this process takes in so many seconds with nothing to do but serve.
function web_stage.busy_ms(seconds)
  local function used()
    local usage = uv.getrusage()
    return (usage.utime.sec + usage.stime.sec) * 1000 + (usage.utime.usec + usage.stime.usec) / 1000
  end
  local before = used()
  proc.elapse(seconds)
  return used() - before
end

--- A file of so many bytes.
function web_stage.file_of(bytes)
  local path = proc.folder() .. "/body"
  local file = assert(io.open(path, "wb"))
  local piece = ("0123456789abcdef"):rep(4096)
  for _ = 1, bytes // #piece do file:write(piece) end
  file:write(piece:sub(1, bytes % #piece))
  file:close()
  return path
end

---@class spec.web_stage
---@field web table       stands for the server of the test that runs (web_loop.serve)
---@field sigpipes integer how often SIGPIPE came
---@field private _server table|nil
---@field private _clients table[]
---@field private _before integer descriptors
local Stage = {}
Stage.__index = Stage

function Stage:_begin()
  self._clients = {}
  collectgarbage()
  uv.run "nowait"
  self._before = descriptors()
end

function Stage:_end()
  for _, one in ipairs(self._clients) do one.close() end
  if self._server then self._server.close() end
  self._server = nil
  collectgarbage()
  web_stage.wait("closed clients", function()
    uv.run "nowait"
    return descriptors() <= self._before
  end)
  assert.same({}, proc.cleanup())
  assert.equal(self._before, descriptors())
end

--- Registers with busted's functions of the block.
---@param block { setup: function, teardown: function, before_each: function, after_each: function }
---@return spec.web_stage
function web_stage.new(block)
  local self = setmetatable({ sigpipes = 0 }, Stage)
  self.web = setmetatable({}, { __index = function(_, name) return self._server[name] end })
  local sigpipe
  block.setup(function()
    proc.run { "true" } -- the loop's own descriptors exist from now on
    sigpipe = uv.new_signal() -- libuv's sockets, our clients here, do raise it
    sigpipe:start("sigpipe", function() self.sigpipes = self.sigpipes + 1 end)
  end)
  block.teardown(function()
    sigpipe:close()
    uv.run "nowait"
  end)
  block.before_each(function() self:_begin() end)
  block.after_each(function() self:_end() end)

  --- Starts the server of the test: limits, what takes requests, and the address, as web_loop.serve.
  function self.start(limits, handler, address)
    self._server = web_loop.serve(limits, handler, address)
    return self._server
  end

  --- A raw client, which sends this.
  function self.client(text)
    local one = web_loop.connect(self._server.port, text)
    return self.keep(one)
  end

  --- Closes a client of the test's own behind it.
  function self.keep(one)
    table.insert(self._clients, one)
    return one
  end

  --- The server still works: what every hostile test ends with.
  function self.answers()
    assert.equal("200", (web_stage.curl("-o", "/dev/null", "-w", "%{http_code}", self._server.url())))
  end

  return self
end

return web_stage
