-- SPDX-License-Identifier: MIT
-- The service's list of projects, newest first: reads it page by page, to go through all projects or to find one by its
-- name.

local calls = require "cme.project.calls"
local codes = require "cme.codes"
local endpoint = require "cme.api.endpoint"
local json = require "cme.json"
local options = require "cme.text.options"
local project_options = require "cme.project.options"
local text = require "cme.text.strings"

local list = {}

-- Entries of a page: the most that `cme serve` gives, and what the cloud takes for certain.
local PAGE, CLOUD_PAGE = 100, 20

---@class cme.project.filter
---@field owner string|nil only of this owner
---@field name string|nil only of this name
---@field category "STREAM_CONNECT"|"MEDIA_CAST"|nil both
---@field status "idle"|"working"|nil any
---@field platform string|nil default: the client's
---@field timeout number|nil seconds for one page; for all that is asked, of find

---@class cme.project.find.options: cme.project.filter
---@field name string

local function is_status(value)
  if value ~= "idle" and value ~= "working" then return "'idle' or 'working' is needed" end
end

local FILTER = {
  owner = { "string", fact = options.plain_text },
  name = { "string", fact = options.plain_text },
  category = { "string", fact = project_options.category_fact },
  status = { "string", fact = is_status },
  platform = { "string", fact = options.plain_text },
  timeout = { "number", fact = options.timeout },
}

-- ---- pages

local function ask(call, filter, offset, limit)
  return call:call("DescribeProjects", {
    Platform = call.platform,
    CategorySet = filter.category and { filter.category } or { "STREAM_CONNECT", "MEDIA_CAST" },
    Owner = filter.owner and { Type = "PERSON", Id = filter.owner } or nil,
    Sort = { Field = "CreateTime", Order = "Desc" },
    Offset = offset,
    Limit = limit,
  })
end

-- A page as large as the service lets it be; the second result is what that was.
local function ask_most(call, filter, offset, limit)
  local response, message, detail = ask(call, filter, offset, limit)
  if response or limit == CLOUD_PAGE or detail.code ~= "api.InvalidParameterValue.Limit" then
    return response, limit, message, detail
  end
  response, message, detail = ask(call, filter, offset, CLOUD_PAGE)
  return response, CLOUD_PAGE, message, detail
end

-- Entries that were not seen yet: a project that is created meanwhile pushes others onto the next page.
local function fresh_of(page, seen)
  local fresh = {}
  for _, entry in ipairs(page) do
    local id = type(entry) == "table" and json.string(entry.ProjectId)
    if id and not seen[id] then
      seen[id] = true
      fresh[#fresh + 1] = entry
    end
  end
  return fresh
end

-- Pages that were found to be the largest, by client: a service that refuses larger ones is asked for them once.
local largest = setmetatable({}, { __mode = "k" })

-- A reader of pages: fn(call) gives the next one, false after the last, or a fail tuple.
local function pages(client, filter)
  local offset, over, seen = 0, false, {}
  local limit = largest[client] or endpoint.is_cloud(client.endpoint) and CLOUD_PAGE or PAGE
  return function(call)
    if over then return false end
    local response, message, detail
    response, limit, message, detail = ask_most(call, filter, offset, limit)
    if not response then return nil, message, detail end
    largest[client] = limit
    local page = calls.entries(response)
    offset = offset + #page
    over = #page == 0 or offset >= (tonumber(response.TotalCount) or 0)
    return fresh_of(page, seen)
  end
end

--- Reads the list until visit(entry) gives true.
---@param call cme.project.calls
---@param filter { owner: string|nil, category: string|nil }
---@param visit fun(entry: table): boolean|nil
---@return true|nil ok
---@return string|nil message
---@return cme.detail|nil detail
function list.each(call, filter, visit)
  local next_page = pages(call.client, filter)
  while true do
    local page, message, detail = next_page(call)
    if page == nil then return nil, message, detail end
    for _, entry in ipairs(page or {}) do
      if visit(entry) then return true end
    end
    if not page then return true end
  end
end

-- ---- for scripts

local function fits(info, filter)
  return (not filter.name or info.name == filter.name) and (not filter.owner or info.owner == filter.owner)
    and (not filter.category or info.category == filter.category)
    and (not filter.status or info.status == filter.status)
end

--- Goes through the projects; see client:projects.
---@param client cme.client
---@param given cme.project.filter|nil
---@param attach fun(client: cme.client, entry: table, platform: string|nil): cme.project, cme.project.info
---@return fun(): cme.project|false|nil, cme.project.info|string, cme.detail|nil
function list.projects(client, given, attach)
  local filter = options.check("client:projects", given, FILTER)
  local next_page, page, at = pages(client, filter), {}, 0
  return function()
    while page do
      at = at + 1
      local entry = page[at]
      if entry then
        local found, info = attach(client, entry, filter.platform)
        if fits(info, filter) then return found, info end
      else
        local message, detail
        page, message, detail = next_page(calls.new(client, { platform = filter.platform, timeout = filter.timeout }))
        at = 0
        if page == nil then return false, message, detail end
      end
    end
  end
end

-- The only one of those that fit.
local function judge(found, infos)
  if found[2] then
    return codes.fail("invalid.ambiguous:name", { count = #found, newest = found[1].id, second = found[2].id })
  end
  if not found[1] then return codes.fail "invalid.not_found:name" end
  return found[1], infos[1]
end

--- Finds the one project of a name; see client:find.
---@param client cme.client
---@param given cme.project.find.options
---@param attach fun(client: cme.client, entry: table, platform: string|nil): cme.project, cme.project.info
---@return cme.project|nil
---@return cme.project.info|string info else the message
---@return cme.detail|nil detail
function list.find(client, given, attach)
  local filter = options.check("client:find", given, FILTER)
  if not filter.name then options.misuse "client:find: option 'name': missing" end
  local found, infos = {}, {}
  local call = calls.new(client, { platform = filter.platform, timeout = filter.timeout })
  local ok, message, detail = list.each(call, filter, function(entry)
    local one, info = attach(client, entry, filter.platform)
    if fits(info, filter) then found[#found + 1], infos[#infos + 1] = one, info end
  end)
  local one, info
  if ok then one, info, detail = judge(found, infos) end
  if one then return one, info end
  local name = text.printable(filter.name, project_options.LABEL_LIMIT)
  return codes.within("in.method", { name = name, op = codes.reason "op:find" }, info or message, detail)
end

return list
