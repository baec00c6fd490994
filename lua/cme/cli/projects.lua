-- SPDX-License-Identifier: MIT
-- Which project a command is about: one is given by its id, by its name, or by a show file. A name is looked for among
-- all projects that can be relayed; two of the same name are a question, not a guess.

local json = require "cme.json"
local project = require "cme.project"
local text = require "cme.text"

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

--- Whether a text is the path of a show file.
---@param given string
---@return boolean
function projects.is_show(given)
  return given:find "%.lua$" ~= nil
end

-- Attaches to a project that the service has; messages call it by its name.
local function attach(context, id, name)
  local found = context:client():project(id)
  found.name = name
  return found
end

local function ambiguous(context, name, found)
  local ids = {}
  for i = 1, math.min(#found, 5) do ids[i] = found[i].id end
  return fail("ambiguous", context.t("%d projects are named '%s': give the id of one (%s%s)", #found, name,
    table.concat(ids, ", "), #found > #ids and ", ..." or ""))
end

local function by_name(context, name)
  local found, names = {}, {}
  local ok, message, detail = projects.each(context, { owner = context.args.owner }, function(info)
    if info.name == name then found[#found + 1] = info end
    names[#names + 1] = info.name
  end)
  if not ok then return nil, message, detail end
  if #found > 1 then return ambiguous(context, name, found) end
  if found[1] then return attach(context, found[1].id, name) end
  local near, shown = text.nearest(name, names), text.printable(name, 120)
  if near then return fail("not_found", context.t("project '%s': not found (did you mean '%s'?)", shown, near)) end
  return fail("not_found", context.t("project '%s': not found", shown))
end

--- Finds a project.
---@param context cme.cli.context
---@param given string an id or a name
---@return cme.project|nil
---@return string|nil message
---@return cme.detail|nil detail code invalid.not_found or invalid.ambiguous
function projects.find(context, given)
  if given == "" then return fail("usage", context.t "a project's id or name is needed, got an empty text") end
  if projects.is_id(given) then return attach(context, given) end
  return by_name(context, given)
end

return projects
