-- SPDX-License-Identifier: MIT

local catalogue = require "cme.server.messages_zh"
local messages = require "cme.server.messages"

-- The texts of the service's sources, joined where they are written in parts.
local function sources()
  local texts = {}
  local listing = io.popen "find lua/cme/server lua/cme/stream_url.lua -name '*.lua' ! -name 'messages*'"
  for path in listing:lines() do
    local file = assert(io.open(path))
    texts[#texts + 1] = (file:read "a":gsub('"%s*%.%.%s*"', ""))
    file:close()
  end
  listing:close()
  return table.concat(texts, "\n")
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
        .. "(network.connect): check the address, and that the other side is up; output '2': no: check the host name; "
        .. "it keeps trying until Stop"]
        = "项目“p”处于 Working 状态，但并非全部正常：output '1': open 'rtmp://h/a/***': connection refused "
        .. "(network.connect)：请检查地址，以及对端是否在运行；output '2': no：请检查主机名；在停止之前会一直重试",
      ["project 'p': this service runs without its edge, so nothing can be pushed to it (--edge off, or no nginx "
        .. "installed)"]
        = "项目“p”：本服务没有启用推流接入，无法向它推流（--edge off，或未安装 nginx）",
      ["project 'p' is Working, but not all of it: main input: nobody pushes to its address: start the encoder; it "
        .. "keeps trying until Stop"]
        = "项目“p”处于 Working 状态，但并非全部正常：主输入：没有人向它的地址推流：请启动编码器；在停止之前会一直重试",
      ["MainInput.VodPullInputInfo.LoopTimes -2: -1 (for ever), 0 (no repeat) or how often to repeat"]
        = "MainInput.VodPullInputInfo.LoopTimes 为 -2：只能是 -1（一直循环）、0（不循环）或循环次数",
      ["never heard 100%"] = "never heard 100%",
      ["never heard; planned end"] = "never heard；到达计划的停止时间",
      [("planned end; "):rep(1000)] = ("planned end; "):rep(1000),
    } do
      assert.are.equal(chinese, zh(english))
    end
  end)

  it("keeps every value that a text has, whatever it holds", function()
    for english, chinese in pairs(catalogue) do
      local function kinds(text)
        local found = {}
        for letter in text:gmatch "%%(%a)" do
          found[#found + 1] = letter
        end
        return found
      end
      assert.are.same(kinds(english), kinds(chinese), english)
      local values = {}
      for i, letter in ipairs(kinds(english)) do
        values[i] = letter == "d" and i or "%1 %s[" .. i
      end
      assert.are.equal(chinese:format(table.unpack(values)), zh(english:format(table.unpack(values))), english)
    end
  end)

  it("has no text that the sources do not have", function()
    local text = sources()
    local composed = { "OutputInfo: %s", "PushUrl: %s", "modify main", "modify backup", "delete main",
      "delete backup", "the request body cannot be read: %s", "the Authorization header is malformed: %s",
      "field '%s': missing (it is required)", "action '%s': there is none of this name",
      "action '%s': there is none of this name (did you mean '%s'?)" }
    for _, english in ipairs(composed) do
      composed[english] = true
    end
    for english in pairs(catalogue) do
      local advice = english:gsub("^%%s: ", "") -- health.lua puts it after whatever is wrong
      assert.is_truthy(composed[english] or text:find('"' .. english, 1, true) or text:find('"' .. advice, 1, true),
        english)
    end
  end)
end)
