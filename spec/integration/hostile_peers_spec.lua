-- SPDX-License-Identifier: MIT
-- Sources and destinations that mean harm, all at once beside good ones: the engine and its readers keep within their
-- bounds, and what is good does not notice.

local cjson = require "cjson"

local hostile_peers = require "spec.support.fakes.hostile_peers"
local media = require "spec.support.programs.media"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"
local uv = require "luv"

local SENT = 400 -- packets of the good output, meanwhile
local ENGINE_KB, READER_KB = 48 * 1024, 150 * 1024 -- today 23 and 31 MB
local SANITIZED = (os.getenv "CME_BUILD" or ""):find "san" ~= nil -- which keep what was freed
local STALL_LIMIT = 2

local function status_of(pid)
  local file = io.open(("/proc/%d/status"):format(pid))
  local text = file and file:read "a" or ""
  if file then file:close() end
  return tonumber(text:match "PPid:%s*(%d+)"), tonumber(text:match "VmHWM:%s*(%d+)")
end

-- The most that any child of this has had, in KB.
local function peak_of_children(engine)
  local peak, handle = 0, uv.fs_scandir "/proc"
  for name in function() return uv.fs_scandir_next(handle) end do
    local parent, kb = nil, nil
    if name:find "^%d+$" then parent, kb = status_of(tonumber(name)) end
    if parent == engine then peak = math.max(peak, kb or 0) end
  end
  return peak
end

describe("peers that mean harm", function()
  local file, sink

  setup(function()
    file = media.file(proc.folder() .. "/show.flv", 8, media.SMALL)
    sink = uv.new_udp()
    assert(sink:bind("127.0.0.1", 0))
    sink:recv_start(function() end)
  end)

  teardown(function()
    sink:close()
    assert.are.same({}, proc.cleanup())
  end)

  local function good()
    return { id = "good", url = ("udp://127.0.0.1:%d?pkt_size=1316"):format(sink:getsockname().port) }
  end

  local function set(run, main, outputs)
    assert(run.control:request("set", { spec = { stall_limit = STALL_LIMIT, active = "backup", failover = false,
      inputs = { main = main, backup = { urls = { file }, loop = -1 } }, outputs = outputs or { good() } } }))
  end

  local function start()
    local engine, control = relay.control()
    local run = { engine = engine, control = control }
    set(run)
    control:until_output("good", "live", 40)
    return run
  end

  local function sent(run) return run.control:output "good".packets end

  -- The good output had no moment without, and the engine is as small as ever.
  local function unmoved(run)
    local output, _, kb = run.control:output "good", status_of(run.engine.pid)
    assert.are.same({ 1, 0, 0 }, { output.connects, output.dropped, output.overflows })
    assert.is_true(SANITIZED or kb < ENGINE_KB, kb)
    local readers = peak_of_children(run.engine.pid)
    assert.is_true(SANITIZED or readers < READER_KB, readers)
  end

  local function stop(run)
    run.control:request "stop"
    assert.are.equal(0, (run.engine:wait()), run.engine:output())
    run.control:close()
  end

  -- It is refused by name, or live where nothing is wrong with it but its times. Not by events: a late one would be of
  -- the peer before it.
  local function judged(run, peer)
    proc.eventually(("%s: %s"):format(peer.name, peer.code or "live"), 40, function()
      local main = run.control:request "stat".inputs.main
      if not peer.code then return main.state == "live" end
      return main.error ~= cjson.null and main.error.code == peer.code
    end)
    unmoved(run)
  end

  it("are sources, of which the programme feels nothing", function()
    local peers, slow, run = hostile_peers.sources(), {}, start()
    for _, peer in ipairs(peers) do
      if peer.slow then
        slow[peer] = start()
        set(slow[peer], { url = peer.url })
      end
    end
    for _, peer in ipairs(peers) do
      if not peer.slow then
        set(run, { url = peer.url })
        judged(run, peer)
      end
    end
    for peer, its in pairs(slow) do
      judged(its, peer)
      stop(its)
    end
    stop(run)
    for _, peer in ipairs(peers) do peer.server:stop() end
  end)

  it("are destinations, of which the good one feels nothing", function()
    local peers, outputs, run = hostile_peers.destinations(), { good() }, start()
    for i, peer in ipairs(peers) do outputs[i + 1] = { id = tostring(i), url = peer.url } end
    set(run, nil, outputs)
    proc.eventually("packets of the good one", 40, function() return sent(run) > SENT end)
    unmoved(run)
    stop(run)
    for _, peer in ipairs(peers) do peer.server:stop() end
  end)
end)
