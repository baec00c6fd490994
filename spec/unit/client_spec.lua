-- SPDX-License-Identifier: MIT

local client = require "cme.client"
local fake = require "spec.support.fakes.fake"
local schema = require "cme.schema"

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

describe("cme.client", function()
  describe("call", function()
    it("sends one signed request and returns the Response table", function()
      local transport = fake.transport(fake.ok '"TotalCount":0,"ProjectInfoSet":[]')
      local made = fake.client(transport, { endpoint = "cme.tencentcloudapi.com" })
      local response = assert(made:call("DescribeProjects", { Limit = 5, ProjectIds = {} }))
      assert.are.same({ TotalCount = 0, ProjectInfoSet = {}, RequestId = "req-1" }, response)
      assert.are.equal("integer", math.type(response.TotalCount))
      local request = transport.asked[1]
      assert.are.equal("POST", request.method)
      assert.are.equal("https://cme.tencentcloudapi.com/", request.url)
      assert.are.equal('{"Platform":"test","ProjectIds":[],"Limit":5}', request.body)
      assert.are.equal(60, request.timeout)
      assert.are.equal(10, request.connect_timeout)
      assert.are.equal("application/json", header(request, "Content-Type"))
      assert.are.equal("cme.tencentcloudapi.com", header(request, "Host"))
      assert.are.equal("DescribeProjects", header(request, "X-TC-Action"))
      assert.are.equal("2019-10-29", header(request, "X-TC-Version"))
      assert.are.equal("1551113065", header(request, "X-TC-Timestamp"))
      assert.is_nil(header(request, "X-TC-Region"))
      assert.is_nil(header(request, "X-TC-Token"))
      assert.is_nil(header(request, "X-TC-Language"))
    end)

    -- Vectors C1 and C4 of the API reference: the same body to two hosts.
    it("signs exactly the Host that it sends", function()
      for endpoint, signature in pairs {
        ["cme.tencentcloudapi.com"] = "8ea054c4cd3ddedd39b5c7fe716ef3f96518692c00f1b58cc46106f0b77e38c2",
        ["http://cme.localhost:8080"] = "b477245dd831f284d106aaf2d7977d4f9561b57d019f384944627b54879d5d8d",
      } do
        local transport = fake.transport(fake.ok())
        local made = fake.client(transport, { endpoint = endpoint, platform = "1000000009" })
        assert(made:call("HandleStreamConnectProject", { ProjectId = "12522d74de35ff", Operation = "Start" }))
        assert.are.equal('{"Platform":"1000000009","ProjectId":"12522d74de35ff","Operation":"Start"}',
          transport.asked[1].body)
        assert.are.equal("TC3-HMAC-SHA256 Credential=" .. fake.SECRET_ID .. "/2019-02-25/cme/tc3_request, "
          .. "SignedHeaders=content-type;host, Signature=" .. signature, header(transport.asked[1], "Authorization"))
      end
    end)

    it("sends what the client was given", function()
      local transport = fake.transport(fake.ok())
      local made = fake.client(transport, { region = "ap-guangzhou", token = "tok", language = "en-US", timeout = 7,
        connect_timeout = 2, proxy = "http://proxy:3128", no_proxy = "a.example", ca_file = "/ca.pem",
        now = function() return 1.9 end })
      assert(made:call "DescribePlatforms")
      local request = transport.asked[1]
      assert.are.equal("ap-guangzhou", header(request, "X-TC-Region"))
      assert.are.equal("tok", header(request, "X-TC-Token"))
      assert.are.equal("en-US", header(request, "X-TC-Language"))
      assert.are.equal("1", header(request, "X-TC-Timestamp"))
      assert.are.equal("http://proxy:3128", request.proxy)
      assert.are.equal("a.example", request.no_proxy)
      assert.are.equal("/ca.pem", request.ca_file)
      assert.are.equal(7, request.timeout)
      assert.are.equal(2, request.connect_timeout)
      assert.are.equal("{}", request.body)
    end)

    it("raises at the caller's line for a clock that tells no time", function()
      for _, bad in ipairs { "x", 0 / 0, 1 / 0, false } do
        local made = fake.client(fake.transport(), { now = function() return bad end, rate = false })
        local line = debug.getinfo(1, "l").currentline + 1
        local ok, message = pcall(function() made:call "DescribePlatforms" end)
        assert.is_false(ok)
        assert.truthy(message:find(("client_spec.lua:%d: cme.client: option 'now': unix seconds are needed, got ")
          :format(line), 1, true), message)
      end
    end)

    it("fills in Platform only where the action has it and the caller gave none", function()
      local transport = fake.transport(fake.ok(), fake.ok())
      local made = fake.client(transport)
      local params = { TeamId = "t" }
      assert(made:call("DeleteTeam", params))
      assert.are.same({ Platform = "test", TeamId = "t" }, fake.sent(transport.asked[1]))
      assert.are.same({ TeamId = "t" }, params)
      assert(made:call("DeleteTeam", { TeamId = "t", Platform = "other" }))
      assert.are.equal("other", fake.sent(transport.asked[2]).Platform)
    end)

    it("sends nothing that does not fit the schema", function()
      local transport = fake.transport()
      local made = fake.client(transport)
      for _, case in ipairs {
        { "DescribeProjects", { Limt = 5 }, "unknown_field", "field 'Limt': unknown (did you mean 'Limit'?)" },
        { "DescribeProjects", { Limit = "5" }, "wrong_type", "field 'Limit': a non-negative integer" },
        { "DeleteTeam", {}, "missing_field", "DeleteTeam: field 'TeamId': missing" },
        { "DeletTeam", {}, "unknown_action", "DeletTeam: unknown action (did you mean 'DeleteTeam'?)" },
        { "DeleteTeam", { TeamId = ("x"):rep(10485760) }, "too_large", "the service takes 10485760" },
      } do
        local response, message, detail = made:call(case[1], case[2])
        assert.is_nil(response)
        assert.are.equal(case[1] .. ": ", message:sub(1, #case[1] + 2))
        assert.truthy(message:find(case[4], 1, true), message)
        assert.are.equal("invalid." .. case[3], detail.code)
        assert.are.equal(case[1], detail.op)
        assert.is_false(detail.retryable)
        assert.are.equal(0, detail.attempts)
      end
      assert.are.equal(0, #transport.asked)
    end)

    it("says where a platform comes from when there is none", function()
      local made = fake.client(fake.transport(), { platform = false })
      local _, message = made:call("DescribeProjects", {})
      assert.truthy(message:find("field 'Platform': missing", 1, true))
      assert.truthy(message:find("CME_PLATFORM", 1, true))
    end)

    it("returns refusals and transport failures as nil, message, detail", function()
      local made = fake.client(fake.transport(fake.refused("ResourceNotFound.Platform", "no such platform"),
        function() return nil, "could not resolve host", { code = "network.resolve", sent = false } end))
      local response, message, detail = made:call("DescribeProjects")
      assert.is_nil(response)
      assert.are.equal("DescribeProjects: ResourceNotFound.Platform: no such platform "
        .. "(check platform, or CME_PLATFORM)", message)
      assert.are.equal("api.ResourceNotFound.Platform", detail.code)
      assert.are.equal("req-2", detail.request_id)
      response, message, detail = made:call("DescribeProjects")
      assert.is_nil(response)
      assert.are.equal("DescribeProjects: could not resolve host (127.0.0.1:8156)", message)
      assert.are.equal("network.resolve", detail.code)
    end)

    it("raises at the caller's line for what is no action or no parameters", function()
      local made = fake.client(fake.transport())
      local line = debug.getinfo(1, "l").currentline + 1
      local message = raised(function() made:call(5) end)
      assert.truthy(message:find("client_spec.lua:" .. line .. ": ", 1, true), message)
      assert.truthy(raised(made.call, made, "DeleteTeam", "x"):find("a table of parameters is needed", 1, true))
      assert.truthy(raised(made.call, {}, "DeleteTeam"):find("call it as client:call", 1, true))
    end)

    it("takes every action", function()
      for _, name in ipairs(schema.action_names) do
        local made = fake.client(fake.transport(fake.ok()))
        local response, _, detail = made:call(name, {})
        assert.is_true(response ~= nil or detail.code == "invalid.missing_field", name)
      end
    end)
  end)

  describe("options", function()
    it("raise at the caller's line when unknown or wrong", function()
      local line = debug.getinfo(1, "l").currentline + 1
      local message = raised(function() return { client.new { secret_kye = "hush" } } end)
      assert.truthy(message:find("client_spec.lua:" .. line .. ": ", 1, true), message)
      assert.truthy(message:find("cme.client: option 'secret_kye': unknown (did you mean 'secret_key'?)", 1, true))
      assert.is_nil(message:find("hush", 1, true))
      for option, bad in pairs {
        secret_id = "", secret_key = "a\nb", token = 5, platform = "", endpoint = "http://h/path", region = "a\r\nX: y",
        language = "fr", timeout = 0, connect_timeout = -1, proxy = 5, ca_file = "", transport = {}, now = 5,
        credential = "x", retries = 1.5, rate = true, sign_method = "TC3", http_method = "PUT", unsigned_payload = 1,
        no_proxy = "",
      } do
        local given = fake.options(fake.transport())
        given[option] = bad
        message = raised(client.new, given, fake.system())
        assert.truthy(message:find("cme.client: option '" .. option .. "': ", 1, true), message)
      end
    end)

    it("take the times that a transport can keep, and no other", function()
      for _, option in ipairs { "timeout", "connect_timeout" } do
        for _, bad in ipairs { 0.0005, 1e9, 2000000.5, 0 / 0, 1 / 0 } do
          local message = raised(client.new, fake.options(fake.transport(), { [option] = bad }), fake.system())
          assert.truthy(message:find("cme.client: option '" .. option .. "': 0.001 to 2000000 seconds are needed", 1,
            true), message)
        end
        for _, good in ipairs { 0.001, 2000000 } do
          local transport = fake.transport(fake.ok())
          assert(fake.client(transport, { [option] = good }):call "DescribePlatforms")
          assert.are.equal(good, transport.asked[1][option])
        end
      end
    end)

    it("take the keys in one table as well, but not both", function()
      local credential = { secret_id = fake.SECRET_ID, secret_key = fake.SECRET_KEY, token = "tok" }
      local transport = fake.transport(fake.ok())
      local made = client.new({ credential = credential, transport = transport, now = os.time }, fake.system())
      assert(made:call "DescribePlatforms")
      assert.are.equal("tok", header(transport.asked[1], "X-TC-Token"))
      local message = raised(client.new, { credential = credential, token = "t" }, fake.system())
      assert.truthy(message:find("give either", 1, true))
      message = raised(client.new, { credential = { secret_id = "a" } }, fake.system())
      assert.truthy(message:find("'secret_key': missing", 1, true))
    end)

    it("come from the environment when not given", function()
      local system = fake.system { CME_PLATFORM = "env", CME_ENDPOINT = "http://localhost:1234",
        TENCENTCLOUD_SECRET_ID = fake.SECRET_ID, TENCENTCLOUD_SECRET_KEY = fake.SECRET_KEY, TENCENTCLOUD_TOKEN = "t" }
      local transport = fake.transport(fake.ok())
      local made = client.new({ transport = transport }, system)
      assert.are.equal("env", made.platform)
      assert(made:call("DescribeProjects"))
      assert.are.equal("http://localhost:1234/", transport.asked[1].url)
      assert.are.equal("t", header(transport.asked[1], "X-TC-Token"))
      made = client.new({ platform = "given", endpoint = "other.example" }, system)
      assert.are.equal("given", made.platform)
      assert.are.equal("https://other.example/", made.endpoint)
      assert.are.equal("https://cme.tencentcloudapi.com/", client.new({}, fake.system()).endpoint)
    end)

    it("trust the CAs of the environment when none are given", function()
      local transport = fake.transport(fake.ok(), fake.ok(), fake.ok())
      local function trusted(given, environment)
        given.transport, given.secret_id, given.secret_key = transport, fake.SECRET_ID, fake.SECRET_KEY
        assert(client.new(given, fake.system(environment)):call "DescribePlatforms")
        return transport.asked[#transport.asked].ca_file
      end
      assert.are.equal("/env/ca.pem", trusted({}, { CME_CA_FILE = "/env/ca.pem" }))
      assert.are.equal("/own/ca.pem", trusted({ ca_file = "/own/ca.pem" }, { CME_CA_FILE = "/env/ca.pem" }))
      assert.is_nil(trusted({}, { CME_CA_FILE = "" }))
    end)

    it("name the variable when the environment is wrong", function()
      local message = raised(client.new, {}, fake.system { CME_ENDPOINT = "ftp://x" })
      assert.truthy(message:find("cme.client: CME_ENDPOINT: scheme 'ftp'", 1, true), message)
    end)
  end)

  describe("forms", function()
    it("carry the request as the client was told", function()
      for _, case in ipairs {
        { {}, "POST", '^{"Platform"' },
        { { http_method = "GET" }, "GET", "/%?Limit=5&Platform=test$" },
        { { sign_method = "HmacSHA1" }, "POST", "^Action=DescribeProjects&Limit=5&Nonce=" },
        { { sign_method = "HmacSHA256", http_method = "GET" }, "GET", "/%?Action=DescribeProjects&Limit=5&" },
      } do
        local transport = fake.transport(fake.ok '"TotalCount":0,"ProjectInfoSet":[]')
        assert(fake.client(transport, case[1]):call("DescribeProjects", { Limit = 5 }))
        local request = transport.asked[1]
        assert.are.equal(case[2], request.method)
        assert.truthy((request.body or request.url):find(case[3]), request.body or request.url)
      end
    end)

    it("have their own limits", function()
      for _, case in ipairs {
        { { http_method = "GET" }, 32768, "32768 by GET" },
        { { sign_method = "HmacSHA1" }, 1048576, "1048576 by POST" },
      } do
        local made = fake.client(fake.transport(fake.ok(), fake.ok()), case[1])
        local base = #"Platform=test&TeamId="
        assert(made:call("DeleteTeam", { TeamId = ("x"):rep(case[2] - base) }))
        local _, message, detail = made:call("DeleteTeam", { TeamId = ("x"):rep(case[2] - base + 1) })
        assert.are.equal("invalid.too_large", detail.code)
        assert.truthy(message:find(case[3], 1, true), message)
      end
    end)

    it("refuse an unsigned payload where there is none", function()
      local message = raised(fake.client, fake.transport(), { sign_method = "HmacSHA1", unsigned_payload = true })
      assert.truthy(message:find("option 'unsigned_payload': only for sign_method 'TC3", 1, true), message)
    end)
  end)

  describe("timeout of a call", function()
    local LOST = function() return nil, "it went wrong", { code = "network.reset", sent = true } end

    -- A transport with a clock of its own, which each request advances, as waiting does.
    local function timed(seconds, ...)
      local transport = fake.transport(...)
      local at, sleep = 1000, transport.sleep
      local request = transport.request
      function transport.time() return at end
      function transport:sleep(wait)
        at = at + wait
        return sleep(self, wait)
      end
      function transport:request(asked)
        at = at + seconds
        return request(self, asked)
      end
      return transport
    end

    it("bounds each attempt by what is left, and never lengthens one", function()
      local transport = timed(3, LOST, LOST, fake.ok())
      local made = fake.client(transport, { retries = 3, timeout = 8, connect_timeout = 2 })
      assert(made:call("DescribePlatforms", nil, { timeout = 10 }))
      local limits, connects = {}, {}
      for i, request in ipairs(transport.asked) do limits[i], connects[i] = request.timeout, request.connect_timeout end
      assert.are.equal(8, limits[1])
      assert.is_true(limits[2] <= 7 and limits[3] <= 4, table.concat(limits, " "))
      assert.is_true(connects[1] == 2 and connects[3] == 2, table.concat(connects, " "))
    end)

    it("ends the attempts: the failure is that of the last one", function()
      local transport = timed(3, LOST, LOST, LOST)
      local made = fake.client(transport, { retries = 50 })
      local response, message, detail = made:call("DescribePlatforms", nil, { timeout = 5 })
      assert.is_nil(response)
      assert.are.equal("DescribePlatforms: it went wrong (127.0.0.1:8156)", message)
      assert.are.equal(2, detail.attempts)
      assert.is_true(detail.retryable)
    end)

    it("leaves the outcome of a write open when there is no time to look", function()
      local settled = 0
      local made = fake.client(timed(5, LOST), { retries = 3 })
      local _, _, detail = made:call("DeleteProject", { ProjectId = "p" }, { timeout = 5,
        settle = function() settled = settled + 1 return false end })
      assert.is_true(detail.unknown_outcome)
      assert.are.equal(0, settled)
    end)

    it("is over before anything is sent when its turn comes later", function()
      local transport = timed(0, fake.ok())
      local made = fake.client(transport, { rate = 0.1 })
      assert(made:call("DescribePlatforms", nil, { timeout = 1 }))
      local _, message, detail = made:call("DescribePlatforms", nil, { timeout = 1 })
      assert.are.equal("DescribePlatforms: the timeout was over before it could be sent", message)
      assert.are.same({ "network.timeout", 0, true }, { detail.code, detail.attempts, detail.retryable })
      assert.are.equal(1, #transport.asked)
    end)

    it("is a number of seconds", function()
      local made = fake.client(fake.transport())
      for _, wrong in ipairs { 0, -1, "5", 1 / 0 } do
        local message = raised(made.call, made, "DescribePlatforms", nil, { timeout = wrong })
        assert.truthy(message:find("DescribePlatforms: option 'timeout': ", 1, true), message)
      end
    end)
  end)

  describe("rate", function()
    it("makes the twenty-first call of a second wait, unless it is off", function()
      local answers = {}
      for i = 1, 25 do answers[i] = fake.ok() end
      for rate, waits in pairs { [20] = 5, [24.5] = 1, [100] = 0, [false] = 0 } do
        local transport = fake.transport(table.unpack(answers))
        local given = fake.options(transport)
        given.rate = rate
        local made = client.new(given, fake.system())
        for _ = 1, 25 do assert(made:call "DescribePlatforms") end
        assert.are.equal(waits, #transport.slept, tostring(rate))
        for _, seconds in ipairs(transport.slept) do assert.is_true(seconds >= 0.97 and seconds < 1.05) end
      end
    end)

    it("goes by the transport's time where it has one", function()
      local transport = fake.transport(fake.ok(), fake.ok())
      transport.time = function(self) self.at = (self.at or 0) + 0.4 return self.at end
      local made = fake.client(transport, { rate = 1 })
      assert(made:call "DescribePlatforms")
      assert(made:call "DescribePlatforms")
      assert.is_true(transport.slept[1] > 0.59 and transport.slept[1] < 0.65)
    end)
  end)

  it("makes its key anew only when the credentials change", function()
    local found = { secret_id = fake.SECRET_ID, secret_key = fake.SECRET_KEY, token = "t1", expires_at = fake.NOW + 1 }
    local transport = fake.transport(fake.ok(), fake.ok(), fake.ok(), fake.ok())
    local now = fake.NOW
    local made = fake.client(transport, { secret_id = false, secret_key = false, now = function() return now end,
      credential = function() return found end })
    local sign, made_keys = require "cme.sign", 0
    local new = sign.new
    local first
    sign.new = function(...)
      made_keys = made_keys + 1
      local key = new(...)
      first = first or key
      return key
    end
    local ok, message = pcall(function()
      assert(made:call "DescribePlatforms")
      assert(made:call "DescribePlatforms")
      found = { secret_id = fake.SECRET_ID, secret_key = fake.SECRET_KEY, token = "t2", expires_at = fake.NOW + 2 }
      now = fake.NOW + 1
      assert(made:call "DescribePlatforms")
      found = { secret_id = fake.SECRET_ID, secret_key = "another" }
      now = fake.NOW + 2
      assert(made:call "DescribePlatforms")
    end)
    sign.new = new
    assert(ok, message)
    assert.are.equal(2, made_keys)
    assert.truthy(tostring(first):find "closed", tostring(first)) -- not left to the collector
    assert.are.equal("t2", header(transport.asked[3], "X-TC-Token"))
    assert.is_nil(header(transport.asked[4], "X-TC-Token"))
    assert.truthy(tostring(made):find("AKID***LE", 1, true))
  end)

  it("says by the first call that there are no credentials", function()
    local transport = fake.transport()
    local made = client.new({ platform = "test", transport = transport }, fake.system { CME_METADATA = "off" })
    local response, message, detail = made:call "DescribeProjects"
    assert.is_nil(response)
    assert.truthy(message:find("^DescribeProjects: no credentials %(give cme%.client secret_id"), message)
    assert.are.equal("credentials.none", detail.code)
    assert.are.equal("cme.client (https://cme.tencentcloudapi.com/, no credentials yet)", tostring(made))
  end)

  it("shows its endpoint and a masked id, and holds no secret", function()
    local made = fake.client(fake.transport(), { token = "hush-token", proxy = "http://u:hush@proxy:1" })
    assert.are.equal("cme.client (http://127.0.0.1:8156/, AKID***LE)", tostring(made))
    for _, value in pairs(made) do
      assert.are_not.equal(fake.SECRET_KEY, value)
      assert.is_nil(tostring(value):find("hush", 1, true))
    end
  end)

  it("never repeats a secret in an error", function()
    local transport = fake.transport(fake.refused("FailedOperation", "token hush-token"))
    local made = fake.client(transport, { token = "hush-token" })
    local _, message = made:call "DescribeProjects"
    assert.is_nil(message:find("hush-token", 1, true))
    assert.truthy(message:find("***", 1, true))
  end)

  it("is collected when dropped", function()
    local seen = setmetatable({}, { __mode = "k" })
    for _ = 1, 10 do
      local made = fake.client(fake.transport(fake.ok()))
      made:call "DescribeProjects"
      seen[made] = true
    end
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(seen))
  end)

  it("tells whose key it signs with, masked, and why there is none", function()
    local identity = assert(fake.client(fake.transport()):identity())
    assert.are.same({ secret_id = "AKID***LE", source = "options" }, identity)
    local none = client.new({ transport = fake.transport(), credential = require "cme.credentials".environment() },
      fake.system())
    local got, _, detail = none:identity()
    assert.are.same({ nil, "credentials.none" }, { got, detail.code })
  end)
end)
