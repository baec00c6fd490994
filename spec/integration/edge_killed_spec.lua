-- SPDX-License-Identifier: MIT
-- Encoders push to broadcasts when the edge is killed, and when the service is: those of a killed edge are back, and
-- those of a killed service notice nothing. How long it takes with ten of them is measured by `make bench-ingest`.

local cme = require "cme"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"
local returning = require "spec.support.proofs.returning"
local service = require "spec.support.programs.service"

local COUNT = (os.getenv "CME_BUILD" or ""):find "san" and 2 or 4

describe("killed under load", function()
  local platform, serve, shows, encoders

  setup(function()
    platform = nginx.start { apps = { "platform" } }
    serve = service.start { edge = true }
    local urls = {}
    shows = {}
    for i = 1, COUNT do
      shows[i] = cme.client(serve:client_options()):project { name = "s" .. i, owner = "spec", input = { push = 600 },
        outputs = { { name = "platform", url = platform:url("platform", "s" .. i) } } }
      assert(shows[i]:create())
      urls[i] = assert(shows[i]:push_urls()).main
    end
    encoders = returning.start(urls, media.file(proc.folder() .. "/show.flv", 4, media.SMALL))
    for _, show in ipairs(shows) do assert(show:start()) end
  end)

  teardown(function()
    encoders:stop()
    serve:stop()
    platform:stop()
    assert.are.same({}, proc.cleanup())
  end)

  -- Keys with an encoder, by the edge that runs now; 0: none answers.
  local function live()
    local ok, stat = pcall(function()
      local control = relay.connect(serve.state .. "/edge/edge.sock")
      local answer = control:request "stat"
      control:close()
      return answer
    end)
    local count = 0
    for _, key in ipairs(ok and stat and stat.keys or {}) do count = count + (key.live and not key.own and 1 or 0) end
    return count
  end

  local function on_air()
    for _, show in ipairs(shows) do
      local health = show:health()
      if not health or health.inputs.main.state ~= "live" or health.outputs[1].state ~= "live" then return false end
    end
    return true
  end

  it("an edge has all of its encoders again, and the broadcasts their picture", function()
    proc.eventually("all on the air", 60, on_air)
    assert.are.equal(COUNT, live())
    local before = serve:edge()
    assert.are.equal(1, #before)
    proc.run { "kill", "-9", tostring(before[1]) }
    proc.eventually("another edge with all encoders", 60, function()
      local now = serve:edge()
      return now[1] and now[1] ~= before[1] and live() == COUNT
    end)
    proc.eventually("all on the air again", 60, on_air)
  end)

  it("a service costs no encoder its connection, and no broadcast its engine", function()
    proc.eventually("all on the air", 60, on_air)
    local ends, edge, engines = encoders.ends, serve:edge(), serve:engines()
    local publishes = #platform:publishes "platform"
    serve:crash()
    assert.are.equal(COUNT, live())
    serve:up()
    proc.eventually("all on the air", 60, on_air)
    assert.are.same({ edge, engines }, { serve:edge(), serve:engines() })
    assert.are.equal(COUNT, live())
    assert.are.equal(ends, encoders.ends)
    assert.are.equal(publishes, #platform:publishes "platform")
  end)
end)
