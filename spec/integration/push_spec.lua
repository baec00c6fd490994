-- SPDX-License-Identifier: MIT
-- Outputs that cme-push writes: the process is one output's, without its secrets in sight, and whatever becomes of it
-- is that output's failure alone.

local uv = require "luv"

local media = require "spec.support.programs.media"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"

local PASSPHRASE = "hush-passphrase-1"

--- What a file in /proc says; nil once the process is gone.
local function read(path)
  local file = io.open(path)
  local text = file and file:read "a"
  if file then file:close() end
  return text
end

--- The pids of the cme-push that this process started.
local function pushes(parent)
  local pids = {}
  local handle = uv.fs_scandir "/proc"
  for name in function() return uv.fs_scandir_next(handle) end do
    local stat = name:match "^%d+$" and read("/proc/" .. name .. "/stat")
    if stat and stat:match "^%d+ %(cme%-push%) [^Z] (%d+)" == tostring(parent) then pids[#pids + 1] = tonumber(name) end
  end
  return pids
end

--- A place that takes datagrams, and counts them.
local function receiver()
  local self = { socket = uv.new_udp(), count = 0 }
  assert(self.socket:bind("127.0.0.1", 0))
  self.socket:recv_start(function(_, data) self.count = self.count + (data and 1 or 0) end)
  self.url = ("udp://127.0.0.1:%d?pkt_size=1316"):format(self.socket:getsockname().port)
  function self.more()
    local before = self.count
    proc.eventually("datagrams", 20, function() return self.count > before + 20 end)
  end
  return self
end

describe("cme-push", function()
  local file, one, two, engine, control, path

  setup(function() file = media.file(proc.folder() .. "/show.flv", 8, media.SMALL) end)

  before_each(function()
    one, two = receiver(), receiver()
    engine, control, path = relay.control()
  end)

  after_each(function()
    one.socket:close()
    two.socket:close()
    control:close()
    if not engine.code and not engine.signal then engine:stop() end
  end)

  teardown(function() assert.same({}, proc.cleanup()) end)

  local function set(outputs)
    assert(control:request("set", { spec = { project = "p", revision = 1,
      inputs = { main = { urls = { file }, loop = -1 } }, outputs = outputs } }))
  end

  local function both()
    set { { id = "1", url = one.url }, { id = "2", url = two.url } }
    control:until_output("1", "live")
    control:until_output("2", "live")
    return proc.eventually("two processes", 20, function()
      local pids = pushes(engine.pid)
      return #pids == 2 and pids
    end)
  end

  --- Which output's process this is: the one whose output fails when it is killed.
  local function failing(code)
    return control:expect({ event = "output", state = "backoff", code = code }, 40)
  end

  it("that crashes is one output's failure, and the next one comes", function()
    local pids = both()
    uv.kill(pids[1], "sigkill")
    local failed = failing "internal"
    assert.truthy(failed.reason:find("'cme-push' was ended by signal 9", 1, true))
    assert.truthy(failed.reason:find("send 'udp://127.0.0.1:", 1, true))
    proc.eventually("the output to be back", 30, function()
      return control:output(failed.output_id).connects == 2
    end)
    local other = control:output(failed.output_id == "1" and "2" or "1")
    assert.same({ 1, 0 }, { other.connects, other.dropped })
    one.more()
    two.more()
  end)

  it("that hangs is one output's failure, and is gone", function()
    local pids = both()
    proc.halt(pids[1])
    local failed = failing "network.timeout"
    assert.truthy(failed.reason:find("no progress within 6 s", 1, true))
    proc.eventually("the output to be back", 30, function()
      return control:output(failed.output_id).connects == 2
    end)
    local other = control:output(failed.output_id == "1" and "2" or "1")
    assert.same({ 1, 0 }, { other.connects, other.dropped })
    assert.is_nil(read("/proc/" .. pids[1] .. "/stat"))
  end)

  it("ends with its engine, however that ends", function()
    local pids = both()
    engine:kill "sigkill"
    engine:wait()
    proc.eventually("the processes to be gone", 20, function()
      return not read("/proc/" .. pids[1] .. "/stat") and not read("/proc/" .. pids[2] .. "/stat")
    end)
  end)

  it("ends with its output, and with a stop", function()
    both()
    assert(control:request("remove_output", { output_id = "1" }))
    proc.eventually("one process", 20, function() return #pushes(engine.pid) == 1 end)
    two.more()
    engine:kill "sigterm"
    assert.equal(0, (engine:wait()))
    assert.is_nil(uv.fs_stat(path))
  end)

  it("has no URL among its arguments or in its environment", function()
    set { { id = "1", url = ("srt://127.0.0.1:%d?passphrase=%s"):format(proc.free_port(), PASSPHRASE) } }
    local pid = proc.eventually("a process", 20, function() return pushes(engine.pid)[1] end)
    assert.equal("cme-push\0", read("/proc/" .. pid .. "/cmdline"))
    assert.is_nil(read("/proc/" .. pid .. "/environ"):find(PASSPHRASE, 1, true))
    local failed = control:expect({ event = "output", state = "backoff" }, 40)
    assert.truthy(failed.reason:find("open 'srt://127.0.0.1:", 1, true))
    assert.is_nil(failed.reason:find(PASSPHRASE, 1, true))
    local parts = control:output "1".error.parts
    assert.equal("engine:%s '%s'", parts.Within[1].Code)
    assert.equal("open", parts.Within[1].Values[1])
  end)
end)
