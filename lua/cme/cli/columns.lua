-- SPDX-License-Identifier: MIT
-- Tables of text for a terminal: columns as wide as what is in them, where a Chinese character takes two places and a
-- combining mark none. Pure.

local columns = {}

local GAP = 2 -- places between two columns

-- Ranges of code points (Unicode 15, East Asian Width W and F, the common ones of emoji among them).
local WIDE = {
  { 0x1100, 0x115F }, { 0x2E80, 0x303E }, { 0x3041, 0x33FF }, { 0x3400, 0x4DBF }, { 0x4E00, 0x9FFF },
  { 0xA000, 0xA4CF }, { 0xA960, 0xA97F }, { 0xAC00, 0xD7A3 }, { 0xF900, 0xFAFF }, { 0xFE30, 0xFE6F },
  { 0xFF00, 0xFF60 }, { 0xFFE0, 0xFFE6 }, { 0x1F300, 0x1F64F }, { 0x1F680, 0x1F6FF }, { 0x1F900, 0x1F9FF },
  { 0x20000, 0x3FFFD },
}
local NONE = { { 0x0300, 0x036F }, { 0x200B, 0x200F }, { 0x20D0, 0x20FF }, { 0xFE00, 0xFE0F } }

local function within(ranges, code)
  for _, range in ipairs(ranges) do
    if code < range[1] then return false end
    if code <= range[2] then return true end
  end
  return false
end

--- The places that a text takes on a terminal.
---@param text string UTF-8 without control characters; another is counted by its bytes
---@return integer
function columns.width(text)
  if not text:find "[\128-\255]" then return #text end
  if not utf8.len(text) then return #text end
  local width = 0
  for _, code in utf8.codes(text) do
    if within(WIDE, code) then
      width = width + 2
    elseif not within(NONE, code) then
      width = width + 1
    end
  end
  return width
end

--- Cuts a text to a number of places.
---@param text string
---@param places integer at least 1
---@return string shown ends in "…" where something was cut off
function columns.cut(text, places)
  if columns.width(text) <= places then return text end
  if not utf8.len(text) then return text:sub(1, places) end
  local kept, width = {}, 0
  for _, code in utf8.codes(text) do
    local char = utf8.char(code)
    width = width + columns.width(char)
    if width > places - 1 then break end
    kept[#kept + 1] = char
  end
  return table.concat(kept) .. "…"
end

--- Cuts the beginning of a text off, for what is told apart by its end: addresses.
---@param text string
---@param places integer at least 1
---@return string shown begins with "…" where something was cut off
function columns.tail(text, places)
  if columns.width(text) <= places then return text end
  if not utf8.len(text) then return text:sub(-places) end
  local from = 1
  while columns.width(text:sub(from)) > places - 1 do from = utf8.offset(text, 2, from) end
  return "…" .. text:sub(from)
end

--- Fills a text up to a number of places.
---@param text string
---@param places integer
---@return string
function columns.pad(text, places)
  return text .. (" "):rep(places - columns.width(text))
end

---@class cme.cli.cell a text, or a text with the name of a colour
---@field [1] string
---@field colour string|nil

local function text_of(cell)
  if type(cell) == "table" then return cell[1], cell.colour end
  return cell == nil and "" or tostring(cell)
end

local function widths_of(rows)
  local widths = {}
  for _, row in ipairs(rows) do
    for i = 1, #rows[1] do widths[i] = math.max(widths[i] or 0, columns.width((text_of(row[i])))) end
  end
  return widths
end

-- The places that others leave to the first column.
local function left_to_first(widths, gone, places)
  for i = 2, #widths do places = places - (gone[i] and 0 or GAP + widths[i]) end
  return places
end

--- Makes rows fit a number of places: the cells of the first column lose their beginnings, and where that leaves them
--- too short, other columns go first.
---@param rows (string|number|cme.cli.cell)[][] changed; the first is the head
---@param places integer
---@param least integer places that the first column keeps
---@param goes integer[] columns that may go, in this order
function columns.fit(rows, places, least, goes)
  local widths, gone, nth = widths_of(rows), {}, 1
  while goes[nth] and left_to_first(widths, gone, places) < math.min(least, widths[1]) do
    gone[goes[nth]], nth = true, nth + 1
  end
  local first = math.max(1, left_to_first(widths, gone, places))
  for _, row in ipairs(rows) do
    local text, colour = text_of(row[1])
    row[1] = { columns.tail(text, first), colour = colour }
    for i = #widths, 2, -1 do
      if gone[i] then table.remove(row, i) end
    end
  end
end

--- Lays rows out.
---@param rows (string|number|cme.cli.cell|nil)[][] the first is the head; `n` where a row may end in nil
---@param paint fun(text: string, colour: string|nil): string
---@return string[] lines without spaces at their end
function columns.lines(rows, paint)
  local widths = widths_of(rows)
  local lines = {}
  for nth, row in ipairs(rows) do
    local parts = {}
    for i = 1, #rows[1] do
      local text, colour = text_of(row[i])
      local fill = (" "):rep(i < #rows[1] and widths[i] - columns.width(text) or 0)
      parts[i] = paint(text, nth == 1 and "bold" or colour) .. fill
    end
    lines[nth] = table.concat(parts, (" "):rep(GAP)):gsub("%s+$", "")
  end
  return lines
end

return columns
