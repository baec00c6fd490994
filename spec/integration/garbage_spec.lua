-- SPDX-License-Identifier: MIT
-- The service under what no client should send: it answers, or hangs up, never with an error of its own, and neither
-- grows nor dies. Under the sanitizers (make asan) it also leaks nothing: its exit says so.

local api = require "spec.support.api"
local garbage = require "spec.support.proofs.garbage"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"
local usage = require "spec.support.proofs.usage"

describe("cme serve under garbage", function()
  local serve

  -- What the address sanitizer holds back of freed memory is no growth.
  setup(function()
    serve = service.start { args = { "--rate-limit", "off" }, env = { ASAN_OPTIONS = "quarantine_size_mb=1" } }
  end)

  teardown(function()
    if serve then serve:stop() end
    proc.cleanup()
  end)

  it("answers no request with an error of its own, stays as small as it was, and ends well", function()
    local seed = math.tointeger(tonumber(os.getenv "CME_SEED")) or os.time()
    print("# garbage seed " .. seed)
    math.randomseed(seed)
    local function send(count)
      local result = garbage.send(serve.port, garbage.requests(serve, count), 64)
      assert.are.same({}, result.internal)
      for status in pairs(result.answers) do assert.is_true(tonumber(status) < 500, status) end
      assert.is_true((result.answers["200"] or 0) > count / 4)
    end
    send(1500) -- what is cached on first use
    local before = usage.memory(serve.proc.pid).own
    send(1500)
    local grown = usage.memory(serve.proc.pid).own - before
    assert.is_true(grown < 8192, grown .. " KB more")
    assert.is_number(api.call(serve, "DescribeProjects", {}).TotalCount)
    assert.not_matches("internal error", serve.proc.err)
    assert.not_matches("request failed", serve.proc.err)
    assert.not_matches("task failed", serve.proc.err)
    serve.proc:kill "sigterm"
    assert.are.equal(0, (serve.proc:wait()))
  end)
end)
