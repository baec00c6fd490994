#!/usr/bin/env lua5.4
-- SPDX-License-Identifier: MIT
-- Writes docs/errors.md from the catalogue of codes: lua/cme/text/{words,meanings,rules}.
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
local PARTS = { advice = true, engine = true, ["in"] = true, op = true, word = true }

local HEAD = [[
# Error codes

<!-- Made by tools/gen_errors.lua from the catalogue in lua/cme/text: change that, then run `make docs`. -->

A call that fails returns `nil, message, detail`. Match `detail.code`; show `message`, or
`cme.codes.say(detail, "zh")` for the same in Chinese. `cme` exits with the exit code given here, and
`cme COMMAND --json` prints the code.

**Retry** says what the client does about a failed request by itself:

| rule | what the client does |
|---|---|
| `rate` | waits and sends it again: too many requests were sent |
| `transport` | sends it again if nothing had been sent, or if it only reads |
| `unknown` | sends a read again; looks whether a write was done before it sends it again |
| `unread` | nothing for a read; looks whether a write was done |
| `clock`, `token` | corrects the clock, or fetches another token, and sends it again once |
| `status` | decides by the HTTP status |
| `cancelled`, `final` | nothing |
]]

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

local function add_code(lines, code, names)
  table.sort(names)
  local meaning = codes.meaning(code)
  lines[#lines + 1] = ("\n### %s\n"):format(code)
  lines[#lines + 1] = ("Retry: `%s`. Exit code: %d.%s"):format(codes.retry_rule(code), codes.exit_code(code),
    meaning and (" Meaning: %s (%s)."):format(meaning[1], meaning[2]) or " The message is the service's.")
  if not names[1] then return end
  lines[#lines + 1] = "\n| message | in Chinese |\n|---|---|"
  for _, name in ipairs(names) do
    local sentence = codes.sentence(name)
    lines[#lines + 1] = ("| %s | %s |"):format(cell(sentence[1]), cell(sentence[2]))
  end
end

--- The page.
---@return string
function M.page()
  local lines, found, family = { HEAD }, by_code(), nil
  for _, code in ipairs(sorted_keys(found)) do
    local of = code:match "^[%l_]+"
    if of ~= family then lines[#lines + 1] = ("\n## %s"):format(of) end
    family = of
    add_code(lines, code, found[code])
  end
  return table.concat(lines, "\n") .. "\n"
end

if arg and arg[0] and arg[0]:find "gen_errors%.lua$" then
  local file = assert(io.open("docs/errors.md", "wb"))
  file:write(M.page())
  file:close()
end

return M
