-- SPDX-License-Identifier: MIT

local provider = require "cme.credentials.provider"

local NOW = 1000000

-- A source that gives what the list says, in order; an entry may be a function.
local function source_of(...)
  local source = { name = "fake", asked = 0, list = { ... } }
  function source:find(_, now)
    self.asked = self.asked + 1
    local entry = assert(table.remove(self.list, 1), "asked once too often")
    if type(entry) == "function" then return entry(now) end
    if entry.message then return nil, entry.message, { code = "credentials.failed", retryable = true } end
    return entry
  end
  return source
end

local function keys(id, expires_at)
  return { secret_id = id, secret_key = "k" .. id, token = "t" .. id, expires_at = expires_at, source = "fake" }
end

local FAILURE = { message = "fake: down" }

local function host(more)
  local made = { random = function() return 0 end }
  for name, value in pairs(more or {}) do made[name] = value end
  return made
end

local function make(...)
  local source = source_of(...)
  return provider.new(source, host()), source
end

describe("cme.credentials.provider", function()
  it("asks once for keys that do not expire", function()
    local made, source = make(keys "a")
    local first = made:get(NOW)
    assert.are.equal(first, made:get(NOW + 1e9))
    assert.are.equal(1, source.asked)
  end)

  it("plans the refresh before the expiry, earlier by jitter", function()
    for _, case in ipairs {
      { 7200, 0, 6900 }, { 7200, 1, 6750 }, { 1200, 0, 900 }, { 100, 0, 75 }, { 100, 0.5, 68.75 }, { 1, 0, 0.75 },
    } do
      assert.are.equal(NOW + case[3], provider.refresh_time(NOW, NOW + case[1], case[2]))
    end
  end)

  it("refreshes early, and gives the new keys", function()
    local made, source = make(keys("a", NOW + 7200), keys("b", NOW + 14000))
    assert.are.equal("a", made:get(NOW).secret_id)
    assert.are.equal("a", made:get(NOW + 6899).secret_id)
    assert.are.equal(1, source.asked)
    assert.are.equal("b", made:get(NOW + 6900).secret_id)
    assert.are.equal(2, source.asked)
  end)

  it("keeps the table while the keys are the same", function()
    local made = make(keys("a", NOW + 1000), keys("a", NOW + 5000))
    local first = made:get(NOW)
    assert.are.equal(first, made:get(NOW + 900))
    assert.are.equal(NOW + 5000, first.expires_at)
  end)

  it("keeps the old keys until they expire when the refresh fails, without asking at every call", function()
    local made, source = make(keys("a", NOW + 7200), FAILURE, FAILURE, keys("b", NOW + 20000))
    made:get(NOW)
    assert.are.equal("a", made:get(NOW + 6900).secret_id)
    assert.are.equal("a", made:get(NOW + 6914).secret_id)
    assert.are.equal(2, source.asked)
    assert.are.equal("a", made:get(NOW + 6915).secret_id)
    assert.are.equal(3, source.asked)
    assert.are.equal("b", made:get(NOW + 6930).secret_id)
  end)

  it("returns the failure once the old keys have expired, and asks again at the next call", function()
    local made = make(keys("a", NOW + 7200), FAILURE, FAILURE, keys("b", NOW + 20000))
    made:get(NOW)
    for _ = 1, 2 do
      local found, message, detail = made:get(NOW + 7200)
      assert.is_nil(found)
      assert.are.equal("credentials: fake: down", message)
      assert.are.equal("credentials.failed", detail.code)
      assert.is_true(detail.retryable)
    end
    assert.are.equal("b", made:get(NOW + 7201).secret_id)
  end)

  it("refuses keys that cannot be", function()
    for fact, found in pairs {
      ["secret_key is missing"] = { secret_id = "a" },
      ["secret_id is empty"] = { secret_id = "", secret_key = "b" },
      ["token has characters that no key has"] = { secret_id = "a", secret_key = "b", token = "hush\r\nX-Evil: 1" },
      ["secret_id has characters that no key has"] = { secret_id = " a", secret_key = "b" },
      ["secret_key is no text"] = { secret_id = "a", secret_key = 1 },
      ["secret_id is longer than 8192 bytes"] = { secret_id = ("a"):rep(8193), secret_key = "b" },
      ["expires_at is no number of seconds"] = { secret_id = "a", secret_key = "b", expires_at = "soon" },
    } do
      local made = make(found)
      local none, message, detail = made:get(NOW)
      assert.is_nil(none)
      assert.are.equal("credentials.malformed", detail.code)
      assert.are.equal("credentials: fake: " .. fact, message)
    end
  end)

  it("refuses keys that have expired already", function()
    local found, message, detail = make(keys("a", NOW)):get(NOW)
    assert.is_nil(found)
    assert.are.equal("credentials.expired", detail.code)
    assert.truthy(message:find("clock is wrong", 1, true))
  end)

  describe("invalidate", function()
    it("makes the next get look again", function()
      local made = make(keys "a", keys "b")
      local bad = made:get(NOW)
      assert.is_true(made:invalidate(bad))
      assert.are.equal("b", made:get(NOW).secret_id)
    end)

    it("spares keys that are newer than the ones refused", function()
      local made, source = make(keys "a", keys "b")
      local bad = made:get(NOW)
      made:invalidate(bad)
      made:get(NOW)
      assert.is_false(made:invalidate(bad))
      assert.are.equal("b", made:get(NOW).secret_id)
      assert.are.equal(2, source.asked)
    end)

    it("does nothing to keys that can be no others", function()
      local made, source = make(keys "a")
      source.fixed = true
      made:get(NOW)
      assert.is_false(made:invalidate())
      assert.are.equal("a", made:get(NOW).secret_id)
    end)

    it("never falls back on the keys that were refused", function()
      local made = make(keys("a", NOW + 7200), FAILURE)
      made:invalidate(made:get(NOW))
      assert.is_nil(made:get(NOW))
    end)
  end)

  describe("with several tasks", function()
    -- Tasks are coroutines; the transport's sleep and the source yield.
    local function run(provider_under, at, count, before_step)
      local results, threads = {}, {}
      for i = 1, count do
        threads[i] = coroutine.create(function() results[i] = { provider_under:get(at) } end)
      end
      for step = 1, 100 do
        if before_step then before_step(step, threads) end
        local alive = false
        for _, thread in ipairs(threads) do
          if coroutine.status(thread) == "suspended" then
            alive = true
            assert(coroutine.resume(thread))
          end
        end
        if not alive then break end
      end
      return results
    end

    local TRANSPORT = { sleep = function() coroutine.yield() end }

    local function slow(outcome)
      return function()
        coroutine.yield()
        coroutine.yield()
        if outcome.message then return nil, outcome.message, { code = "credentials.failed", retryable = true } end
        return outcome
      end
    end

    it("lets one ask and the others wait for its keys", function()
      local source = source_of(slow(keys("a", NOW + 7200)))
      local results = run(provider.new(source, host { transport = TRANSPORT }), NOW, 5)
      assert.are.equal(1, source.asked)
      for i = 1, 5 do assert.are.equal(results[1][1], results[i][1]) end
      assert.are.equal("a", results[5][1].secret_id)
    end)

    it("gives all of them the failure of the one that asked", function()
      local source = source_of(slow(FAILURE))
      local results = run(provider.new(source, host { transport = TRANSPORT }), NOW, 3)
      assert.are.equal(1, source.asked)
      for i = 1, 3 do assert.are.equal("credentials: fake: down", results[i][2]) end
    end)

    it("gives the others the old keys meanwhile", function()
      local source = source_of(keys("a", NOW + 7200), slow(keys("b", NOW + 14000)))
      local made = provider.new(source, host { transport = TRANSPORT })
      made:get(NOW)
      local results = run(made, NOW + 7000, 3)
      assert.are.same({ "b", "a", "a" }, { results[1][1].secret_id, results[2][1].secret_id, results[3][1].secret_id })
      assert.are.equal(2, source.asked)
    end)

    it("lets another take over from one that was cancelled", function()
      local source = source_of(slow(keys("lost", NOW + 7200)), slow(keys("b", NOW + 7200)))
      local results = run(provider.new(source, host { transport = TRANSPORT }), NOW, 3, function(step, threads)
        if step == 2 then coroutine.close(threads[1]) end
      end)
      assert.is_nil(results[1])
      assert.are.same({ "b", "b" }, { results[2][1].secret_id, results[3][1].secret_id })
      assert.are.equal(2, source.asked)
    end)

    it("passes an error of a user's function on and is not stuck by it", function()
      local source = source_of(function() error("boom", 0) end, keys "b")
      local made = provider.new(source, host { transport = TRANSPORT })
      local ok, message = pcall(made.get, made, NOW)
      assert.is_false(ok)
      assert.are.equal("boom", message)
      assert.are.equal("b", made:get(NOW).secret_id)
    end)
  end)

  it("has the process's own environment and files when it was never bound", function()
    local seen
    local made = provider.new { name = "fake", find = function(_, own)
      seen = own
      return keys "a"
    end }
    made:get(NOW)
    assert.are.same({ os.getenv, io.open, "function" }, { seen.getenv, seen.open, type(seen.transport) })
  end)

  it("shows where keys come from, and holds none in its fields", function()
    local made = make(keys("a", NOW + 100))
    assert.are.equal("cme.credentials (fake)", tostring(made))
    made:get(NOW)
    assert.is_nil(next(made))
    assert.are.equal("a", made:secret_id())
  end)
end)
