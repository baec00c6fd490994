#!/usr/bin/env lua5.4
-- SPDX-License-Identifier: MIT
-- Writes docs/api.md, from the annotations in lua/cme, and lua/cme/_meta/actions.lua, the types of every action's
-- parameters and response for editors, from the schema.
--
--   lua5.4 tools/gen_docs.lua          (from the repository's root)
--
-- docs/api.md has the functions of the modules in MODULES and every class that these mention, directly or through
-- another. What begins with an underscore, is local, has no annotation or is named in HIDDEN is left out.
-- A spec runs this and compares: what is committed is what the sources say.

package.path = "./lua/?.lua;./lua/?/init.lua;" .. package.path

local sorted_keys = require "cme.text.strings".sorted_keys

local M = {}

-- In the order of the page: the name to require, the source, and how a caller begins where that is not the name; `also`
-- are the sources that its classes are in, whose functions are not for callers. A module's methods are shown with it;
-- the classes' fields come after all modules. What stands at the root of lua/cme is public, and described here.
local MODULES = {
  { "cme", "lua/cme/init.lua" },
  { "cme.task", "lua/cme/task.lua", "cme", also = { "lua/cme/task/tree.lua", "lua/cme/task/waits.lua",
    "lua/cme/task/embedded.lua" } },
  { "cme.client", "lua/cme/client.lua" },
  { "cme.project", "lua/cme/project.lua", also = { "lua/cme/project/base.lua", "lua/cme/project/relay.lua",
    "lua/cme/project/cast.lua", "lua/cme/project/watch.lua" } },
  { "cme.credentials", "lua/cme/credentials.lua", also = { "lua/cme/credentials/provider.lua" } },
  { "cme.codes", "lua/cme/codes.lua" },
  { "cme.event", "lua/cme/event.lua" },
  { "cme.live_url", "lua/cme/live_url.lua" },
  { "cme.platforms", "lua/cme/platforms.lua", also = { "lua/cme/platforms/judge.lua" } },
  { "cme.time", "lua/cme/time.lua" },
  { "cme.redact", "lua/cme/redact.lua" },
  { "cme.json", "lua/cme/json.lua" },
  { "cme.schema", "lua/cme/schema.lua" },
  { "cme.version", "lua/cme/version.lua" },
}

-- What modules of the client offer each other.
local HIDDEN = {
  ["cme.task"] = { register = true },
  ["cme.client"] = { new = true },
  ["cme.project"] = { new = true, projects = true, find = true },
  ["cme.credentials"] = { of = true },
  ["cme.codes"] = { of = true, reason = true, detail = true, fail = true, within = true, pack = true, unpack = true,
    refuse = true, around = true, words = true, system = true },
  ["cme.json"] = { string = true, object = true },
  ["cme.time"] = { read = true, parse_http = true },
}

-- ---- reading annotations

-- Where a type that starts at `at` ends: names, "literals", unions, arrays, fun(...): a, b and {...} are taken whole.
local take_type

local CLOSING = { ["("] = "%b()", ["{"] = "%b{}", ["["] = "%b[]", ["<"] = "%b<>" }

local function take_atom(text, at)
  local function_end = text:match("^fun%b()()", at)
  if function_end then
    local returns = text:match("^%s*:%s*()", function_end)
    while returns do
      function_end = take_type(text, returns)
      returns = text:match("^,%s*()", function_end)
    end
    return function_end
  end
  local balanced = CLOSING[text:sub(at, at)]
  return balanced and text:match("^" .. balanced .. "()", at) or text:match('^"[^"]*"()', at)
    or text:match("^[%w_.:*-]+()", at) or at
end

take_type = function(text, at)
  at = take_atom(text, at)
  at = text:match("^%b<>()", at) or at
  while true do
    local suffix = text:match("^%[%]()", at) or text:match("^%?()", at)
    if not suffix then break end
    at = suffix
  end
  local union = text:match("^%s*|%s*()", at)
  return union and take_type(text, union) or at
end

-- `name type description` of @param and @field.
local function parse_named(text)
  text = text:gsub("^private%s+", ""):gsub("^public%s+", "")
  local name, optional, at = text:match "^([%w_.]+)(%??)%s+()"
  if not name then name, at = text:match "^(%b[])%s+()" end
  if not name then return nil end
  local last = take_type(text, at)
  local kind = text:sub(at, last - 1)
  if optional == "?" then kind = kind .. "|nil" end
  return { name = name, type = kind, text = text:match("^%s*(.-)%s*$", last) }
end

-- `type name description`, or several with commas between them.
local function parse_returns(text)
  local list, at = {}, 1
  while true do
    local last = take_type(text, at)
    local name, after = text:match("^%s+([%a_][%w_]*)()", last)
    local item = { type = text:sub(at, last - 1), name = name, text = "" }
    list[#list + 1] = item
    local following = text:match("^%s*,%s*()", after or last)
    if not following then
      item.text = text:match("^%s*(.-)%s*$", after or last)
      return list
    end
    at = following
  end
end

-- A block of `---` lines as { text, tags = { { tag, text }... } }.
local function parse_block(lines)
  local block, tag = { text = {}, tags = {} }, nil
  for _, line in ipairs(lines) do
    local body = line:match "^%-%-%-%s?(.*)$"
    local name, rest = body:match "^@(%w+)%s*(.*)$"
    if name then
      tag = { name, rest }
      block.tags[#block.tags + 1] = tag
    elseif tag and tag[1] == "usage" then
      tag[2] = (tag[2] == "" and "" or tag[2] .. "\n") .. body
    elseif tag then
      tag[2] = tag[2] .. " " .. body:match "^%s*(.-)%s*$"
    else
      block.text[#block.text + 1] = body
    end
  end
  return block
end

local function tags_of(block, name)
  local list = {}
  for _, tag in ipairs(block.tags) do
    if tag[1] == name then list[#list + 1] = tag[2] end
  end
  return list
end

local function class_of(block)
  local head = tags_of(block, "class")[1]
  if not head then return nil end
  local name, parent, text = head:match "^([%w_.]+)%s*:%s*([%w_.]+)%s*(.*)$"
  if not name then name, text = head:match "^([%w_.]+)%s*(.*)$" end
  local class = { name = name, parent = parent, text = text, fields = {} }
  for _, field in ipairs(tags_of(block, "field")) do
    class.fields[#class.fields + 1] = parse_named(field)
  end
  return class
end

local function function_of(block, owner, separator, name, arguments)
  local found = { owner = owner, separator = separator, name = name, arguments = arguments, params = {}, returns = {},
    text = table.concat(block.text, " "), usage = tags_of(block, "usage")[1] }
  for _, param in ipairs(tags_of(block, "param")) do found.params[#found.params + 1] = parse_named(param) end
  for _, returned in ipairs(tags_of(block, "return")) do
    for _, item in ipairs(parse_returns(returned)) do found.returns[#found.returns + 1] = item end
  end
  return found
end

-- The comment at a file's head, without its SPDX line; in pieces: { prose } or { code = lines }.
local function head_of(lines)
  local pieces, prose = {}, {}
  local function flush()
    if #prose > 0 then pieces[#pieces + 1] = { text = table.concat(prose, " ") } end
    prose = {}
  end
  for _, line in ipairs(lines) do
    local body = line:match "^%-%-(.*)$"
    if not body then break end
    if body == "" then
      flush()
    elseif body:find "^   " then
      flush()
      local last = pieces[#pieces]
      if not (last and last.code) then
        last = { code = {} }
        pieces[#pieces + 1] = last
      end
      last.code[#last.code + 1] = body:sub(4)
    elseif not body:find "SPDX" and not body:find "^%-" and not body:find "luacheck:" then
      prose[#prose + 1] = body:match "^%s*(.-)%s*$"
    end
  end
  flush()
  return pieces
end

-- What an object is called: by its variable, or by the last word of its class where that is a capitalised local.
local function object_name(variable, variables)
  if variable:find "^%l" then return variable end
  return (variables[variable] or variable):match "([%w_]+)$"
end

--- Reads one source.
---@param source string
---@return table file { head, classes, functions }
function M.read(source)
  local lines, file = {}, { classes = {}, functions = {} }
  for line in (source .. "\n"):gmatch "(.-)\r?\n" do lines[#lines + 1] = line end
  file.head = head_of(lines)
  local variables, comment = {}, {}
  for _, line in ipairs(lines) do
    if line:find "^%-%-%-" then
      comment[#comment + 1] = line
    else
      local block = #comment > 0 and parse_block(comment)
      local class = block and class_of(block)
      if class then
        file.classes[#file.classes + 1] = class
        local variable = line:match "^local%s+([%w_]+)%s*="
        if variable then variables[variable] = class.name end
      end
      local owner, separator, name, arguments = line:match "^function ([%w_]+)([.:])([%w_]+)(%b())"
      if owner and block and not name:find "^_" then
        file.functions[#file.functions + 1] =
          function_of(block, object_name(owner, variables), separator, name, arguments)
      end
      comment = {}
    end
  end
  return file
end

-- ---- writing docs/api.md

local function code(text)
  return "`" .. text .. "`"
end

-- Prose in which Markdown finds no tags: a `<` outside of backticks is escaped.
local function prose(text)
  local parts, inside = {}, false
  for part in (text .. "`"):gmatch "(.-)`" do
    parts[#parts + 1] = inside and part or part:gsub("<", "\\<")
    inside = not inside
  end
  return table.concat(parts, "`")
end

local function item_text(item)
  local name = item.name and code(item.name) .. " " or ""
  return ("- %s(%s)%s"):format(name, code(item.type), item.text ~= "" and " " .. prose(item.text) or "")
end

-- How a caller writes it.
local function call_text(fn, module)
  return (fn.separator == "." and module .. "." or fn.owner .. ":") .. fn.name .. fn.arguments
end

local function sentence(text)
  if text:find "[.:!?]$" or text == "" then return text end
  return text .. "."
end

local function write_function(out, fn, module)
  out[#out + 1] = ("### %s\n"):format(call_text(fn, module))
  if fn.text ~= "" then out[#out + 1] = prose(sentence(fn.text)) .. "\n" end
  for _, param in ipairs(fn.params) do out[#out + 1] = item_text(param) end
  if #fn.params > 0 then out[#out + 1] = "" end
  if #fn.returns > 0 then
    out[#out + 1] = "Returns\n"
    for _, returned in ipairs(fn.returns) do out[#out + 1] = item_text(returned) end
    out[#out + 1] = ""
  end
  if fn.usage then out[#out + 1] = ("```lua\n%s\n```\n"):format(fn.usage) end
end

local function write_head(out, head)
  for _, piece in ipairs(head) do
    if piece.code then
      out[#out + 1] = "```\n" .. table.concat(piece.code, "\n") .. "\n```\n"
    else
      out[#out + 1] = prose(piece.text) .. "\n"
    end
  end
end

local function public_fields(class)
  local list = {}
  for _, field in ipairs(class.fields) do
    if not field.name:find "^_" then list[#list + 1] = field end
  end
  return list
end

local function write_class(out, class)
  local fields = public_fields(class)
  if #fields == 0 and class.text == "" then return end
  out[#out + 1] = ("### %s\n"):format(class.name)
  local parent = class.parent and ("Like %s, with more."):format(code(class.parent)) or ""
  if class.text ~= "" or parent ~= "" then
    out[#out + 1] = prose((sentence(class.text) .. " " .. parent):match "^%s*(.-)%s*$") .. "\n"
  end
  for _, field in ipairs(fields) do out[#out + 1] = item_text(field) end
  out[#out + 1] = ""
end

-- Adds the classes that a text mentions, a type or what a class is, and those that they mention.
local function reach(text, classes, reached)
  for name in text:gmatch "[%a_][%w_]*%.[%w_.]*[%w_]" do
    local class = classes[name]
    if class and not reached[name] then
      reached[name] = true
      for _, field in ipairs(public_fields(class)) do reach(field.type, classes, reached) end
      reach(class.text .. " " .. (class.parent or ""), classes, reached)
    end
  end
end

-- The functions of a module that the page shows.
local function shown(files, module)
  local list, hidden = {}, HIDDEN[module[1]] or {}
  for _, path in ipairs { module[2], table.unpack(module.also or {}) } do
    for _, fn in ipairs(files[path] and files[path].functions or {}) do
      if fn.separator == ":" or path == module[2] and not hidden[fn.name] then list[#list + 1] = fn end
    end
  end
  return list
end

local function write_types(out, files, classes)
  local reached = {}
  for _, module in ipairs(MODULES) do
    for _, fn in ipairs(shown(files, module)) do
      for _, item in ipairs(fn.params) do reach(item.type, classes, reached) end
      for _, item in ipairs(fn.returns) do reach(item.type, classes, reached) end
    end
  end
  out[#out + 1] = "## Types\n"
  for _, name in ipairs(sorted_keys(reached)) do write_class(out, classes[name]) end
end

local function field_names(fields, required)
  local list = {}
  for _, field in ipairs(fields) do
    if (field.required or false) == required and field.name ~= "Platform" then list[#list + 1] = code(field.name) end
  end
  return list
end

local function write_action_table(out, schema, names)
  out[#out + 1] = "| action | needs | takes |\n|---|---|---|"
  for _, name in ipairs(names) do
    local fields = schema.actions[name].request
    out[#out + 1] = ("| `%s` | %s | %s |"):format(name, table.concat(field_names(fields, true), ", "),
      table.concat(field_names(fields, false), ", "))
  end
  out[#out + 1] = ""
end

local function write_actions(out, schema)
  out[#out + 1] = "## Actions\n"
  out[#out + 1] = ("`client:call(action, parameters)` does each of the service's %d actions (version %s). `Platform` "
    .. "is filled in from the client. Editors know the types of all parameters and responses from "
    .. "`lua/cme/_meta/actions.lua`.\n"):format(#schema.action_names, schema.version)
  write_action_table(out, schema, schema.action_names)
  out[#out + 1] = "Beyond them, `cme serve` only; the cloud answers `api.InvalidAction`:\n"
  write_action_table(out, schema, schema.local_action_names)
end

local OPENING = [=[
<!-- Made by tools/gen_docs.lua from the annotations in lua/cme: change those, then run `lua5.4 tools/gen_docs.lua`. -->

# API

What a script can call, module by module; `require` them by these names. A `nil` result is followed by a message for
people and a `detail` table for programs ([`cme.detail`](#cmedetail)); misuse, such as an unknown option, raises at the
caller's line. [projects.md](projects.md) shows how it is used.
]=]

--- The classes of all sources, by name.
---@param files table<string, table>
---@return table<string, table> classes
---@return string[] twice the names of those that two files describe
function M.classes(files)
  local paths, classes, twice = {}, {}, {}
  for path in pairs(files) do paths[#paths + 1] = path end
  table.sort(paths)
  for _, path in ipairs(paths) do
    for _, class in ipairs(files[path].classes) do
      if classes[class.name] then twice[#twice + 1] = ("%s (%s)"):format(class.name, path) end
      classes[class.name] = classes[class.name] or class
    end
  end
  return classes, twice
end

--- The page.
---@param files table<string, table> what M.read gave, by path
---@param schema cme.schema
---@return string markdown
function M.page(files, schema)
  local out, classes = { OPENING }, M.classes(files)
  for _, module in ipairs(MODULES) do
    local file = files[module[2]]
    if file then
      out[#out + 1] = ("## %s\n"):format(module[1])
      write_head(out, file.head)
      for _, fn in ipairs(shown(files, module)) do write_function(out, fn, module[3] or module[1]) end
    end
  end
  write_actions(out, schema)
  write_types(out, files, classes)
  return (table.concat(out, "\n"):gsub("\n\n\n+", "\n\n"):gsub("%s*$", "\n"))
end

-- ---- writing lua/cme/_meta/actions.lua

local WORDS = { int64 = "integer", uint64 = "integer", float = "number", string = "string", boolean = "boolean" }

local function word_of(name)
  return WORDS[name] or "cme.api." .. name
end

local function type_of(field)
  if field.type == "array" then return word_of(field.of) .. "[]" end
  return word_of(field.of or field.type)
end

-- `filled_in`: the client adds the Platform.
local function class_lines(out, name, fields, filled_in)
  out[#out + 1] = "---@class " .. name
  for _, field in ipairs(fields) do
    local optional = not field.required or filled_in and field.name == "Platform"
    out[#out + 1] = ("---@field %s %s%s%s"):format(field.name, type_of(field), optional and "|nil" or "",
      field.disabled and " the service no longer reads it" or "")
  end
  out[#out + 1] = ""
end

local META_HEAD = [=[
---@meta cme.actions
-- SPDX-License-Identifier: MIT
-- Generated by tools/gen_docs.lua from the schema: do not edit. For editors; nothing loads this file.
--
-- The parameters and responses of every action that client:call does. A member of a response may also be null
-- (cme.json's null) where the service has nothing to say.
-- luacheck: no max comment line length
]=]

local function joined(...)
  local all = {}
  for _, list in ipairs { ... } do table.move(list, 1, #list, #all + 1, all) end
  return all
end

local function object_names()
  local names = {}
  for _, data in ipairs { require "cme.api.schema_data", require "cme.api.schema_local" } do
    for name in pairs(data.objects) do names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

--- The types of all actions.
---@param schema cme.schema
---@return string source
function M.actions(schema)
  local out, names = { META_HEAD, "---@class cme.client" }, joined(schema.action_names, schema.local_action_names)
  for _, name in ipairs(names) do
    local bare = #field_names(schema.actions[name].request, true) == 0 and "|nil" or ""
    out[#out + 1] = ('---@field call fun(self: cme.client, action: "%s", parameters: cme.api.%sRequest%s, given: '
      .. "cme.call.options|nil): cme.api.%sResponse|nil, string|nil, cme.detail|nil"):format(name, name, bare, name)
  end
  out[#out + 1] = ""
  for _, name in ipairs(names) do
    class_lines(out, ("cme.api.%sRequest"):format(name), schema.actions[name].request, true)
    class_lines(out, ("cme.api.%sResponse"):format(name), schema.actions[name].response)
  end
  for _, name in ipairs(object_names()) do class_lines(out, "cme.api." .. name, schema.objects[name]) end
  return table.concat(out, "\n")
end

-- ---- running

local function read_file(path)
  local file = assert(io.open(path, "rb"))
  local content = file:read "a"
  file:close()
  return content
end

--- Reads the client's sources.
---@return table<string, table> files by path
function M.sources()
  local files = {}
  local pipe = assert(io.popen "find lua/cme -name '*.lua' -not -path '*/server/*' -not -path '*/cli/*'")
  for path in pipe:lines() do
    if not path:find "_meta/actions%.lua$" then files[path] = M.read(read_file(path)) end
  end
  pipe:close()
  return files
end

local function write_file(path, content)
  local file = assert(io.open(path, "wb"))
  assert(file:write(content))
  assert(file:close())
end

if arg and arg[0] and arg[0]:match "gen_docs%.lua$" then
  local schema = require "cme.schema"
  write_file("docs/api.md", M.page(M.sources(), schema))
  write_file("lua/cme/_meta/actions.lua", M.actions(schema))
end
return M
