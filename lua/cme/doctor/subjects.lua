-- SPDX-License-Identifier: MIT
-- What the doctor looks at: the sources and destinations of a project of the service or of a file, and those that are
-- given by themselves.

local projects = require "cme.cli.projects"
local specs = require "cme.cli.specs"

local subjects = {}

---@class cme.doctor.asked
---@field project string|nil id, name or file
---@field input string[] sources by themselves, as they are written on the command line
---@field output string[] destinations
---@field seconds number that a source may be looked at
---@field program string|nil the engine
---@field max_uplink integer|nil kbit/s that the uplink carries; nil: as the service says

local function add_input(list, name, input)
  if not input then return end
  for i, url in ipairs(input.urls or { input.kind ~= "push" and input.url or nil }) do
    list[#list + 1] = { check = "input", name = i > 1 and ("%s %d"):format(name, i) or name, url = url }
  end
  if input.kind == "push" then list[#list + 1] = { check = "input", name = name } end
end

-- Of a project as info() or a spec has it.
local function add_parts(list, part)
  add_input(list, "main", part.inputs and part.inputs.main)
  add_input(list, "backup", part.inputs and part.inputs.backup)
  for i, source in ipairs(part.sources or {}) do
    if source.url then
      list[#list + 1] = { check = "input", name = source.id or tostring(i), url = source.url, encoded = true }
    end
  end
  for i, output in ipairs(part.outputs or {}) do
    list[#list + 1] = { check = "output", name = output.name or output.id or tostring(i), url = output.url,
      platform = output.platform }
  end
end

local function of_file(context, path)
  local made, message, detail = projects.load(context, path)
  if not made then return nil, message, detail end
  return made:check()
end

local function of_service(context, given)
  local found, message, detail = projects.find(context, given)
  if not found then return nil, message, detail end
  return found:info()
end

local function add_given(context, asked, list)
  for i, written in ipairs(asked.input) do
    local url, message, detail = context:content(written)
    if not url then return nil, message, detail end
    list[#list + 1] = { check = "input", name = tostring(i), url = url }
  end
  for i, written in ipairs(asked.output) do
    local output, message, detail = specs.output(context, written, i)
    if not output then return nil, message, detail end
    list[#list + 1] = { check = "output", name = output.name or tostring(i), url = output.url,
      platform = output.platform }
  end
  return true
end

--- Finds what is to be looked at.
---@param context cme.cli.context
---@param asked cme.doctor.asked
---@param answered boolean the service is there; else nothing is asked of it
---@return cme.doctor.subject[]|nil
---@return string|nil message
---@return cme.detail|nil detail
function subjects.find(context, asked, answered)
  local list, given = {}, asked.project
  if given and (answered or projects.is_file(given)) then
    local part, message, detail = (projects.is_file(given) and of_file or of_service)(context, given)
    if not part then return nil, message, detail end
    add_parts(list, part)
    list.id = part.id
  end
  local ok, message, detail = add_given(context, asked, list)
  if not ok then return nil, message, detail end
  return list
end

return subjects
