-- SPDX-License-Identifier: MIT
-- A raw request on a command line: an action, and its parameters as JSON (an argument, @FILE, - for stdin), as
-- --Field.Sub.0 options, or as both, where an option takes the place of the member of the same name.

local fields = require "cme.cli.fields"
local flatten = require "cme.api.flatten"
local json = require "cme.json"
local schema = require "cme.schema"
local text = require "cme.text.strings"

local request = {}

local function usage(message)
  return nil, message, { code = "invalid.usage" }
end

--- Adds the arguments.
---@param command table argparse's
function request.add_to_parser(command)
  command:argument("action", "An action of the service, such as DescribeProjects.")
  command:argument("params", "Parameters as JSON: text, @FILE, or - for stdin."):args "?"
end

-- A list of { name, value } as the tree of a request.
local function tree_of(context, given, action)
  local flat = {}
  for _, field in ipairs(given) do
    if flat[field.name] then return usage(context.t("field '%s': given twice", field.name)) end
    flat[field.name] = field.value
  end
  return flatten.tree(flat, action.request)
end

local function from_json(context, written, action)
  local source, message, detail = context:content(written)
  if not source then return nil, message, detail end
  local params
  params, message = json.decode(source, action.request)
  local field = not params and source == written and fields.bare(source)
  if field then return usage(fields.advice(field, context.t)) end
  if type(params) ~= "table" then return usage(message or context.t "the parameters must be a JSON object") end
  return params
end

--- The action and parameters of a command line.
---@param context cme.cli.context
---@return string|nil action
---@return table|string params else the message
---@return table|nil detail
function request.read(context)
  local args = context.args
  local action = schema.actions[args.action]
  if not action then
    local near = text.nearest(args.action, schema.action_names)
    local message = context.t("action '%s': unknown", text.printable(args.action, 60))
    return usage(near and context.t("%s (did you mean '%s'?)", message, near) or message)
  end
  local tree, message, detail = tree_of(context, args.fields, action)
  if not tree then return nil, message --[[@as string]], detail end
  local params = {}
  if args.params then
    params, message, detail = from_json(context, args.params, action)
    if not params then return nil, message --[[@as string]], detail end
  end
  for name, value in pairs(tree) do params[name] = value end
  return args.action, params
end

-- ---- help

local function type_text(field)
  if field.type == "array" then return "list of " .. field.of end
  return field.type == "integer" and field.of or field.type
end

-- One line for each field that can be given, those of objects below their object.
local function add_lines(lines, list, prefix, above, t)
  for _, field in ipairs(list) do
    local name = prefix .. field.name .. (field.type == "array" and ".N" or "")
    local object = field.of and schema.objects[field.of]
    if not object then
      local kind = field.type == "array" and field.of or type_text(field)
      lines[#lines + 1] = ("   --%s  %s%s"):format(name, kind, field.required and ", " .. t "required" or "")
    elseif not above[field.of] then
      above[field.of] = true
      add_lines(lines, object, name .. ".", above, t)
      above[field.of] = nil
    end
  end
end

--- The fields of an action, for help.
---@param name string
---@param t cme.cli.translate
---@return string
function request.help(name, t)
  local lines = { t("Fields of %s (N counts from 0):", name) }
  add_lines(lines, schema.actions[name].request, "", {}, t)
  lines[#lines + 1] = ""
  local members = {}
  for i, field in ipairs(schema.actions[name].response) do members[i] = field.name .. " " .. type_text(field) end
  lines[#lines + 1] = t("Its answer: %s", table.concat(members, ", "))
  return table.concat(lines, "\n") .. "\n"
end

--- What --help shows below a command's own help: the fields of the action named, else the names of all.
---@param result table parsed so far
---@param t cme.cli.translate
---@return string
function request.more_help(result, t)
  if schema.actions[result.action] then return "\n" .. request.help(result.action, t) end
  local lines = { t "Actions:" }
  for _, name in ipairs(schema.action_names) do lines[#lines + 1] = "   " .. name end
  return "\n" .. table.concat(lines, "\n") .. "\n"
end

return request
