-- SPDX-License-Identifier: MIT
-- What the parser knows, in other forms: help in the reader's language, and a plain description for the man page. The
-- one file that reads argparse's own fields (0.7.1), which have no accessors.

local help = {}

--- Visits a parser and all commands below it, the parser first.
---@param parser table
---@param visit fun(parser: table)
function help.each(parser, visit)
  visit(parser)
  for _, command in ipairs(parser._commands) do help.each(command, visit) end
end

--- The words of a command without the program's: "output add"; "" for the program.
---@param parser table
---@return string
function help.path(parser)
  if not parser._parent then return "" end
  local above = help.path(parser._parent)
  return above == "" and parser._name or above .. " " .. parser._name
end

local TEXTS = { "_description", "_summary", "_epilog" }

local function translate_one(element, t)
  for _, field in ipairs(TEXTS) do
    if element[field] then element[field] = t(element[field]) end
  end
end

--- Puts every description into the reader's language.
---@param parser table
---@param t cme.cli.translate
function help.translate(parser, t)
  help.each(parser, function(one)
    translate_one(one, t)
    for _, list in ipairs { one._arguments, one._options } do
      for _, element in ipairs(list) do translate_one(element, t) end
    end
    for _, group in ipairs(one._groups) do group.name = t(group.name) end
  end)
end

-- argparse's own words in what it writes.
local function headings(t)
  return { ["Usage:"] = t "Usage:", ["Options:"] = t "Options:", ["Arguments:"] = t "Arguments:",
    ["Commands:"] = t "Commands:", ["Other options:"] = t "Other options:" }
end

-- Commands that call no service.
local LOCAL = { completion = true, relay = true, serve = true }

local function footer(parser, t)
  local top = help.path(parser):match "^%S*"
  if top == "" or LOCAL[top] then return "" end
  return "\n\n" .. t "--json, --dry-run, --endpoint and the other options of every command: cme --help"
end

--- The help of a command.
---@param parser table
---@param t cme.cli.translate
---@return string
function help.text(parser, t)
  local words = headings(t)
  local text = "\n" .. parser:get_help()
  text = text:gsub("\n(%u[%a ]-:)", function(heading) return "\n" .. (words[heading] or heading) end)
  text = text:gsub("%(default:(%s+)([^()]*)%)", function(space, value) -- a line may end in between
    return (t("(default: %s)", value):gsub(" ", space, 1))
  end)
  return text:sub(2) .. footer(parser, t)
end

--- Replaces what argparse does on --help (it prints and ends the process) by a raised { help = command, result = }.
---@param parser table
function help.take_over(parser)
  help.each(parser, function(one)
    one:add_help(false)
    one:flag("-h --help", "Show this help and exit."):action(function(result)
      error({ help = one, result = result }, 0)
    end)
  end)
end

---@class cme.cli.commands.described
---@field path string "output add"
---@field description string
---@field epilog string|nil
---@field usage string
---@field arguments { name: string, description: string }[]
---@field options { names: string, description: string, group: string|nil }[]
---@field commands cme.cli.commands.described[]

local function with_default(element)
  return element:_get_description()
end

local function describe_options(parser)
  local groups, list = {}, {}
  for _, group in ipairs(parser._groups) do
    for _, element in ipairs(group) do groups[element] = group.name end
  end
  for _, option in ipairs(parser._options) do
    if not option._hidden then
      local words = { table.concat(option._public_aliases, ", "), table.unpack(option:_get_argument_list()) }
      list[#list + 1] = { names = table.concat(words, " "), description = with_default(option),
        group = groups[option] }
    end
  end
  return list
end

--- Describes a parser and all below it; hidden elements are left out.
---@param parser table
---@return cme.cli.commands.described
function help.describe(parser)
  local described = { path = help.path(parser), description = parser._description or "", epilog = parser._epilog,
    usage = parser:get_usage():gsub("^Usage: ", ""):gsub("\n%s+", " "), arguments = {},
    options = describe_options(parser), commands = {} }
  for _, argument in ipairs(parser._arguments) do
    if not argument._hidden then
      table.insert(described.arguments, { name = argument:_get_label_lines()[1],
        description = with_default(argument) })
    end
  end
  for _, command in ipairs(parser._commands) do
    if not command._hidden then table.insert(described.commands, help.describe(command)) end
  end
  return described
end

return help
