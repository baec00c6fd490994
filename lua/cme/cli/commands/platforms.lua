-- SPDX-License-Identifier: MIT
-- `cme platforms [NAME]`: the streaming platforms that are known, and what is known of one.

local json = require "cme.json"
local platforms = require "cme.platforms"

local command = {}

---@param parser table argparse's
function command.add_to_parser(parser)
  local added = parser:command("platforms",
    "List streaming platforms, or show one: where to find server and stream key, limits, and what refusals mean.")
  added:argument("platform", "Name of a platform."):args "?"
  added:epilog("Every value comes from a public page, shown with the day it was read. Platforms change without notice; "
    .. "trust what the platform's own page shows you.")
end

-- A copy without the numbers of pages, in which each table is a list or an object.
local function plain(value)
  if type(value) ~= "table" then return value end
  local copy = value[1] ~= nil and json.array {} or {}
  for name, member in pairs(value) do
    if name ~= "from" then copy[name] = plain(member) end
  end
  return copy
end

local function list(context)
  local t = context.t
  local rows, all = { { t "NAME", t "PLATFORM", t "SERVER" } }, json.array {}
  for i, name in ipairs(platforms.names()) do
    local known = platforms.get(name)
    all[i] = plain(known)
    rows[i + 1] = { name, platforms.title(known, context.language),
      known.choose and t "shown beside the key" or known.servers[1][1] }
  end
  if not context.json then context:table(rows) end
  return context:done(all)
end

local function show(context, known)
  if context.json then return context:done(plain(known)) end
  local rows = { { platforms.title(known, context.language), "" } }
  for _, fact in ipairs(platforms.facts(known, context.language)) do rows[#rows + 1] = { fact.label, fact.value } end
  for _, page in ipairs(known.pages) do
    rows[#rows + 1] = { context.t "Source", context.t("%s (read on %s)", page[1], page[2]) }
  end
  local none = not known.pages[1] and context.t "none: no public page could be read"
  if none then rows[#rows + 1] = { context.t "Source", none } end
  context:table(rows)
  return context:done(plain(known))
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function command.run(args, context)
  args.reveal = true -- addresses of pages and servers: there is no key in them
  if not args.platform then return list(context) end
  local known, message, detail = platforms.get(args.platform)
  if not known then return context:fail(message --[[@as string]], detail) end
  return show(context, known)
end

return command
