-- SPDX-License-Identifier: MIT
-- Projects of category MEDIA_CAST: sources (files or live streams) are played one after the other, encoded again, and
-- sent to many outputs. base.lua has what all projects can do.

local base = require "cme.project.base"
local forms = require "cme.project.cast_options"
local operations = require "cme.project.cast_operations"
local options = require "cme.text.options"
local project_options = require "cme.project.options"

---@class cme.cast_project: cme.project category MEDIA_CAST
local Cast = base.class(operations, {
  record = "its sources are files already; record at a platform",
  switch = "use switch_source",
  add_input = "use add_source",
  set_input = "a source cannot be changed: add_source the new one, then remove_source the old",
  remove_input = "use remove_source",
  set_slate = "its filler is black and silence",
  set_looks = "it has no inputs to look at",
  set_merge = "it has no backup that carries the same",
  set_standby = "the place in its sources is one node's",
  push_urls = "push to a server of yours, and give its URL as a source",
})

--- Asks for the sources, in the order in which they are played.
---@param given cme.project.timeout|nil
---@return cme.project.source[]|nil sources each with its id
---@return string|nil message
---@return cme.detail|nil detail
function Cast:sources(given)
  return base.run(self, "sources", given, operations.sources)
end

-- One source or a list; a table with a name in it is one.
local function take_sources(given)
  local is_list = type(given) == "table" and (given[1] ~= nil or next(given) == nil)
  local sources = project_options.take_list("add_source: sources", is_list and given or { given }, forms.take_source)
  if #sources == 0 then options.misuse "add_source: no source" end
  return sources
end

local function take_position(position)
  if position ~= nil and (type(position) ~= "number" or position % 1 ~= 0 or position < 1) then
    options.misuse "add_source: a position is 1 for the first place, 2 for the next, nil for the last"
  end
  return position
end

--- Adds a source, or a list of them.
---@param source string|cme.project.source|(string|cme.project.source)[]
---@param position integer|nil 1 is the first place, nil the last
---@param given cme.project.timeout|nil
---@return string|string[]|nil id the source's, a list of ids for a list of several
---@return string|nil message
---@return cme.detail|nil detail
---@usage local id = assert(show:add_source("https://play.example.com/intro.mp4", 1))
function Cast:add_source(source, position, given)
  return base.run(self, "add_source", given, operations.add_source, take_sources(source), take_position(position))
end

--- Removes a source that is not playing.
---@param id string as info() has it
---@param given cme.project.timeout|nil
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Cast:remove_source(id, given)
  return base.run(self, "remove_source", given, operations.remove_source, project_options.take_id("remove_source", id))
end

--- Plays another source at once.
---@param id string as info() has it
---@param given cme.project.timeout|nil
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Cast:switch_source(id, given)
  return base.run(self, "switch_source", given, operations.switch_source, project_options.take_id("switch_source", id))
end

--- Asks which source plays, and how far it is.
---@param given cme.project.timeout|nil
---@return table|nil position { status, source, seconds, duration, loops, outputs }, where outputs are
--- { id, url, status = "working"|"stopped"|"failed" }
---@return string|nil message
---@return cme.detail|nil detail
function Cast:position(given)
  return base.run(self, "position", given, operations.position)
end

--- Changes the play settings, auto_start_at only while idle.
---@param play cme.project.play
---@param given cme.project.timeout|nil
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Cast:set_play(play, given)
  return base.run(self, "set_play", given, operations.set_play, forms.take_play("set_play", play))
end

--- Changes the picture format of an idle project.
---@param media cme.project.output_media
---@param given cme.project.timeout|nil
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function Cast:set_output_media(media, given)
  return base.run(self, "set_output_media", given, operations.set_output_media,
    forms.take_output_media("set_output_media", media))
end

return { class = Cast, category = operations }
