-- SPDX-License-Identifier: MIT
-- What a terminal sends, as keystrokes. Sequences may come in pieces: what is not whole yet waits in `rest`. Pure.

local keystrokes = {}

---@alias cme.cli.watch.key "up"|"down"|"page_up"|"page_down"|"home"|"end"|"quit"|"suspend"|"redraw"

---@type table<string, cme.cli.watch.key>
local CHARACTERS = {
  q = "quit", Q = "quit", ["\3"] = "quit", ["\4"] = "quit", ["\28"] = "quit", -- Ctrl-C, Ctrl-D, Ctrl-\
  ["\26"] = "suspend", ["\12"] = "redraw", -- Ctrl-Z, Ctrl-L
  k = "up", j = "down", [" "] = "page_down", b = "page_up", g = "home", G = "end",
}
-- By the final byte of CSI and SS3 sequences (ECMA-48, xterm), and by the parameter of those that end in "~".
---@type table<string, cme.cli.watch.key>
local FINALS = { A = "up", B = "down", H = "home", F = "end" }
---@type table<string, cme.cli.watch.key>
local NUMBERS = { ["5"] = "page_up", ["6"] = "page_down", ["1"] = "home", ["7"] = "home", ["4"] = "end", ["8"] = "end" }

local LONGEST = 32 -- bytes of a sequence; more is none

-- The key of the sequence at the beginning, nil for an unknown one, and its length; 0 while it is not whole.
local function sequence(bytes)
  local kind = bytes:sub(2, 2)
  if kind == "" then return nil, 0 end
  if kind ~= "[" and kind ~= "O" then return nil, 1 end -- Alt and a key, or Escape before one
  local parameters, final, past = bytes:match("^([0-?]*)[ -/]*([@-~])()", 3)
  if final then return final == "~" and NUMBERS[parameters:match "^%d*"] or FINALS[final], past - 1 end
  local foreign = bytes:find("[^ -?]", 3)
  if foreign then return nil, foreign - 1 end
  return nil, #bytes > LONGEST and #bytes or 0
end

--- Takes bytes apart.
---@param bytes string what was left before, and what has come
---@return cme.cli.watch.key[] keys those that mean something here
---@return string rest the beginning of a sequence
function keystrokes.read(bytes)
  local keys, at = {}, 1
  while at <= #bytes do
    local char, length = bytes:sub(at, at), 1
    local key = CHARACTERS[char]
    if char == "\27" then
      key, length = sequence(bytes:sub(at))
      if length == 0 then return keys, bytes:sub(at) end
    end
    if key then keys[#keys + 1] = key end
    at = at + length
  end
  return keys, ""
end

return keystrokes
