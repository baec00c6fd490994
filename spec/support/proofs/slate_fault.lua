-- SPDX-License-Identifier: MIT
-- What a destination gets when both sources of a broadcast are killed: the slate that a real service made for it.
-- bench/faults.lua prints it.

local cme = require "cme"

local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"

local slate_fault = {}

local SHOW_SECONDS, LIVE_SECONDS = 12, 3

local function until_ready(client, id)
  proc.eventually("a slate", 60, function()
    proc.elapse(0.2)
    local health = client:call("DescribeProjectHealth", { ProjectId = id })
    return health and health.Slate.State == "Ready"
  end)
end

--- Kills both sources for a while; the backup comes back.
---@param look table of the sources, as media.MAIN
---@param seconds number
---@return { arrival_gap: number, publishes: integer, backward: integer, looks: string }
function slate_fault.run(look, seconds)
  local platform = nginx.start { apps = { "src", "a" }, record = true }
  local own = service.start()
  local client = assert(cme.client(own:client_options()))
  local file = media.file(proc.folder() .. "/show.flv", SHOW_SECONDS, look)
  local function publish(name) return media.replay(platform:url("src", name), file) end
  local sources = { publish "main", publish "backup" }
  platform:expect_publish("src", 2)
  local show = client:project { name = "slate", owner = "bench", input = platform:url("src", "main"),
    backup = platform:url("src", "backup"), outputs = { platform:url("a", "hush") }, slate = true }
  assert(show:start())
  until_ready(client, show.id)
  local watch = media.watch(platform:url("a", "hush"))
  proc.elapse(LIVE_SECONDS)
  for _, source in ipairs(sources) do source:kill "sigkill" end
  proc.elapse(seconds)
  sources[2] = publish "backup"
  proc.elapse(2 * LIVE_SECONDS)
  assert(show:stop())
  sources[2]:kill()
  platform:expect_silence "a"
  local publishes = #platform:publishes "a"
  platform:stop()
  watch:wait()
  own:stop()
  local report = media.report(platform:recordings "a"[1])
  return { arrival_gap = media.arrival_gap(watch), publishes = publishes, backward = report.backward,
    looks = report.looks, gaps = report.gaps }
end

return slate_fault
