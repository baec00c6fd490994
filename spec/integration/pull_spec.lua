-- SPDX-License-Identifier: MIT
-- cme-pull, the process that reads a source for the engine: what it is given, how it is bounded, and what a reader that
-- crashes, stands still or loses its engine means for the broadcast.

local flv = require "spec.support.proofs.flv"
local proc = require "spec.support.proc"
local raw_server = require "spec.support.fakes.raw_server"
local relay = require "spec.support.programs.relay"
local uv = require "luv"

local KEY = "sekret-of-the-source"
local OK = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"

-- H.264 with its headers, of one small picture; the payload is nobody's.
local HEADER = "\x17\0\0\0\0\1\x42\xc0\x0c\xff\xe1\0\x17\x67\x42\xc0\x0c\xda\x05\x06\x7e\x7c\x04\x40\0\0\3\0\x40\0\0"
  .. "\x0c\x83\xc5\x0a\xa8\1\0\4\x68\xce\x0f\xc8"
local PICTURE = "\x17\1\0\0\0\0\0\0\2\x65\x88"

local function read(path)
  local file = io.open(path)
  if not file then return "" end
  local text = file:read "a"
  file:close()
  return text
end

-- The processes that an engine has started.
local function children(pid)
  local list = {}
  for id in read(("/proc/%d/task/%d/children"):format(pid, pid)):gmatch "%d+" do list[#list + 1] = tonumber(id) end
  for name in uv.fs_scandir_next, uv.fs_scandir(("/proc/%d/task"):format(pid)) do
    if tonumber(name) ~= pid then
      for id in read(("/proc/%d/task/%s/children"):format(pid, name)):gmatch "%d+" do list[#list + 1] = tonumber(id) end
    end
  end
  return list
end

describe("cme-pull", function()
  local servers = {}

  after_each(function()
    for _, server in ipairs(servers) do server:stop() end
    servers = {}
    assert.are.same({}, proc.cleanup())
  end)

  -- http-flv that goes on for as long as it is read.
  local function source()
    local server = raw_server.start(function(connection)
      if not connection:request() then return end
      connection:write(OK .. flv.file_header() .. flv.pack(flv.tag(flv.VIDEO, 0, HEADER)))
      for i = 0, 5000 do
        connection:write(flv.pack(flv.tag(flv.VIDEO, i * 40, PICTURE)))
        connection:pause(0.04)
        if connection.ended then return end
      end
    end)
    servers[#servers + 1] = server
    return ("http://127.0.0.1:%d/live.flv?key=%s"):format(server.port, KEY)
  end

  local function start(url)
    local engine, control = relay.control()
    assert(control:request("set", { spec = { stall_limit = 60, inputs = { main = { url = url } },
      outputs = { { id = "1", name = "", url = "udp://127.0.0.1:9" } } } }))
    return engine, control
  end

  local function live(engine, control)
    control:expect { event = "input", endpoint = "main", state = "live" }
    return proc.eventually("the reader", 20, function() return children(engine.pid)[1] end)
  end

  local function stop(engine, control)
    assert(control:request "stop")
    assert.are.equal(0, (engine:wait()))
    control:close()
  end

  it("gets its URL by no argument and no variable, and is bounded", function()
    local engine, control = start(source())
    local pid = live(engine, control)
    assert.are.equal("cme-pull\0", read(("/proc/%d/cmdline"):format(pid)))
    assert.is_nil(read(("/proc/%d/environ"):format(pid)):find(KEY, 1, true))
    local limits = read(("/proc/%d/limits"):format(pid))
    assert.matches("Max open files%s+64%s", limits)
    assert.matches("Max core file size%s+0%s", limits)
    if not (os.getenv "CME_BUILD" or ""):find "san" then assert.matches("Max data size%s+167772160%s", limits) end
    local fds = 0
    for _ in uv.fs_scandir_next, uv.fs_scandir(("/proc/%d/fd"):format(pid)) do fds = fds + 1 end
    assert.is_true(fds < 12, fds) -- of the engine's none but its three
    stop(engine, control)
    assert.are.equal("", read(("/proc/%d/cmdline"):format(pid)))
  end)

  it("that crashes is an input that is down, and is started again", function()
    local engine, control = start(source())
    local pid = live(engine, control)
    uv.kill(pid, "sigabrt") -- a sanitizer would take a segv for a finding of its own
    local down = control:expect { event = "input", endpoint = "main", state = "down" }
    assert.are.equal("media.reader", down.code)
    assert.matches("the process that reads it crashed %(signal 6%)", down.reason)
    assert.is_nil(down.reason:find(KEY, 1, true))
    proc.eventually("another reader", 20, function()
      local other = children(engine.pid)[1]
      return other and other ~= pid
    end)
    stop(engine, control)
  end)

  it("that stands still is ended after a while", function()
    local engine, control = start(source())
    local pid = live(engine, control)
    proc.halt(pid)
    local down = control:expect({ event = "input", endpoint = "main", state = "down" }, 60)
    assert.are.equal("media.reader", down.code)
    assert.matches("did not answer any more", down.reason)
    proc.eventually("its end", 20, function() return read(("/proc/%d/cmdline"):format(pid)) == "" end)
    stop(engine, control)
  end)

  it("ends with its engine, even one that is killed", function()
    local engine, control = start(source())
    local pid = live(engine, control)
    engine:kill "sigkill"
    engine:wait()
    proc.eventually("its end", 20, function() return read(("/proc/%d/cmdline"):format(pid)) == "" end)
    control:close()
  end)

  it("reads from public addresses alone, where it is told so, as the engine's own reader does", function()
    for _, url in ipairs { source(), "rtmp://127.0.0.1:9/live/" .. KEY } do
      local engine, control = relay.control()
      assert(control:request("set", { spec = { inputs = { main = { url = url, public = true } },
        outputs = { { id = "1", name = "", url = "udp://127.0.0.1:9" } } } }))
      local down = control:expect { event = "input", endpoint = "main", state = "down" }
      assert.are.equal("source.not_public", down.code)
      assert.matches("127%.0%.0%.1 is no public address", down.reason)
      stop(engine, control)
    end
    assert.are.equal(0, #servers[1].requests)
  end)

  it("follows redirects and reads what the answer says, whatever the path", function()
    local target = source()
    local server = raw_server.start(function(connection)
      if connection:request() then connection:answer("", "302 Found", "Location: " .. target .. "\r\n") end
    end)
    servers[#servers + 1] = server
    local engine, control = start(("http://127.0.0.1:%d/anything"):format(server.port))
    live(engine, control)
    stop(engine, control)
  end)
end)
