-- SPDX-License-Identifier: MIT
-- What waits does not look: an idle service, a watcher without changes and a show that waits for its start sleep until
-- something happens. Counted are the voluntary switches of the process, over a stretch of its time; one that ticks ten
-- times a second makes a hundred of them.

local uv = require "luv"

local cme = require "cme"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"

local STRETCH = 10 -- seconds
local MOST = 2 -- wake-ups a second

local SHOW = [[
return {
  project = { name = "gala", owner = "me", input = "rtmp://127.0.0.1:1/a/b", outputs = { "rtmp://127.0.0.1:1/c/d" } },
  start_at = %d, stop_at = %d, failover = false,
}
]]

-- Times that the process, all its threads, went to sleep by itself.
local function sleeps(pid)
  local count = 0
  for thread in uv.fs_scandir_next, assert(uv.fs_scandir(("/proc/%d/task"):format(pid))) do
    local file = assert(io.open(("/proc/%d/task/%s/status"):format(pid, thread)))
    count = count + tonumber(file:read("a"):match "\nvoluntary_ctxt_switches:%s*(%d+)")
    file:close()
  end
  return count
end

local function per_second(pid)
  local from, began = sleeps(pid), uv.hrtime()
  proc.elapse(STRETCH)
  return (sleeps(pid) - from) / ((uv.hrtime() - began) / 1e9)
end

describe("an idle", function()
  local serve, folder

  setup(function() serve, folder = service.start(), proc.folder() end)
  teardown(function()
    serve:stop()
    proc.cleanup()
  end)

  it("cme serve sleeps", function()
    assert.is_true(per_second(serve.proc.pid) < MOST)
  end)

  it("cme watch sleeps between its looks", function()
    assert(cme.client(serve:client_options()):project { name = "seen", owner = "me", input = "rtmp://127.0.0.1:1/a/b",
      outputs = { "rtmp://127.0.0.1:1/c/d" } }:create())
    local watch = proc.spawn({ "bin/cme", "watch", "--interval", "5s" }, { env = serve:environment() })
    watch:expect "seen: idle"
    assert.is_true(per_second(watch.pid) < MOST)
    watch:kill "sigterm"
    watch:wait(20)
  end)

  it("cme run sleeps until its show begins", function()
    local path = folder .. "/gala.lua"
    local file = assert(io.open(path, "w"))
    file:write(SHOW:format(os.time() + 3600, os.time() + 7200))
    file:close()
    local run = proc.spawn({ "bin/cme", "run", path }, { env = serve:environment() })
    run:expect("waiting until", 60)
    assert.is_true(per_second(run.pid) < MOST)
    run:kill "sigterm"
    run:wait(20)
  end)
end)
