-- SPDX-License-Identifier: MIT
-- What `cme watch` shows at a terminal: the whole screen, as lines that fit its width.
--
--   head       what is watched, where, what time it is
--   projects   scrolled when they are more than fit: state, time gone and left, inputs, outputs
--   changes    the newest last
--   foot       keys
--
-- A line is a list of parts, { text, colour }. Where the width is too small, columns are left out, the least needed
-- first, then texts are cut. Pure, but for the zone of shown times.

local clock = require "cme.cli.clock"
local columns = require "cme.cli.columns"
local one_line = require "cme.cli.context".one_line
local states = require "cme.cli.states"
local watch_table = require "cme.cli.watch.table"
local watch_words = require "cme.cli.watch.words"

local watch_screen = {}

local BARE_ROWS = 6 -- a screen of less has projects only
local CHANGES_MIN = 4 -- rows that changes get though projects would fill the screen, where it has FEW_ROWS
local FEW_ROWS = 16
local BAR_MAX, BAR_MIN = 40, 8
local WIDE = 80 -- from here on a project's id is shown

---@alias cme.cli.watch.line cme.cli.cell[]

---@class cme.cli.watch.view what a screen is made of
---@field model cme.cli.watch.model
---@field where string the service
---@field scroll integer lines of projects that are above the screen
---@field width integer
---@field height integer
---@field waiting boolean|nil nothing was read yet
---@field now number unix seconds
---@field t cme.cli.translate

-- ---- a project

local function bar(gone, whole, places)
  local filled = whole > 0 and math.floor(math.min(1, math.max(0, gone / whole)) * places + 0.5) or places
  return { { ("="):rep(filled), "filled" }, { ("-"):rep(places - filled), "empty" } }
end

-- How long it has been on the air, and how long it will be.
local function time_line(info, view)
  local t, now = view.t, view.now
  if not info.started_at then return nil end
  local gone = clock.span(now - info.started_at, t)
  if not info.stop_at then return { { "  " .. t("since %s (%s)", clock.local_time(info.started_at, now), gone) } } end
  local said = t("%s elapsed, %s left", gone, clock.span(info.stop_at - now, t))
  local places = math.min(BAR_MAX, view.width - columns.width(said) - 6)
  if places < BAR_MIN then return { { "  " .. said } } end
  local cells = bar(now - info.started_at, info.stop_at - info.started_at, places)
  return { { "  [" }, { cells[1][1], colour = cells[1][2] }, { cells[2][1], colour = cells[2][2] }, { "] " .. said } }
end

