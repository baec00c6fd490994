-- SPDX-License-Identifier: MIT
-- cme.embed: runs that libuv's loop drives, by the descriptor and the timeout alone.

local uv = require "luv"

local cases = require "spec.support.proofs.task_cases"
local cme = require "cme"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"

-- Drives an embedded run; returns a function that gives its results once it has ended.
local function drive(embedded)
  local poll, timer, results = uv.new_poll(embedded:fd()), uv.new_timer(), nil
  local function turn()
    embedded:run()
    results = table.pack(pcall(embedded.next, embedded))
    if not results[1] or results[2] then
      poll:close()
      timer:close()
      embedded:close()
      return
    end
    results = nil
    local seconds = embedded:timeout()
    if seconds then timer:start(math.max(1, math.ceil(seconds * 1000)), 0, turn) else timer:stop() end
  end
  poll:start("r", turn)
  turn()
  return function()
    if not results then return nil end
    if not results[1] then error(results[2], 0) end
    return table.unpack(results, 2, results.n)
  end, turn
end

-- Turns libuv's loop until the run has ended.
local function finish(ended)
  while ended() == nil do
    assert(uv.loop_alive(), "nothing can go on")
    uv.run "once"
  end
  uv.run "nowait"
  return ended()
end

local function run(fn, ...)
  return select(2, finish((drive(cme.embed(fn, ...)))))
end

describe("cme.embed", function()
  local embedded_cme = setmetatable({ run = run }, { __index = cme })

  for _, case in ipairs(cases) do
    -- Misuse of cme.run itself is cme.run's; a run that can never go on waits here, as its loop does.
    if not case[1]:find "misuse raises" and not case[1]:find "waits that could never end" then
      it("promises: " .. case[1], function() case[2](embedded_cme) end)
    end
  end

  it("says what is misuse", function()
    assert.error_matches(function() cme.embed(1) end, "cme.embed: a function is needed, got number")
    cme.run(function()
      assert.error_matches(function() cme.embed(print) end, "cme.embed: already inside cme.run %(use cme.spawn%)")
    end)
  end)

  it("is woken by a callback of the other loop, which then asks for its timeout anew", function()
    local signal = cme.signal()
    local ended, turn = drive(cme.embed(function() return signal:wait() end))
    assert.is_nil(ended())
    local timer = uv.new_timer()
    timer:start(1, 0, function()
      timer:close()
      signal:notify "told"
      turn()
    end)
    assert.are.same({ true, "told" }, { finish(ended) })
  end)

  it("cancels what runs when it is closed, and says nothing twice", function()
    local undone = 0
    local embedded = cme.embed(function()
      cme.wait(function() return function() undone = undone + 1 end end)
    end)
    embedded:run()
    assert.are.equal(0, undone)
    embedded:close()
    embedded:close()
    assert.are.equal(1, undone)
    assert.is_nil(embedded:timeout())
    assert.error_matches(function() embedded:fd() end, "embedded:fd: it is closed")
  end)
end)

describe("calls inside another loop", function()
  local serve

  setup(function() serve = service.start() end)
  teardown(function()
    serve:stop()
    proc.cleanup()
  end)

  it("wait for nobody: the loop goes on, and a call outside of the run blocks beside it", function()
    local client = cme.client(serve:client_options())
    local turns, counted = 0, 0
    local clock = uv.new_timer()
    clock:start(0, 1, function() turns = turns + 1 end)
    local ended = drive(cme.embed(function()
      return #cme.parallel({ 1, 2, 3 }, function()
        assert(client:call("DescribeProjects", { Limit = 1 }))
        counted = counted + 1
        cme.sleep(0.02)
        return true
      end)
    end))
    assert(client:call("DescribeProjects", { Limit = 1 })) -- on a pool of its own
    assert.is_nil(ended())
    assert.are.same({ true, 3 }, { finish(ended) })
    clock:close()
    uv.run "nowait"
    assert.are.equal(3, counted)
    assert.is_true(turns > 0)
  end)

  it("are shown by examples/embedded.lua", function()
    local env = serve:environment()
    env.LUA_PATH, env.LUA_CPATH = package.path .. ";;", package.cpath .. ";;"
    local code, out, err = proc.run({ "lua5.4", "examples/embedded.lua" }, { env = env })
    assert.are.equal(0, code, err)
    assert.matches("^0 relays, 0 casts; the loop had its turn meanwhile: true\n$", out)
  end)

  it("that fail end examples/embedded.lua with a message and 1, as does an error", function()
    local env = serve:environment()
    env.LUA_PATH, env.LUA_CPATH = package.path .. ";;", package.cpath .. ";;"
    env.CME_ENDPOINT = ("http://127.0.0.1:%d"):format(proc.free_port())
    local code, out, err = proc.run({ "lua5.4", "examples/embedded.lua" }, { env = env, timeout = 60 })
    assert.are.same({ 1, "" }, { code, out }, err)
    assert.matches("^DescribeProjects: [^\n]+\n$", err)
    env.CME_ENDPOINT = "ftp://127.0.0.1"
    code, out, err = proc.run({ "lua5.4", "examples/embedded.lua" }, { env = env })
    assert.are.same({ 1, "" }, { code, out }, err)
    assert.matches("CME_ENDPOINT: scheme 'ftp' is not supported", err)
    assert.is_nil(err:find("Uncaught", 1, true))
  end)
end)
