-- SPDX-License-Identifier: MIT
-- `cme run` against the real service, engine and nginx-rtmp.

local json = require "cme.json"
local media = require "spec.support.media"
local nginx = require "spec.support.nginx"
local proc = require "spec.support.proc"
local service = require "spec.support.service"

describe("cme run", function()
  local rtmp, serve, sources, folder

  setup(function()
    rtmp = nginx.start { apps = { "source", "platform1", "platform2" }, record = true }
    serve = service.start()
    sources = { main = media.publish(rtmp:url("source", "main"), media.MAIN),
      backup = media.publish(rtmp:url("source", "backup"), media.BACKUP) }
    rtmp:expect_publish("source", 2)
    folder = proc.folder()
  end)

  teardown(function()
    for _, source in pairs(sources or {}) do source:stop() end
    if serve then serve:stop() end
    if rtmp then rtmp:stop() end
    proc.cleanup()
  end)

  -- Writes a show file; gives its path and what its alerts are written to.
  local function write_show(name, plan)
    local path, alerts = ("%s/%s.lua"):format(folder, name), ("%s/%s.alerts"):format(folder, name)
    local file = assert(io.open(path, "w"))
    file:write(([[return {
      project = { name = %q, owner = "spec", input = env "MAIN", backup = env "BACKUP",
        outputs = { { name = "A", url = env "OUT_A" }, { name = "B", url = env "OUT_B" } } },
      start_at = %d, stop_at = %d, on_sigterm = %q,
      failover = { after = 2 }, checks = { ahead = 5 },
      alerts = { after = 1, command = { "sh", "-c", "cat >>%s" } },
    }]]):format(name, plan.start_at, plan.stop_at, plan.on_sigterm or "leave", alerts))
    file:close()
    return path, alerts
  end

  local function start(path, stream, more)
    local environment = serve:environment()
    environment.MAIN, environment.BACKUP = rtmp:url("source", "main"), rtmp:url("source", "backup")
    environment.OUT_A, environment.OUT_B = rtmp:url("platform1", stream), rtmp:url("platform2", stream)
    return proc.spawn({ "bin/cme", "run", path, table.unpack(more or {}) }, { env = environment })
  end

  local function published(app, stream)
    local found = {}
    for _, publish in ipairs(rtmp:publishes(app)) do
      if publish.name == stream then found[#found + 1] = publish end
    end
    return found
  end

  local function on_air(stream)
    for _, app in ipairs { "platform1", "platform2" } do
      proc.eventually(stream .. " at " .. app, 20, function() return #published(app, stream) > 0 end)
    end
  end

  it("keeps a second one out, goes on after a kill, and ends on time with one publish per destination", function()
    local now = os.time()
    local path = write_show("kept", { start_at = now + 3, stop_at = now + 22 })
    local first = start(path, "kept")
    on_air "kept"
    local second = start(path, "kept")
    assert.equal(3, (second:wait(20)))
    assert.matches("another cme run is doing it", second:output())
    first:kill "sigkill"
    first:wait(5)
    local again = start(path, "kept", { "--json" })
    assert.equal(0, (again:wait(40)))
    local last
    for line in again:output():gmatch "[^\n]+" do
      local said = json.decode(line)
      if said and said.what == "ended" then last = said end
    end
    assert.is_table(last)
    assert.equal(2, #last.tally.outputs)
    for _, output in ipairs(last.tally.outputs) do
      assert.same({}, output.gaps)
      assert.is_true(output.up > 10)
    end
    for _, app in ipairs { "platform1", "platform2" } do assert.equal(1, #published(app, "kept")) end
  end)

  it("stops the broadcast when it is told to end and the show says so", function()
    local now = os.time()
    local path = write_show("told", { start_at = now, stop_at = now + 600, on_sigterm = "stop" })
    local run = start(path, "told")
    on_air "told"
    run:kill "sigterm"
    assert.equal(0, (run:wait(20)))
    proc.eventually("the end at the platforms", 10, function()
      return published("platform1", "told")[1].ended and published("platform2", "told")[1].ended
    end)
  end)
end)
