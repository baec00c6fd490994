-- SPDX-License-Identifier: MIT

local curl = require "cme.net.transport.curl"

-- A stand-in for cme.http: each poll lets the next transfer of `finishes` end.
local function fake_http(finishes)
  local http = { pools = {}, now = 1000 }
  function http.clocks() return http.now, http.now + 1e9 end
  function http.new()
    if http.broken then return nil, "http pool: broken", { code = "network.protocol" } end
    local pool = { submitted = {}, polls = {}, ready = {}, runs = 0 }
    http.pools[#http.pools + 1] = pool
    function pool:submit(request)
      self.submitted[#self.submitted + 1] = request
      return #self.submitted
    end
    function pool:run() self.runs = self.runs + 1 end
    function pool:poll(seconds)
      self.polls[#self.polls + 1] = seconds
      http.now = http.now + seconds * (http.pace or 1)
      local answer = table.remove(finishes or {}, 1)
      if answer then self.ready[#self.ready + 1] = answer end
    end
    function pool:next()
      local answer = table.remove(self.ready, 1)
      if answer then return answer[1], answer[2], answer[3], answer[4] end
    end
    return pool
  end
  return http
end

describe("cme.net.transport.curl", function()
  it("loads cme.http and makes its pool at the first request only", function()
    local http = fake_http { { 1, { status = 200 } }, { 2, { status = 201 } } }
    local transport = curl.new(http)
    assert.are.equal(0, #http.pools)
    local request = { url = "http://h/" }
    assert.are.same({ status = 200 }, transport:request(request))
    assert.are.equal(request, http.pools[1].submitted[1])
    assert.are.same({ status = 201 }, transport:request(request))
    assert.are.equal(1, #http.pools)
  end)

  it("waits until its own transfer has finished, for no longer at once than poll can", function()
    local http = fake_http { false, false, { 1, { status = 200 } } }
    local transport = curl.new(http)
    transport:request {}
    assert.are.equal(3, #http.pools[1].polls)
    for _, seconds in ipairs(http.pools[1].polls) do
      assert.is_true(seconds > 0 and seconds <= 3600)
    end
    assert.is_true(http.pools[1].runs > 3)
  end)

  it("gives a failure on as it is", function()
    local detail = { code = "network.timeout", sent = true }
    local transport = curl.new(fake_http { { 1, nil, "timed out", detail } })
    local response, message, why = transport:request {}
    assert.is_nil(response)
    assert.are.equal("timed out", message)
    assert.are.equal(detail, why)
  end)

  it("keeps an answer that another request waits for", function()
    local http = fake_http { { 1, { status = 1 } }, { 2, { status = 2 } } }
    local transport = curl.new(http)
    -- The second request is made while the first waits, as one from a debug hook or a __gc would be.
    local second
    transport._pool = http.new()
    local poll = transport._pool.poll
    transport._pool.poll = function(pool, seconds)
      transport._pool.poll = poll
      second = transport:request { n = 2 }
      return poll(pool, seconds)
    end
    assert.are.same({ status = 1 }, transport:request { n = 1 })
    assert.are.same({ status = 2 }, second)
    assert.is_nil(next(transport._done))
  end)

  it("sleeps on a pool of its own, in waits that fit curl's clock", function()
    local http = fake_http()
    local transport = curl.new(http)
    transport:sleep(1.5)
    transport:sleep(0)
    transport:sleep(3600 * 2 + 10)
    assert.are.equal(1, #http.pools)
    assert.are.same({ 1.5, 3600, 3600, 10 }, http.pools[1].polls)
  end)

  it("sleeps on when a signal cuts a wait short", function()
    local http = fake_http()
    http.pace = 0.5
    curl.new(http):sleep(4)
    assert.are.same({ 4, 2, 1, 0.5 }, { table.unpack(http.pools[1].polls, 1, 4) })
    assert.is_true(http.now >= 1004 - 1e-9)
  end)

  it("gives on why there is no pool, and tries again the next time", function()
    local http = fake_http { { 1, { status = 200 } } }
    http.broken = true
    local transport = curl.new(http)
    local response, message, detail = transport:request {}
    assert.is_nil(response)
    assert.are.equal("http pool: broken", message)
    assert.are.same({ code = "network.protocol", sent = false }, detail)
    local loop = require "cme.net.loop.curl"
    for _, use in ipairs { function() transport:sleep(1) end, function() loop.new(transport) end } do
      local ok, why = pcall(use)
      assert.is_false(ok)
      assert.are.equal("http pool: broken", why)
    end
    http.broken = false
    assert.are.same({ status = 200 }, transport:request {})
  end)

  it("is shared by those who name none", function()
    assert.are.equal(curl.shared(), curl.shared())
  end)
end)
