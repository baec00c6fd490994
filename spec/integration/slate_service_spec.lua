-- SPDX-License-Identifier: MIT
-- Slates as the service makes them: to the measure of what the sources send, by a real ffmpeg, for a real engine.

local cme = require "cme"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"

describe("cme serve with slates", function()
  local platform, own, client, folder

  setup(function()
    folder = proc.folder()
    assert.equal(0, (proc.run { "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x90", "-frames:v", "1",
      folder .. "/back-soon.png" }))
    local broken <close> = assert(io.open(folder .. "/broken.mp4", "w"))
    broken:write "this is no video"
    platform = nginx.start { apps = { "src", "a" }, record = true }
    own = service.start { args = { "--media", folder } }
    client = assert(cme.client(own:client_options()))
  end)

  teardown(function()
    own:stop()
    proc.cleanup()
  end)

  local function health(id)
    return assert(client:call("DescribeProjectHealth", { ProjectId = id }))
  end

  local function until_slate(id, state)
    return proc.eventually("the slate to be " .. state, 60, function()
      proc.elapse(0.1)
      local found = health(id)
      return found.Slate.State == state and found
    end)
  end

  local function project(name, slate)
    local show = client:project { name = name, owner = "o", input = platform:url("src", name),
      outputs = { platform:url("a", name .. "hush") }, slate = slate, slate_after = slate and 3 }
    assert(show:create())
    return show
  end

  local function files(pattern)
    local found = {}
    for _, name in ipairs(require "cme.system.files".names(own.state .. "/slates") or {}) do
      if name:find(pattern) then found[#found + 1] = name end
    end
    return found
  end

  it("puts one on the air that is made to measure, and goes back", function()
    local source = media.publish(platform:url("src", "measured"), media.SMALL)
    platform:expect_publish "src"
    local show = project("measured", "back-soon")
    assert(show:start())
    until_slate(show.id, "Ready")
    source:kill "sigkill"
    local found = until_slate(show.id, "On")
    assert.is_true(found.OnSlate)
    assert.equal("Main", found.Active)
    local info = proc.eventually("info() to tell of the slate", 20, function()
      local told = assert(show:info())
      return told.on_slate and told
    end)
    assert.same({ "main", true, "back-soon", 3 }, { info.active, info.on_slate, info.slate.name, info.slate.after })
    proc.elapse(3)
    source = media.publish(platform:url("src", "measured"), media.SMALL)
    until_slate(show.id, "Ready")
    proc.elapse(1)
    assert(show:stop())
    source:kill()
    platform:expect_silence "a"
    assert.equal(1, #platform:publishes "a")
    local report = media.report(platform:recordings "a"[1])
    assert.equal("320x180", report.looks) -- the slate has the programme's size
    assert.equal(0, report.backward)
    assert.is_true(#files "%.flv$" >= 2) -- black, and the picture; perhaps of the default format, too
    assert.is_true(report.largest_gap < 5, report.largest_gap)
  end)

  it("says what it cannot make, and goes on without", function()
    local source = media.publish(platform:url("src", "broken"), media.SMALL)
    local show = project("broken", "broken")
    assert(show:start())
    local found = until_slate(show.id, "Failed")
    assert.is_truthy(found.Slate.Error.Message:find("ffmpeg", 1, true))
    assert.equal("Working", found.Status)
    assert(show:stop())
    source:kill()
  end)

  it("is what an ensure compares with", function()
    local spec = { name = "ensured", owner = "o", input = platform:url("src", "ensured"),
      outputs = { platform:url("a", "ensuredhush") }, slate = true, silence = true }
    assert.same({ "create" }, assert(client:project(spec):ensure()))
    assert.same({}, assert(client:project(spec):ensure()))
    spec.slate = "back-soon"
    local show = client:project(spec)
    assert.same({ "change the slate" }, assert(show:ensure()))
    local info = assert(show:info())
    assert.same({ "back-soon", true }, { info.slate.name, info.silence })
  end)

  it("refuses names that are none of the library", function()
    local show = project("names", nil)
    for _, name in ipairs { "absent", "../broken", "/etc/passwd", ".hidden" } do
      local ok, message, detail = client:call("ModifyProjectSlate", { ProjectId = show.id, Slate = { Name = name } })
      assert.is_nil(ok)
      assert.equal("api.InvalidParameterValue", detail.code, message)
    end
  end)
end)
