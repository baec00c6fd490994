-- SPDX-License-Identifier: MIT
-- Who may require whom in lua/cme. A room is a set of modules; ROOMS is the whole rule, from the ground up. The client
-- knows nothing of the service, the command or the playout; no two modules need each other. A name that is put together
-- (`require("cme.x." .. name)`) counts as all modules that it can mean; one inside a function counts as any other.

local tokens = require "tools.lint.tokens"
local tree = require "tools.lint.tree"

local rooms = {}

---@class lint.room
---@field name string
---@field modules string[] patterns of what follows "cme."; the first room that fits a module has it
---@field may string[] the rooms that it may require, besides itself

local BASE = { "base" }
local NET = { "base", "net" }
local CALLS = { "base", "net", "api" }
local FRONT = { "base", "net", "api", "credentials", "project" }
local SCRIPTS = { "base", "net", "api", "credentials", "project", "front" }
local SYSTEM = { "base", "net", "api", "front", "system" }

-- These rooms, after those that every part of the service may require.
local function service(...)
  return { "base", "net", "api", "front", "system", "server.core", ... }
end

---@type lint.room[]
rooms.ROOMS = {
  { name = "base", may = {}, modules = { "json", "json_core", "redact", "time", "version", "codes",
    "schema", "sign", "http", "httpd", "pidfd", "text%..*", "api%.schema_%w+" } },
  { name = "net", may = BASE, modules = { "net%..*", "task", "task%..*", "platforms", "platforms%..*" } },
  { name = "api", may = NET, modules = { "api%..*" } },
  { name = "credentials", may = CALLS, modules = { "credentials", "credentials%..*" } },
  { name = "project", may = CALLS, modules = { "project%..+" } },
  { name = "front", may = FRONT, modules = { "init", "client", "project", "event", "live_url" } },
  { name = "show", may = SCRIPTS, modules = { "show%..*" } },

  { name = "system", may = CALLS, modules = { "system%..*" } },
  { name = "etcd", may = NET, modules = { "etcd", "etcd%..*" } },
  { name = "look", may = { "base", "net", "api", "system" }, modules = { "look%..*" } },
  -- what the service's parts have in common, and its programs too
  { name = "server.core", may = SYSTEM, modules = { "server%.log", "server%.said", "server%.call", "server%.steady",
    "server%.project", "server%.library", "server%.recordings", "server%.process%.pulse", "server%.process%.control",
    "server%.process%.link", "server%.process%.spec", "server%.process%.stderr", "server%.process%.supervisor",
    "server%.store%.db", "server%.store%.writer" } },
  { name = "playout", may = service(), modules = { "playout%..*" } },
  -- what starts the service joins its parts
  { name = "server.edge", may = service(), modules = { "server%.edge", "server%.edge%..*" } },
  { name = "server.slate", may = service(), modules = { "server%.slate", "server%.slate%..*" } },
  { name = "server.http", may = service(), modules = { "server%.http%..*" } },
  { name = "server.looks", may = service "look", modules = { "server%.looks", "server%.looks%..*" } },
  { name = "server.process", may = service "server.edge", modules = { "server%.process%..*" } },
  { name = "server.categories",
    may = service("server.edge", "server.slate", "server.looks", "server.http", "server.process"),
    modules = { "server%.categories", "server%.categories%..*" } },
  { name = "server.events", may = service "server.categories", modules = { "server%.events", "server%.events%..*" } },
  { name = "server.fleet", may = service "etcd", modules = { "server%.fleet", "server%.fleet%..*" } },
  { name = "server.store", may = service("server.categories", "server.events", "etcd"),
    modules = { "server%.store", "server%.store%..*" } },
  { name = "server", may = service("server.edge", "server.slate", "server.looks", "server.http", "server.process",
    "server.categories", "server.events", "server.store", "server.fleet", "look"),
    modules = { "server", "server%.[%w_]+" } },

  { name = "cli", may = { "base", "net", "api", "credentials", "project", "front", "show", "system" },
    modules = { "cli%.[%w_]+" } },
  { name = "doctor", may = { "base", "net", "api", "system", "server.process", "cli" }, modules = { "doctor%..*" } },
  { name = "cli.watch", may = { "base", "net", "project", "front", "cli" }, modules = { "cli%.watch%..*" } },
  { name = "cli.serve", may = { "base", "net", "system", "server.core", "server.store", "cli" },
    modules = { "cli%.serve%..*" } },
  { name = "cli.fleet", may = { "base", "net", "system", "cli", "cli.serve" }, modules = { "cli%.fleet%..*" } },
  { name = "cli.look", may = { "base", "net", "look", "cli" }, modules = { "cli%.look%..*" } },
  { name = "cli.commands", may = { "base", "net", "api", "credentials", "project", "front", "show", "system",
    "server.core", "server.http", "server.process", "server", "doctor", "look", "cli", "cli.watch", "cli.look",
    "cli.serve", "cli.fleet", "server.fleet", "etcd" },
    modules = { "cli", "cli%.commands%..*" } },
}

-- Rooms of what a script requires.
rooms.CLIENT = { "base", "net", "api", "credentials", "project", "front", "show" }

