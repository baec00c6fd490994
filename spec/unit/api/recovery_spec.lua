-- SPDX-License-Identifier: MIT
-- What the client does after a failed attempt: it waits, goes again, settles, corrects its clock, gets another token.

local client = require "cme.client"
local fake = require "spec.support.fakes.fake"

local function raised(...)
  local ok, message = pcall(...)
  assert.is_false(ok)
  return message
end

-- The value of a header line, nil when there is none; fails when there are two.
local function header(request, name)
  local found
  for _, line in ipairs(request.headers) do
    local key, value = line:match "^([^:]+): (.*)$"
    if key == name then
      assert.is_nil(found)
      found = value
    end
  end
  return found
end

describe("cme.client, after a failed attempt,", function()
  local function failed(code, sent)
    return function() return nil, "it went wrong", { code = code, sent = sent } end
  end

  local LOST = failed("network.reset", true)
  local UNSENT = failed("network.connect", false)
  local RATE = fake.refused "RequestLimitExceeded"

  -- A client that draws the same number each time.
  local function make(transport, more)
    more = more or {}
    more.retries = more.retries or 3
    local system = fake.system()
    system.random = function() return 0.5 end
    return client.new(fake.options(transport, more), system)
  end

  local function create(made, given)
    return made:call("CreateProject", { Name = "n", Owner = { Type = "PERSON", Id = "me" },
      Category = "STREAM_CONNECT" }, given)
  end

  it("goes again with a read, after a wait that grows, signed anew", function()
    local now = fake.NOW
    local transport = fake.transport(LOST, UNSENT, fake.http("<html>", 502), fake.ok())
    transport.time = function() return 0 end
    local made = make(transport, { now = function() now = now + 1 return now end })
    assert(made:call "DescribeProjects")
    assert.are.same({ 0.1, 0.2, 0.4 }, transport.slept)
    assert.are.equal("1551113066", header(transport.asked[1], "X-TC-Timestamp"))
    assert.are.equal("1551113069", header(transport.asked[4], "X-TC-Timestamp"))
  end)

  it("waits for what an answer's Retry-After asks, within a bound, and no longer than the call may last", function()
    local busy = fake.http("<html>", 503, { ["retry-after"] = "7" })
    local proxy = fake.http("", 429, { ["retry-after"] = "900" })
    local transport = fake.transport(busy, proxy, fake.http("<html>", 502, { ["retry-after"] = "7" }), fake.ok())
    assert(make(transport):call "DescribeProjects")
    assert.are.same({ 7.1, 61, 0.4 }, transport.slept)
    transport = fake.transport(busy)
    local _, _, detail = make(transport):call("DescribeProjects", {}, { timeout = 5 })
    assert.are.same({ 503, 1 }, { detail.http_status, detail.attempts })
    assert.are.same({}, transport.slept)
  end)

  it("gives up after the retries and says how often it tried", function()
    for retries = 0, 2 do
      local transport = fake.transport(LOST, LOST, LOST)
      local _, message, detail = make(transport, { retries = retries }):call "DescribeProjects"
      assert.are.equal("DescribeProjects: it went wrong (127.0.0.1:8156)", message)
      assert.are.equal(retries + 1, detail.attempts)
      assert.are.equal(retries + 1, #transport.asked)
      assert.are.equal(retries, #transport.slept)
      assert.is_true(detail.retryable)
      assert.is_nil(detail.unknown_outcome)
    end
  end)

  it("goes again with a write only when it was refused unread or never sent", function()
    local transport = fake.transport(RATE, UNSENT, fake.ok '"ProjectId":"p1"')
    assert.are.equal("p1", create(make(transport)).ProjectId)
    assert.are.same({ 0.5, 0.2 }, transport.slept)
    for _, answer in ipairs { LOST, fake.http("<html>", 503), fake.refused "InternalError", fake.http "{" } do
      transport = fake.transport(answer)
      local response, message, detail = create(make(transport))
      assert.is_nil(response)
      assert.is_true(detail.unknown_outcome)
      assert.is_false(detail.retryable)
      assert.are.equal(1, detail.attempts)
      assert.are.same({}, transport.slept)
      assert.truthy(message:find("; whether the service did it is not known", 1, true), message)
    end
  end)

  it("does not go again after a plain no", function()
    local transport = fake.transport(fake.refused "InvalidParameter")
    local _, _, detail = make(transport):call "DescribeProjects"
    assert.are.equal(1, detail.attempts)
    assert.is_nil(detail.unknown_outcome)
  end)

  it("takes what settle found for the answer", function()
    local transport = fake.transport(LOST)
    local response = create(make(transport), { settle = function()
      assert.are.equal(15, math.floor(transport.slept[1] * 100 + 0.5)) -- it gave the service time
      return { ProjectId = "p7" }
    end })
    assert.are.same({ ProjectId = "p7" }, response)
    assert.are.equal(1, #transport.asked)
  end)

  it("goes again when settle proves that it was not done", function()
    local settled = 0
    local settle = function() settled = settled + 1 return false end
    local transport = fake.transport(LOST, LOST, fake.ok '"ProjectId":"p1"')
    assert.are.equal("p1", create(make(transport), { settle = settle }).ProjectId)
    assert.are.equal(2, settled)
    -- After the last attempt too: then the failure is known to have had no effect.
    transport, settled = fake.transport(LOST, LOST), 0
    local _, _, detail = create(make(transport, { retries = 1 }), { settle = settle })
    assert.are.equal(2, settled)
    assert.are.same({ "network.reset", 2, true }, { detail.code, detail.attempts, detail.retryable })
    assert.is_nil(detail.unknown_outcome)
  end)

  it("fails with the first failure when settle cannot tell", function()
    local transport = fake.transport(LOST)
    local _, message, detail = create(make(transport), { settle = function() return nil, "two candidates", {} end })
    assert.are.equal("CreateProject: it went wrong (127.0.0.1:8156); whether the service did it is not known "
      .. "(two candidates)", message)
    assert.are.same({ "network.reset", true, 1 }, { detail.code, detail.unknown_outcome, detail.attempts })
  end)

  it("does not settle what was not done", function()
    local transport = fake.transport(RATE, UNSENT, fake.refused "InvalidParameter")
    local _, _, detail = create(make(transport), { settle = function() error "asked" end })
    assert.are.equal(3, detail.attempts)
  end)

  it("raises for call options that are none", function()
    local line = debug.getinfo(1, "l").currentline + 1
    local message = raised(function() return (create(make(fake.transport()), { setle = print })) end)
    assert.truthy(message:find("option 'setle': unknown (did you mean 'settle'?)", 1, true), message)
    assert.truthy(message:find("recovery_spec.lua:", 1, true) and line, message)
  end)

  local function expired(date)
    return fake.refused("AuthFailure.SignatureExpire", "late", { date = date })
  end

  it("corrects the clock once by the answer's Date, for all later calls too", function()
    local transport = fake.transport(expired "Mon, 25 Feb 2019 17:44:25 GMT", fake.ok(), fake.ok())
    local made = make(transport, { retries = 0 })
    assert(made:call "DescribeProjects")
    assert(made:call "DescribeProjects")
    assert.are.same({}, transport.slept)
    for i, timestamp in ipairs { fake.NOW, fake.NOW + 3600, fake.NOW + 3600 } do
      assert.are.equal(("%d"):format(timestamp), header(transport.asked[i], "X-TC-Timestamp"))
    end
  end)

  it("does not correct twice, nor by a Date that says that nothing is wrong, nor without one", function()
    for attempts, answers in ipairs {
      { expired "Mon, 25 Feb 2019 16:44:25 GMT" },
      { expired "Mon, 25 Feb 2019 17:44:25 GMT", expired "Mon, 25 Feb 2019 18:44:25 GMT" },
    } do
      local made = make(fake.transport(table.unpack(answers)))
      local _, _, detail = made:call "DescribeProjects"
      assert.are.equal("api.AuthFailure.SignatureExpire", detail.code)
      assert.are.equal(attempts, detail.attempts)
    end
    local _, _, detail = make(fake.transport(expired())):call "DescribeProjects"
    assert.are.equal(1, detail.attempts)
  end)

  it("corrects by what the refused request was signed with", function()
    local transport, made
    -- While the first call waits for its refusal, another one is refused and corrects the clock.
    transport = fake.transport(function()
      assert(made:call "DescribePlatforms")
      return expired "Mon, 25 Feb 2019 17:44:25 GMT"
    end, expired "Mon, 25 Feb 2019 17:44:25 GMT", fake.ok(), fake.ok())
    made = make(transport)
    assert(made:call "DescribeProjects")
    assert.are.equal(("%d"):format(fake.NOW + 3600), header(transport.asked[4], "X-TC-Timestamp"))
  end)

  -- Keys whose token is another one each time: t1, t2, ...
  local function tokens()
    local serial = 0
    return function()
      serial = serial + 1
      return { secret_id = fake.SECRET_ID, secret_key = fake.SECRET_KEY, token = "t" .. serial }
    end
  end

  it("does not count a corrected clock or a new token against the retries", function()
    local transport = fake.transport(expired "Mon, 25 Feb 2019 17:44:25 GMT",
      fake.refused "AuthFailure.TokenFailure", UNSENT, fake.ok(), UNSENT, UNSENT)
    local made = make(transport, { secret_id = false, secret_key = false, credential = tokens(), retries = 1 })
    assert(made:call "DescribeProjects")
    assert.are.same({ 0.1 }, transport.slept)
    local _, _, detail = made:call "DescribeProjects"
    assert.are.equal(2, detail.attempts)
  end)

  it("takes the token that another task has got already", function()
    local made
    local REFUSED = fake.refused "AuthFailure.TokenFailure"
    -- While the first call waits for its refusal, another one is refused and gets t2.
    local transport = fake.transport(function()
      assert(made:call "DescribePlatforms")
      return REFUSED
    end, REFUSED, fake.ok(), fake.ok())
    made = make(transport, { secret_id = false, secret_key = false, credential = tokens() })
    assert(made:call "DescribeProjects")
    assert.are.equal("t2", header(transport.asked[4], "X-TC-Token"))
  end)

  it("tries three times more and takes 20 requests a second unless told otherwise", function()
    local transport = fake.transport(LOST, LOST, LOST, LOST)
    local given = fake.options(transport)
    given.retries = nil
    local _, _, detail = client.new(given, fake.system()):call "DescribeProjects"
    assert.are.equal(4, detail.attempts)
    local answers = {}
    for i = 1, 21 do answers[i] = fake.ok() end
    transport = fake.transport(table.unpack(answers))
    local made = make(transport)
    for i = 1, 21 do
      assert(made:call "DescribeProjects")
      assert.are.equal(i == 21 and 1 or 0, #transport.slept)
    end
  end)

  it("knows the service's clock", function()
    local transport = fake.transport(fake.http('{"Response":{}}', 200, { date = "Mon, 25 Feb 2019 16:45:25 GMT" }))
    local made = make(transport)
    assert.are.equal(0, made:offset())
    assert(made:call "DescribePlatforms")
    assert.are.equal(60, made:offset())
  end)

  it("asks for another token once when the one it had is refused", function()
    local REFUSED = fake.refused "AuthFailure.TokenFailure"
    local function with(credential, ...)
      local transport = fake.transport(...)
      return transport, make(transport, { secret_id = false, secret_key = false, credential = credential,
        retries = 0 })
    end
    local transport, made = with(tokens(), REFUSED, fake.ok())
    assert(create(made))
    assert.are.equal("t1", header(transport.asked[1], "X-TC-Token"))
    assert.are.equal("t2", header(transport.asked[2], "X-TC-Token"))
    made = select(2, with(tokens(), REFUSED, REFUSED))
    local _, _, detail = create(made)
    assert.are.same({ "api.AuthFailure.TokenFailure", 2 }, { detail.code, detail.attempts })
    -- A function that has nothing else, one that fails, and keys that were written out.
    local found = { secret_id = fake.SECRET_ID, secret_key = fake.SECRET_KEY, token = "same" }
    local once = tokens()
    for _, credential in ipairs { function() return found end, found, function()
      local got = once
      once = nil
      return got and got(), "no more"
    end } do
      transport, made = with(credential, REFUSED)
      _, _, detail = create(made)
      assert.are.same({ "api.AuthFailure.TokenFailure", 1, 1 }, { detail.code, detail.attempts, #transport.asked })
    end
  end)

  it("says when the credentials are gone, and does not try them again", function()
    local found = { secret_id = fake.SECRET_ID, secret_key = fake.SECRET_KEY, expires_at = fake.NOW + 10 }
    local now = fake.NOW
    local transport = fake.transport(function()
      found, now = nil, now + 20
      return LOST()
    end)
    local made = make(transport, { secret_id = false, secret_key = false, now = function() return now end,
      credential = function() return found, "the vault is shut" end })
    local _, message, detail = made:call "DescribeProjects"
    assert.truthy(message:find("^DescribeProjects: credentials: .*the vault is shut"), message)
    assert.are.same({ "credentials.failed", 1 }, { detail.code, detail.attempts })
  end)
end)
