-- SPDX-License-Identifier: MIT
-- Which project a command is about: one is given by its id, by its name, or by a file that has its spec: a show file
-- (SHOW.lua) or the options of cme.project as JSON (SPEC.json). A name is looked for among all projects that can be
-- relayed, a spec by its name, owner and category; two of the same name are a question, not a guess, unless a command
-- is about what is on the air and only one of them is.

local clock = require "cme.cli.clock"
local json = require "cme.json"
local states = require "cme.cli.states"
local text = require "cme.text.strings"

local projects = {}

local function fail(code, message)
  return nil, message, { code = "invalid." .. code, retryable = false, attempts = 0 }
end

--- Reads the service's list, newest first.
---@param context cme.cli.context
---@param filter cme.project.filter|nil
---@return cme.project.info[]|nil infos
---@return cme.project[]|string found the project of each; else the message
---@return cme.detail|nil detail
function projects.list(context, filter)
  local infos, found = json.array {}, {}
  for one, info, detail in context:client():projects(filter) do
    if not one then return nil, info --[[@as string]], detail end
    infos[#infos + 1], found[#found + 1] = info, one
  end
  return infos, found
end

--- Whether a text is an id rather than a name.
---@param given string
---@return boolean
function projects.is_id(given)
  local digits = given:match "^cmepid_(%x+)$" or given:match "^(%x+)$"
  return digits ~= nil and #digits == 24
end

--- Whether a text is the path of a file with a spec.
---@param given string
---@return boolean
function projects.is_file(given)
  return given:find "%.lua$" ~= nil or given:find "%.json$" ~= nil
end

-- ---- specs

-- The spec of a JSON file.
local function read_json(context, path)
  local source, message, detail = context:content("@" .. path)
  if not source then return nil, message, detail end
  local spec
  spec, message, detail = json.decode(source)
  if type(spec) == "table" then return { project = spec } end
  return fail("json", context.t("file '%s': %s", path, message and detail or context.t "an object is needed"))
end

--- Reads a file with a spec.
---@param context cme.cli.context
---@param path string
---@return cme.show|{ project: cme.project.spec }|nil show the spec, and what else a show file says
---@return string|nil message
---@return cme.detail|nil detail
function projects.read(context, path)
  if path:find "%.lua$" then return require "cme.show.file".load(path, context.system) end
  return read_json(context, path)
end

--- Makes a project of a file's spec, whether or not the service has it.
---@param context cme.cli.context
---@param path string
---@return cme.project|nil
---@return string|table|nil show what the file holds; else the message
---@return cme.detail|nil detail
function projects.load(context, path)
  local show, message, detail = projects.read(context, path)
  if not show then return nil, message, detail end
  return context:client():project(show.project), show
end

-- ---- projects of the service

local MOST_LISTED = 10

-- What tells a project from others of its name: "ID: working, 2h 5m old, until 22:30:00, of me".
local function distinction(context, info)
  local t, now = context.t, context.system.now()
  local words = { info.status and states.cell(info.status, t)[1] or nil }
  if info.created_at then words[#words + 1] = t("%s old", clock.span(now - info.created_at, t)) end
  if info.stop_at then words[#words + 1] = t("until %s", clock.local_time(info.stop_at, now)) end
  if info.owner then words[#words + 1] = t("of %s", info.owner) end
  return words[1] and t("%s: %s", info.id, table.concat(words, t ", ")) or info.id
end

--- Lists projects of one name by what tells them apart.
---@param context cme.cli.context
---@param found cme.project.info[]
---@return string
function projects.distinctions(context, found)
  local listed = {}
  for i = 1, math.min(#found, MOST_LISTED) do listed[i] = distinction(context, found[i]) end
  local separator = context.t "; "
  return table.concat(listed, separator) .. (#found > #listed and separator .. "..." or "")
end

-- Which of several of the same name: the only one on the air, where the command is about such, else a question.
local function choose(context, name, infos, on_air)
  local working
  for i, info in ipairs(infos) do
    if info.status == "working" then
      if working then on_air = false end
      working = i
    end
  end
  if on_air and working then return working end
  return fail("ambiguous", context.t("%d projects are named '%s': give the id of one (%s)", #infos, name,
    projects.distinctions(context, infos)))
end

-- The place of the one that is meant; false when there is none.
local function place_of(context, name, infos, on_air)
  if infos[2] then return choose(context, name, infos, on_air) end
  return infos[1] and 1 or false
end

-- Those of a name among all projects; the third result has the names of all.
local function named(infos, found, name)
  local own, shows, names = {}, {}, {}
  for i, info in ipairs(infos) do
    if info.name == name then own[#own + 1], shows[#shows + 1] = info, found[i] end
    names[i] = info.name
  end
  return own, shows, names
end

local function by_name(context, name, on_air)
  local infos, found, detail = projects.list(context)
  if not infos then return nil, found --[[@as string]], detail end
  local own, shows, names = named(infos, found, name)
  local place, message
  place, message, detail = place_of(context, name, own, on_air)
  if place then return shows[place] end
  if place == nil then return nil, message, detail end
  local near, shown = text.nearest(name, names), text.printable(name, 120)
  if near then return fail("not_found", context.t("project '%s': not found (did you mean '%s'?)", shown, near)) end
  if name:find("/", 1, true) then
    return fail("not_found", context.t("project '%s': not found (the name of a file with a spec ends in .lua or .json)",
      shown))
  end
  return fail("not_found", context.t("project '%s': not found", shown))
end

-- Attaches a project of a spec to what the service has of it. A fourth result, the project, when it has none.
local function by_spec(context, path, on_air)
  local made, show, detail = projects.load(context, path)
  if not made then return nil, show, detail end
  local spec = show.project
  local infos, message, place
  infos, message, detail = projects.list(context,
    { name = spec.name, owner = spec.owner, category = made.category, platform = spec.platform })
  if not infos then return nil, message --[[@as string]], detail end
  place, message, detail = place_of(context, made.name, infos, on_air)
  if place == nil then return nil, message, detail end
  if place then
    made:attach(infos[place].id)
    return made, show
  end
  local _, text_of, why = fail("not_found", context.t("project '%s': not found: create it first", made.name))
  return nil, text_of, why, made, show
end

--- Finds a project.
---@param context cme.cli.context
---@param given string an id, a name or a file
---@param on_air boolean|nil it is about what is on the air: of several of a name the only one that is
---@return cme.project|nil
---@return string|table|nil show of a file: what it holds; else the message
---@return cme.detail|nil detail code invalid.not_found or invalid.ambiguous
---@return cme.project|nil made of a file whose project the service does not have: the project, not created
---@return table|nil show
function projects.find(context, given, on_air)
  if given == "" then return fail("usage", context.t "a project's id or name is needed, got an empty text") end
  if projects.is_file(given) then return by_spec(context, given, on_air) end
  if projects.is_id(given) then return context:client():project(given) end
  return by_name(context, given, on_air)
end

--- The category of a project; of one that was given by its id the service is asked.
---@param project cme.project
---@return string|nil category
---@return string|nil message
---@return cme.detail|nil detail
function projects.category(project)
  if project.category then return project.category end
  local status, message, detail = project:status()
  if not status then return nil, message, detail end
  return project.category
end

--- Does something to a project that the service has, and says so.
---@param context cme.cli.context
---@param given string which
---@param body fun(project: cme.project): any value, or a fail tuple
---@param tell fun(project: cme.project, value: any): any, string what --json writes, and a line for people
---@param on_air boolean|nil see find
---@return integer exit_code
function projects.act(context, given, body, tell, on_air)
  local found, message, detail = projects.find(context, given, on_air)
  if not found then return context:fail(message --[[@as string]], detail) end
  local value
  value, message, detail = body(found)
  if value == nil then return context:fail(message --[[@as string]], detail) end
  return context:done(tell(found, value))
end

--- How a project is called in a line for people.
---@param found cme.project
---@return string
function projects.label(found)
  return text.printable(found.name or found.id, 120)
end

return projects
