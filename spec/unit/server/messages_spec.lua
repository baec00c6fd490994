-- SPDX-License-Identifier: MIT

local catalogue = require "cme.server.messages_zh"
local messages = require "cme.server.messages"
local texts = require "spec.support.texts"

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
  "the only path of this service is /",
  "not a date (it needs year, month and day as os.date('*t') gives them)", -- of Lua's callers only, as the next
  "unix seconds, a text like %s or an os.date table is needed",
  "master key", -- of a file's faults, which the log tells
  "unknown action '%s'%s", " (did you mean '%s'?)", "start %s: it ended (%s)%s",
  "%s: %s%s: %s", " (%s)", "%s input", "output '%s'" } do
  others[text] = true
end

-- What the catalogue has though it is written in parts.
local composed = {}
for _, text in ipairs { "OutputInfo: %s", "PushUrl: %s", "modify main", "modify backup", "delete main", "delete backup",
  "the Authorization header is malformed: %s", "field '%s': missing (it is required)", "unknown (did you mean '%s'?)",
  "unknown action '%s'", "unknown action '%s' (did you mean '%s'?)",
  "start %s: it ended (%s)", "start %s: it ended (%s): %s" } do
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
      all[one.text] = true
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
  return messages.translate("zh-CN", text)
end

describe("cme.server.messages", function()
  it("leaves English to all who do not ask for Chinese", function()
    for _, language in ipairs { false, "en-US", "zh", "" } do
      assert.are.equal("planned end", messages.translate(language or nil, "planned end"))
    end
  end)

  it("translates what was put together, with what the caller wrote as it is", function()
    for english, chinese in pairs {
      ["project 'planned end': the project is Idle: there is nothing to stop (since 2026-11-22T14:00:00Z: planned end)"]
        = "项目“planned end”：项目处于 Idle 状态：没有可停止的转推（自 2026-11-22T14:00:00Z 起：到达计划的停止时间）",
      ["Outputs.3: PushUrl: scheme 'rtmpp' is not supported (did you mean 'rtmp'?)"]
        = "Outputs.3：PushUrl：不支持协议“rtmpp”（是否想写“rtmp”？）",
      ["modify backup input of project 'p': it is on air: SwitchInput to the other one first"]
        = "修改备输入（项目“p”）：正在播出：请先用 SwitchInput 切换到另一路",
      ["project 'p' is Working, but not all of it: output '1': open 'rtmp://h/a/***': connection refused "
        .. "(network.connect): check the address, and that the other side is up; output '2': open 'srt://h': words "
        .. "of a library (network.resolve): check the host name; it keeps trying until Stop"]
        = "项目“p”处于 Working 状态，但并非全部正常：推流目标“1”：打开“rtmp://h/a/***”：连接被拒绝（network.connect）："
        .. "请检查地址，以及对端是否在运行；推流目标“2”：打开“srt://h”：无法解析主机名（network.resolve）：请检查主机名；"
        .. "在停止之前会一直重试",
      ["project 'p': this service runs without its edge, so nothing can be pushed to it (--edge off, or no nginx "
        .. "installed)"]
        = "项目“p”：本服务没有启用推流接入，无法向它推流（--edge off，或未安装 nginx）",
      ["project 'p' is Working, but not all of it: main input: nobody pushes to its address: start the encoder; it "
        .. "keeps trying until Stop"]
        = "项目“p”处于 Working 状态，但并非全部正常：主输入：没有人向它的地址推流：请启动编码器；在停止之前会一直重试",
      ["MainInput.VodPullInputInfo.LoopTimes -2: -1 (for ever), 0 (no repeat) or how often to repeat"]
        = "MainInput.VodPullInputInfo.LoopTimes 为 -2：只能是 -1（一直循环）、0（不循环）或循环次数",
      ["never heard 100%"] = "never heard 100%",
      ["never heard of; planned end"] = "never heard of; planned end",
      [("planned end; "):rep(1000)] = ("planned end; "):rep(1000),
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

  it("says of a name that it is unknown", function()
    for english in pairs(catalogue) do
      assert.is_nil(english:find("none of this name", 1, true), english)
    end
    assert.are.equal("未知的接口“DescribeProject”（是否想写“DescribeProjects”？）",
      zh "unknown action 'DescribeProject' (did you mean 'DescribeProjects'?)")
    assert.are.equal("未知的平台“x”：请使用 test，或用 --platform 启动服务",
      zh "unknown platform 'x': use test, or start the service with --platform")
  end)

  it("has no text that the sources do not have", function()
    local _, all = sources()
    for english in pairs(catalogue) do
      assert.is_truthy(composed[english] or all[english] or all[(english:gsub("^%%s: ", ""))], english)
    end
  end)
end)
