-- SPDX-License-Identifier: MIT
-- What `cme doctor` checks: the key, the service, the clock; each source and each destination. A check gives findings:
-- a fact, how bad it is, and what to do. Judging is apart from looking; sources and destinations are looked at from
-- this machine, by what is installed with cme-server.

local codes = require "cme.codes"
local exit = require "cme.cli.exit"
local mark = require "cme.cli.messages".mark

local checks = {}

---@class cme.doctor.finding
---@field check "key"|"service"|"clock"|"project"|"input"|"output"|"platform"|"uplink"
---@field subject string|nil which input or output
---@field state "ok"|"warning"|"failed"|"skipped"
---@field fact string
---@field consequence string|nil of a source: what that means at a platform
---@field advice string|nil what to do
---@field exit integer|nil of a failed one: cme's exit code
---@field seen cme.server.process.probe.source|nil of an input: what it sends

---@param check string
---@param subject string|nil
---@param state string
---@param fact string
---@param advice string|nil
---@return cme.doctor.finding
local function finding(check, subject, state, fact, advice)
  return { check = check, subject = subject, state = state, fact = fact, advice = advice }
end

-- A failure in the reader's language.
local function say(message, detail, t)
  return t("%s", codes.words(message, detail))
end

-- ---- the key, the service, the clock

local NETWORK_ADVICE = {
  ["network.resolve"] = mark "check the host's name, and this machine's DNS",
  ["network.connect"] = mark "check the address, and that the other side is up",
  ["network.timeout"] = mark "check the address and the firewalls in between, and that the other side is up",
  ["network.tls"] = mark "check the certificate's name and end; a private CA is named by --ca-file",
  ["network.proxy"] = mark "check the proxy",
  ["network.reset"] = mark "ask the other side why it hangs up: a wrong port, or a full server",
  ["network.protocol"] = mark "check the port: something else answers there",
  ["source.refused"] = mark "check the path: the server has no such stream now, or does not give it to this machine",
  ["source.ended"] = mark "start the source: it ends at once",
  ["source.stalled"] = mark "start the encoder: the server is there, but sends nothing",
  ["media.unsupported"] = mark "send H.264 and AAC by rtmp, http-flv, hls, srt or rtsp",
  ["media.no_picture"] = mark "check the encoder's camera or scene",
  ["media.no_sound"] = mark "check the encoder's sound",
  ["media.no_keyframe"] = mark "set the encoder's keyframe interval to 1 to 4 s",
  ["media.reader"] = mark "check what the source sends: it broke the program that read it",
  ["media.too_large"] = mark "send smaller pictures and playlists",
  ["local.openssl"] = mark "install openssl",
}

local function advice_for(code, t)
  local advice = NETWORK_ADVICE[code]
  return advice and t(advice)
end

--- What a finding says, in one line.
---@param found cme.doctor.finding
---@param t cme.cli.translate
---@return string
function checks.sentence(found, t)
  local said = found.consequence and t("%s; %s", found.fact, found.consequence) or found.fact
  return found.advice and t("%s: %s", said, found.advice) or said
end

local FAR, TOO_FAR = 5, 300 -- seconds

--- Judges this machine's clock. Pure.
---@param offset number seconds that the service is ahead
---@param t cme.cli.translate
---@return cme.doctor.finding
function checks.clock(offset, t)
  local off = math.abs(offset)
  local fact = offset < 0 and t("this machine is %.0f s ahead of the service", off)
    or t("this machine is %.0f s behind the service", off)
  if off <= FAR then return finding("clock", nil, "ok", t "this machine's clock agrees with the service's") end
  return finding("clock", nil, "warning", fact, off >= TOO_FAR
    and t "set the clock: other tools are refused, and planned times are wrong"
      or t "set the clock: planned times are wrong")
end

-- The way there, by how the endpoint is written.
local function transport_finding(endpoint, t)
  if endpoint:find "^https:" then
    return finding("service", nil, "ok", t("%s answers, its certificate is valid", endpoint))
  end
  local own = endpoint:find "^http://127%." or endpoint:find "^http://localhost[:/]" or endpoint:find "^http://%[::1%]"
  if own then return finding("service", nil, "ok", t("%s answers", endpoint)) end
  return finding("service", nil, "warning", t("%s answers, without TLS", endpoint),
    t "use https: stream keys travel in the calls")
end

--- Judges what a call that only reads gave. Pure.
---@param endpoint string
---@param detail cme.detail|nil nil: it was answered
---@param message string|nil
---@param t cme.cli.translate
---@return cme.doctor.finding[]
---@return boolean answered
function checks.judge_call(endpoint, detail, message, t)
  if not detail then return { transport_finding(endpoint, t) }, true end
  if not detail.code:find "^api%." then
    -- Of a connection that failed the client's message says already what to do.
    local advice = detail.code ~= "network.connect" and advice_for(detail.code, t) or nil
    local bad = finding("service", nil, "failed", say(message, detail, t), advice)
    bad.exit = exit.of(detail)
    return { bad }, false
  end
  local check = detail.code:find "Platform" and "service" or "key"
  local refused = finding(check, nil, "failed", say(message, detail, t))
  refused.exit = exit.of(detail)
  return { transport_finding(endpoint, t), refused }, true
