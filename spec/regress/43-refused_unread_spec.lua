-- SPDX-License-Identifier: MIT
-- A server that retires connections without reading the requests on them. libcurl sends such a request again by itself,
-- five times at most; 7.88 counts the times of all requests that a handle ever made, and fails every sixth.

local certificates = require "spec.support.programs.certificates"
local clock = require "cme.system.clock"
local http = require "cme.http"
local proc = require "spec.support.proc"

describe("a request that connections refuse unread", function()
  local dir, pool, server, url

  setup(function()
    dir = proc.folder()
    certificates.ca(dir)
    certificates.issue(dir, "good", "IP:127.0.0.1")
  end)
  teardown(function() assert.same({}, proc.cleanup()) end)

  before_each(function() pool = http.new() end)
  after_each(function()
    pool:close()
    server:stop()
  end)

  local function start(refuse)
    server = proc.spawn { "node", "spec/support/programs/retiring.js", dir .. "/good.key", dir .. "/good.pem", refuse }
    url = ("https://127.0.0.1:%s/"):format(server:expect("port (%d+)\n", 20))
  end

  -- Makes so many requests at once. Returns what pool:next did for each, in the order of ending.
  local function ask(count)
    local outcomes = {}
    for _ = 1, count do pool:submit { url = url, body = "{}", ca_file = dir .. "/ca.pem" } end
    repeat pool:poll(1) until pool:run() == 0
    for _, response, message, detail in pool.next, pool do
      table.insert(outcomes, { response = response, message = message, detail = detail })
    end
    return outcomes
  end

  it("is sent again, more often than libcurl would, until one takes it", function()
    start "12"
    local outcome = ask(1)[1]
    local response = assert(outcome.response, outcome.message)
    assert.same({ 200, 13 }, { response.status, response.connects })
  end)

  it("does not fail for what happened to the requests before it", function()
    start "odd"
    for _ = 1, 20 do
      for _, outcome in ipairs(ask(8)) do assert(outcome.response, outcome.message) end
    end
  end)

  it("fails as not sent when every connection refuses it", function()
    start "all"
    local detail = ask(1)[1].detail
    assert.same({ "network.reset", false }, { detail.code, detail.sent })
  end)

  it("is sent again ever more slowly", function()
    start "all"
    local begun = clock.monotonic()
    ask(1)
    assert.is_true(clock.monotonic() - begun > 2) -- what its pauses come to, whatever the machine does beside
  end)
end)
