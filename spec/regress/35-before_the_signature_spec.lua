-- SPDX-License-Identifier: MIT
-- Who has no key must not have anything expensive worked out for him: parameters are counted before they are read, and
-- read once the time and the key are known to be right. Who has one gets lists bounded before they are decoded.

require "spec.support.paths"
local front = require "spec.support.fakes.front"
local json = require "cme.json"
local limits = require "cme.api.limits"
local query = require "cme.server.http.query"
local sign = require "cme.sign"

local FORM = { content_type = "application/x-www-form-urlencoded", headers = { authorization = false } }

local function repeated(pattern, count, separator)
  local parts = {}
  for i = 1, count do parts[i] = pattern:format(i) end
  return table.concat(parts, separator)
end

describe("a request that costs much to read", function()
  local service, read

  before_each(function()
    service = front.new()
    read = 0
    local parse = query.parse
    stub(query, "parse", function(raw)
      read = read + 1
      return parse(raw)
    end)
  end)

  after_each(function()
    query.parse:revert()
    service:close()
  end)

  local function refused(code, response)
    assert.equal(code, response.Error and response.Error.Code)
    return response.Error.Message
  end

  it("is not read when nothing signs it", function()
    refused("MissingParameter", service:send(nil, repeated("k%d=1", 900, "&"), FORM))
    assert.equal(0, read)
  end)

  it("is not read when it is of another time or of a key that there is none of", function()
    local function signed_by(id, at)
      return ("Action=DescribePlatforms&SecretId=%s&Timestamp=%d&Nonce=1&Signature=x&%s"):format(id, at,
        repeated("k%d=1", 900, "&"))
    end
    refused("AuthFailure.SignatureExpire", service:send(nil, signed_by("id", service.clock - 301), FORM))
    refused("AuthFailure.SecretIdNotFound", service:send(nil, signed_by("other", service.clock), FORM))
    assert.equal(0, read)
    refused("AuthFailure.SignatureFailure", service:send(nil, signed_by("id", service.clock), FORM))
    assert.equal(1, read)
  end)

  it("is refused by its count of parameters, in each form", function()
    local many = repeated("k%d=1", limits.request.parameters + 1, "&")
    assert.matches("1000 parameters", refused("InvalidParameter", service:send(nil, many, FORM)))
    assert.matches("1000 parameters", refused("InvalidParameter",
      service:send("DescribePlatforms", "", { method = "GET", query = many })))
    assert.equal(0, read)
  end)

  it("is refused by its count of values, when it is JSON, before it is decoded", function()
    local decode = spy.on(require "cme.text.json_walk", "settle")
    for field, value in pairs { ProjectIds = '"%d"', CategorySet = '"c%d"', Sort = "{}" } do
      local body = ('{"Platform":"test","%s":[%s]}'):format(field, repeated(value, 1001, ","))
      assert.matches("1000 values", refused("InvalidParameter", service:send("DescribeProjects", body)))
    end
    assert.spy(decode).was_called(3) -- of the three answers, by this spec
    decode:revert()
  end)

  it("may have as many values as the largest request that there is", function()
    local sources, outputs = {}, {}
    for i = 1, limits.cast.sources do
      sources[i] = { Type = "EXTERNAL", Url = ("https://source.example/%s/%d.mp4?a=b,c"):format(("x"):rep(2000), i),
        Offset = 0, Duration = 0 }
    end
    for i = 1, limits.cast.outputs do
      outputs[i] = { Name = "o" .. i, PushUrl = ("rtmp://push%d.example/live/hush"):format(i) }
    end
    local response = service:call("CreateProject", { Name = "n", Category = "MEDIA_CAST",
      Owner = { Type = "PERSON", Id = "u" },
      MediaCastProjectInput = { SourceInfos = sources, DestinationInfos = outputs } })
    assert.is_nil(response.Error and response.Error.Message:sub(1, 200))
  end)

  it("has its payload hashed once, whichever reading of it is the right one", function()
    local hash = spy.on(sign, "sha256_hex")
    refused("AuthFailure.SignatureFailure", service:send("DescribePlatforms", "{}",
      { secret = "wrong", content_type = "Application/JSON", headers = { host = "h:1" } }))
    assert.spy(hash).was_called(1)
    hash:revert()
  end)

  it("does not become a text when it is refused by its count or by its signature", function()
    local function refused_unread(headers, exceeds)
      local message = setmetatable({ method = "POST", path = "/", query = "", too_large = false,
        header = function(name) return headers[name] end,
        digest = function() return ("0"):rep(64) end,
        exceeds = function(byte, most) return exceeds and byte == "&" and most == limits.request.parameters - 1 end,
      }, { __index = function(_, name) assert.not_equal("body", name) end })
      local _, _, text = service.api:handle(message)
      return assert(json.decode(text)).Response.Error.Code
    end
    assert.equal("InvalidParameter", refused_unread({ ["content-type"] = FORM.content_type }, true))
    assert.equal("AuthFailure.InvalidAuthorization", refused_unread { ["content-type"] = "application/json" })
    assert.equal("AuthFailure.SignatureFailure", refused_unread {
      host = "h", ["content-type"] = "application/json", ["x-tc-timestamp"] = tostring(service.clock),
      ["x-tc-action"] = "DescribePlatforms", ["x-tc-version"] = "2019-10-29",
      authorization = sign.new("id", "key"):tc3 { service = "cme", host = "h", timestamp = service.clock,
        payload = "{}", content_type = "application/json" },
    })
  end)

  it("may not name a crowd of signed headers", function()
    local names = repeated("x%d", 100, ";")
    local response = service:send("DescribePlatforms", "{}", { headers = { authorization =
      "TC3-HMAC-SHA256 Credential=id/2025-11-22/cme/tc3_request, SignedHeaders=content-type;host;" .. names
      .. ", Signature=00" } })
    assert.matches("more than 64", refused("AuthFailure.InvalidAuthorization", response))
  end)
end)

describe("cme.json.decode", function()
  it("counts values outside strings only", function()
    assert.same({ a = ",,,,,,", b = { 1, 2 } }, json.decode('{"a":",,,,,,","b":[1,2]}', nil, 2))
    local value, _, detail = json.decode("[1,2,3,4]", nil, 2)
    assert.is_nil(value)
    assert.equal("invalid.too_large", detail.code)
  end)
end)