end

-- What an identity calls the sources of keys, and those that are files.
local SOURCES = { environment = mark "environment", ["cvm role"] = mark "cvm role",
  ["assume role"] = mark "assume role" }
local FILES = { file = mark "file '%s'", tccli = mark "tccli '%s'" }

local function source_text(source, t)
  local kind, path = source:match "^(%l+) '(.*)'$"
  if FILES[kind] then return t(FILES[kind], path) end
  return t(SOURCES[source] or source)
end

--- Checks key, service and clock.
---@param context cme.cli.context
---@return cme.doctor.finding[]
function checks.service(context)
  local t, client = context.t, context:client()
  local identity, message, detail = client:identity()
  if not identity then
    local bad = finding("key", nil, "failed", say(message, detail, t))
    bad.exit = exit.of(detail)
    return { bad }
  end
  local list = { finding("key", nil, "ok", t("%s, from %s", identity.secret_id, source_text(identity.source, t))) }
  local _
  _, message, detail = client:call("DescribeProjects", { Limit = 1 })
  local more, answered = checks.judge_call(client.endpoint, detail, message, t)
  table.move(more, 1, #more, #list + 1, list)
  if more[2] and more[2].check == "key" then table.remove(list, 1) end
  if answered then list[#list + 1] = checks.clock(client:offset(), t) end
  return list
end

-- ---- sources

local LONG_GOP = 5000 -- ms

local function picture_text(found)
  local parts = {}
  if found.video then
    parts[1] = ("%s %dx%d"):format(found.video, found.width or 0, found.height or 0)
    parts[2] = ("%.0f fps"):format(found.fps or 0)
  end
  if found.gop_ms then parts[#parts + 1] = ("GOP %.1f s"):format(found.gop_ms / 1000) end
  if found.audio then parts[#parts + 1] = found.audio end
  if (found.kbps or 0) > 0 then parts[#parts + 1] = ("%.0f kbit/s"):format(found.kbps) end
  return table.concat(parts, ", ")
end

-- What can be wrong with a source that sends: a test, how bad it is, what it is, what that means at a platform, and
-- what to do. `relayed`: only of a source that is passed on as it is, since MEDIA_CAST encodes anew.
---@type { test: (fun(found: cme.server.process.probe.source): boolean), state: string, fact: string, means: string,
--- advice: string, relayed: boolean|nil }[]
local FLAWS = {
  { test = function(found) return not found.video end, state = "failed", fact = mark "no picture",
    means = mark "platforms show black, or end the broadcast", advice = mark "send H.264 video" },
  { test = function(found) return found.video == "hevc" end, state = "warning", relayed = true,
    fact = mark "few platforms take this video codec", means = mark "the others refuse it, or show no picture",
    advice = mark "send H.264" },
  { test = function(found) return found.video ~= nil and found.video ~= "h264" and found.video ~= "hevc" end,
    state = "failed", relayed = true, fact = mark "this video codec cannot be relayed",
    means = mark "destinations get no picture", advice = mark "send H.264" },
  { test = function(found) return not found.audio end, state = "warning", fact = mark "no sound",
    means = mark "many platforms warn about a broadcast without sound, some refuse it",
    advice = mark "send AAC sound, silent if need be" },
  { test = function(found) return found.audio ~= nil and found.audio ~= "aac" end, state = "warning", relayed = true,
    fact = mark "few platforms take this sound codec", means = mark "on the others the broadcast is silent",
    advice = mark "send AAC" },
  { test = function(found) return found.video ~= nil and not found.gop_ms end, state = "warning", relayed = true,
    fact = mark "fewer than two keyframes arrived during the check",
    means = mark "viewers wait that long for a picture, and platforms that cut at keyframes stall or refuse it",
    advice = mark "set the encoder's keyframe interval to 2 s" },
  { test = function(found) return (found.gop_ms or 0) > LONG_GOP end, state = "warning", relayed = true,
    fact = mark "keyframes are far apart",
    means = mark "viewers wait that long for a picture, and platforms that cut at keyframes stall or refuse it",
    advice = mark "set the encoder's keyframe interval to 2 s" },
  { test = function(found) return (found.dts_jumps or 0) > 0 end, state = "warning", fact = mark "its timestamps jump",
    means = mark "players stall at each jump", advice = mark "check the encoder and its network" },
}

local function flaws_of(subject, found)
  local list = {}
  for _, flaw in ipairs(FLAWS) do
    if not (flaw.relayed and subject.encoded) and flaw.test(found) then list[#list + 1] = flaw end
  end
  return list
end

-- One member of some flaws, in words.
local function joined(flaws, member, t)
  local said = t(flaws[1][member])
  for i = 2, #flaws do said = t("%s; %s", said, t(flaws[i][member])) end
  return said
end

--- Judges what a source was seen to send: all that is wrong with it, what that means at a platform, and what to do.
--- Pure.
---@param subject cme.doctor.subject
---@param found cme.server.process.probe.source
---@param t cme.cli.translate
---@return cme.doctor.finding
function checks.judge_source(subject, found, t)
  local seen, flaws = picture_text(found), flaws_of(subject, found)
  if not flaws[1] then return finding("input", subject.name, "ok", seen) end
  local worst = flaws[1].state -- the only one that fails comes first
  local said = finding("input", subject.name, worst, joined(flaws, "fact", t) .. (seen ~= "" and " (" .. seen .. ")"
    or ""), joined(flaws, "advice", t))
  said.consequence = joined(flaws, "means", t)
  said.exit = worst == "failed" and exit.PARTLY or nil
  return said
end

-- What a source that cannot be used means at a platform.
local UNUSABLE = {
  ["media.unsupported"] =
    mark "platforms get nothing from it: the broadcast switches to the backup, or has no picture",
}

local function failed(check, name, message, detail, t)
  local code = detail.code
  local said = finding(check, name, "failed", say(message, detail, t), advice_for(code, t))
  said.consequence = check == "input" and UNUSABLE[code] and t(UNUSABLE[code]) or nil
  said.exit = exit.PARTLY
  return said
end

---@class cme.doctor.subject what is looked at
---@field check "input"|"output"
---@field name string
---@field url string|nil nil: an address to push to, where nothing can be looked at
---@field encoded boolean|nil a source of MEDIA_CAST, which is encoded anew
---@field platform string|nil of an output: the platform that was named

--- Looks at one of them; tasks only.
---@param subject cme.doctor.subject
---@param given { seconds: number, program: string|nil, ca_file: string|nil, t: cme.cli.translate }
---@return cme.doctor.finding
function checks.look(subject, given)
  local t = given.t
  if not subject.url then
    return finding(subject.check, subject.name, "skipped", t "this is a push address: start your encoder")
  elseif subject.check == "input" then
    local found, message, detail = require "cme.server.process.probe".source(subject.url, given.program, given.seconds)
    if found then
      local said = checks.judge_source(subject, found, t)
      said.seen = found
      return said
    end
    if detail.code:find "^local%." then return finding("input", subject.name, "skipped", say(message, detail, t)) end
    return failed("input", subject.name, message, detail, t)
  end
  local knock = require "cme.server.process.knock"
  local ms, message, detail = knock.at(subject.url, math.min(given.seconds, 5), given.ca_file)
  if ms then return finding("output", subject.name, "ok", t("answers within %.0f ms", ms)) end
  if detail.code == "local.openssl" then
    return finding("output", subject.name, "skipped", say(message, detail, t), advice_for(detail.code, t))
  end
  return failed("output", subject.name, message, detail, t)
end

-- An error of ours at one of them does not take the others' findings along.
local function look_safely(subject, given)
  local ok, found = pcall(checks.look, subject, given)
  if ok then return found end
  local said = finding(subject.check, subject.name, "failed", ("%s: %s"):format(given.t "internal error", found))
  said.exit = exit.OTHER
  return said
end

local AT_ONCE = 4

--- Looks at all of them, a few at a time.
---@param subjects cme.doctor.subject[]
---@param given { seconds: number, program: string|nil, ca_file: string|nil, t: cme.cli.translate }
---@return cme.doctor.finding[] in the same order
function checks.look_at_all(subjects, given)
  if not pcall(require, "cme.server.process.probe") then
    local findings = {}
    for i, subject in ipairs(subjects) do
      findings[i] = finding(subject.check, subject.name, "skipped",
        given.t("not checked: this needs %s", "cme-server"))
    end
    return findings
  end
  local task = require "cme.task"
  local function look() return task.parallel(subjects, function(one) return look_safely(one, given) end, AT_ONCE) end
  if task.current() then return (look()) end
  return (require "cme.system.interruption".run(look))
end

--- The exit code of a command that found all this.
---@param findings cme.doctor.finding[]
---@return integer
function checks.exit_of(findings)
  for _, found in ipairs(findings) do
    if found.state == "failed" then return found.exit or exit.OTHER end
  end
  return exit.DONE
end

--- Checks all: the key, the service and the clock, then each source and destination, and what platforms take.
---@param context cme.cli.context
---@param asked cme.doctor.asked
---@return cme.doctor.finding[]
function checks.examine(context, asked)
  local findings = checks.service(context)
  local answered = checks.exit_of(findings) == exit.DONE
  local list, message, detail = require "cme.doctor.subjects".find(context, asked, answered)
  if list then
    local looked = checks.look_at_all(list, { seconds = asked.seconds, program = asked.program,
      ca_file = context.args.ca_file, t = context.t })
    table.move(looked, 1, #looked, #findings + 1, findings)
    local judged = require "cme.doctor.platforms".all(list, looked, context)
    table.move(judged, 1, #judged, #findings + 1, findings)
    findings[#findings + 1] = require "cme.doctor.uplink".look(context, asked, list, looked, answered)
    return findings
  end
  findings[#findings + 1] = { check = "project", state = "failed", exit = exit.of(detail),
    fact = context:words(message --[[@as string]], detail) }
  return findings
end

return checks
