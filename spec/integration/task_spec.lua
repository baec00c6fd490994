-- SPDX-License-Identifier: MIT
-- Tasks over the real pool: thousands of projects from one script, requests that end with their task, signals.

local cme = require "cme"
local curl = require "cme.net.transport.curl"
local proc = require "spec.support.proc"
local raw_server = require "spec.support.fakes.raw_server"
local stub_service = require "spec.support.fakes.stub_service"
local task_cases = require "spec.support.proofs.task_cases"
local uv = require "luv"

-- Starts arg[1] projects on the service of the environment at the same time; prints what came of it.
local SCRIPT = [==[
local cme = require "cme"
local client = cme.client { rate = false, retries = 0 }
local list = {}
for i = 1, tonumber(arg[1]) do list[i] = "live-" .. i end
local ids, failures = cme.parallel(list, function(name)
  local show = client:project { name = name, owner = "me", input = "https://h/a.flv", outputs = { "rtmp://h/a/b" } }
  local ok, message, detail = show:start()
  if not ok then return nil, message, detail end
  return show.id
end)
local distinct, count = {}, 0
for i = 1, #list do
  if ids[i] and not distinct[ids[i]] then distinct[ids[i]], count = true, count + 1 end
end
io.write(count, " ", #failures, " ", failures[1] and failures[1].message or "", "\n")
]==]

describe("cme.run", function()
  local stub, dir

  setup(function()
    stub = stub_service.start()
    dir = proc.folder()
    local file = assert(io.open(dir .. "/many.lua", "w"))
    file:write(SCRIPT)
    file:close()
  end)

  teardown(function()
    stub:stop()
    assert.are.same({}, proc.cleanup())
  end)

  local function nothing_left()
    local _, pool = curl.shared():pool()
    assert.are.equal("cme.http.pool (0 in flight)", tostring(pool))
    assert.is_nil(pool:next())
  end

  for _, case in ipairs(task_cases) do
    it("keeps the promise over the real pool: " .. case[1], function()
      case[2](cme)
      nothing_left()
    end)
  end

  it("starts 2,000 projects by one script", function()
    local before = stub:calls()
    local code, out, err = proc.run({ "lua5.4", dir .. "/many.lua", "2000" },
      { env = stub:environment(), timeout = 120 })
    assert.are.equal("2000 0 \n", out, err)
    assert.are.equal(0, code)
    local calls = stub:calls()
    assert.are.equal(2000, calls.CreateProject - (before.CreateProject or 0))
    assert.are.equal(2000, calls.HandleStreamConnectProject - (before.HandleStreamConnectProject or 0))
  end)

  it("starts more projects at the same time than the process may have descriptors", function()
    local env = stub:environment()
    env.LD_PRELOAD = os.getenv "LD_PRELOAD" or false -- of an instrumented build
    local code, out, err = proc.run({ "sh", "-c", 'ulimit -n 100; exec lua5.4 "$0" 400', dir .. "/many.lua" },
      { env = env, timeout = 120 })
    assert.are.equal("400 0 \n", out, err)
    assert.are.equal(0, code)
  end)

  it("ends the requests of cancelled tasks, and of those that still run when the run ends", function()
    local closed = 0
    local raw = raw_server.start(function(c)
      c:request()
      c:stall()
      closed = closed + 1
    end)
    local request = { url = ("http://127.0.0.1:%d/"):format(raw.port), method = "POST", body = "" }
    -- The scripted server lives in this process too.
    local function until_true(ready)
      while not ready() do
        uv.run "nowait"
        cme.sleep(0.005)
      end
    end
    cme.run(function()
      local one = cme.spawn(function() return curl.shared():request(request) end)
      cme.spawn(function() return curl.shared():request(request) end)
      until_true(function() return #raw.requests == 2 end)
      assert.is_true(one:cancel())
      until_true(function() return closed == 1 end)
    end)
    nothing_left()
    proc.eventually("the other connection to be closed", 10, function() return closed == 2 end)
    raw:stop()
  end)

  it("gives the connections of a run to what comes after it", function()
    local request = { url = stub.url .. "/", method = "POST", body = "" }
    assert.are.equal(200, cme.run(function() return curl.shared():request(request).status end))
    assert.are.equal(0, curl.shared():request(request).connects)
    assert.are.equal(0, cme.run(function() return curl.shared():request(request).connects end))
  end)

  it("reports a task's bug with its traceback, whatever else is going on", function()
    local client = cme.client(stub:client_options())
    local function buggy(show) return show.nothing.at_all end
    local ok, message = pcall(cme.parallel, { 1, 2, 3 }, function(i)
      local show = client:project { name = "a", owner = "me", input = "https://h/a.flv", outputs = { "rtmp://h/a/b" } }
      assert(show:create())
      if i == 2 then buggy(show) end
      cme.sleep(100)
    end)
    assert.is_false(ok)
    assert.matches("task_spec.lua:%d+: attempt to index a nil value %(field 'nothing'%)\nstack traceback:", message)
    assert.matches("in upvalue 'buggy'", message)
    nothing_left()
  end)

  it("is ended by Ctrl-C, and the script may clean up after it", function()
    local file = assert(io.open(dir .. "/endless.lua", "w"))
    file:write [[
      local cme = require "cme"
      local client = cme.client { rate = false }
      local ok, message = pcall(cme.run, function()
        cme.spawn(function() while true do assert(client:call("DescribePlatforms", {})) end end)
        io.write "running\n"
        io.flush()
        cme.sleep(1000)
      end)
      local after = client:call("DescribePlatforms", {})
      io.write(tostring(ok), " ", tostring(message), " ", after and "goes on" or "stuck", "\n")
    ]]
    file:close()
    local script = proc.spawn({ "lua5.4", dir .. "/endless.lua" }, { env = stub:environment() })
    script:expect "running"
    script:kill "sigint"
    assert.are.equal(0, (script:wait(20)), script:output())
    assert.matches("false .*interrupted! goes on", script.out)
  end)
end)
