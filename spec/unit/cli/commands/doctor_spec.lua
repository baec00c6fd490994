-- SPDX-License-Identifier: MIT

local cjson = require "cjson"
local cli = require "spec.support.cli"
local fake = require "spec.support.fakes.fake"

local DATE = { date = "Mon, 25 Feb 2019 16:44:25 GMT" }

local function dated(answer, date)
  answer.headers.date = date or DATE.date
  return answer
end

local function doctor(args, answers, more)
  local options = more or {}
  options.answers = answers
  return cli.run({ "doctor", table.unpack(args) }, options)
end

describe("cme doctor", function()
  it("finds all well", function()
    local ran = doctor({}, { dated(cli.none()) })
    assert.are.same({ 0, "" }, { ran.code, ran.err })
    assert.matches("^CHECK    STATE  FINDING\nkey      ok     AKID%*%*%*LE, from environment\n", ran.out)
    assert.matches("\nservice  ok     http://127.0.0.1:8156/ answers\n", ran.out)
    assert.matches("\nclock    ok     this machine's clock agrees with the service's\n$", ran.out)
    assert.is_nil(ran.out:find(fake.SECRET_KEY, 1, true))
  end)

  it("writes JSON", function()
    local ran = doctor({ "--json" }, { dated(cli.none(), "Mon, 25 Feb 2019 16:45:25 GMT") })
    local found = cjson.decode(ran.out)
    assert.are.same({ true, "key", "ok", "clock", "warning" }, { found.ok, found.checks[1].check,
      found.checks[1].state, found.checks[3].check, found.checks[3].state })
    assert.are.equal("this machine is 60 s behind the service", found.checks[3].fact)
  end)

  it("speaks Chinese, in straight columns", function()
    local ran = doctor({}, { dated(cli.none()) }, { env = { LANG = "zh_CN.UTF-8" } })
    assert.matches("^检查项  状态  结果\n密钥    正常  AKID", ran.out)
  end)

  it("checks a file's spec without the service's knowing it", function()
    local files = { ["a.json"] = '{"name":"a","owner":"me","input":{"push":60}}',
      ["b.json"] = '{"name":"b","owner":"me","outputs":["rtsp://h/sekret"]}' }
    local ran = doctor({ "a.json" }, { dated(cli.none()) }, { files = files })
    assert.are.equal(0, ran.code, ran.out)
    assert.matches("\ninput main  skipped  this is a push address: start your encoder\n$", ran.out)
    ran = doctor({ "b.json" }, { dated(cli.none()) }, { files = files })
    assert.are.equal(2, ran.code)
    assert.matches("project%s+failed%s+project 'b': check: output '1': scheme 'rtsp'", ran.out)
    assert.is_nil(ran.out:find "sekret")
  end)

  it("gives each code its failure, and goes on to what it can still check", function()
    local nobody = { TENCENTCLOUD_SECRET_ID = false, TENCENTCLOUD_SECRET_KEY = false }
    for _, case in ipairs {
      { 1, { env = nobody }, {}, "key%s+failed%s+no credentials" },
      { 3, {}, { dated(fake.refused("AuthFailure.SignatureFailure", "no")) }, "key%s+failed.*clock%s+ok" },
      { 4, {}, { cli.unreachable }, "service%s+failed" },
      { 5, {}, { dated(fake.refused("ResourceNotFound.Platform", "no")) }, "service%s+failed" },
      { 5, { project = "none" }, { dated(cli.none()), cli.none() }, "project%s+failed%s+project 'none': not found" },
    } do
      local ran = doctor({ "--retries", "0", case[2].project }, case[3], case[2])
      assert.are.equal(case[1], ran.code, ran.out)
      assert.matches(case[4], ran.out)
    end
    assert.are.equal(2, doctor({ "--for", "x" }, {}).code)
  end)
end)
