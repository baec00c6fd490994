-- SPDX-License-Identifier: MIT
-- Which project a command is about: one is given by its id, by its name, or by a file that has its spec: a show file
-- (SHOW.lua) or the options of cme.project as JSON (SPEC.json). A name is looked for among all projects that can be
-- relayed, a spec by its name, owner and category; two of the same name are a question, not a guess, unless a command
-- is about what is on the air and only one of them is.

local calls = require "cme.project.calls"
local clock = require "cme.cli.clock"
local json = require "cme.json"
local project = require "cme.project"
local states = require "cme.cli.states"
local text = require "cme.text.strings"

local projects = {}

local PAGE = 20

local function fail(code, message)
  return nil, message, { code = "invalid." .. code, retryable = false, attempts = 0 }
end

--- Reads the service's list, newest first.
---@param context cme.cli.context
---@param filter { owner: string|nil, category: string|nil }
---@param visit fun(info: cme.project.info)
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function projects.each(context, filter, visit)
  local offset = 0
  while true do
    local response, message, detail = context:client():call("DescribeProjects", {
      CategorySet = { filter.category or "STREAM_CONNECT", not filter.category and "MEDIA_CAST" or nil },
      Owner = filter.owner and { Type = "PERSON", Id = filter.owner } or nil,
      Sort = { Field = "CreateTime", Order = "Desc" },
      Offset = offset,
      Limit = PAGE,
    })
    if not response then return nil, message, detail end
    local page = json.object(response.ProjectInfoSet)
    for _, entry in ipairs(page) do
      if type(entry) == "table" then visit(project.read(entry)) end
    end
    offset = offset + #page
    if #page == 0 or offset >= (tonumber(response.TotalCount) or 0) then return true end
  end
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
  spec, message = json.decode(source)
  if type(spec) == "table" then return { project = spec } end
  return fail("json", context.t("file '%s': %s", path, message or context.t "an object is needed"))
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

-- Attaches to a project that the service has; messages call it by its name.
local function attach(context, id, name)
  local found = context:client():project(id)
  found.name = name
  return found
end

local MOST_LISTED = 10

-- What tells a project from others of its name: "ID: working, 2h 5m old, until 22:30:00, of me".
local function distinction(context, info)
  local t, now = context.t, context.system.now()
  local words = { info.status and states.cell(info.status, t)[1] or nil }
  if info.created_at then words[#words + 1] = t("%s old", clock.span(now - info.created_at)) end
  if info.stop_at then words[#words + 1] = t("until %s", clock.local_time(info.stop_at, now)) end
  if info.owner then words[#words + 1] = t("of %s", info.owner) end
  return words[1] and ("%s: %s"):format(info.id, table.concat(words, ", ")) or info.id
end

--- Lists projects of one name by what tells them apart.
---@param context cme.cli.context
---@param found cme.project.info[]
---@return string
function projects.distinctions(context, found)
  local listed = {}
  for i = 1, math.min(#found, MOST_LISTED) do listed[i] = distinction(context, found[i]) end
  return table.concat(listed, "; ") .. (#found > #listed and "; ..." or "")
end

-- One of several of the same name: the only one on the air, where the command is about such, else a question.
local function choose(context, name, found, on_air)
  local working
  for _, info in ipairs(found) do
    if info.status == "working" then
      if working then on_air = false end
      working = info
    end
  end
  if on_air and working then return working end
  return fail("ambiguous", context.t("%d projects are named '%s': give the id of one (%s)", #found, name,
    projects.distinctions(context, found)))
end

--- The projects of a name, newest first.
---@param context cme.cli.context
---@param name string
---@return cme.project.info[]|nil
---@return string[]|string names of all projects; else the message
---@return cme.detail|nil detail
function projects.named(context, name)
  local found, names = {}, {}
  local ok, message, detail = projects.each(context, {}, function(info)
    if info.name == name then found[#found + 1] = info end
    names[#names + 1] = info.name
  end)
  if not ok then return nil, message --[[@as string]], detail end
  return found, names
end

local function by_name(context, name, on_air)
  local found, names, detail = projects.named(context, name)
  if not found then return nil, names --[[@as string]], detail end
  local one = found[1]
  if found[2] then
    local message
    one, message, detail = choose(context, name, found, on_air)
    if not one then return nil, message, detail end
  end
  if one then return attach(context, one.id, name) end
  local near, shown = text.nearest(name, names), text.printable(name, 120)
  if near then return fail("not_found", context.t("project '%s': not found (did you mean '%s'?)", shown, near)) end
  return fail("not_found", context.t("project '%s': not found", shown))
end

-- Attaches a project of a spec to what the service has of it. A fourth result, the project, when it has none.
local function by_spec(context, path, on_air)
  local made, show, detail = projects.load(context, path)
  if not made then return nil, show, detail end
  local found, message
  found, message, detail = calls.find(made)
  if not found then return nil, message, detail end
  local one
  for i, entry in ipairs(found) do found[i] = project.read(entry) end
  one = found[1]
  if found[2] then
    one, message, detail = choose(context, made.name, found, on_air)
    if not one then return nil, message, detail end
  end
  if one then
    calls.attach(made, one.id)
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
  if projects.is_id(given) then return attach(context, given) end
  return by_name(context, given, on_air)
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
