-- SPDX-License-Identifier: MIT
-- `cme run`: carries out show files, all at once, each in a task of its own: one that fails does not end the others. A
-- show's memory and lock are files beside the show file, or in the folder that --state (or systemd's STATE_DIRECTORY)
-- names.

local alerts = require "cme.cli.alerts"
local codes = require "cme.codes"
local clock = require "cme.cli.clock"
local exit = require "cme.cli.exit"
local json = require "cme.json"
local notebook = require "cme.show.notebook"
local one_line = require "cme.cli.context".one_line
local report = require "cme.show.report"
local run_words = require "cme.cli.run_words"

local run = {}

run.NEEDS = { "luv" } -- Lua modules beside the client's

local UNDECIDED = { ["invalid.not_found"] = true, ["invalid.ambiguous"] = true } -- of client:find

local CHECK_SECONDS, LOOK_SECONDS = 60, 8 -- for all of it, and for one source
local ALERT_SECONDS = 10 -- for alerts that are not told yet once the program is told to end

---@param parser table argparse's
function run.add_to_parser(parser)
  local command = parser:command("run",
    "Carry out a show file: check, start on time, watch, switch, alert, stop on time, report.")
  command:argument("shows", "Show files (SHOW.lua)."):args "+"
  command:option("--state", "Folder for the progress of shows. Default: $STATE_DIRECTORY, or the folder of the file.")
    :argname "DIR"
  command:option("--interval", "How often to look at a show on the air.", "2s"):argname "DURATION"
  command:option("--look", "The program that looks at what viewers see (default: the cme-look installed with "
    .. "this cme)."):argname "PATH"
  command:epilog("If it is killed, run it again: it continues with the broadcast. Meanwhile the service keeps the "
    .. "stop time. SIGTERM, Ctrl-C and a closed terminal leave the broadcast on the air or stop it, as on_sigterm "
    .. "in the show file says.")
end

-- ---- one show

---@class cme.cli.commands.broadcast
---@field show cme.show
---@field name string the file's, without its folder and .lua
---@field memory_path string
---@field pictures string folder for what viewers see
---@field context cme.cli.context
---@field process cme.cli.process

-- Where a show's files are: DIR/NAME, or the show file itself.
local function stem_of(context, path)
  local folder = context.args.state or context.system.getenv "STATE_DIRECTORY"
  local bare = path:gsub("%.lua$", "")
  if not folder or folder == "" then return bare end
  return folder:gsub("/+$", "") .. "/" .. bare:match "[^/]*$"
end

-- Makes the show this process's.
local function take_show(context, process, show)
  local path = show.path
  local stem = stem_of(context, path)
  local taken, message, detail = process:lock(stem .. ".lock")
  if taken then
    return { show = show, name = path:match "([^/]*)%.lua$" or path, memory_path = stem .. ".memory.json",
      pictures = stem .. ".looks",
      context = context, process = process }
  end
  return codes.within("in.show", { name = path }, message, detail)
end

