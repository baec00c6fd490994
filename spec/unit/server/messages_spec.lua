-- SPDX-License-Identifier: MIT

local answer = require "cme.server.call"
local catalogue = require "cme.server.messages_zh"
local codes = require "cme.codes"
local health = require "cme.server.process.health"
local messages = require "cme.server.messages"
local texts = require "spec.support.proofs.texts"

-- Modules whose texts no answer of the API has: what the service says when it starts, in its log, or elsewhere.
local elsewhere = {}
for name in ([[
  server/files server/log server/messages server/messages_zh server/init server/edge/init server/edge/conf
  server/edge/http server/edge/ingest server/edge/keys server/edge/nginx server/edge/process server/events/journal
  server/events/outbox server/events/webhook server/events/webhook_secret
  server/http/exposition server/http/listen server/http/listener server/http/monitor server/process/adoption
  server/process/knock server/process/probe server/process/stderr server/process/link
  server/process/supervisor server/store/ballast server/store/db
  server/store/keys server/store/migrations server/store/state playout/arguments playout/main playout/requests
  playout/spec]]):gmatch "%S+" do
  elsewhere["lua/cme/" .. name .. ".lua"] = true
end

-- Functions whose arguments are told to nobody who asks.
local silent = { "debug", "info", "warn", "error", "assert", "exec", "rows", "require", "find", "match", "gmatch",
  "gsub" }

-- Texts that are none, or come into no answer.
local others = {}
for _, text in ipairs { "%s %s", "%s: %s", "; ", ", ", "%s switch", "start '%s': %s", "listen on '%s': %s", ": %s",
  "engine '%s': there is no program of this name", "set aside log '%s': %s",
  "media folder '%s': there is no such folder",
  "engine 'cme-relay': not found: run make build, or name it with --relay", "project not readable",
  " ended unexpectedly", " not up", " not reached", "%s not ended", "it does not end",
  "busy_timeout = 1000", "journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "open database '%s': %s",
  "another program is reading the database", "%s IN (%s)", "?, ", " AND ", "platform = ?",
  "not a date (it needs year, month and day as os.date('*t') gives them)", -- of Lua's callers only, as the next
  "unix seconds, a text like %s or an os.date table is needed",
  "master key", -- of a file's faults, which the log tells
  "planned end", "played out", "engine gone", "auto start", "request %s", -- of the history: call.lua names them
  "start %s: it ended (%s)%s", "%s: %s%s: %s", " (%s)", " (did you mean '%s'?)", "%s input", "output '%s'" } do
  others[text] = true
end

-- What the catalogue has though it is written in parts.
local composed = {}
for _, text in ipairs { "start %s: it ended (%s)", "start %s: it ended (%s): %s" } do
  composed[text] = true
end

-- The texts that an answer may have, with where they are; and all there are.
local function sources()
  local told, all = {}, {}
  local listing = assert(io.popen("find lua/cme/server lua/cme/playout lua/cme/schema.lua lua/cme/api/flatten.lua "
    .. "lua/cme/time.lua lua/cme/net/stream_url.lua -name '*.lua' | sort"))
  for path in listing:lines() do
    local file = assert(io.open(path))
    for _, one in ipairs(texts.of(file:read "a")) do
      all[one.text] = all[one.text] or not path:find "messages_zh"
      local hidden = elsewhere[path]
      for _, name in ipairs(silent) do
        hidden = hidden or one.calls[name]
      end
      if not hidden and one.text:find(" ", 1, true) and not others[one.text] then
        told[#told + 1] = { text = one.text, at = ("%s:%d"):format(path, one.line) }
      end
    end
    file:close()
  end
  listing:close()
  return told, all
end

local function zh(text)
  return messages.say({ text = text }, "zh-CN")
end

describe("cme.server.messages", function()
  it("leaves English to all who do not ask for Chinese", function()
    local idle = codes.reason "api.FailedOperation.StreamConnect:idle"
    for _, language in ipairs { false, "en-US", "zh", "" } do
      assert.are.equal("the project is Idle: Start it first", messages.say(idle, language or nil))
    end
    assert.are.equal("项目处于 Idle 状态：请先启动（Start）", messages.say(idle, "zh-CN"))
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
      .. "（network.connect）：请检查地址，以及对端是否在运行；在停止之前会一直重试", messages.say(detail, "zh-CN"))
    detail.values.faults[2] = answer.part "never heard of"
    assert.are.equal(codes.say(detail), messages.say(detail, "zh-CN"))
  end)

  it("says why a project is in its state", function()
    local since = codes.detail("api:since", { fact = codes.reason "api.FailedOperation.StreamConnect:nothing_to_stop",
      time = "2026-11-22T14:00:00Z", reason = answer.read_reason "planned end" })
    assert.are.equal("项目处于 Idle 状态：没有可停止的转推（自 2026-11-22T14:00:00Z 起：到达计划的停止时间）",
      messages.say(since, "zh-CN"))
    since.values.reason = answer.read_reason "request" -- of CreateProject
    assert.matches("起：请求）", messages.say(since, "zh-CN"), 1, true)
    since.values.reason = answer.read_reason "request 12-ab"
    assert.matches("请求 12-ab）", messages.say(since, "zh-CN"), 1, true)
  end)

  it("sends nothing that is not UTF-8, nor what is not of the sentence", function()
    local detail = codes.detail("api.InvalidAction:unknown", { action = "\255x" }, { pending = { "x" } })
    assert.are.same({ sentence = "api.InvalidAction:unknown", values = { action = "?x" } },
      messages.presentable(detail))
  end)

  it("translates what was put together, with what others wrote as it is", function()
    for english, chinese in pairs {
      ["never heard 100%"] = "never heard 100%",
      ["never heard of; it was ended"] = "never heard of; it was ended",
      [("it was ended; "):rep(1000)] = ("it was ended; "):rep(1000),
    } do
      assert.are.equal(chinese, zh(english))
    end
  end)

  it("keeps every value that a text has, whatever it holds", function()
    for english, chinese in pairs(catalogue) do
      local function kinds(text)
        local found = {}
        for letter in text:gmatch "%%([sdg])" do
          found[#found + 1] = letter
        end
        return found
      end
      assert.are.same(kinds(english), kinds(chinese), english)
      local values = {}
      for i, letter in ipairs(kinds(english)) do
        values[i] = letter ~= "s" and i or "%1 %s[" .. i
      end
      assert.are.equal(chinese:format(table.unpack(values)), zh(english:format(table.unpack(values))), english)
    end
  end)

  it("has every text that an answer may have", function()
    local missing = {}
    for _, one in ipairs((sources())) do
      if not catalogue[one.text] and not catalogue["%s: " .. one.text] then -- health.lua puts advice after the fact
        missing[#missing + 1] = one.at .. " " .. one.text
      end
    end
    assert.are.same({}, missing)
  end)

  it("has no text that the sources do not have", function()
    local _, all = sources()
    for english in pairs(catalogue) do
      assert.is_truthy(composed[english] or all[english] or all[(english:gsub("^%%s: ", ""))], english)
    end
  end)
end)
