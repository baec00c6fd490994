-- SPDX-License-Identifier: MIT

local answer = require "cme.api.answer"
local codes = require "cme.codes"
local fake = require "spec.support.fakes.fake"
local json = require "cme.json"

local function context(more)
  local made = { action = "CreateProject", host = "cme.example", secret_id = fake.SECRET_ID, now = fake.NOW }
  for name, value in pairs(more or {}) do made[name] = value end
  return made
end

local function refused(code, said, more, headers)
  local response, message, detail = answer.read(fake.refused(code, said, headers), context(more))
  assert.is_nil(response)
  return message, detail
end

describe("cme.api.answer", function()
  it("gives the Response table", function()
    local response = answer.read(fake.ok '"ProjectId":"p1","RtmpPushInputInfoSet":[],"New":{"x":1}', context())
    assert.are.same({ ProjectId = "p1", RtmpPushInputInfoSet = {}, New = { x = 1 }, RequestId = "req-1" }, response)
  end)

  it("words a refusal and keeps its particulars", function()
    local message, detail = refused("InvalidParameterValue.Name", "bad name")
    assert.are.equal("CreateProject: InvalidParameterValue.Name: bad name", message)
    assert.are.same({ code = "api.InvalidParameterValue.Name", op = "CreateProject", request_id = "req-2",
      http_status = 200, retryable = false, attempts = 1, sentence = "api:refused_saying",
      values = { code = "InvalidParameterValue.Name", said = "bad name" },
      within = { { sentence = "in.action", values = { action = "CreateProject" } } } }, detail)
  end)

  it("says what to do about the refusals that a user can settle", function()
    for code, advice in pairs {
      ["AuthFailure.SignatureFailure"] = "check secret_key: it is not the key of secret id AKID***LE",
      ["AuthFailure.SecretIdNotFound"] = "check secret_id: AKID***LE is unknown to cme.example",
      ["AuthFailure.TokenFailure"] = "check token",
      ["UnauthorizedOperation.Cam"] = "no permission",
      ["ResourceNotFound.Platform"] = "check platform",
      ["RequestLimitExceeded.UinLimitExceeded"] = "try again later",
    } do
      assert.truthy(refused(code):find(advice, 1, true), code)
    end
  end)

  it("leaves that to a service that sends its reason, and says that in any language", function()
    local http = fake.http(json.encode { Response = { RequestId = "r", Error = { Code = "AuthFailure.TokenFailure",
      Message = "本服务说了什么", Reason = codes.pack(codes.reason("invalid.name_too_long", { count = 9, limit = 8 })) } } })
    local _, message, detail = answer.read(http, context())
    assert.are.equal("CreateProject: AuthFailure.TokenFailure: the name has 9 characters, the service takes 8", message)
    assert.are.equal("CreateProject：AuthFailure.TokenFailure：名称有 9 个字符，服务最多接受 8 个",
      codes.say(detail, "zh"))
  end)

  it("shows the service's words when it cannot say the reason", function()
    local http = fake.http(json.encode { Response = { RequestId = "r", Error = { Code = "X", Message = "its words",
      Reason = { Code = "invalid.of_a_later_version" } } } })
    assert.are.equal("CreateProject: X: its words", (select(2, answer.read(http, context()))))
  end)

  it("says how far the clock is off", function()
    local headers = { date = "Mon, 25 Feb 2019 16:54:25 GMT" }
    assert.truthy(refused("AuthFailure.SignatureExpire", "late", nil, headers):find("it is 600 s behind", 1, true))
    headers.date = "Mon, 25 Feb 2019 16:34:25 GMT"
    assert.truthy(refused("AuthFailure.SignatureExpire", "late", nil, headers):find("it is 600 s ahead", 1, true))
    assert.truthy(refused("AuthFailure.SignatureExpire", "late"):find("more than 5 minutes off", 1, true))
  end)

  it("shows neither stream keys nor the token nor control characters of the service's text", function()
    local message = refused("FailedOperation", "bad rtmp://h/app/hush?s=hush\n\27[1m for token tok+en tok+en, (" ..
      "srt://u:hush@h)", { token = "tok+en" })
    assert.is_nil(message:find("hush", 1, true), message)
    assert.is_nil(message:find("tok+en", 1, true), message)
    assert.is_nil(message:find "%c")
    assert.truthy(message:find("rtmp://h/app/***", 1, true))
    assert.is_true(#refused("FailedOperation", ("x"):rep(100000)) < 1100)
    assert.is_number(utf8.len((refused("FailedOperation", ("直"):rep(1000)))))
  end)

  it("says whether the same may be done again", function()
    for _, case in ipairs {
      { "CreateProject", "RequestLimitExceeded.IPLimitExceeded", true }, { "CreateProject", "InternalError", false },
      { "DescribeProjects", "InternalError.Db", true }, { "DescribeProjects", "InvalidParameter", false },
    } do
      local _, detail = refused(case[2], "no", { action = case[1] })
      assert.are.equal(case[3], detail.retryable, case[1] .. " " .. case[2])
    end
  end)

  it("takes a refusal also when a gateway changed the status", function()
    local http = fake.refused "AuthFailure.SignatureFailure"
    http.status = 401
    local _, _, detail = answer.read(http, context())
    assert.are.equal("api.AuthFailure.SignatureFailure", detail.code)
    assert.are.equal(401, detail.http_status)
  end)

  it("names what is not an answer of the service", function()
    for _, case in ipairs {
      { fake.http("<html>Bad Gateway", 502, { ["content-type"] = "text/html; x=y" }), "network.http_status", "502" },
      { fake.http("<html>", 200, { ["content-type"] = "text/html" }), "network.not_json", "6 bytes of text/html" },
      { fake.http "", "network.not_json", "0 bytes" },
      { fake.http '{"Response":{"Proj', "network.not_json", "18 bytes" },
      { fake.http '{"Response":{"ProjectId":12345678901234567890}}', "network.not_json", "past 2^53" },
      { fake.http "{}", "network.no_response", "no Response object" },
      { fake.http "[1]", "network.no_response", "no Response object" },
      { fake.http '"x"', "network.no_response", "no Response object" },
      { fake.http "null", "network.no_response", "no Response object" },
      { fake.http '{"Response":null}', "network.no_response", "no Response object" },
      { fake.http '{"Response":"x"}', "network.no_response", "no Response object" },
      { { status = 204, headers = {} }, "network.http_status", "204" },
    } do
      local response, message, detail = answer.read(case[1], context())
      assert.is_nil(response)
      assert.are.equal(case[2], detail.code, message)
      assert.truthy(message:find(case[3], 1, true), message)
      assert.truthy(message:find("^CreateProject: .* %(cme%.example%)$"), message)
      assert.is_false(detail.retryable)
    end
  end)

  it("lets a read be done again where that may help", function()
    for _, case in ipairs {
      { fake.http("", 502), true }, { fake.http("", 404), false },
      { fake.http '{"Respon', true }, { fake.http "{}", false },
    } do
      local _, _, detail = answer.read(case[1], context { action = "DescribeProjects" })
      assert.are.equal(case[2], detail.retryable, detail.code)
    end
  end)

  it("survives an Error of a strange form", function()
    for _, body in ipairs { '{"Response":{"Error":{}}}', '{"Response":{"Error":{"Code":5,"Message":null}}}',
      '{"Response":{"Error":[],"RequestId":7}}' } do
      local response, message, detail = answer.read(fake.http(body), context())
      assert.is_nil(response)
      assert.are.equal("CreateProject: InternalError", message)
      assert.is_nil(detail.request_id)
    end
  end)
end)
