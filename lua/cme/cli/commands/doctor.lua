-- SPDX-License-Identifier: MIT
-- `cme doctor`: checks what a broadcast needs, before it matters, and says what to do.

local checks = require "cme.doctor.checks"
local clock = require "cme.cli.clock"
local exit = require "cme.cli.exit"
local json = require "cme.json"
local mark = require "cme.cli.messages".mark
local projects = require "cme.cli.projects"
local specs = require "cme.cli.specs"

local doctor = {}

---@param parser table argparse's
function doctor.add_to_parser(parser)
  local command = parser:command("doctor",
    "Check the key, the service, the clock, and each source and destination of a project, with advice.")
  command:argument("project", "Id, name or file (SHOW.lua, SPEC.json)."):args "?"
  command:option("--input", "A source to check, @FILE or -; repeat for more."):argname "URL":count "*"
  command:option("--output", "A destination to check, @FILE or -; repeat for more.")
    :argname "[NAME=]URL":count "*"
  command:option("--for", "How long to check each source.", "8s"):argname "DURATION"
  command:option("--relay", "The engine program (default: the cme-relay installed with this cme)."):argname "PATH"
  command:epilog("Checks sources and destinations from this machine, without publishing anything. Exit code 6: the "
    .. "service works, but a source or destination does not.")
end

-- ---- what is to be looked at

local function add_input(subjects, name, input)
  if not input then return end
  for i, url in ipairs(input.urls or { input.kind ~= "push" and input.url or nil }) do
    subjects[#subjects + 1] = { check = "input", name = i > 1 and ("%s %d"):format(name, i) or name, url = url }
  end
  if input.kind == "push" then subjects[#subjects + 1] = { check = "input", name = name } end
end

-- Of a project as info() or a spec has it.
local function add_parts(subjects, part)
  add_input(subjects, "main", part.inputs and part.inputs.main)
  add_input(subjects, "backup", part.inputs and part.inputs.backup)
  for i, source in ipairs(part.sources or {}) do
    if source.url then
      subjects[#subjects + 1] = { check = "input", name = source.id or tostring(i), url = source.url, encoded = true }
    end
  end
  for i, output in ipairs(part.outputs or {}) do
    subjects[#subjects + 1] = { check = "output", name = output.name or output.id or tostring(i), url = output.url }
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

local function given_subjects(context, subjects)
  for i, written in ipairs(context.args.input) do
    local url, message, detail = context:content(written)
    if not url then return nil, message, detail end
    subjects[#subjects + 1] = { check = "input", name = tostring(i), url = url }
  end
  for i, written in ipairs(context.args.output) do
    local output, message, detail = specs.output(context, written)
    if not output then return nil, message, detail end
    subjects[#subjects + 1] = { check = "output", name = output.name or tostring(i), url = output.url }
  end
  return true
end

-- What the command line names, of the project and by itself.
local function subjects_of(context, answered)
  local subjects, given = {}, context.args.project
  if given and (answered or projects.is_file(given)) then
    local part, message, detail = (projects.is_file(given) and of_file or of_service)(context, given)
    if not part then return nil, message, detail end
    add_parts(subjects, part)
  end
  local ok, message, detail = given_subjects(context, subjects)
  if not ok then return nil, message, detail end
  return subjects
end

-- ---- saying it

local WORDS = {
  ok = { mark "ok", "green" },
  warning = { mark "warning", "yellow" },
  failed = { mark "failed", "red" },
  skipped = { mark "skipped", "grey" },
}
local CHECKS = { key = mark "key", service = mark "service", clock = mark "clock", project = mark "project",
  input = mark "input", output = mark "output" }

local function say(context, findings)
  local t = context.t
  local rows = { { t "CHECK", t "STATE", t "FINDING" } }
  for _, found in ipairs(findings) do
    local name = t(CHECKS[found.check]) .. (found.subject and " " .. found.subject or "")
    local word = WORDS[found.state]
    rows[#rows + 1] = { name, { t(word[1]), colour = word[2] },
      checks.sentence(found, t) }
  end
  context:table(rows)
end

local function exit_of(findings)
  for _, found in ipairs(findings) do
    if found.state == "failed" then return found.exit or exit.OTHER end
  end
  return exit.DONE
end

local function tell(context, findings)
  local code = exit_of(findings)
  if not context.json then
    say(context, findings)
    return code
  end
  for _, found in ipairs(findings) do found.exit = nil end
  context:write_json { ok = code == exit.DONE, checks = json.array(findings) }
  return code
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function doctor.run(args, context)
  local seconds, wrong, why = clock.take_duration(context, "--for", args["for"])
  if not seconds then return context:fail(wrong --[[@as string]], why) end
  local findings = checks.service(context)
  local subjects, message, detail = subjects_of(context, exit_of(findings) == exit.DONE)
  if subjects then
    local looked = checks.look_at_all(subjects, { seconds = seconds, program = args.relay, ca_file = args.ca_file,
      t = context.t })
    table.move(looked, 1, #looked, #findings + 1, findings)
  else
    findings[#findings + 1] = { check = "project", state = "failed", fact = message, exit = exit.of(detail) }
  end
  return tell(context, findings)
end

return doctor
