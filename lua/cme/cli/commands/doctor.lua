-- SPDX-License-Identifier: MIT
-- `cme doctor`: checks what a broadcast needs, before it matters, and says what to do.

local checks = require "cme.doctor.checks"
local clock = require "cme.cli.clock"
local exit = require "cme.cli.exit"
local json = require "cme.json"
local mark = require "cme.cli.messages".mark
local size = require "cme.cli.size"

local doctor = {}

---@param parser table argparse's
function doctor.add_to_parser(parser)
  local command = parser:command("doctor",
    "Check the key, the service, the clock, and each source and destination of a project, with advice; and whether the "
      .. "sources suit the platforms of the destinations.")
  command:argument("project", "Id, name or file (SHOW.lua, SPEC.json)."):args "?"
  command:option("--input", "A source to check, @FILE or -; repeat for more."):argname "URL":count "*"
  command:option("--output", "A destination to check: URL, PLATFORM:KEY or 'SERVER KEY'; @FILE or -; repeat for more.")
    :argname "[NAME=]URL":count "*"
  command:option("--for", "How long to check each source.", "8s"):argname "DURATION"
  command:option("--relay", "The engine program (default: the cme-relay installed with this cme)."):argname "PATH"
  command:option("--max-uplink", "Bits a second that the uplink carries, such as 20M (default: what the service says).")
    :argname "RATE"
  command:epilog("Checks sources and destinations from this machine, without publishing anything. Exit code 6: the "
    .. "service works, but a source or destination does not.")
end

-- ---- saying it

local WORDS = {
  ok = { mark "ok", "green" },
  warning = { mark "warning", "yellow" },
  failed = { mark "failed", "red" },
  skipped = { mark "skipped", "grey" },
}
local CHECKS = { key = mark "key", service = mark "service", clock = mark "clock", project = mark "project",
  input = mark "input", output = mark "output", platform = mark "platform", uplink = mark "uplink" }

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

local function tell(context, findings)
  local code = checks.exit_of(findings)
  if not context.json then
    say(context, findings)
    return code
  end
  for _, found in ipairs(findings) do found.exit, found.seen = nil, nil end
  context:write_json { ok = code == exit.DONE, checks = json.array(findings) }
  return code
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function doctor.run(args, context)
  local seconds, wrong, why = clock.take_duration(context, "--for", args["for"])
  if not seconds then return context:fail(wrong --[[@as string]], why) end
  local max_uplink = args.max_uplink and size.kbps(args.max_uplink)
  if args.max_uplink and not max_uplink then
    return context:usage(context.t("option '%s': a rate is needed, such as 20M", "--max-uplink"))
  end
  return tell(context, checks.examine(context, { project = args.project, input = args.input, output = args.output,
    seconds = seconds, program = args.relay, max_uplink = max_uplink }))
end

return doctor
