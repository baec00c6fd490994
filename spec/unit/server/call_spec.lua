-- SPDX-License-Identifier: MIT

local call = require "cme.server.call"
local codes = require "cme.codes"
local health = require "cme.server.process.health"

describe("cme.server.call", function()
  it("answers a change that has nothing to tell", function()
    assert.are.same({}, call.done {})
    assert.are.same({ n = 3, nil, "no", { code = "x" } }, table.pack(call.done(nil, "no", { code = "x" })))
  end)

  it("writes why a request changed something, and reads it again", function()
    local reason = call.read_reason(call.reason { request_id = "0edd-12" })
    assert.are.equal("request 0edd-12", codes.say(reason))
    assert.are.equal("请求 0edd-12", codes.say(reason, "zh"))
    assert.are.equal("到达计划的停止时间", codes.say(call.read_reason "planned end", "zh"))
    assert.are.equal("never heard of", codes.say(call.read_reason "never heard of", "zh"))
  end)

  it("says why a project is in its state", function()
    local since = codes.detail("api:since", { fact = codes.reason "api.FailedOperation.StreamConnect:nothing_to_stop",
      time = "2026-11-22T14:00:00Z", reason = call.read_reason "planned end" })
    assert.are.equal("项目处于 Idle 状态：没有可停止的转推（自 2026-11-22T14:00:00Z 起：到达计划的停止时间）",
      codes.say(since, "zh"))
    for reason, words in pairs { request = "起：请求）", ["request 12-ab"] = "请求 12-ab）",
      ["not confirmed within 30 s"] = "起：未在 30 秒内确认）" } do
      since.values.reason = call.read_reason(reason)
      assert.matches(words, codes.say(since, "zh"), 1, true)
    end
  end)

  it("says in one language what the engine has worded in a part", function()
    local spec = { active = "main", inputs = {}, outputs = { { id = "1", name = "", url = "rtmp://h/a/hush" } } }
    local seen = health.new(spec)
    health.event(seen, { event = "output", output_id = "1", state = "backoff", code = "network.connect",
      reason = "open 'rtmp://h/a/***': connection refused", parts = { Code = "engine:%s",
        Values = { "connection refused" },
        Within = { { Code = "engine:open '%s'", Values = { "rtmp://h/a/***" } } } } })
    local part = health.faults(seen, spec)[1].reason
    assert.are.equal("output '1': open 'rtmp://h/a/***': connection refused (network.connect): check the address, and "
      .. "that the other side is up", codes.say(part))
    local detail = codes.detail("api.FailedOperation.StartStreamConnectPartlyErr:partly",
      { id = "p", faults = { part } })
    assert.are.equal("项目“p”处于 Working 状态，但并非全部正常：推流目标“1”：打开“rtmp://h/a/***”：连接被拒绝"
      .. "（network.connect）：请检查地址，以及对端是否在运行；在停止之前会一直重试", codes.say(detail, "zh"))
    detail.values.faults[2] = call.part "never heard of"
    assert.are.equal(codes.say(detail), codes.say(detail, "zh"))
  end)

  it("sends nothing that is not UTF-8, nor what is not of the sentence", function()
    local detail = codes.detail("api.InvalidAction:unknown", { action = "\255x" }, { pending = { "x" } })
    assert.are.same({ sentence = "api.InvalidAction:unknown", values = { action = "?x" } }, call.presentable(detail))
    detail = codes.detail("api.FailedOperation.StartStreamConnectPartlyErr:partly",
      { id = "p", faults = { { text = "\255" }, codes.reason("word:request", { id = 7 }) } })
    assert.are.equal("project 'p' is Working, but not all of it: ?; request 7; it keeps trying until Stop",
      codes.say(call.presentable(detail)))
  end)

  it("says a part in the catalogue's words, where it has them", function()
    local _, message, detail = codes.fail "api.FailedOperation:working"
    assert.are.equal(codes.say(detail, "zh"), codes.say(call.part(message, detail), "zh"))
    assert.are.equal("as it came", codes.say(call.part("as it came", { code = "control.lost" })))
  end)

  it("has the cloud's codes, and repeats a little of what was asked", function()
    assert.are.equal("FailedOperation.StreamConnect",
      call.cloud_code(codes.detail "api.FailedOperation.StreamConnect:idle"))
    assert.are.equal(64, #call.shown(("x"):rep(100)))
  end)
end)
