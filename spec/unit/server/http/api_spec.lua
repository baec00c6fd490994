-- SPDX-License-Identifier: MIT
-- The API from a request's text to the answer's. Signatures have their own spec.

local front = require "spec.support.fakes.front"
local front_stage = require "spec.support.fakes.front_stage"
local limiter = require "cme.server.http.limiter"
local sign = require "cme.sign"

local code_of = front.code_of

describe("cme.server.http.api", function()
  local service = front_stage.new(before_each, after_each)

  describe("envelope", function()
    it("is HTTP 200 and exactly application/json, with a request id, for success and failure", function()
      for _, action in ipairs { "DescribeProjects", "NoSuchAction" } do
        local response, status, headers = service:send(action, '{"Platform":"test"}', { trace = "trace-1" })
        assert.are.equal(200, status)
        assert.are.same({ ["Content-Type"] = "application/json", ["X-TC-TraceId"] = "trace-1" }, headers)
        assert.matches("^%x+%-%x+%-4%x+%-[89ab]%x+%-%x+$", response.RequestId)
        assert.are.equal(36, #response.RequestId)
      end
    end)

    it("does not echo a trace id that could be something else", function()
      local _, _, headers = service:send("DescribeProjects", '{"Platform":"test"}', { trace = "a\r\nSet-Cookie: x" })
      assert.are.same({ ["Content-Type"] = "application/json" }, headers)
    end)

    it("is 404 for other paths", function()
      local response, status = service:send("DescribeProjects", "{}", { path = "/x" })
      assert.are.equal(404, status)
      assert.are.equal("InvalidRequest", code_of(response))
    end)

    it("is InternalError, without details, when an action raises", function()
      service.db:close()
      local response = service:send("DescribeProjects", '{"Platform":"test"}')
      assert.are.equal("InternalError", code_of(response))
      assert.not_matches("used after close", response.Error.Message)
      assert.matches("used after close", table.concat(service.logged))
    end)
  end)

  it("answers InternalError when what an action returns cannot be written", function()
    service:serve { actions = {
      DescribeProjects = function()
        return { TotalCount = print }
      end,
    } }
    local response, status = service:send("DescribeProjects", '{"Platform":"test"}')
    assert.are.equal("InternalError", code_of(response))
    assert.are.equal(200, status)
    assert.matches(response.RequestId, table.concat(service.logged), 1, true)
  end)

  local broken = {
    { "InvalidAction", "DescribeProject", '{"Platform":"test"}', message = "DescribeProjects" },
    { "UnsupportedOperation", "DescribeTeams", '{"Platform":"test"}' },
    { "NoSuchVersion", "DescribeProjects", "{}", { version = "2017-03-12" } },
    { "MissingParameter", "DescribeProjects", "{}", { headers = { ["x-tc-version"] = false } } },
    { "MissingParameter", "DescribeProjects", "{}", { headers = { ["x-tc-action"] = false } } },
    { "MissingParameter", "DescribeProjects", "{}", message = "Platform" },
    { "MissingParameter", "DescribeProjects", '{"Platform":null}', message = "Platform" },
    { "UnknownParameter", "DescribeProjects", '{"Platform":"test","Limits":1}', message = "Limit" },
    { "InvalidParameter", "DescribeProjects", '{"Platform":1}', message = "Platform" },
    { "InvalidParameter", "DescribeProjects", '{"Platform":"test","Limit":1.5}', message = "Limit" },
    { "InvalidParameter", "DescribeProjects", '{"Platform":"test","Offset":-1}', message = "Offset" },
    { "InvalidParameter", "DescribeProjects", '{"Platform":"test","ProjectIds":{}}', message = "ProjectIds" },
    { "InvalidParameter", "DescribeProjects", '{"Platform":"te\\u0000st"}', message = "Platform" },
    { "InvalidParameter", "DescribeProjects", '{"Platform":"test",' },
    { "MissingParameter", "DescribeProjects", "", message = "Platform" },
    { "MissingParameter", "DescribeProjects", "[]", message = "Platform" },
    { "InvalidParameter", "DescribeProjects", "[1]" },
    { "InvalidParameter", "DescribeProjects", '"x"' },
    { "InvalidParameter", "DescribeProjects", "\0\1\2\255" },
    { "InvalidParameter", "DescribeProjects", ("["):rep(5000) },
    { "InvalidParameterValue.Name", "CreateProject", '{"Platform":"test","Name":"\255"}' },
    { "InvalidRequest", "DescribeProjects", "{}", { content_type = "multipart/form-data; boundary=x" } },
    { "UnsupportedProtocol", "DescribeProjects", "{}", { method = "PUT" } },
    { "RequestSizeLimitExceeded", "DescribeProjects", "{}", { too_large = true } },
    { "RequestSizeLimitExceeded", "DescribeProjects", "", { method = "GET", query = ("a"):rep(32769) } },
    { "AuthFailure.SignatureFailure", "DescribeProjects", "{}", { secret = "wrong" } },
    { "InvalidParameter", "DescribeProjects", "", { method = "GET", query = "Platform=%zz" } },
  }
  for i, case in ipairs(broken) do
    it(("answers %s to broken request %d"):format(case[1], i), function()
      local response = service:send(case[2], case[3], case[4])
      assert.are.equal(case[1], code_of(response))
      assert.matches(case.message or ".", response.Error.Message)
    end)
  end

  it("takes GET with a query", function()
    local id = service:create()
    local response = service:send("DescribeProjects", "", { method = "GET",
      query = "Platform=test&ProjectIds.0=" .. id .. "&Limit=5" })
    assert.are.equal(1, response.TotalCount)
    assert.are.equal(id, response.ProjectInfoSet[1].ProjectId)
  end)

  it("takes v1 with a query and with a form", function()
    for _, method in ipairs { "GET", "POST" } do
      local params = { Action = "DescribeProjects", Version = "2019-10-29", Platform = "test", Limit = "1",
        Timestamp = tostring(service.clock), Nonce = "7", SecretId = "id", Region = "" }
      local signature = sign.new("id", "key"):v1 { method = method, host = "h", params = params }
      params.Signature = signature:gsub("[+/=]", function(char)
        return ("%%%02X"):format(char:byte())
      end)
      local pairs_of = {}
      for name, value in pairs(params) do
        pairs_of[#pairs_of + 1] = name .. "=" .. value
      end
      local text = table.concat(pairs_of, "&")
      local response = service:send(nil, method == "POST" and text or "", { method = method,
        query = method == "GET" and text or "", content_type = "application/x-www-form-urlencoded",
        headers = { authorization = false } })
      assert.is_nil(code_of(response))
      assert.are.equal(0, response.TotalCount)
    end
  end)

  it("refuses calls past the limit of an action and key in a second, in the cloud's words", function()
    local second = 0
    service:serve { limiter = limiter.new(2, function()
      return second
    end) }
    for _ = 1, 2 do
      assert.is_nil(code_of(service:call("DescribeProjects", {})))
    end
    local response = service:call("DescribeProjects", {})
    assert.are.equal("RequestLimitExceeded", code_of(response))
    assert.matches("Your current request times equals to `3` in a second, which exceeds the frequency limit `2` for a "
      .. "second", response.Error.Message, 1, true)
    assert.is_nil(code_of(service:send("DescribePlatforms", "{}")))
    assert.are.equal("AuthFailure.SignatureFailure",
      code_of(service:send("DescribeProjects", "{}", { secret = "wrong" })))
    second = 1
    assert.is_nil(code_of(service:call("DescribeProjects", {})))
  end)

  it("says in Chinese what is wrong to who asks for it, in either form of a request", function()
    local function message_of(response)
      return response.Error.Message
    end
    assert.are.equal("字段“Platform”：为空",
      message_of(service:send("DescribeProjects", '{"Platform":""}', { headers = { ["x-tc-language"] = "zh-CN" } })))
    assert.are.equal("field 'Platform': it is empty",
      message_of(service:send("DescribeProjects", '{"Platform":""}', { headers = { ["x-tc-language"] = "en-US" } })))
    assert.are.equal("缺少公共参数 SecretId", message_of(service:send(nil, "", { method = "GET",
      query = "Action=DescribeProjects&Language=zh-CN&Signature=x", headers = { authorization = false } })))
  end)
end)
