-- SPDX-License-Identifier: MIT
-- Projects, one broadcast each, in two classes over one base. A relay (STREAM_CONNECT) sends one stream on; a cast
-- (MEDIA_CAST) plays files and streams and encodes them again. A class has the methods that work for its category;
-- calling the other category's method raises an error that names the right one. A project of which only the id is
-- known gets its class at its first call, which asks the service for its category.
--
-- Every method that calls the service takes `timeout` in its last table: the seconds for all of its calls together,
-- including retries and waits.

local base = require "cme.project.base"
local codes = require "cme.codes"
local json = require "cme.json"
local options = require "cme.text.options"
local project_options = require "cme.project.options"

local project = {}

local KINDS = { STREAM_CONNECT = "cme.project.relay", MEDIA_CAST = "cme.project.cast" }
-- The methods that one category has.
local OWN = { "add_input", "add_source", "position", "push_urls", "remove_input", "remove_source", "set_input",
  "set_output_media", "set_play", "sources", "switch", "switch_source" }

-- ---- categories that have no class

local function unsupported(call)
  return codes.fail("invalid.unsupported:category", { category = call.project.category or "nameless" })
end

-- What the service may have beside: it can be looked at, renamed and deleted.
local OTHER = { class = "cme.project", output = {}, changed_output = {}, read = function() end }
for _, name in ipairs { "start", "stop", "set_stop_at", "add_output", "set_output", "remove_output", "enable_output",
  "disable_output" } do
  OTHER[name] = unsupported
end

local other

local function other_class()
  if other then return other end
  other = base.class(OTHER, {})
  for _, op in ipairs(OWN) do
    other[op] = function(self) return base.run(self, op, nil, unsupported) end
  end
  return other
end

-- The class and the category of an entry of the service's list.
local function kind_of(entry)
  local module = KINDS[entry.Category]
  if not module then return other_class(), OTHER end
  local kind = require(module)
  return kind.class, kind.category
end

-- ---- projects of which only the id is known

local unpack = table.unpack or _G.unpack -- luacheck: ignore 143

-- The arguments of a method, where its last table has a timeout with what is left of that.
local function with_left(left, ...)
  local arguments, count = { ... }, select("#", ...)
  if not left then return ... end
  arguments[count] = { timeout = math.max(left, 0.001) }
  return unpack(arguments, 1, count)
end

-- The timeout in the last of a method's arguments.
local function timeout_of(...)
  local last = select("#", ...) > 0 and select(-1, ...) or nil
  return type(last) == "table" and type(last.timeout) == "number" and last.timeout > 0 and last.timeout or nil
end

-- A method that one category has: once it is known which, the project's class has the method or says what to call.
local function learning(op)
  return function(self, ...)
    local ok, message, detail, left = base.learn(self, op, timeout_of(...))
    if not ok then return nil, message, detail end
    return self[op](self, with_left(left, ...))
  end
end

local unknown

local function unknown_class()
  if unknown then return unknown end
  unknown = base.class({ class = "cme.project" }, {})
  for _, op in ipairs(OWN) do unknown[op] = learning(op) end
  return unknown
end

-- ---- making

local function from_spec(client, given)
  local spec = project_options.check(given)
  local kind = require(KINDS[spec.category])
  return base.new(client, kind.class, kind.category, {
    name = spec.name,
    platform = spec.platform,
    spec = { name = spec.name, owner = spec.owner, description = spec.description, part = kind.category.spec(spec) },
  })
end

local function from_id(client, id)
  if id == "" or id:find "[%c%s]" then
    options.misuse "cme.project: a project's id is needed, got an empty or broken one"
  end
  return base.attached(client, unknown_class(), id, kind_of)
end

--- Makes a project object; nothing is sent.
---@param client cme.client
---@param spec cme.project.spec|string a spec, or the id of an existing project to attach to
---@return cme.relay_project|cme.cast_project
function project.new(client, spec)
  if type(spec) == "string" then return from_id(client, spec) end
  if type(spec) == "table" then return from_spec(client, spec) end
  options.misuse("cme.project: a table of options or a project's id is needed, got " .. type(spec))
end

-- ---- the service's projects

-- The project of an entry of the service's list, and what the entry tells.
local function from_entry(client, entry, platform)
  local class, category = kind_of(entry)
  local fields = { id = json.string(entry.ProjectId), name = json.string(entry.Name), platform = platform,
    category = json.string(entry.Category) }
  return base.new(client, class, category, fields), base.read(category, entry)
end

--- See client:projects.
function project.projects(client, given)
  return require "cme.project.list".projects(client, given, from_entry)
end

--- See client:find.
function project.find(client, given)
  return require "cme.project.list".find(client, given, from_entry)
end

return project
