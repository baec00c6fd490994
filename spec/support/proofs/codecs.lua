-- SPDX-License-Identifier: MIT
-- One film by one way in to all ways out at once, and what each of them got, compared packet by packet.
-- bench/codecs.lua prints it as a table, spec/integration/codecs_spec.lua holds a part.

local cjson = require "cjson"

local nginx = require "spec.support.programs.nginx"
local node_media_server = require "spec.support.programs.node_media_server"
local packets = require "spec.support.proofs.codecs.packets"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"
local uv = require "luv"
local ways_out = require "spec.support.proofs.codecs.ways_out"

local codecs = {}

local LIMIT = 40    -- seconds for all outputs to be live or refused
local SENT = 120    -- packets that an output has sent before what arrived is looked at
local ENOUGH = { video = 25, audio = 25 } -- packets in a row
local STALL_LIMIT = 20 -- seconds: what a busy machine does is not the subject
local MOST = 500    -- packets that are compared: on a busy machine a film ends, and begins anew, before a run does
local CUT_OFF = 1   -- the last packet of a file that is being written may be a part

---@class spec.codecs.stage
---@field folder string
---@field nms4 spec.node_media_server
---@field nms2 spec.node_media_server
---@field nginx spec.nginx

--- The platforms of all runs.
---@return spec.codecs.stage
function codecs.stage()
  local ignored = uv.new_signal() -- of sockets whose other ends come and go
  ignored:start("sigpipe", function() end)
  ignored:unref()
  return { folder = proc.folder(), nms4 = node_media_server.start(4), nms2 = node_media_server.start(2),
    nginx = nginx.start { apps = { "out", "src" }, record = true, keys = "hush" } }
end

---@class spec.codecs.cell
---@field ok boolean|nil    this many packets and more came as they were
---@field refused string|nil code and words of the engine
---@field missing string|nil why no program is at hand to show it
---@field fault string|nil  what is wrong

local function engine_for(stage)
  local path = proc.folder() .. "/engine.sock"
  local engine = relay.start("--control", path, "--ca-file", stage.nms4.ca)
  engine:expect "listening on %S+\n"
  return engine, relay.connect(path)
end

-- A failure in words, without what differs from run to run.
local function words(failure)
  if failure == cjson.null then return nil end
  return failure.code .. ": " .. failure.message:gsub("'[^']*/[^']*'", "'...'")
end

-- A cell of a failure: what the engine does not carry is refused by name, and all else should not be.
local function cell_of(failure)
  if failure:find "^media" then return { refused = failure } end
  return { fault = failure }
end

-- What an output has come to; nil: nothing yet, since what is no refusal is tried again.
local function verdict(output)
  if output.state == "live" and output.packets >= SENT then return {} end
  local failure = output.state ~= "live" and words(output.error)
  local cell = failure and cell_of(failure)
  return cell and cell.refused and cell or nil
end

-- Waits until `done` is true, LIMIT seconds at most.
local function wait(done)
  local until_ns = uv.hrtime() + LIMIT * 1e9
  proc.eventually("an end", 10 * LIMIT, function() return done() or uv.hrtime() > until_ns end)
end

-- What an output is that has come to nothing.
local function pending(output)
  return { fault = ("neither live nor refused, but %s, %d packets, %s"):format(output.state, output.packets,
    words(output.error) or "no error") }
end

-- Waits until each output has come to something, or the input has failed; returns the failure's words then.
local function settle(control, sinks, cells)
  local failed, last
  wait(function()
    local stat = assert(control:request "stat")
    local main = stat.inputs.main
    failed = main.state == "down" and words(main.error)
    local open = false
    for i, output in ipairs(stat.outputs) do
      if output.state == "live" and sinks[i].live then sinks[i].live() end
      cells[i] = cells[i] or verdict(output)
      open = open or not cells[i]
    end
    last = stat.outputs
    return failed or not open
  end)
  for i, output in ipairs(last) do cells[i] = cells[i] or pending(output) end
  return failed
end

-- Compares what came with the film; a kind that the way leaves out altogether is a fault here.
local function compare(got, film, kind)
  local list = got[kind]
  local whole = math.min(#list - CUT_OFF, MOST)
  local run = packets.run_of(list, film.packets[kind])
  if whole < ENOUGH[kind] then return { fault = ("only %d packets"):format(#list) } end
  if run < whole then return { fault = ("packet %d of %d is another"):format(run + 1, whole) } end
  return { ok = true }
end

-- What a sink got, once it is enough.
local function take(sink, film)
  local got, missing
  wait(function()
    got, missing = sink.packets(), sink.missing and sink.missing()
    return missing or #got.video > ENOUGH.video + CUT_OFF and #got.audio > ENOUGH.audio + CUT_OFF
  end)
  if missing then return { video = { missing = missing }, audio = { missing = missing } } end
  return { video = compare(got, film, "video"), audio = compare(got, film, "audio") }
end

local function same_for_all(cell)
  local list = {}
  for i in ipairs(ways_out) do list[i] = { video = cell, audio = cell } end
  return list
end

local function judge(control, sinks, film)
  local cells = {}
  local failed = settle(control, sinks, cells)
  if failed then return same_for_all(cell_of(failed)) end
  for i, sink in ipairs(sinks) do
    local cell = cells[i]
    cells[i] = (cell.refused or cell.fault) and { video = cell, audio = cell } or take(sink, film)
  end
  return cells
end

local runs = 0

local function run(stage, film, way)
  runs = runs + 1 -- ways have names that differ in their signs alone
  local key = ("hush%s%s"):format(film.name, way.name):gsub("%W", "") .. "x" .. runs .. "x"
  local source = way.open(stage, film, key .. "in")
  if source.missing then return same_for_all { missing = source.missing } end
  local sinks, outputs = {}, {}
  for i, out in ipairs(ways_out) do
    sinks[i] = out.open(stage, film, key .. i)
    outputs[i] = sinks[i].output
    outputs[i].id = tostring(i)
  end
  local engine, control = engine_for(stage)
  local main = source.loop and { urls = { source.url }, loop = -1 } or { url = source.url }
  assert(control:request("set", { spec = { inputs = { main = main }, outputs = outputs, stall_limit = STALL_LIMIT } }))
  local cells = judge(control, sinks, film)
  control:close()
  engine:stop()
  if source.close then source.close() end
  return cells
end

--- Runs one film from a way in to all ways out, and ends whatever sent and received.
---@param stage spec.codecs.stage
---@param film spec.codecs.film
---@param way spec.codecs.way_in
---@return { video: spec.codecs.cell, audio: spec.codecs.cell }[] by the ways out
function codecs.run(stage, film, way)
  return proc.within(run, stage, film, way)
end

return codecs
