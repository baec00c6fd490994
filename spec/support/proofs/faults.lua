-- SPDX-License-Identifier: MIT
-- What destinations do to each other, and what switching does to them: two scenarios for the engine, measured.
-- bench/faults.lua prints them with their times, spec/integration/faults_spec.lua holds what is no matter of speed.
--
-- `faults.destinations`: one healthy destination, and beside it, at the same time, one of every kind of fault; each is
-- mended HOLD seconds after the engine has said what is wrong with it.
-- `faults.switching`: ten planned switches and three failovers on the same publishes.

local cjson = require "cjson"

local faulty = require "spec.support.fakes.faulty_destination"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"
local usage = require "spec.support.proofs.usage"

local faults = {}

local HOLD = 2 -- seconds from the right state to the recovery
local LIMIT = 40 -- seconds for anything to happen at all
local SLOW = 120000 -- bytes a second: a quarter of the show
local BUFFER = 65536 -- of the slow one: with a large one it is silent for seconds and counts as stalled
local APPS = { "src", "good", "stalled", "slow", "garbage", "closed", "taken", "hole" }

---@class spec.fault
---@field id string         of the output
---@field what string       the fault in words
---@field state string      what the engine has to say of it
---@field codes string[]|nil and why: one of these
---@field begin fun()|nil   breaks it once everything is live; nil: it is broken from the start
---@field mend fun()
---@field behind boolean|nil it goes on, but loses packets
---@field url string

-- What the engine says is what is the matter.
local function is_right(fault, output)
  if fault.behind then return output.state == "live" and output.queue_ms > 1000 end
  local code = output.error ~= cjson.null and output.error.code
  for _, one in ipairs(fault.codes) do
    if output.state == fault.state and code == one then return true end
  end
end

-- It has been seen for long enough; a slow one has to lose something first.
local function is_ripe(fault, output, now)
  return now - fault.right_at >= HOLD and (not fault.behind or output.overflows > 0)
end

local function local_url(port, app)
  return ("rtmp://127.0.0.1:%d/%s/hush"):format(port, app)
end

