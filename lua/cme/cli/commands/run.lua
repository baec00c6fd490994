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

---@param parser table argparse's
function run.add_to_parser(parser)
  local command = parser:command("run",
    "Carry out a show file: check, start on time, watch, switch, alert, stop on time, report.")
  command:argument("shows", "Show files (SHOW.lua)."):args "+"
  command:option("--state", "Folder for the progress of shows. Default: $STATE_DIRECTORY, or the folder of the file.")
    :argname "DIR"
  command:option("--interval", "How often to look at a show on the air.", "2s"):argname "DURATION"
  command:epilog("If it is killed, run it again: it continues with the broadcast. Meanwhile the service keeps the "
    .. "stop time. SIGTERM, Ctrl-C and a closed terminal leave the broadcast on the air or stop it, as on_sigterm "
    .. "in the show file says.")
end

-- ---- one show

---@class cme.cli.commands.evening
---@field show cme.show
---@field name string the file's, without its folder and .lua
---@field memory_path string
---@field context cme.cli.context
---@field process cme.cli.process

-- Where a show's files are: DIR/NAME, or the show file itself.
local function stem_of(context, path)
  local folder = context.args.state or context.system.getenv "STATE_DIRECTORY"
  local bare = path:gsub("%.lua$", "")
  if not folder or folder == "" then return bare end
  return folder:gsub("/+$", "") .. "/" .. bare:match "[^/]*$"
end

local function load_show(context, process, path)
  local show, message, detail = require "cme.show.file".load(path, context.system)
  if not show then return nil, message, detail end
  local stem = stem_of(context, path)
  local taken
  taken, message, detail = process:lock(stem .. ".lock")
  if taken then
    return { show = show, name = path:match "([^/]*)%.lua$" or path, memory_path = stem .. ".memory.json",
      context = context, process = process }
  end
  return codes.within("in.show", { name = path }, message, detail)
end

