-- SPDX-License-Identifier: MIT
-- The inputs and outputs of a project as `cme watch` shows them: tables whose columns do not move while figures change,
-- and are left out where the screen is too narrow for them beside short names. Last errors are a column if all of them
-- fit, otherwise lines of their own, because the reason is at their end. Pure.

local columns = require "cme.cli.columns"
local mark = require "cme.cli.messages".mark
local one_line = require "cme.cli.context".one_line
local states = require "cme.cli.states"

local watch_table = {}

local INDENT, GAP = "  ", "  "
local NAME_MAX, NAME_SHORT, NAME_MIN = 24, 12, 6

---@class cme.cli.watch.row
---@field name string
---@field state string|nil
---@field health table of an input or output, empty where nothing is told

-- ---- columns

local function number(value, format)
  return value and format:format(value) or ""
end

local function picture(health)
  local parts = {}
  if health.width then parts[1] = ("%dx%d"):format(health.width, health.height or 0) end
  parts[#parts + 1] = health.video_codec
  parts[#parts + 1] = health.audio_codec
  return one_line(table.concat(parts, " "))
end

---@class cme.cli.watch.column
---@field head string
---@field least integer places that it has at least
---@field right boolean|nil true: figures
---@field goes integer|nil the highest goes first where there are too few places; nil: stays
---@field cell fun(row: cme.cli.watch.row, t: cme.cli.translate): string|cme.cli.cell

---@type cme.cli.watch.column[]
local COMMON = {
  { head = mark "STATE", least = 12, cell = function(row, t) return states.cell(row.state, t) end },
  { head = mark "KBIT/S", least = 6, right = true, goes = 1,
    cell = function(row) return number(row.health.bitrate, "%.0f") end },
  { head = mark "FPS", least = 3, right = true, goes = 4,
    cell = function(row) return number(row.health.frame_rate, "%.0f") end },
}
local function look_cell(row, t)
  return row.health.look and states.look(row.health.look.state, t) or ""
end

---@type cme.cli.watch.column[]
local OF_INPUTS = { COMMON[1], { head = mark "SHOWS", least = 5, cell = look_cell }, COMMON[2], COMMON[3],
  { head = mark "PICTURE", least = 16, goes = 3, cell = function(row) return picture(row.health) end } }
---@type cme.cli.watch.column[]
local OF_OUTPUTS = { COMMON[1], { head = mark "VIEWERS", least = 7, cell = look_cell }, COMMON[2], COMMON[3],
  { head = mark "DROPPED", least = 7, right = true, goes = 2,
    cell = function(row) return number(row.health.dropped, "%d") end },
  { head = mark "DELAY", least = 7, right = true, goes = 3,
    cell = function(row) return number(row.health.delay_p99, "%.0f ms") end } }

local function text_of(cell)
  if type(cell) == "table" then return cell[1], cell.colour end
  return cell
end

-- The cells of a table, the head first, and how wide each column is; 0: nothing is in it.
local function cells_of(rows, kinds, t)
  local cells, widths = { {} }, {}
  for i, kind in ipairs(kinds) do
    cells[1][i] = { t(kind.head), colour = "grey" }
    local widest = 0
    for nth, row in ipairs(rows) do
      local text, colour = text_of(kind.cell(row, t))
      cells[nth + 1] = cells[nth + 1] or {}
      cells[nth + 1][i] = { text, colour = colour }
      widest = math.max(widest, columns.width(text))
    end
    widths[i] = widest > 0 and math.max(kind.least, widest, columns.width(cells[1][i][1])) or 0
  end
  return cells, widths
end

-- The places of all columns.
local function taken_by(widths)
  local taken = 0
  for _, width in ipairs(widths) do taken = taken + (width > 0 and #GAP + width or 0) end
  return taken
end

-- Takes columns out until the rest fits; gives the places that are left.
local function narrow(widths, kinds, places)
  while true do
    local taken, going = taken_by(widths), nil
    for i, width in ipairs(widths) do
      if width > 0 and kinds[i].goes and (not going or kinds[i].goes > kinds[going].goes) then going = i end
    end
    if taken <= places or not going then return places - taken end
    widths[going] = 0
  end
end

-- ---- rows

-- The last error; grey when it is over.
local function error_of(row, view)
  local awaited = row.health.waits_for_reason or row.health.waits_for
  if awaited then return one_line(view.t("waits for %s", awaited)), "yellow" end
  local text, past = states.failure(row.health, view.now, view.t)
  return text and one_line(text), past and "grey" or "red"
end

local function add(line, text, places, right, colour)
  local shown = columns.cut(text, places)
  local fill = (" "):rep(places - columns.width(shown))
  line[#line + 1] = { right and fill .. shown or shown, colour = colour }
  if not right then line[#line + 1] = { fill } end
end

local function row_line(name, colour, cells, widths, kinds, name_places)
  local line = { { INDENT } }
  add(line, name, name_places, false, colour)
  for i, kind in ipairs(kinds) do
    if widths[i] > 0 then
      line[#line + 1] = { GAP }
      add(line, cells[i][1], widths[i], kind.right, cells[i].colour)
    end
  end
  return line
end

local function longest_error(rows, view)
  local longest = 0
  for _, row in ipairs(rows) do longest = math.max(longest, columns.width((error_of(row, view)) or "")) end
  return longest
end

-- The last errors: behind their rows and a head where there are places, else below them.
local function with_errors(lines, rows, beside, view)
  local out, any = { lines[1] }, false
  for nth, row in ipairs(rows) do
    local line, text, colour = lines[nth + 1], error_of(row, view)
    out[#out + 1] = line
    any = any or text ~= nil
    if text and not beside then
      line = {}
      out[#out + 1] = line
    end
    if text then
      line[#line + 1] = { beside and GAP or INDENT .. INDENT }
      line[#line + 1] = { text, colour = colour }
    end
  end
  if any and beside then
    table.insert(out[1], { GAP })
    table.insert(out[1], { view.t "LAST ERROR", colour = "grey" })
  end
  return out
end

---@class cme.cli.watch.part one of the tables
---@field head string
---@field rows cme.cli.watch.row[]
---@field kinds cme.cli.watch.column[]
---@field cells cme.cli.cell[][]
---@field widths integer[]

local function part_of(head, rows, kinds, t)
  local cells, widths = cells_of(rows, kinds, t)
  return { head = head, rows = rows, kinds = kinds, cells = cells, widths = widths }
end

-- The places for names, the same in all tables: names are cut short before a column goes.
local function name_places(parts, view)
  local widest, columns_take = NAME_MIN, 0
  for _, part in ipairs(parts) do
    widest = math.max(widest, columns.width(part.head))
    columns_take = math.max(columns_take, taken_by(part.widths))
    for _, row in ipairs(part.rows) do widest = math.max(widest, columns.width(row.name)) end
  end
  local beside = math.max(NAME_SHORT, view.width - #INDENT - columns_take)
  return math.min(widest, NAME_MAX, math.max(NAME_MIN, math.min(beside, view.width // 3)))
end

local function table_lines(part, places, view)
  local rows, kinds, widths = part.rows, part.kinds, part.widths
  local left = narrow(widths, kinds, view.width - #INDENT - places)
  local lines = { row_line(part.head, "grey", part.cells[1], widths, kinds, places) }
  for nth, row in ipairs(rows) do
    lines[nth + 1] = row_line(row.name, nil, part.cells[nth + 1], widths, kinds, places)
  end
  return with_errors(lines, rows, longest_error(rows, view) <= left - #GAP, view)
end

local function row_of(name, active, part)
  return { name = one_line(name) .. (active and " *" or ""), health = part.health or {},
    state = part.state or part.status }
end

local function input_rows(info)
  local rows = {}
  for _, name in ipairs { "main", "backup" } do
    local active = info.active == name and not info.on_slate
    if info.inputs[name] then rows[#rows + 1] = row_of(name, active, info.inputs[name]) end
  end
  if info.slate then
    local health = info.slate.health or {}
    rows[#rows + 1] = row_of("slate", info.on_slate, { health = health, state = health.state })
  end
  for _, source in ipairs(info.sources or {}) do
    rows[#rows + 1] = row_of(source.id or "", info.active == source.id, {})
  end
  return rows
end

local function output_rows(info)
  local rows = {}
  for i, output in ipairs(info.outputs) do
    rows[i] = row_of(output.name and output.name ~= "" and output.name or output.id or "", false, output)
  end
  return rows
end

--- The lines of a project's inputs and outputs.
---@param info cme.cli.reading
---@param view cme.cli.watch.view
---@return cme.cli.watch.line[]
function watch_table.lines(info, view)
  local t, lines, parts = view.t, {}, {}
  for _, one in ipairs { { t "INPUT", input_rows(info), OF_INPUTS }, { t "OUTPUT", output_rows(info), OF_OUTPUTS } } do
    if one[2][1] then parts[#parts + 1] = part_of(one[1], one[2], one[3], t) end
  end
  local places = name_places(parts, view)
  for _, part in ipairs(parts) do
    local more = table_lines(part, places, view)
    table.move(more, 1, #more, #lines + 1, lines)
  end
  return lines
end

return watch_table
