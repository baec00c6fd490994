-- SPDX-License-Identifier: MIT
-- Cuts Lua 5.4 text into tokens. What is between two tokens is white space alone, so that a text can be put together
-- again from them. Pure. It checks nothing: luac does.

local tokens = {}

local KEYWORDS = {}
for word in ("and break do else elseif end false for function goto if in local nil not or repeat return then true "
  .. "until while"):gmatch "%a+" do
  KEYWORDS[word] = true
end

---@class lint.token
---@field kind "name"|"keyword"|"string"|"number"|"comment"|"operator"
---@field text string as it is written
---@field from integer position of its first byte
---@field to integer position of its last byte
---@field line integer of its first byte, from 1
---@field last_line integer of its last byte

-- Where a text in long brackets ends that begins at `at`; nil when none begins there.
local function end_of_long(text, at)
  local level = text:match("^%[(=*)%[", at)
  if not level then return nil end
  local _, to = text:find("]" .. level .. "]", at, true)
  return to or #text
end

local function end_of_quoted(text, at)
  local quote, to = text:sub(at, at), at + 1
  while true do
    to = text:find("[\\\n" .. quote .. "]", to)
    if not to then return #text end
    local found = text:sub(to, to)
    if found == quote then return to end
    if found == "\n" then return to - 1 end -- never closed
    to = to + (text:find("^z%s", to + 1) and #text:match("^z%s*", to + 1) + 1 or 2)
  end
end

local function end_of_comment(text, at)
  local long = end_of_long(text, at + 2)
  if long then return long end
  return (text:find("\n", at, true) or #text + 1) - 1
end

local function end_of_number(text, at)
  local to = at
  local exponent = text:find("^0[xX]", at) and "^[pP][+-]" or "^[eE][+-]"
  while true do
    if text:find(exponent, to) then
      to = to + 2
    elseif text:find("^[%w.]", to) then
      to = to + 1
    else
      return to - 1
    end
  end
end

local OPERATORS = { "^%.%.%.", "^%.%.", "^==", "^~=", "^<=", "^>=", "^//", "^::", "^<<", "^>>" }

local function end_of_operator(text, at)
  for _, pattern in ipairs(OPERATORS) do
    local _, to = text:find(pattern, at)
    if to then return to end
  end
  return at
end

local function read(text, at)
  if text:find("^%-%-", at) then return "comment", end_of_comment(text, at) end
  if text:find("^[%a_]", at) then
    local word = text:match("^[%w_]+", at)
    return KEYWORDS[word] and "keyword" or "name", at + #word - 1
  end
  if text:find("^%.?%d", at) then return "number", end_of_number(text, at) end
  if text:find("^[\"']", at) then return "string", end_of_quoted(text, at) end
  local long = end_of_long(text, at)
  if long then return "string", long end
  return "operator", end_of_operator(text, at)
end

--- All tokens of a text, comments too; a first line with #! counts as a comment.
---@param text string
---@return lint.token[]
function tokens.of(text)
  local list, at, line = {}, 1, 1
  local first = text:match "^#[^\n]*"
  while true do
    local from = text:find("%S", at)
    if not from then return list end
    line = line + select(2, text:sub(at, from - 1):gsub("\n", ""))
    local kind, to
    if first and from == 1 then kind, to = "comment", #first else kind, to = read(text, from) end
    local written = text:sub(from, to)
    local last_line = line + select(2, written:gsub("\n", ""))
    list[#list + 1] = { kind = kind, text = written, from = from, to = to, line = line, last_line = last_line }
    at, line = to + 1, last_line
  end
end

--- The tokens without the comments.
---@param list lint.token[]
---@return lint.token[]
function tokens.code(list)
  local code = {}
  for _, token in ipairs(list) do
    if token.kind ~= "comment" then code[#code + 1] = token end
  end
  return code
end

local OPENING = { ["function"] = true, ["if"] = true, ["do"] = true, ["repeat"] = true }

--- Visits every block, from the keyword that opens it to the one that closes it: function, if, do (of a loop too) and
--- repeat. `until` closes a repeat.
---@param code lint.token[] without comments
---@param visit fun(opening: integer, closing: integer) indices into `code`
function tokens.blocks(code, visit)
  local open = {}
  for index, token in ipairs(code) do
    if token.kind == "keyword" then
      if OPENING[token.text] then
        open[#open + 1] = index
      elseif token.text == "end" or token.text == "until" then
        visit(table.remove(open), index)
      end
    end
  end
end

return tokens
