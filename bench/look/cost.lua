-- SPDX-License-Identifier: MIT
-- What it costs to look at one output: 1080p30, 6 Mbit/s, a look every ten seconds; beside ffmpeg's detectors, which
-- decode everything, on the same stream at the same time.
--
--   make bench-look-cost [SECONDS=60]

package.path = "./?.lua;" .. package.path

local cjson = require "cjson"

local films = require "bench.look.films"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local usage = require "spec.support.proofs.usage"

local WARM = 12 -- seconds, in which everybody has connected and decoded its first

local function command(name, argv, options)
  options.name = name
  return { name = name, process = proc.spawn(argv, options) }
end

-- In the order of the table.
local function peers_of(url, source)
  local order = { urls = { url }, every = 10 }
  local list = { command("cme-look", { films.BUILD .. "/bin/cme-look" }, { stdin = true }),
    command("cme-look --source", { films.BUILD .. "/bin/cme-look" }, { stdin = true }),
    command("ffmpeg, three detectors", { "ffmpeg", "-v", "error", "-nostdin", "-threads", "1", "-i", url, "-vf",
      "blackdetect,freezedetect", "-af", "silencedetect", "-f", "null", "-" }, {}) }
  list[1].process:write(cjson.encode(order) .. "\n")
  order.source = source
  list[2].process:write(cjson.encode(order) .. "\n")
  return list
end

local function read_all(list)
  local cpu = {}
  for i, one in ipairs(list) do cpu[i] = usage.cpu(one.process.pid) end
  return cpu
end

local function main(seconds)
  local server = nginx.start { apps = { "source", "output" }, plain = true }
  local film = films.hd()
  for _, app in ipairs { "source", "output" } do films.publish(server:url(app, "hd"), film) end
  local list = peers_of(server:url("output", "hd"), server:url("source", "hd"))
  proc.elapse(WARM)
  local before = read_all(list)
  proc.elapse(seconds)
  local after = read_all(list)
  print(("%-26s %12s %8s"):format("1080p30, one output", "% of a core", "ratio"))
  for i, one in ipairs(list) do
    local share = (after[i] - before[i]) / seconds * 100
    print(("%-26s %12.2f %8.3f"):format(one.name, share, share / ((after[#list] - before[#list]) / seconds * 100)))
  end
  proc.cleanup()
end

main(tonumber(arg[1] or "") or 60)