-- What `cme doctor` finds, within a time; nil: told to end meanwhile.
local function ask_doctor(broadcast, seconds)
  local checks, context = require "cme.doctor.checks", broadcast.context
  seconds = math.min(CHECK_SECONDS, seconds or CHECK_SECONDS)
  local told = broadcast.process:within(seconds, checks.examine, context, { project = broadcast.show.path, input = {},
    output = {}, seconds = math.max(1, math.min(LOOK_SECONDS, seconds // 3)) })
  if broadcast.process.quit then return nil end
  if not told then return { { what = "doctor", ok = false, message = context.t "it gave no answer in time" } } end
  local findings = {}
  for i, found in ipairs(told) do
    findings[i] = { what = found.check .. (found.subject and " " .. found.subject or ""),
      ok = found.state ~= "failed", warning = found.state == "warning" or nil,
      message = checks.sentence(found, context.t) }
  end
  return findings
end

-- Checks everything that the broadcast needs, its alerts included.
local function check(broadcast, teller, seconds)
  local findings = ask_doctor(broadcast, seconds)
  if not findings or broadcast.process.quit then return nil end
  local alarm = teller:test(broadcast.context.system.now())
  return table.move(alarm, 1, #alarm, #findings + 1, findings)
end

-- Gives a project the id of the service's of its name and owner; of several none: ensure() says so.
local function find_project(project, spec)
  local found, message, detail = project.client:find { name = spec.name, owner = spec.owner,
    category = project.category, platform = spec.platform }
  if found then
    project:attach(found.id)
    return true
  end
  if UNDECIDED[detail.code] then return false end
  return nil, message, detail
end

local function write(broadcast, what, fields)
  local context = broadcast.context
  if context.json then
    local line = { at = context.system.now(), show = broadcast.name, what = what }
    for name, value in pairs(fields) do line[name == "at" and "moment" or name] = value end
    line.cause = nil -- the message says it
    line.done = line.done and json.array { table.unpack(line.done) }
    context:write_json(line)
    return
  end
  local now = context.system.now()
  for _, line in ipairs(run_words.lines(what, fields, context.t, now)) do
    context:say(("%s %s: %s"):format(clock.local_time(now, now), broadcast.name,
      one_line(context:hidden(line))))
  end
end

-- Ignores a terminal or a reader that went away: the broadcast goes on without a word.
local function say(broadcast, what, fields)
  local ok, raised = pcall(write, broadcast, what, fields)
  if not ok and not (type(raised) == "table" and raised.output) then error(raised, 0) end
end

-- With fractions: gaps are shorter than seconds.
local function unix_now()
  return (select(2, require "cme.http".clocks()))
end

-- Where cme-server is not installed there is nothing to look with: told once something is to be looked at.
local function without_look(warn)
  local told = false
  return { view = function() return nil end, close = function() end, watch = function(targets)
    if targets[1] and not told then warn(select(2, codes.fail "local.no_look")) end
    told = told or targets[1] ~= nil
  end }
end

-- Looks at what viewers see; what fails there is told, and nothing else comes of it.
local function looking_of(broadcast)
  local function warn(message, detail)
    say(broadcast, "failed", { step = "look", message = message, cause = detail and codes.words(message, detail) })
  end
  local installed, look = pcall(require, "cme.cli.look.show")
  local found, engine = pcall(require, "cme.server.process.engine")
  if not installed or not found then return without_look(warn) end
  local args = broadcast.context.args
  return look.new { program = args.look or engine.beside "cme-look", every = broadcast.show.look_every,
    folder = broadcast.pictures, ca_file = args.ca_file, warn = warn }
end

local function parts_of(broadcast, interval)
  local context, args = broadcast.context, broadcast.context.args
  local project = context:client():project(broadcast.show.project)
  local looking = looking_of(broadcast)
  local teller = alerts.new(broadcast.show, { process = broadcast.process, project = project,
    transport = context:client().transport or require "cme.net.transport".shared(),
    spawn = require "cme".spawn, sleep = require "cme".sleep,
    network = { ca_file = args.ca_file, proxy = args.proxy, no_proxy = args.no_proxy },
    failed = function(way, message, detail)
      say(broadcast, "failed", { step = "alert " .. way, message = broadcast.context:words(message, detail) })
    end })
  return {
    project = project,
    attach = function(made) return find_project(made, broadcast.show.project) end,
    now = unix_now,
    pause = function(seconds) return broadcast.process:pause(seconds) end,
    ask = function(patience, fn, ...) return broadcast.process:finish(patience, fn, ...) end,
    save = function(memory) return notebook.save(broadcast.memory_path, memory) end,
    alert = function(alert, told) teller:tell(alert, told) end,
    say = function(what, fields) say(broadcast, what, fields) end,
    check = function(seconds) return check(broadcast, teller, seconds) end,
    interval = interval,
    watch = looking.watch, view = looking.view,
  }, teller, looking
end

local function carry_out(broadcast, interval)
  local memory, message = notebook.load(broadcast.memory_path)
  if message then say(broadcast, "not_saved", { message = message }) end
  local parts, teller, looking = parts_of(broadcast, interval)
  local ok, outcome = pcall(require "cme.show.runner".run, broadcast.show, memory, parts)
  looking.close()
  if not ok then error(outcome, 0) end
  local untold = teller:finish(broadcast.process.quit and ALERT_SECONDS or nil)
  if untold > 0 then
    message = broadcast.context.t("%d alerts not sent yet (run it again)", untold)
    say(broadcast, "failed", { step = "alerts", message = message })
  end
  return outcome
end

-- ---- all of them

-- The exit code of one outcome, said where it is a failure.
local function judge(broadcast, outcome)
  local context, path = broadcast.context, broadcast.show.path
  if outcome.result == "failed" then
    return context:fail(outcome.message, outcome.detail)
  elseif outcome.result == "over" and not outcome.tally.from then
    local said, why = context.t("show '%s': the stop time passed before it was on the air", path), outcome.message
    if outcome.detail and outcome.detail.sentence then why = outcome.detail end
    return context:fail(why and context.t("%s: %s", said, why) or said, outcome.detail)
  elseif outcome.result ~= "left" and report.never_live(outcome.tally) then
    return context:fail(context.t("show '%s': no output ever had a picture", path))
  end
  return exit.DONE
end

-- Carries out all; an error of one ends only that one.
local function do_all(broadcasts, interval)
  local cme = require "cme"
  local tasks, code = {}, exit.DONE
  for i, broadcast in ipairs(broadcasts) do
    tasks[i] = cme.spawn(function() return pcall(carry_out, broadcast, interval) end)
  end
  for i, task in ipairs(tasks) do
    local ok, outcome = task:wait()
    local one = ok and judge(broadcasts[i], outcome) or not ok and broadcasts[i].context:fail(tostring(outcome))
    if code == exit.DONE then code = one end
  end
  return code
end

-- Not in a task: a spec that is misuse is raised, and told as a wrong command line is.
local function load_all(context)
  local shows = {}
  for i, path in ipairs(context.args.shows) do
    local message, detail
    shows[i], message, detail = require "cme.show.file".load(path, context.system)
    if not shows[i] then return nil, message, detail end
    context:client():project(shows[i].project)
  end
  return shows
end

-- With --dry-run: the calls that would put the shows on the air now. No lock, memory, check, hook or alert: the
-- broadcast itself must not take this for what happened.
local function show_calls(context)
  local shows, message, detail = load_all(context)
  if not shows then return context:fail(message --[[@as string]], detail) end
  for _, show in ipairs(shows) do
    local done
    done, message, detail = context:client():project(show.project):ensure { status = "working", stop_at = show.stop_at }
    if not done then return context:fail(message --[[@as string]], detail) end
  end
  return context:done({ dry_run = true, calls = json.array {} }, context.t "nothing to do")
end

-- The main task.
local function main(context, process, shows, interval)
  local broadcasts = {}
  for i, show in ipairs(shows) do
    local message, detail
    broadcasts[i], message, detail = take_show(context, process, show)
    if not broadcasts[i] then return context:fail(message --[[@as string]], detail) end
  end
  return do_all(broadcasts, interval)
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function run.run(args, context)
  local interval, wrong, why = clock.take_duration(context, "--interval", args.interval)
  if not interval then return context:fail(wrong --[[@as string]], why) end
  if args.dry_run then return show_calls(context) end
  local shows, message, detail = load_all(context)
  if not shows then return context:fail(message --[[@as string]], detail) end
  local process = require "cme.cli.process".new()
  local code = require "cme.net.loop.luv".run(main, context, process, shows, interval)
  process:close()
  return code
end

return run