-- Modules in C, which require nothing.
local IN_C = { ["cme.sign"] = true, ["cme.http"] = true, ["cme.httpd"] = true, ["cme.json_core"] = true,
  ["cme.pidfd"] = true }

-- ---- reading

local function module_of(path)
  local name = path:match "^lua/(cme/.*)%.lua$" or path == "lua/cme.lua" and "cme"
  if not name or name:find "^cme/_meta/" then return nil end
  return (name:gsub("/init$", ""):gsub("/", "."))
end

local function with_prefix(modules, prefix)
  local found = {}
  for name in pairs(modules) do
    if name:sub(1, #prefix) == prefix then found[#found + 1] = name end
  end
  table.sort(found)
  return found
end

-- Where the argument of the `require` at `index` ends: a string, or what is in brackets.
local function end_of_argument(code, index)
  local depth = 0
  for at = index + 1, #code do
    if code[at].text == "(" then depth = depth + 1 end
    if code[at].text == ")" then depth = depth - 1 end
    if depth == 0 then return at end
  end
  return #code
end

-- The names in the argument of every `require`, each with its line; is_part: only the beginning of a name.
local function required(text)
  local code, found = tokens.code(tokens.of(text)), {}
  for index, token in ipairs(code) do
    local is_call = token.kind == "name" and token.text == "require"
    for at = index + 1, is_call and end_of_argument(code, index) or 0 do
      local name = code[at].kind == "string" and code[at].text:match "^[\"'](cme[%w_.]*)[\"']$"
      local after = code[at + 1]
      if name then
        found[#found + 1] = { name = name, line = token.line, is_part = after ~= nil and after.text == ".." }
      end
    end
  end
  return found
end

local function read(files)
  local modules = {}
  tree.each(files, { "^lua/cme/.*%.lua$" }, function(path, text)
    local name = module_of(path)
    if name then modules[name] = { path = path, text = text } end
  end)
  for _, module in pairs(modules) do
    module.edges = {}
    for _, one in ipairs(required(module.text)) do
      for _, target in ipairs(one.is_part and with_prefix(modules, one.name) or { one.name }) do
        module.edges[#module.edges + 1] = { to = target, line = one.line }
      end
    end
  end
  return modules
end

-- ---- judging

local function room_of(list, name)
  for _, room in ipairs(list) do
    for _, pattern in ipairs(room.modules) do
      if name:find("^cme%." .. pattern .. "$") or name == "cme" and pattern == "init" then return room end
    end
  end
end

local function fault_of(list, modules, name, edge)
  if not modules[edge.to] and not IN_C[edge.to] then return ("there is no '%s'"):format(edge.to) end
  local from, to = room_of(list, name), room_of(list, edge.to)
  if not from then return "stands in no room" end
  if not to then return ("'%s' stands in no room"):format(edge.to) end
  if from == to or tree.has(from.may, to.name) then return nil end
  return ("room '%s' may not require '%s' (room '%s')"):format(from.name, edge.to, to.name)
end

local function sorted(modules)
  local names = {}
  for name in pairs(modules) do names[#names + 1] = name end
  table.sort(names)
  return names
end

-- Modules that need each other, each circle once, as "a -> b -> a".
local function circles(modules)
  local state, path, found = {}, {}, {}
  local function walk(name)
    state[name] = "open"
    path[#path + 1] = name
    for _, edge in ipairs(modules[name].edges) do
      if modules[edge.to] and not state[edge.to] then
        walk(edge.to)
      elseif state[edge.to] == "open" and edge.to ~= name then
        local from = #path
        while path[from] ~= edge.to do from = from - 1 end
        found[#found + 1] = table.concat(path, " -> ", from) .. " -> " .. edge.to
      end
    end
    path[#path], state[name] = nil, "done"
  end
  for _, name in ipairs(sorted(modules)) do
    if not state[name] then walk(name) end
  end
  return found
end

--- How many requires go from one room to another.
---@param files lint.tree
---@param list lint.room[]|nil
---@return table<string, table<string, integer>>
function rooms.count(files, list)
  local modules, count = read(files), {}
  list = list or rooms.ROOMS
  for name, module in pairs(modules) do
    local from = room_of(list, name)
    for _, edge in ipairs(module.edges) do
      local to = room_of(list, edge.to)
      if from and to and from ~= to then
        count[from.name] = count[from.name] or {}
        count[from.name][to.name] = (count[from.name][to.name] or 0) + 1
      end
    end
  end
  return count
end

---@param files lint.tree
---@param list lint.room[]|nil instead of ROOMS
---@return string[] faults
function rooms.check(files, list)
  local modules, faults = read(files), {}
  list = list or rooms.ROOMS
  for _, name in ipairs(sorted(modules)) do
    local module = modules[name]
    if not room_of(list, name) then faults[#faults + 1] = ("%s: stands in no room"):format(module.path) end
    for _, edge in ipairs(module.edges) do
      local fault = fault_of(list, modules, name, edge)
      if fault then faults[#faults + 1] = ("%s:%d: %s"):format(module.path, edge.line, fault) end
    end
  end
  for _, circle in ipairs(circles(modules)) do faults[#faults + 1] = "lua/cme: modules need each other: " .. circle end
  return faults
end

return rooms
