-- SPDX-License-Identifier: MIT
-- What came of rounds, by fault: of one run, and of all runs that were written down in a file, a line of JSON a round.

local json = require "cme.json"

local tally = {}

---@class spec.fleet.noted a round as it is written down
---@field seed integer
---@field commit string         of the checkout, "" when it has none
---@field projects integer
---@field lease integer         seconds
---@field gop integer|nil       seconds, 1 when nil
---@field kind string           the fault's name
---@field publishes number[]    as of spec.fleet.round, and so are the others
---@field pictures number[]
---@field strict number[]
---@field gap number
---@field overlaps integer
---@field doubles integer
---@field off integer
---@field lost integer
---@field words string[]

---@class spec.fleet.row
---@field kind string
---@field rounds integer
---@field publishes number[]
---@field pictures number[]
---@field strict number[]
---@field gap number            the longest
---@field overlaps integer      messages of an older epoch, or of an older engine
---@field lost integer          writes
---@field wrong integer         rounds in which something went wrong

local LISTS = { "publishes", "pictures", "strict" }

local function thousandths(list)
  local out = json.array {}
  for i, value in ipairs(list) do out[i] = math.floor(value * 1000 + 0.5) / 1000 end
  return out
end

--- A round as it is written down. Pure.
---@param round spec.fleet.round
---@param run { seed: integer, commit: string, projects: integer, lease: integer, gop: integer|nil }
---@return spec.fleet.noted
function tally.note(round, run)
  local noted = { seed = run.seed, commit = run.commit, projects = run.projects, lease = run.lease,
    gop = run.gop, kind = round.fault.name, gap = round.gap, overlaps = round.overlaps, doubles = round.doubles,
    off = round.off, lost = round.lost, words = json.array(table.move(round.words, 1, #round.words, 1, {})) }
  for _, name in ipairs(LISTS) do noted[name] = thousandths(round[name]) end
  return noted
end

--- Writes a round down, behind those that the file has.
---@param path string
---@param noted spec.fleet.noted
function tally.append(path, noted)
  local file = assert(io.open(path, "a"))
  assert(file:write(assert(json.encode(noted)), "\n"))
  assert(file:close())
end

--- The rounds in a file that were played with so many projects, such a lease and such a source.
---@param path string
---@param projects integer
---@param lease integer seconds
---@param gop integer|nil seconds, 1 when nil
---@return spec.fleet.noted[]
function tally.read(path, projects, lease, gop)
  local list, file = {}, io.open(path)
  for line in file and file:lines() or function() end do
    local noted = json.decode(line)
    local fits = type(noted) == "table" and noted.projects == projects and noted.lease == lease
      and (noted.gop or 1) == (gop or 1)
    if fits then list[#list + 1] = noted end
  end
  if file then file:close() end
  return list
end

--- The value below which a share of the values is; 0 of none. Pure but for the order of the list.
---@param list number[]
---@param share number
---@return number
function tally.percentile(list, share)
  table.sort(list)
  return list[math.max(1, math.ceil(#list * share))] or 0
end

local function add(row, noted)
  for _, name in ipairs(LISTS) do
    table.move(noted[name], 1, #noted[name], #row[name] + 1, row[name])
  end
  row.rounds, row.gap = row.rounds + 1, math.max(row.gap, noted.gap)
  row.overlaps, row.lost = row.overlaps + noted.overlaps + noted.doubles, row.lost + noted.lost
  row.wrong = row.wrong + (#noted.words > 0 and 1 or 0)
end

--- A row for each fault, by the order of their first rounds. Pure.
---@param list spec.fleet.noted[]
---@return spec.fleet.row[]
function tally.rows(list)
  local rows, by_kind = {}, {}
  for _, noted in ipairs(list) do
    local row = by_kind[noted.kind]
    if not row then
      row = { kind = noted.kind, rounds = 0, publishes = {}, pictures = {}, strict = {}, gap = 0, overlaps = 0,
        lost = 0, wrong = 0 }
      by_kind[noted.kind], rows[#rows + 1] = row, row
    end
    add(row, noted)
  end
  return rows
end

return tally
