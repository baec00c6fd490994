-- SPDX-License-Identifier: MIT

local codes = require "cme.codes"
local json = require "cme.json"

local function as_sent(value)
  return assert(json.decode(assert(json.encode(value))))
end

local function as_it_is(text) return text end

describe("cme.codes", function()
  it("fails with a sentence, its code and what it was filled with", function()
    local value, message, detail = codes.fail("invalid.name_too_long", { count = 60, limit = 50 }, { attempts = 0 })
    assert.is_nil(value)
    assert.are.equal("the name has 60 characters, the service takes 50", message)
    assert.are.same({ code = "invalid.name_too_long", sentence = "invalid.name_too_long",
      values = { count = 60, limit = 50 }, retryable = false, attempts = 0 }, detail)
  end)

  it("fails with a reason as it is: with what was being done, in words of its own, by its code", function()
    local frames = { { sentence = "in.output", values = { id = "b" } } }
    local _, message, detail = codes.fail { sentence = "invalid.url:no_host", within = frames }
    assert.are.same({ "output 'b': no host in the URL", "invalid.url" }, { message, detail.code })
    codes.within("in.action", { action = "A" }, message, detail)
    assert.are.equal(1, #frames)
    _, message, detail = codes.fail { text = "some thing broke", within = frames }
    assert.are.same({ "output 'b': some thing broke", "internal" }, { message, detail.code })
    _, _, detail = codes.fail { text = "some thing broke", code = "source.failed" }
    assert.are.equal("source.failed", detail.code)
    _, message, detail = codes.refuse({ text = "some thing broke" })
    assert.are.same({ "some thing broke", 0, false }, { message, detail.attempts, detail.retryable })
  end)

  it("keeps the variant out of the code", function()
    local _, message, detail = codes.fail "invalid.url:no_host"
    assert.are.equal("no host in the URL", message)
    assert.are.equal("invalid.url", detail.code)
  end)

  it("says a failure with all that is around it in either language", function()
    local _, message, detail = codes.fail "invalid.url:no_host"
    _, message, detail = codes.within("in.output", { id = "b站" }, message, detail)
    _, message, detail = codes.within("in.method", { name = "gala", op = codes.reason "op:create" }, message, detail)
    assert.are.equal("project 'gala': create: output 'b站': no host in the URL", message)
    assert.are.equal("项目“gala”：创建：推流目标“b站”：URL 中没有主机名", codes.say(detail, "zh"))
    assert.are.equal(message, codes.say(detail))
  end)

  it("fills numbers, lists, failures and nothing", function()
    local list = { codes.reason "invalid.url:no_host", codes.reason "op:start" }
    local reason = codes.reason("api:refused_with_advice", { code = 1.5, said = list })
    assert.are.equal("1.5: no host in the URL; start ()", codes.say(reason))
    assert.are.equal("1.5：URL 中没有主机名；启动（）", codes.say(reason, "zh-CN"))
  end)

  it("says a failure of strangers in their words, and then all of it in English", function()
    local _, message, detail = codes.within("in.action", { action = "CreateProject" }, "some thing broke",
      { code = "x" })
    assert.are.equal("CreateProject: some thing broke", message)
    assert.are.equal(message, codes.say(detail, "zh"))
    detail.text = "出错了"
    assert.are.equal("CreateProject：出错了", codes.say(detail, "zh"))
  end)

  it("says what the engine says by its format", function()
    local reason = { sentence = "engine:no media within %d s", values = { 10 },
      within = { { sentence = "engine:play '%s'", values = { "rtmp://h/a" } } } }
    assert.are.equal("play 'rtmp://h/a': no media within 10 s", codes.say(reason))
    assert.are.equal("播放“rtmp://h/a”：10 秒内没有收到音视频数据", codes.say(reason, "zh"))
    assert.are.equal("some new %s", codes.say({ sentence = "engine:some new %s", values = { "%s" } }, "zh"))
  end)

  it("does not take a value for a format", function()
    assert.are.equal("{op}", codes.say(codes.reason("in.action", { action = "{op}" })))
    assert.are.equal("%1", codes.say(codes.reason("in.action", { action = "%1" })))
  end)

  it("crosses the network whole", function()
    local _, message, detail = codes.fail("api:refused_saying",
      { code = "X", said = { codes.reason("invalid.name_too_long", { count = 2, limit = 1 }), "b" } })
    _, message, detail = codes.within("in.project", { name = "g" }, message, detail)
    local read = codes.unpack(as_sent(codes.pack(detail)), as_it_is)
    assert.are.equal(message, codes.say(read))
    assert.are.equal(codes.say(detail, "zh"), codes.say(read, "zh"))
    local engine = { sentence = "engine:no media within %d s", values = { 10 } }
    assert.are.equal("no media within 10 s", codes.say(codes.unpack(as_sent(codes.pack(engine)), as_it_is)))
  end)

  it("takes nothing from the network that it cannot say", function()
    local deep = { Code = "op:start" }
    for _ = 1, 20 do deep = { Code = "in.action", Values = { action = deep } } end
    local many = { Code = "in.action", Values = { action = {} } }
    for i = 1, 200 do many.Values.action[i] = { Code = "op:start" } end
    for _, given in ipairs { {}, 7, "x", { Code = 7 }, { Code = "no.such" }, { Code = "in.nothing" },
      { Code = "words/../x" }, { Code = "engine:words of %s" }, { Text = "x y z" }, deep, many,
      { Code = "op:start", Within = { { Code = "no.such" } } },
      { Code = "op:start", Values = { x = { Code = "n" } } } } do
      assert.is_nil(codes.unpack(given, as_it_is))
    end
    assert.is_nil(codes.unpack(nil, as_it_is))
  end)

  it("shows what a service sent only as fit to be shown", function()
    local read = codes.unpack({ Code = "in.action", Values = { action = "secret" } }, function() return "***" end)
    assert.are.equal("***", codes.say(read))
  end)

  it("gives rules by the nearest part of a code", function()
    assert.are.equal("rate", codes.retry_rule "api.RequestLimitExceeded.IPLimitExceeded")
    assert.are.equal("transport", codes.retry_rule "network.connect")
    assert.are.equal("final", codes.retry_rule "api.LimitExceeded.Anything")
    assert.are.equal(5, codes.exit_code "api.ResourceNotFound.Platform")
    assert.are.equal(3, codes.exit_code "api.Whatever")
    assert.are.equal(1, codes.exit_code "credentials.failed")
    assert.are.equal(1, codes.exit_code(nil))
    assert.are.equal("docs/errors.md#apiinvalidparametervalueprojectid",
      codes.anchor "api.InvalidParameterValue.ProjectId")
  end)

  it("has a file for each family", function()
    for _, family in ipairs(codes.FAMILIES) do
      assert.is_table(require("cme.text.words." .. family))
    end
  end)

  it("has every sentence in both languages, with the same values, under its family's name", function()
    local strange = {}
    local function holes(format)
      local found = {}
      for name in format:gmatch "{([%l_]+)}" do found[name] = true end
      return found
    end
    for _, family in ipairs(codes.FAMILIES) do
      for name, said in pairs(family == "engine" and {} or require("cme.text.words." .. family)) do
        local good = name:match "^[%l_]+" == family and #said == 2 and not said[1]:find "[\128-\255]"
          and pcall(assert.are.same, holes(said[1]), holes(said[2]))
        if not good then strange[#strange + 1] = name end
      end
    end
    assert.are.equal("", table.concat(strange, " "))
  end)
end)
