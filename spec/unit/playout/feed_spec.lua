-- SPDX-License-Identifier: MIT

local feed = require "cme.playout.feed"
local flv = require "cme.playout.flv"
local luv = require "cme.net.loop.luv"
local proc = require "spec.support.proc"
local unix = require "cme.system.unix"

local LIMIT = 60 -- seconds
local KEY = { kind = "video", at = 0, body = "\23\1picture", header = false, key = true, media = true }

describe("the end of cme.playout.feed", function()
  local path, given, taken

  before_each(function()
    path, taken = proc.folder() .. "/feed.flv", nil
    given = assert(feed.listen(path))
    given:write(KEY, 40)
  end)
  after_each(function() given:close(path) end)

  local function finish(seconds)
    luv.detach(function() taken = given:finish(seconds) end)
  end

  local function engine(on_connected)
    luv.detach(function() on_connected(assert(unix.connect(path, LIMIT))) end)
  end

  local function reads(text, pipe)
    pipe:read_start(function(_, chunk)
      if chunk then text[#text + 1] = chunk else pipe:close() end
    end)
  end

  local function eventually_known()
    proc.eventually("the end to be taken or not", LIMIT, function() return taken ~= nil end)
  end

  it("is taken by an engine that has read everything", function()
    local text = {}
    engine(function(pipe) reads(text, pipe) end)
    proc.eventually("the engine", LIMIT, function() return given.connected end)
    finish(LIMIT)
    eventually_known()
    assert.is_true(taken)
    assert.equal(flv.header .. flv.encode(KEY, 40), table.concat(text))
  end)

  it("is waited for by the playout until an engine comes that was between two connections", function()
    local text = {}
    finish(LIMIT)
    engine(function(pipe) reads(text, pipe) end)
    eventually_known()
    assert.is_true(taken)
    assert.equal(flv.header .. flv.encode(KEY, 40), table.concat(text))
  end)

  it("is given once: who comes then has nothing", function()
    local first, second, text = nil, nil, {}
    engine(function(pipe) first = pipe end)
    proc.eventually("the engine", LIMIT, function() return given.connected end)
    finish(LIMIT)
    engine(function(pipe)
      second = pipe
      reads(text, pipe)
    end)
    proc.eventually("the second engine to be refused", LIMIT, function() return second and second:is_closing() end)
    assert.are.same({}, text)
    assert.is_nil(taken)
    reads({}, first)
    eventually_known()
    assert.is_true(taken)
  end)

  it("is lost with an engine that ends before it has read everything", function()
    engine(function(pipe)
      finish(LIMIT)
      pipe:close()
    end)
    eventually_known()
    assert.is_false(taken)
  end)

  it("is waited for no longer than it may be", function()
    finish(0.05)
    eventually_known()
    assert.is_false(taken)
  end)
end)
