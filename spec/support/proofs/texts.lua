-- SPDX-License-Identifier: MIT
-- The texts in Lua sources, for specs that compare them with a catalogue: every string, joined where it is written in
-- parts, with %s for what is put between two parts; with the calls that it is an argument of.

local texts = {}

local function skip_space(source, at)
  while true do
    local from = at
    at = source:match("^%s*()", at)
    if source:find("^%-%-%[%[", at) then
      at = select(2, source:find("]]", at, true)) + 1
    elseif source:find("^%-%-", at) then
      at = source:match("^[^\n]*()", at)
    end
    if at == from then return at end
  end
end

local escapes = { n = "\n", t = "\t", r = "\r", ["0"] = "\0" }

local function quoted(source, at)
  local quote, from, to = source:sub(at, at), at + 1, at + 1
  while source:sub(to, to) ~= quote do
    to = to + (source:sub(to, to) == "\\" and 2 or 1)
  end
  return (source:sub(from, to - 1):gsub("\\(.)", function(letter)
    return escapes[letter] or letter
  end)), to + 1
end

-- Tokens: { kind = "text" | "name" | "sign", value, line }.
local function tokens_of(source)
  local tokens, at, line, counted = {}, skip_space(source, 1), 1, 1
  while at <= #source do
    line, counted = line + select(2, source:sub(counted, at - 1):gsub("\n", "")), at
    local kind, value, after = "sign"
    if source:find('^["\']', at) then
      kind = "text"
      value, after = quoted(source, at)
    elseif source:find("^%[%[", at) then
      value, after = "[[", select(2, source:find("]]", at, true)) + 1
    elseif source:find("^[%w_]", at) then
      kind = "name"
      value, after = source:match("^([%w_]+)()", at)
    else
      value, after = source:match("^(%.%.%.?)()", at)
      if not value then
        value, after = source:sub(at, at), at + 1
      end
    end
    tokens[#tokens + 1] = { kind = kind, value = value, line = line }
    at = skip_space(source, after)
  end
  return tokens
end

local function is(token, value)
  return token ~= nil and token.kind ~= "text" and token.value == value
end

local opens, closes = { ["("] = 1, ["["] = 1 }, { [")"] = 1, ["]"] = 1 }

-- The place of the last token of an expression without texts in it; nil: it is more than names and calls.
local function end_of_expression(tokens, at)
  local depth, last = 0, nil
  for i = at, #tokens do
    local token = tokens[i]
    local goes_on = token.kind == "name" or is(token, ".") or is(token, ":") or opens[token.value]
      or depth > 0 and token.kind ~= "text"
    if not goes_on or closes[token.value] and depth == 0 then break end
    depth = depth + (opens[token.value] or 0) - (closes[token.value] or 0)
    last = depth == 0 and i or last
  end
  return last
end

-- The texts that begin at a token, joined; the last token's place.
local function chain(tokens, at)
  local parts, last = { tokens[at].value }, at
  while is(tokens[last + 1], "..") do
    local next_one = tokens[last + 2]
    parts[#parts + 1] = next_one.kind == "text" and next_one.value or "%s"
    local to = next_one.kind == "text" and last + 2 or end_of_expression(tokens, last + 2)
    if not to then break end
    last = to
  end
  if is(tokens[at - 1], "..") then
    table.insert(parts, 1, "%s")
  end
  return table.concat(parts), last
end

---@class spec.text
---@field text string
---@field line integer
---@field calls table<string, true> names of the functions among whose arguments it is

---@param source string
---@return spec.text[]
function texts.of(source)
  local tokens, found, open, at = tokens_of(source), {}, {}, 1
  while at <= #tokens do
    local token, before = tokens[at], tokens[at - 1]
    if token.kind == "text" then
      local calls = { [before and before.kind == "name" and before.value or ""] = true }
      for _, name in ipairs(open) do
        calls[name] = true
      end
      local text, last = chain(tokens, at)
      found[#found + 1] = { text = text, line = token.line, calls = calls }
      at = last
    elseif is(token, "(") then
      open[#open + 1] = before and before.kind == "name" and before.value or ""
    elseif is(token, ")") then
      open[#open] = nil
    end
    at = at + 1
  end
  return found
end

return texts
