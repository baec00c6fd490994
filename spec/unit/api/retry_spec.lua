-- SPDX-License-Identifier: MIT

local retry = require "cme.api.retry"

local function decide(action, code, more)
  local failure = { action = action, code = code, attempt = 1, retries = 3, random = 0.5 }
  for name, value in pairs(more or {}) do failure[name] = value end
  return retry.decide(failure)
end

-- Every code of the API reference, section 3, and of the transports.
local REFUSED_BEFORE = { "RequestLimitExceeded", "RequestLimitExceeded.IPLimitExceeded",
  "RequestLimitExceeded.UinLimitExceeded", "RequestLimitExceeded.GlobalRegionUinLimitExceeded" }
local SERVER_SIDE = { "InternalError", "InternalError.DBError", "ServiceUnavailable", "ResourceUnavailable" }
local FINAL = { "AuthFailure", "AuthFailure.InvalidAuthorization", "AuthFailure.SecretIdNotFound",
  "AuthFailure.SignatureFailure", "UnauthorizedOperation", "RequestSizeLimitExceeded", "MissingParameter",
  "InvalidParameter.Platform", "InvalidParameterValue.NameLenLimt", "InvalidParameterValue.Future", "UnknownParameter",
  "InvalidAction", "UnsupportedOperation", "LimitExceeded", "LimitExceeded.BillItemLiveDispatchMaxCount",
  "ResourceNotFound", "OperationDenied.PermissionDeny", "FailedOperation", "FailedOperation.StreamConnect",
  "FailedOperation.StartStreamConnectPartlyErr", "IpNotInWhitelist", "Unheard.Of" }
local ON_THE_WAY = { "resolve", "connect", "proxy", "tls", "timeout", "reset", "protocol" }

local READ, WRITES = "DescribeProjects", { "CreateProject", "HandleStreamConnectProject", "ModifyProject",
  "DeleteProject", "ImportMaterial" }

local function assert_verdict(expected, unknown, action, code, more)
  local verdict, wait, open = decide(action, code, more)
  assert.are.same({ expected, unknown }, { verdict, open }, action .. " " .. code)
  assert.are.equal(expected == "again" or expected == "settle", wait > 0, action .. " " .. code)
end

