-- SPDX-License-Identifier: MIT
-- Which codec comes in by which way and goes out by which: every cell from a run, its packets compared with those that
-- the far side sent. Programs of others stand at both ends, but for the ways with a *.
--
--   make codecs                                      ten minutes; fails when a cell neither works nor is refused
--   make codecs CODECS="hevc opus" WAYS="RTMP HLS"   these rows alone; a blank in a way's name is written _

package.path = "./?.lua;" .. package.path
require "spec.support.paths"
local codecs = require "spec.support.proofs.codecs"
local films = require "spec.support.proofs.codecs.films"
local proc = require "spec.support.proc"
local vectors = require "spec.support.proofs.codecs.vectors"
local ways_in = require "spec.support.proofs.codecs.ways_in"
local ways_out = require "spec.support.proofs.codecs.ways_out"

local NAME, CELL = 20, 15 -- columns wide

local notes, numbers = {}, {} -- words of refusals, and the number of each
local good = true

local function say(...)
  io.stdout:write(string.format(...), "\n")
  io.stdout:flush()
end

local function note(text)
  if not numbers[text] then
    notes[#notes + 1] = text
    numbers[text] = #notes
  end
  return numbers[text]
end

local function told(cell)
  if cell.ok then return "yes" end
  if cell.missing then return ("- [%d]"):format(note(cell.missing)) end
  if cell.refused then return ("refused [%d]"):format(note(cell.refused)) end
  good = false
  return ("FAULT [%d]"):format(note(cell.fault))
end

local function line(first, cells)
  for i, cell in ipairs(cells) do cells[i] = ("%-" .. CELL .. "s"):format(cell) end
  say("%-" .. NAME .. "s%s", first, table.concat(cells))
end

local function head()
  local names, peers, senders = {}, {}, {}
  for i, way in ipairs(ways_out) do names[i], peers[i] = way.name, ("%s: %s"):format(way.name, way.peer) end
  for i, way in ipairs(ways_in) do senders[i] = ("%s: %s"):format(way.name, way.peer) end
  say("in by   %s\nout by  %s", table.concat(senders, "; "), table.concat(peers, "; "))
  say("%s       no program at hand sends it\n", vectors.MARK)
  line("", names)
end

-- Which of the words a filter names; without a filter, all.
local function wanted(filter, word)
  return not filter or filter == "" or (" " .. filter .. " "):find(" " .. word .. " ", 1, true) ~= nil
end

local function rows_of(film, filter)
  local list = {}
  for _, row in ipairs(films.ROWS) do
    if row.film == film and wanted(filter, row.codec) then list[#list + 1] = row end
  end
  return list
end

local function films_of(filter)
  local list, seen = {}, {}
  for _, row in ipairs(films.ROWS) do
    if wanted(filter, row.codec) and not seen[row.film] then
      seen[row.film] = true
      list[#list + 1] = row.film
    end
  end
  return list
end

local function is_for(way, film)
  for _, name in ipairs(way.films or { film }) do
    if name == film then return true end
  end
  return false
end

-- One way in of a film, as a line for each codec that it shows.
local function run(stage, film, way, rows)
  local ok, cells = pcall(codecs.run, stage, film, way)
  for _, row in ipairs(rows) do
    local told_cells = {}
    for i in ipairs(ways_out) do
      told_cells[i] = told(ok and cells[i][row.kind] or { fault = tostring(cells) })
    end
    line(("%-6s%s"):format(row.codec, way.name), told_cells)
  end
end

local codec_filter, way_filter = arg[1], arg[2] and arg[2]:gsub("_", " ")
local stage = codecs.stage()
head()
for _, name in ipairs(films_of(codec_filter)) do
  local film = films.make(stage.folder, name)
  for _, way in ipairs(ways_in) do
    if is_for(way, name) and wanted(way_filter, way.name) then run(stage, film, way, rows_of(name, codec_filter)) end
  end
end
say ""
for i, text in ipairs(notes) do say("[%d] %s", i, text) end
proc.cleanup()
os.exit(good)