-- Broken behind a proxy that speaks for the platform.
local function proxied(stage, id, what, mode, rate)
  local proxy = faulty.start { to = stage.platform.port, buffer = rate and BUFFER }
  stage.closing[#stage.closing + 1] = proxy
  return { id = id, what = what, url = local_url(proxy.port, id), begin = function() proxy:set(mode, rate) end,
    mend = function() proxy:set "pass" end }
end

-- A port where there is nothing, until it leads to the platform.
local function late(stage, id, what, port, leave)
  return { id = id, what = what, url = local_url(port, id), mend = function()
    if leave then leave() end
    stage.closing[#stage.closing + 1] = faulty.start { to = stage.platform.port, port = port }
  end }
end

local function with(fault, fields)
  for name, value in pairs(fields) do fault[name] = value end
  return fault
end

---@return spec.fault[]
local function make(stage)
  local mortal, frozen = stage.mortal, stage.frozen
  local hole = faulty.black_hole()
  local holder = media.replay(stage.platform:url("taken", "hush"), stage.file)
  stage.platform:expect_publish "taken"
  stage.platform:expect_new_recording "taken"
  stage.closing[#stage.closing + 1] = hole
  return {
    with(proxied(stage, "stalled", "takes the publish, then reads nothing", "stall"),
      { state = "backoff", codes = { "network.timeout" } }),
    { id = "killed", what = "its server is killed", state = "backoff", url = mortal:url("live", "hush"),
      codes = { "network.reset", "network.connect" }, begin = function() mortal.proc:kill "sigkill" end,
      mend = function() mortal:up() end },
    with(late(stage, "closed", "nobody listens", proc.free_port()),
      { state = "backoff", codes = { "network.connect" } }),
    { id = "taken", what = "the platform refuses the publish", state = "refused", codes = { "publish.refused" },
      url = stage.platform:url("taken", "hush"), mend = function() holder:kill() end },
    with(proxied(stage, "slow", "takes a quarter of the bit rate", "slow", SLOW),
      { state = "live", behind = true }),
    { id = "frozen", what = "half-open: the server stops, its host answers", state = "backoff",
      codes = { "network.timeout" }, url = frozen:url("live", "hush"),
      begin = function() frozen.proc:kill "sigstop" end, mend = function() frozen.proc:kill "sigcont" end },
    with(late(stage, "hole", "black hole: no answer to a SYN", hole.port, function() hole:close() end),
      { state = "backoff", codes = { "network.timeout" } }),
    with(proxied(stage, "garbage", "sends noise", "garbage"), { state = "backoff", codes = { "network.protocol" } }),
  }
end

local function outputs_of(stage)
  local list = { { id = "good", name = "", url = stage.platform:url("good", "hush") } }
  for _, fault in ipairs(stage.faults) do list[#list + 1] = { id = fault.id, name = "", url = fault.url } end
  return list
end

local function by_id(control)
  local map = {}
  for _, output in ipairs(control:request("stat").outputs) do map[output.id] = output end
  return map
end

local function is_back(fault, output)
  if fault.behind then return output.queue_ms < 500 end
  return output.state == "live" and output.connects > fault.connects
end

-- One look at a fault that has begun: right? to be mended? back? True once it is back.
local function follow(fault, output, now)
  if not fault.right_after and is_right(fault, output) then
    fault.right_after, fault.right_at = now - fault.begun_at, now
    fault.code = output.error ~= cjson.null and output.error.code or nil
  elseif fault.right_after and not fault.mended_at and is_ripe(fault, output, now) then
    fault.connects = output.connects
    fault.mended_at = usage.wall()
    fault.mend()
  elseif fault.mended_at and not fault.back_after and is_back(fault, output) then
    fault.back_after = now - fault.mended_at
  end
  fault.last = output
  return fault.back_after ~= nil
end

local function follow_all(stage, control)
  proc.eventually(function()
    local missing = {}
    for _, fault in ipairs(stage.faults) do
      if not fault.back_after then
        missing[#missing + 1] = ("%s (%s, %s)"):format(fault.id, fault.last and fault.last.state,
          fault.right_after and "known" or "not known")
      end
    end
    return "the engine to see and get over: " .. table.concat(missing, ", ")
  end, LIMIT, function()
    local outputs, now, all = by_id(control), usage.wall(), true
    for _, fault in ipairs(stage.faults) do all = follow(fault, outputs[fault.id], now) and all end
    return all
  end)
end

-- Brings up what works, breaks what is to be broken, and waits until all is well again.
local function play(stage, control)
  local started = usage.wall()
  assert(control:request("set", { spec = { project = "faults", revision = 1, active = "main",
    inputs = { main = { url = stage.platform:url("src", "show") } }, outputs = outputs_of(stage) } }))
  control:until_output("good", "live")
  started = math.max(started, control:output("good").since)
  stage.watches = { good = media.watch(stage.platform:url("good", "hush")),
    source = media.watch(stage.platform:url("src", "show")) }
  for _, fault in ipairs(stage.faults) do
    if fault.begin then control:until_output(fault.id, "live") end
  end
  for _, fault in ipairs(stage.faults) do
    fault.begun_at = fault.begin and usage.wall() or started
    if fault.begin then fault.begin() end
  end
  follow_all(stage, control)
  proc.elapse(1)
end

local function backward_in(server, app)
  local sum, count, gap = 0, 0, 0
  for _, path in ipairs(server:recordings(app)) do
    local report = media.packets(path)
    sum, count, gap = sum + report.backward, count + report.count, math.max(gap, report.largest_gap)
  end
  return sum, count, gap
end

-- What arrived, by the recordings.
local function judge(stage)
  local servers = { killed = stage.mortal, frozen = stage.frozen }
  for _, fault in ipairs(stage.faults) do
    local server = servers[fault.id]
    fault.backward, fault.packets = backward_in(server or stage.platform, server and "live" or fault.id)
  end
  local good = { arrival_gap = media.arrival_gap(stage.watches.good), publishes = #stage.platform:publishes "good",
    source_gap = media.arrival_gap(stage.watches.source), connects = stage.good.connects,
    dropped = stage.good.dropped }
  good.backward, good.packets, good.media_gap = backward_in(stage.platform, "good")
  return good
end

--- One healthy destination beside eight faulty ones.
---@return { good: table, faults: spec.fault[], log: string }
function faults.destinations()
  local stage = { closing = {} }
  stage.platform = nginx.start { apps = APPS, record = true }
  stage.mortal, stage.frozen = nginx.start { apps = { "live" }, record = true }, nginx.start { apps = { "live" },
    record = true }
  stage.file = media.file(proc.folder() .. "/show.flv", 20, media.SHOW)
  media.replay(stage.platform:url("src", "show"), stage.file)
  stage.platform:expect_publish "src"
  stage.faults = make(stage)
  local engine, control = relay.control()
  play(stage, control)
  stage.good = control:output "good"
  assert(control:request "stop")
  assert(engine:wait() == 0, engine:output())
  for _, server in ipairs { stage.platform, stage.mortal, stage.frozen } do server:stop() end
  for _, watch in pairs(stage.watches) do watch:wait() end
  for _, one in ipairs(stage.closing) do one:close() end
  return { good = judge(stage), faults = stage.faults, log = engine.err }
end

local function other(endpoint)
  return endpoint == "main" and "backup" or "main"
end

-- The n-th event of switching with this reason.
local function switched(control, reason, n)
  return proc.eventually(("%s %d"):format(reason, n), LIMIT, function()
    local count = 0
    for _, event in ipairs(control.events) do
      if event.event == "switched" and event.reason == reason then count = count + 1 end
      if count == n then return event end
    end
  end)
end

local function until_input(control, endpoint)
  proc.eventually(endpoint .. " to be live", LIMIT, function()
    return control:request("stat").inputs[endpoint].state == "live"
  end)
end

-- Kills the active source, waits for the failover, and brings the source back.
local function fail_over(stage, control, n)
  local active = control:request("stat").active
  stage.sources[active]:kill "sigkill"
  local event = switched(control, "failover", n)
  assert(event.to == other(active))
  stage.sources[active] = media.replay(stage.platform:url("src", active), stage.files[active])
  until_input(control, active)
  return event.gap_ms
end

--- Ten planned switches and three failovers under two destinations.
---@param stall_limit number   seconds
---@return { planned: integer[], failovers: integer[], apps: table[] }  gaps in ms; what each destination got
function faults.switching(stall_limit)
  local stage = { platform = nginx.start { apps = { "src", "a", "b" }, record = true }, files = {}, sources = {} }
  for endpoint, look in pairs { main = media.MAIN, backup = media.BACKUP } do
    stage.files[endpoint] = media.file(("%s/%s.flv"):format(proc.folder(), endpoint), 20, look)
    stage.sources[endpoint] = media.replay(stage.platform:url("src", endpoint), stage.files[endpoint])
  end
  stage.platform:expect_publish("src", 2)
  local engine, control = relay.control()
  assert(control:request("set", { spec = { project = "switching", revision = 1, active = "main", failover = true,
    stall_limit = stall_limit, inputs = { main = { url = stage.platform:url("src", "main") },
      backup = { url = stage.platform:url("src", "backup") } },
    outputs = { { id = "a", name = "", url = stage.platform:url("a", "hush") },
      { id = "b", name = "", url = stage.platform:url("b", "hush") } } } }))
  for _, id in ipairs { "a", "b" } do control:until_output(id, "live") end
  until_input(control, "backup")
  local result = { planned = {}, failovers = {}, apps = {} }
  for n = 1, 10 do
    local ok, err = control:request("switch", { to = other(control:request("stat").active) })
    assert(ok, err and err.message)
    result.planned[n] = ok.gap_ms
  end
  for n = 1, 3 do result.failovers[n] = fail_over(stage, control, n) end
  assert(control:request "stop")
  assert(engine:wait() == 0, engine:output())
  for i, app in ipairs { "a", "b" } do
    stage.platform:expect_silence(app)
    local recordings = stage.platform:recordings(app)
    result.apps[i] = media.report(recordings[1])
    result.apps[i].publishes = #stage.platform:publishes(app)
    result.apps[i].recordings = #recordings
  end
  return result
end

return faults