describe("cme.api.retry", function()
  it("knows reads", function()
    for _, action in ipairs { "DescribeProjects", "ListMedia", "SearchMaterial", "FlattenListMedia" } do
      assert.is_true(retry.is_read(action), action)
    end
    for _, action in ipairs(WRITES) do assert.is_false(retry.is_read(action), action) end
  end)

  it("goes again after what was refused before execution, whatever it was", function()
    for _, code in ipairs(REFUSED_BEFORE) do
      assert_verdict("again", false, READ, "api." .. code)
      for _, write in ipairs(WRITES) do assert_verdict("again", false, write, "api." .. code) end
    end
    assert_verdict("again", false, "CreateProject", "network.http_status", { status = 429 })
  end)

  it("goes again after what was never sent, whatever it was", function()
    for _, name in ipairs(ON_THE_WAY) do
      assert_verdict("again", false, READ, "network." .. name, { sent = false })
      assert_verdict("again", false, "CreateProject", "network." .. name, { sent = false })
    end
  end)

  it("goes again with a read of unknown outcome, and has a write's settled first", function()
    local function both(code, more)
      assert_verdict("again", false, READ, code, more)
      for _, write in ipairs(WRITES) do assert_verdict("settle", true, write, code, more) end
    end
    for _, name in ipairs(ON_THE_WAY) do
      both("network." .. name, { sent = true })
      both("network." .. name) -- a transport that does not say counts as one that sent
    end
    for _, code in ipairs(SERVER_SIDE) do both("api." .. code) end
    for _, status in ipairs { 500, 502, 503, 504 } do both("network.http_status", { status = status }) end
    both "network.not_json"
  end)

  it("does not ask again for an answer that cannot be read, but has a write settled", function()
    for _, code in ipairs { "network.too_large", "network.no_response" } do
      assert_verdict("give_up", false, READ, code, { sent = true })
      assert_verdict("settle", true, "CreateProject", code, { sent = true })
      assert.is_false(retry.is_retryable(READ, code, true))
    end
  end)

  it("gives up what is final", function()
    for _, code in ipairs(FINAL) do
      assert_verdict("give_up", false, READ, "api." .. code)
      assert_verdict("give_up", false, "CreateProject", "api." .. code)
    end
    for _, status in ipairs { 301, 400, 403, 404, 407, 413 } do
      assert_verdict("give_up", false, READ, "network.http_status", { status = status })
      assert_verdict("give_up", false, "CreateProject", "network.http_status", { status = status })
    end
    assert_verdict("give_up", false, READ, "credentials.none")
    assert_verdict("give_up", false, READ, "invalid.header")
  end)

  it("gives up what was cancelled, and says whether it may have been done", function()
    assert_verdict("give_up", false, READ, "network.cancelled", { sent = true })
    assert_verdict("give_up", false, "CreateProject", "network.cancelled", { sent = false })
    assert_verdict("give_up", true, "CreateProject", "network.cancelled", { sent = true })
  end)

  it("has the clock and the token looked at, even when no attempt is left", function()
    for _, case in ipairs { { "clock", "SignatureExpire" }, { "token", "TokenFailure" } } do
      assert_verdict(case[1], false, "CreateProject", "api.AuthFailure." .. case[2], { retries = 0 })
    end
  end)

  it("stops after the retries, but still has a write settled", function()
    assert_verdict("again", false, READ, "network.reset", { attempt = 3 })
    assert_verdict("give_up", false, READ, "network.reset", { attempt = 4 })
    assert_verdict("give_up", false, READ, "network.reset", { retries = 0 })
    assert_verdict("give_up", false, "CreateProject", "api.RequestLimitExceeded", { attempt = 4 })
    assert_verdict("settle", true, "CreateProject", "network.reset", { attempt = 4 })
  end)

  it("waits with full jitter up to a limit that doubles and is bounded", function()
    for _, case in ipairs { { "rate", 1, 20 }, { "unsent", 0.2, 10 }, { "unknown", 0.2, 10 } } do
      local rule, base, cap = case[1], case[2], case[3]
      for attempt = 1, 30 do
        local most = math.min(cap, base * 2 ^ (attempt - 1))
        assert.are.equal(0, retry.wait(rule, attempt, 0, false))
        assert.is_true(math.abs(most / 2 - retry.wait(rule, attempt, 0.5, false)) < 1e-9)
        assert.is_true(retry.wait(rule, attempt, 0.999999, false) <= most)
        -- Before settling never at once: the service may still be at it.
        assert.is_true(math.abs(most / 2 - retry.wait(rule, attempt, 0, true)) < 1e-9)
        assert.is_true(retry.wait(rule, attempt, 0.999999, true) <= most)
      end
    end
  end)

  it("has a rule for every code, of those it knows", function()
    local known = { rate = 0, unknown = 0, clock = 0, token = 0, transport = 0, unread = 0, status = 0,
      cancelled = 0 }
    for code, rule in pairs(require "cme.text.rules".retry) do
      assert.truthy(known[rule], code)
      known[rule] = known[rule] + 1
    end
    for rule, count in pairs(known) do assert.is_true(count > 0, rule) end
  end)

  it("says what the caller may do again", function()
    assert.is_true(retry.is_retryable("CreateProject", "api.RequestLimitExceeded.UinLimitExceeded"))
    assert.is_true(retry.is_retryable("CreateProject", "network.connect", false))
    assert.is_false(retry.is_retryable("CreateProject", "network.timeout", true))
    assert.is_true(retry.is_retryable(READ, "network.timeout", true))
    assert.is_true(retry.is_retryable(READ, "network.http_status", nil, 502))
    assert.is_false(retry.is_retryable(READ, "network.http_status", nil, 404))
    assert.is_false(retry.is_retryable("CreateProject", "api.InternalError"))
    assert.is_false(retry.is_retryable(READ, "api.InvalidParameter"))
  end)
end)