local function title_line(entry, view)
  local info, t = entry.info, view.t
  local line = { { one_line(entry.name), colour = "bold" } }
  local function add(text, colour)
    line[#line + 1] = { "  " }
    line[#line + 1] = { text, colour = colour }
  end
  if not info then return line end
  local cell = states.cell(info.status, t)
  add(cell[1], cell.colour)
  if info.stop_at then add(t("until %s", clock.local_time(info.stop_at, view.now))) end
  if info.stopped_at then add(t("since %s", clock.local_time(info.stopped_at, view.now)), "grey") end
  if view.width >= WIDE then add(one_line(entry.id), "grey") end
  return line
end

local function fault_line(fault, view)
  local lasted = clock.span(view.now - fault.since, view.t)
  return { { "  " .. one_line(view.t("%s (for %s)", fault.reason or fault.message, lasted)), colour = "red" } }
end

-- Which node stands by; nil: none is to.
local function standby_line(info, view)
  local cell = info.standby_health and states.standby(info.standby_health, view.t)
  return cell and { { "  " }, { one_line(cell[1]), colour = cell.colour } } or nil
end

local function append(lines, more)
  table.move(more, 1, #more, #lines + 1, lines)
end

local function project_lines(entry, view)
  local lines = { title_line(entry, view) }
  local info, working = entry.info, entry.info and entry.info.status == "working"
  if working then lines[#lines + 1] = time_line(info, view) end
  if entry.fault then lines[#lines + 1] = fault_line(entry.fault, view) end
  if not working then return lines end
  append(lines, watch_table.lines(info, view))
  lines[#lines + 1] = standby_line(info, view)
  if not info.has_health then
    lines[#lines + 1] = { { "  " .. view.t "This service does not report individual inputs and outputs.",
      colour = "grey" } }
  end
  return lines
end

local function working_first(entries)
  local first, rest = {}, {}
  for _, entry in ipairs(entries) do
    local working = entry.info and entry.info.status == "working"
    table.insert(working and first or rest, entry)
  end
  append(first, rest)
  return first
end

-- All projects; one that shows more than its title has a free line before and after it.
local function body_lines(view)
  local lines, tall_before = {}, false
  if view.model.fault then lines[1] = fault_line(view.model.fault, view) end
  for i, entry in ipairs(working_first(view.model.entries)) do
    local more = project_lines(entry, view)
    if i > 1 and (#more > 1 or tall_before) then lines[#lines + 1] = {} end
    append(lines, more)
    tall_before = #more > 1
  end
  if not lines[1] then
    lines[1] = { { view.waiting and view.t "waiting for the service" or view.t "no projects", colour = "grey" } }
  end
  return lines
end

-- ---- what is around them

-- Two texts at the ends of a line; the right one goes first where there are too few places.
local function spread(left, right, view, colour)
  local free = view.width - columns.width(left) - columns.width(right)
  if free < 2 then return { { left, colour = colour } } end
  return { { left .. (" "):rep(free) .. right, colour = colour } }
end

local function head_line(view)
  local working = 0
  for _, entry in ipairs(view.model.entries) do
    if entry.info and entry.info.status == "working" then working = working + 1 end
  end
  local left = view.waiting and "" or view.t("projects: %d, working: %d", #view.model.entries, working)
  local time = os.date("%T", math.floor(view.now)) --[[@as string]]
  return spread("cme watch  " .. one_line(view.where) .. "  " .. left, time, view, "grey")
end

local function foot_line(view, first, last, all)
  local where = last - first + 1 < all and view.t("lines %d to %d of %d", first, last, all) or ""
  return spread(view.t "q: quit  j k PgUp PgDn: scroll", where, view, "grey")
end

local function change_lines(view, places)
  local lines, changes = {}, view.model.changes
  for i = math.max(1, #changes - places + 1), #changes do
    local text, colour = watch_words.line(changes[i], view.t)
    lines[#lines + 1] = { { clock.local_time(changes[i].at, view.now), colour = "grey" }, { "  " },
      { text, colour = colour } }
  end
  return lines
end

-- ---- the screen

-- How many rows projects and changes get of those between head and foot.
local function shares(rows, body, changes)
  local least = rows >= FEW_ROWS and math.min(changes, CHANGES_MIN) + 1 or 0
  if changes == 0 then least = 0 end
  local for_body = math.min(body, rows - least)
  local for_changes = math.max(0, math.min(changes, rows - for_body - 1))
  return rows - (for_changes > 0 and for_changes + 1 or 0), for_changes
end

-- Puts a line's parts together, cut to the screen's width.
local function painted(line, width, paint)
  local left, out = width, {}
  for _, part in ipairs(line) do
    if left < 1 then break end
    local text = columns.cut(part[1], left)
    out[#out + 1] = paint(text, part.colour)
    if text ~= part[1] then break end
    left = left - columns.width(text)
  end
  return table.concat(out)
end

-- The lines of the screen's rows, not painted yet, and how far projects can be scrolled.
local function compose(view)
  local body = body_lines(view)
  local bare = view.height < BARE_ROWS
  local rows = bare and view.height or view.height - 2
  local for_body, for_changes = shares(rows, #body, bare and 0 or #view.model.changes)
  local most = math.max(0, #body - for_body)
  local scroll = math.max(0, math.min(view.scroll, most))
  local lines = bare and {} or { head_line(view) }
  for i = scroll + 1, scroll + for_body do lines[#lines + 1] = body[i] or {} end
  if for_changes > 0 then
    lines[#lines + 1] = { { ("-"):rep(view.width), colour = "grey" } }
    append(lines, change_lines(view, for_changes))
  end
  if not bare then lines[#lines + 1] = foot_line(view, scroll + 1, math.min(#body, scroll + for_body), #body) end
  return lines, most, for_body
end

--- Makes the screen.
---@param view cme.cli.watch.view
---@param paint fun(text: string, colour: string|nil): string
---@return string[] lines as many as the screen has rows
---@return integer most how far it can be scrolled
---@return integer page rows that scroll
function watch_screen.lines(view, paint)
  local lines, most, page = compose(view)
  local out = {}
  for row = 1, view.height do out[row] = painted(lines[row] or {}, view.width, paint) end
  return out, most, math.max(1, page)
end

---@type table<cme.cli.watch.key, fun(at: integer, page: integer, most: integer): integer>
local MOVES = {
  up = function(at) return at - 1 end,
  down = function(at) return at + 1 end,
  page_up = function(at, page) return at - page end,
  page_down = function(at, page) return at + page end,
  home = function() return 0 end,
  ["end"] = function(_, _, most) return most end,
}

--- Where a key scrolls to.
---@param key cme.cli.watch.key
---@param at integer
---@param page integer
---@param most integer
---@return integer at between 0 and most
function watch_screen.scroll(key, at, page, most)
  local move = MOVES[key]
  return math.max(0, math.min(move and move(at, page, most) or at, most))
end

return watch_screen
