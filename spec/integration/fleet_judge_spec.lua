-- SPDX-License-Identifier: MIT
-- The platform that judges the fleet (bench/fleet/judge.c) sees whether two publish at once: ffmpeg is each host.

local media = require "spec.support.programs.media"
local paths = require "spec.support.paths"
local proc = require "spec.support.proc"
local uv = require "luv"
local verdict = require "spec.support.proofs.fleet.verdict"

local LIMIT = 30 -- seconds
local ONE_HOST = "127.0.0.1"

describe("bench/fleet/judge", function()
  local judge, port, file

  setup(function()
    file = media.file(proc.folder() .. "/show.flv", 10, media.SMALL)
    port = proc.free_port()
    judge = proc.spawn({ paths.build .. "/bench/fleet/judge", ONE_HOST .. ":" .. port }, { stdin = true })
    judge:expect "listening\n"
  end)

  teardown(function()
    judge:stop()
    assert.are.same({}, proc.cleanup())
  end)

  local function publish(key)
    return media.replay(("rtmp://%s:%d/live/%s"):format(ONE_HOST, port, key), file)
  end

  -- What it said of a key so far.
  local function result(key)
    local self = verdict.new()
    for line in judge.out:gmatch "([^\n]*)\n" do self:take(line) end
    for _, one in ipairs(self:results(uv.hrtime() // 1000)) do
      if one.key == key then return one end
    end
    return nil
  end

  local function expect(what, key, condition)
    proc.eventually(what, LIMIT, function()
      local one = result(key)
      return one and condition(one)
    end)
  end

  local function publishes(key)
    return select(2, judge.out:gsub("publish %d+ %d+ %S+ " .. key .. "\n", ""))
  end

  it("admits a second publisher, and counts what the first one sends from then on", function()
    local first = publish "both"
    expect("a picture", "both", function(one) return one.picture end)
    local second = publish "both"
    expect("messages of the first one", "both", function(one) return one.doubles > 20 end)
    assert.are.equal(2, publishes "both")
    assert.is_true(result "both".late > 0)
    first:stop()
    second:stop()
  end)

  it("has nothing against one after the other", function()
    for i = 1, 2 do
      local one = publish "turn"
      proc.eventually("publish " .. i, LIMIT, function() return publishes "turn" == i end)
      expect("a picture", "turn", function(seen) return seen.picture end)
      one:stop()
    end
    proc.eventually("the end of both", LIMIT, function()
      return select(2, judge.out:gsub("\nend ", "")) >= 4
    end)
    local one = result "turn"
    assert.are.same({ 0, 0, ONE_HOST }, { one.overlaps, one.doubles, one.host })
  end)

  it("says what is wrong with an address", function()
    local code, _, err = proc.run { paths.build .. "/bench/fleet/judge", "nowhere" }
    assert.are.equal(1, code)
    assert.truthy(err:find("'nowhere'", 1, true))
  end)
end)
