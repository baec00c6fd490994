-- SPDX-License-Identifier: MIT
-- `cme watch`: shows projects as they change: at a terminal as a screen (watch/screen.lua), otherwise one change a
-- line. One task reads the service, another one shows; both use the same model (watch/model.lua).

local clock = require "cme.cli.clock"
local exit = require "cme.cli.exit"
local projects = require "cme.cli.projects"
local reading = require "cme.cli.reading"
local system_clock = require "cme.system.clock"
local task = require "cme.task"
local tree = require "cme.task.tree"
local keystrokes = require "cme.cli.watch.keystrokes"
local watch_model = require "cme.cli.watch.model"
local watch_screen = require "cme.cli.watch.screen"
local watch_words = require "cme.cli.watch.words"

local watch = {}

watch.NEEDS = { "luv" } -- Lua modules beside the client's

local AT_ONCE = 8 -- projects that are read at the same time

---@param parser table argparse's
function watch.add_to_parser(parser)
  local command = parser:command("watch",
    "Watch projects live: state, inputs and outputs, time left, changes.")
  command:argument("projects", "Ids, names or files (SHOW.lua, SPEC.json). Default: all projects."):args "*"
  command:option("--interval", "How often to look.", "2s"):argname "DURATION"
  command:epilog("On a terminal: a full screen; j, k, arrows, PgUp and PgDn scroll, q quits. Elsewhere, with --json "
    .. "and with TERM=dumb: one line per change, until you end it or none of the projects exists any more.")
end

-- ---- reading

---@class cme.cli.commands.watching
---@field context cme.cli.context
---@field process cme.cli.process
---@field interval number seconds
---@field model cme.cli.watch.model
---@field named cme.project[]|nil nil: all that the service has
---@field attached table<string, cme.project> by id
---@field changed boolean set after each round
---@field lacks_health boolean|nil true: the service does not tell the health of many projects in one call
---@field waiting boolean|nil the first look at a terminal is not over

-- How a project does, as a reading for the model.
local function read_one(project)
  local info, message, detail = reading.of(project)
  return { id = project.id, name = project.name, info = info or nil, message = message, detail = detail }
end

-- A project of the list, with its health where that was told.
local function read_known(self, info, health)
  local own = health and health[info.id]
  if info.status == "working" and (info.category == "MEDIA_CAST" or not health) then -- what it plays is asked apart
    local one = read_one(self.attached[info.id])
    one.name = info.name
    return one
  elseif own and own.error then
    return { id = info.id, name = info.name, message = own.error.message, detail = { code = "api." .. own.error.code } }
  end
  return { id = info.id, info = own and reading.with(info, own) or info }
end

-- The health of all that is working, in one call; false: this service tells it one by one or not at all.
local function read_health(self, client)
  if self.lacks_health then return false end
  local health, message, detail = client:health()
  if health then return health end
  if detail.code ~= "invalid.unsupported" then return nil, message, detail end
  self.lacks_health = true
  return false
end

local function any_works(listed)
  for _, info in ipairs(listed) do
    if info.status == "working" then return true end
  end
  return false
end

-- All that the service has: a call for each page of the list, and one for the health of all that is working, if any is.
local function read_listed(self)
  local cme, context = require "cme", self.context
  local listed, found, detail = projects.list(context)
  if not listed then return nil, found, detail end
  local health, message = false, nil
  if any_works(listed) then health, message, detail = read_health(self, context:client()) end
  if health == nil then return nil, message, detail end
  self.attached = {}
  for i, info in ipairs(listed) do self.attached[info.id] = found[i] end
  return (cme.parallel(listed, function(info) return read_known(self, info, health) end, AT_ONCE))
end

local function read_round(self)
  if not self.named then return read_listed(self) end
  return (require "cme".parallel(self.named, read_one, AT_ONCE))
end

-- Reads, and takes in what was read.
local function look(self)
  local readings, message, detail = read_round(self)
  self.changed = true
  return watch_model.take(self.model, readings, message, detail, self.context.system.now())
end

-- The first failure of all; nil when something could be read.
local function failure_of(model)
  if model.fault then return model.fault end
  for _, entry in ipairs(model.entries) do
    if not entry.fault then return nil end
  end
  return model.entries[1] and model.entries[1].fault
end

-- The failure that ends it: none of the projects that were asked for is there any more.
local function end_of(self)
  if not self.named then return nil end
  for _, entry in ipairs(self.model.entries) do
    if not entry.gone then return nil end
  end
  return self.model.entries[1].fault
end