-- What `cme doctor` finds, within a time; nil: told to end meanwhile.
local function ask_doctor(evening, seconds)
  local checks, context = require "cme.doctor.checks", evening.context
  seconds = math.min(CHECK_SECONDS, seconds or CHECK_SECONDS)
  local told = evening.process:within(seconds, checks.examine, context, { project = evening.show.path, input = {},
    output = {}, seconds = math.max(1, math.min(LOOK_SECONDS, seconds // 3)) })
  if evening.process.quit then return nil end
  if not told then return { { what = "doctor", ok = false, message = context.t "it gave no answer in time" } } end
  local findings = {}
  for i, found in ipairs(told) do
    findings[i] = { what = found.check .. (found.subject and " " .. found.subject or ""),
      ok = found.state ~= "failed", message = checks.sentence(found, context.t) }
  end
  return findings
end

-- Everything that the evening needs, its alarm among it.
local function check(evening, teller, seconds)
  local findings = ask_doctor(evening, seconds)
  if not findings or evening.process.quit then return nil end
  local alarm = teller:test(evening.context.system.now())
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

local function write(evening, what, fields)
  local context = evening.context
  if context.json then
    local line = { at = context.system.now(), show = evening.name, what = what }
    for name, value in pairs(fields) do line[name == "at" and "moment" or name] = value end
    line.cause = nil -- the message says it
    line.done = line.done and json.array { table.unpack(line.done) }
    context:write_json(line)
    return
  end
  local now = context.system.now()
  for _, line in ipairs(run_words.lines(what, fields, context.t, now)) do
    context:say(("%s %s: %s"):format(clock.local_time(now, now), evening.name,
      one_line(context:hidden(line))))
  end
end

-- A terminal or a reader that went away ends no evening: it goes on without saying anything.
local function say(evening, what, fields)
  local ok, raised = pcall(write, evening, what, fields)
  if not ok and not (type(raised) == "table" and raised.output) then error(raised, 0) end
end

-- With fractions: gaps are shorter than seconds.
local function unix_now()
  return (select(2, require "cme.http".clocks()))
end

local function parts_of(evening, interval)
  local context, args = evening.context, evening.context.args
  local project = context:client():project(evening.show.project)
  local teller = alerts.new(evening.show, { process = evening.process, project = project,
    transport = context:client().transport or require "cme.net.transport".shared(),
    spawn = require "cme".spawn, sleep = require "cme".sleep,
    network = { ca_file = args.ca_file, proxy = args.proxy, no_proxy = args.no_proxy },
    failed = function(way, message, detail)
      say(evening, "failed", { step = "alert " .. way, message = evening.context:words(message, detail) })
    end })
  return {
    project = project,
    attach = function(made) return find_project(made, evening.show.project) end,
    now = unix_now,
    pause = function(seconds) return evening.process:pause(seconds) end,
    save = function(memory) return notebook.save(evening.memory_path, memory) end,
    alert = function(alert, told) teller:tell(alert, told) end,
    say = function(what, fields) say(evening, what, fields) end,
    check = function(seconds) return check(evening, teller, seconds) end,
    interval = interval,
  }, teller
end

local function do_evening(evening, interval)
  local memory, message = notebook.load(evening.memory_path)
  if message then say(evening, "not_saved", { message = message }) end
  local parts, teller = parts_of(evening, interval)
  local outcome = require "cme.show.runner".run(evening.show, memory, parts)
  local untold = teller:finish()
  if untold > 0 then
    message = evening.context.t("%d alerts not sent yet (run it again)", untold)
    say(evening, "failed", { step = "alerts", message = message })
  end
  return outcome
end

-- ---- all of them

-- The exit code of one outcome, said where it is a failure.
local function judge(evening, outcome)
  local context, path = evening.context, evening.show.path
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

-- Each evening's outcome; an error of one is that one's.
local function do_all(evenings, interval)
  local cme = require "cme"
  local tasks, code = {}, exit.DONE
  for i, evening in ipairs(evenings) do
    tasks[i] = cme.spawn(function() return pcall(do_evening, evening, interval) end)
  end
  for i, task in ipairs(tasks) do
    local ok, outcome = task:wait()
    local one = ok and judge(evenings[i], outcome) or not ok and evenings[i].context:fail(tostring(outcome))
    if code == exit.DONE then code = one end
  end
  return code
end

local function load_all(context, process)
  local evenings = {}
  for i, path in ipairs(context.args.shows) do
    local message, detail
    evenings[i], message, detail = load_show(context, process, path)
    if not evenings[i] then return nil, message, detail end
    context:client():project(evenings[i].show.project) -- a spec that is misuse is told before anything runs
  end
  return evenings
end

-- With --dry-run: the calls that would put the shows on the air now. No lock, memory, check, hook or alert: the evening
-- itself must not take this for what happened.
local function show_calls(context)
  for _, path in ipairs(context.args.shows) do
    local show, message, detail = require "cme.show.file".load(path, context.system)
    if not show then return context:fail(message --[[@as string]], detail) end
    local done
    done, message, detail = context:client():project(show.project):ensure { status = "working", stop_at = show.stop_at }
    if not done then return context:fail(message --[[@as string]], detail) end
  end
  return context:done({ dry_run = true, calls = json.array {} }, context.t "nothing to do")
end

-- The main task.
local function main(context, process, interval)
  local evenings, message, detail = load_all(context, process)
  if not evenings then return context:fail(message --[[@as string]], detail) end
  return do_all(evenings, interval)
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function run.run(args, context)
  local interval, wrong, why = clock.take_duration(context, "--interval", args.interval)
  if not interval then return context:fail(wrong --[[@as string]], why) end
  if args.dry_run then return show_calls(context) end
  local process = require "cme.cli.process".new()
  local code = require "cme.net.loop.luv".run(main, context, process, interval)
  process:close()
  return code
end

return run
