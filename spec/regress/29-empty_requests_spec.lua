-- SPDX-License-Identifier: MIT
-- What official SDKs and people's scripts send and the cloud takes: a request without members in four ways, a v1
-- signature with the line break that its tool printed, Python's booleans in flat parameters.

require "spec.support.paths"
local flatten = require "cme.api.flatten"
local front_stage = require "spec.support.fakes.front_stage"
local schema = require "cme.schema"
local sign = require "cme.sign"

describe("a request", function()
  local service = front_stage.new(before_each, after_each)

  for what, body in pairs { ["{}"] = "{}", null = "null", ["[]"] = "[]", nothing = "", blanks = " \r\n\t" } do
    it("of " .. what .. " has no parameters", function()
      assert.equal(1, service:send("DescribePlatforms", body).TotalCount)
      local response = service:send("DescribeProjects", body)
      assert.equal("MissingParameter", response.Error.Code)
      assert.matches("Platform", response.Error.Message)
    end)
  end

  local function v1(around)
    local params = { Action = "DescribePlatforms", Version = "2019-10-29", Timestamp = tostring(service.clock),
      Nonce = "7", SecretId = "id" }
    params.Signature = around:format(sign.new("id", "key"):v1 { method = "POST", host = "h", params = params })
    return service:send(nil, flatten.encode(params), { content_type = "application/x-www-form-urlencoded",
      headers = { authorization = false } })
  end

  for what, around in pairs { ["a line break"] = "%s\n", blanks = " %s\t", ["a CR and LF"] = "%s\r\n" } do
    it("signed by v1 may have " .. what .. " around its signature", function()
      assert.equal(1, v1(around).TotalCount)
    end)
  end

  it("signed by v1 with something else around its signature is refused", function()
    assert.equal("AuthFailure.SignatureFailure", v1("x%s").Error.Code)
  end)
end)

describe("a flat boolean", function()
  local fields = schema.objects.MediaCastOutputMediaSetting

  for text, value in pairs { ["true"] = true, True = true, TRUE = true, ["false"] = false, False = false } do
    it("may be written " .. text, function()
      assert.same({ FollowSourceInfo = value }, flatten.tree({ FollowSourceInfo = text }, fields))
    end)
  end

  it("is nothing else", function()
    local tree = assert(flatten.tree({ FollowSourceInfo = "yes" }, fields))
    assert.is_nil(schema.check(tree, fields))
  end)
end)