local function find_all(context)
  local found, seen = {}, {}
  for _, given in ipairs(context.args.projects) do
    local project, message, detail = projects.find(context, given, true)
    if not project then return nil, message, detail end
    if not seen[project.id] then found[#found + 1] = project end
    seen[project.id] = true
  end
  return found[1] and found or false
end

-- Finds what is watched, and looks at it; nil, message, detail when none of it can be read.
local function look_first(self)
  local found, message, detail = find_all(self.context)
  if found == nil then return nil, message, detail end
  self.named = found or nil
  local changes = look(self)
  local fault = failure_of(self.model)
  if fault then return nil, fault.message, fault end
  return changes
end

-- The exit code when it was told to end: Ctrl-C is told as other commands tell it.
local function told_to_end(self)
  local context = self.context
  if self.process.quit ~= "sigint" then return exit.DONE end
  return context:fail(context.t "interrupted", { code = "local.interrupted" })
end

-- ---- lines

local function json_line(context, change)
  context:write_json { at = change.at, project = change.project, name = change.label, what = change.what,
    id = change.id, old = change.old, new = change.new }
end

local function say(context, change)
  if context.json then return json_line(context, change) end
  context:say(clock.local_time(change.at, change.at) .. " " .. (watch_words.line(change, context.t)))
end

-- Says what changes until it is told to end; a look is given up then.
local function follow(self)
  local process, context = self.process, self.context
  local changes, message, detail = process:within(nil, look_first, self)
  while not process.quit do
    if not changes then return context:fail(message --[[@as string]], detail) end
    for _, change in ipairs(changes) do say(context, change) end
    local fault = end_of(self)
    if fault then return context:fail(fault.message, fault) end
    if not process:pause(self.interval) then changes = process:within(nil, look, self) end
  end
  return told_to_end(self)
end

-- ---- a screen

---@class cme.cli.commands.display
---@field terminal cme.cli.terminal
---@field scroll integer lines above the screen
---@field most integer how many there may be
---@field page integer lines on the screen
---@field moved boolean|nil set by keys, cleared when drawn
---@field second integer|nil of the clock that is on the screen

local function view_of(self, display)
  local context, terminal = self.context, display.terminal
  local where = context:client().endpoint:gsub("^%w+://", ""):gsub("/$", "")
  return { model = self.model, where = where, scroll = display.scroll, width = terminal.width,
    height = terminal.height, waiting = self.waiting, now = context.system.now(), t = context.t }
end

-- Draws when something is another than on the screen: each second the clock is.
local function draw(self, display)
  local terminal = display.terminal
  local second = math.floor(self.context.system.now())
  if not (self.changed or terminal.resized or display.moved or second ~= display.second) then return end
  local context = self.context
  local lines, most, page = watch_screen.lines(view_of(self, display), function(text, colour)
    return context:paint(text, colour)
  end)
  display.most, display.page, display.scroll = most, page, math.min(display.scroll, most)
  if not terminal:draw(lines) then return end
  self.changed, terminal.resized, display.moved, display.second = false, false, false, second
end

-- Does what was typed; true: to end.
local function take_keys(display)
  local terminal = display.terminal
  local keys
  keys, terminal.input = keystrokes.read(terminal.input)
  for _, key in ipairs(keys) do
    if key == "quit" then
      return true
    elseif key == "suspend" then
      terminal:suspend()
    elseif key == "redraw" then
      terminal:redraw()
    end
    display.scroll = watch_screen.scroll(key, display.scroll, display.page, display.most)
    display.moved = true
  end
  return false
end

-- Until a whole second, when the clock on the screen moves too: one wake-up is for both.
local function until_next_look(interval)
  local now = system_clock.now()
  return interval < 1 and interval or math.floor(now + interval + 0.5) - now
end

-- Looks again and again, and has each look shown; ends with the message and the detail of a first look that failed.
local function keep_looking(self, terminal)
  local changes, message, detail = look_first(self)
  self.waiting = false
  terminal.changed:notify()
  if not changes then return message, detail end
  while true do
    task.sleep(until_next_look(self.interval))
    look(self)
    terminal.changed:notify()
  end
end

-- Has a signal seen at once.
local function heed_signals(self, terminal)
  self.process.told:wait()
  terminal.changed:notify()
end

-- Draws what changes until it is told to end, by a key, a signal or the end of the terminal; message, detail: the first
-- look failed.
local function display_until_told(self, terminal)
  local display = { terminal = terminal, scroll = 0, most = 0, page = 1 }
  task.spawn(heed_signals, self, terminal)
  local looking = task.spawn(keep_looking, self, terminal)
  repeat
    draw(self, display)
    terminal.changed:wait(1 - system_clock.now() % 1) -- the clock is on the screen
    if self.process.quit or terminal.lost or take_keys(display) then return end
  until not tree.is_running(looking)
  return looking:wait()
end

local function on_terminal(self)
  local context = self.context
  context:colours() -- asked for now: luv's stdout is not passed on to test(1)
  self.waiting, self.changed = true, true
  local terminal = assert(require "cme.cli.terminal".open())
  local ok, message, detail = pcall(display_until_told, self, terminal)
  terminal:close()
  if not ok then error(message, 0) end
  if message then return context:fail(message, detail) end
  return told_to_end(self)
end

-- ---- the command

local function has_screen(context)
  local kind = context.system.getenv "TERM" or ""
  return not context.json and kind ~= "" and kind ~= "dumb" and context.system.is_terminal()
end

local function watch_all(self)
  return has_screen(self.context) and on_terminal(self) or follow(self)
end

-- A failed write is for the command's own caller, not for the task that met it.
local function without_raising(fn, ...)
  local ok, result = pcall(fn, ...)
  if ok then return result end
  if type(result) == "table" then return nil, result end
  error(result, 0)
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function watch.run(args, context)
  local interval, wrong, why = clock.take_duration(context, "--interval", args.interval)
  if not interval then return context:fail(wrong --[[@as string]], why) end
  context:client() -- options that are misuse are told before anything runs
  local process <close> = require "cme.cli.process".new()
  local self = { context = context, process = process, interval = interval, model = watch_model.new(), attached = {} }
  local code, raised = require "cme.net.loop.luv".run(without_raising, watch_all, self)
  if raised then error(raised, 0) end
  return code
end

return watch
