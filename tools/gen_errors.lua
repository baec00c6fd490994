#!/usr/bin/env lua5.4
-- SPDX-License-Identifier: MIT
-- Writes docs/errors.md and docs/zh/errors.md from the catalogue of codes: lua/cme/text/{words,meanings,rules}.
--
--   lua5.4 tools/gen_errors.lua          (from the repository's root)
--
-- A spec runs this and compares: what is committed is what the catalogue says.

package.path = "./lua/?.lua;./lua/?/init.lua;" .. package.path

local codes = require "cme.codes"
local rules = require "cme.text.rules"
local sorted_keys = require "cme.text.strings".sorted_keys

local M = {}

-- Families whose sentences are parts of others, and no failures themselves.
local PARTS = { advice = true, engine = true, ["in"] = true, op = true, platform = true, word = true }

local LANGUAGES = {
  en = { path = "docs/errors.md", own = 1, other = 2, columns = "| message | in Chinese |",
    code = "Retry: `%s`. Exit code: %d.%s", meaning = " Meaning: %s (%s).", cloud = " The message is the service's.",
    head = [[
# Error codes

<!-- Made by tools/gen_errors.lua from the catalogue in lua/cme/text: change that, then run `make docs`. -->

A call that fails returns `nil, message, detail`. Match `detail.code`; show `message`, or
`cme.codes.say(detail, "zh")` for the same in Chinese. `cme` exits with the exit code given here, and
`cme COMMAND --json` prints the code. A word in braces, such as `{reason}`, stands for a value.

**Retry** says what the client does by itself about a failed request:

| rule | what the client does |
|---|---|
| `rate` | waits, then sends it again: too many requests were sent |
| `transport` | sends it again if nothing had been sent, or if it only reads |
| `unknown` | sends a read again; looks whether a write was done before it sends it again |
| `unread` | gives up a read; looks whether a write was done |
| `clock`, `token` | corrects the clock, or fetches another token, and sends it again once |
| `status` | decides by the HTTP status |
| `cancelled`, `final` | nothing |
]] },
  zh = { path = "docs/zh/errors.md", own = 2, other = 1, columns = "| 中文消息 | 英文消息 |",
    code = "重试：`%s`。退出码：%d。%s", meaning = "含义：%s（%s）。", cloud = "消息由服务端给出。",
    head = [[
# 错误码

<!-- 由 tools/gen_errors.lua 根据 lua/cme/text 中的错误目录生成：请修改目录，再执行 `make docs`。 -->

调用失败时返回 `nil, message, detail`。程序应判断 `detail.code`，给人看 `message`，或用 `cme.codes.say(detail, "zh")` 取得中文消息。
`cme` 以下文所列的退出码退出，`cme COMMAND --json` 会输出错误码。花括号中的词（如 `{reason}`）会换成具体的值。

**重试**说明请求失败后客户端自动采取的做法：

| 规则 | 客户端的做法 |
|---|---|
| `rate` | 请求过于频繁，等待后重新发送 |
| `transport` | 请求尚未发出，或只是读取，则重新发送 |
| `unknown` | 读取则重新发送；修改则先查明是否已经生效，再决定是否重新发送 |
| `unread` | 读取则放弃；修改则查明是否已经生效 |
| `clock`、`token` | 校正时钟，或换一个令牌，然后重新发送一次 |
| `status` | 由 HTTP 状态码决定 |
| `cancelled`、`final` | 不重试 |
]] },
}

-- All sentences by code; a code without one is there, too.
local function by_code()
  local found = {}
  for code in pairs(require "cme.text.meanings") do found[code] = {} end
  for _, family in ipairs(codes.FAMILIES) do
    for name in pairs(PARTS[family] and {} or require("cme.text.words." .. family)) do
      local code = codes.of(name)
      found[code] = found[code] or {}
      table.insert(found[code], name)
    end
  end
  for code in rules.cloud:gmatch "%S+" do found["api." .. code] = found["api." .. code] or {} end
  found.api = nil
  return found
end

local function cell(text)
  return (text:gsub("|", "\\|"):gsub("%s+", " "))
end

local function add_code(lines, code, names, language)
  table.sort(names)
  local meaning = codes.meaning(code)
  lines[#lines + 1] = ("\n### %s\n"):format(code)
  lines[#lines + 1] = language.code:format(codes.retry_rule(code), codes.exit_code(code),
    meaning and language.meaning:format(meaning[language.own], meaning[language.other]) or language.cloud)
  if not names[1] then return end
  lines[#lines + 1] = ("\n%s\n|---|---|"):format(language.columns)
  for _, name in ipairs(names) do
    local sentence = codes.sentence(name)
    lines[#lines + 1] = ("| %s | %s |"):format(cell(sentence[language.own]), cell(sentence[language.other]))
  end
end

local function page(language)
  local lines, found, family = { language.head }, by_code(), nil
  for _, code in ipairs(sorted_keys(found)) do
    local of = code:match "^[%l_]+"
    if of ~= family then lines[#lines + 1] = ("\n## %s"):format(of) end
    family = of
    add_code(lines, code, found[code], language)
  end
  return table.concat(lines, "\n") .. "\n"
end

--- The pages, by their paths.
---@return table<string, string>
function M.pages()
  local pages = {}
  for _, language in pairs(LANGUAGES) do pages[language.path] = page(language) end
  return pages
end

if arg and arg[0] and arg[0]:find "gen_errors%.lua$" then
  for path, text in pairs(M.pages()) do
    local file = assert(io.open(path, "wb"))
    file:write(text)
    file:close()
  end
end

return M
