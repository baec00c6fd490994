-- SPDX-License-Identifier: MIT
-- The uplink as the service knows it: what it carries by the operator's word, compared at Start, and what the engine
-- finds of it, in the health and as an event.

local cme = require "cme"
local faulty = require "spec.support.fakes.faulty_destination"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"

local LONG = 60 -- seconds
local SLOW = 100000 -- bytes a second: a fifth of the show

describe("cme serve with --max-uplink", function()
  local platform, source, own, client, ways

  setup(function()
    platform = nginx.start { apps = { "src", "a", "b", "c" } }
    source = media.replay(platform:url("src", "show"), media.file(proc.folder() .. "/show.flv", 10, media.SHOW))
    platform:expect_publish "src"
    ways = {}
    for _, app in ipairs { "a", "b", "c" } do ways[app] = faulty.start { to = platform.port, buffer = 65536 } end
    own = service.start { args = { "--max-uplink", "10M" } }
    client = assert(cme.client(own:client_options()))
  end)

  teardown(function()
    own:stop()
    for _, way in pairs(ways) do way:close() end
    source:stop()
    platform:stop()
    assert.are.same({}, proc.cleanup())
  end)

  local function project(apps)
    local outputs = {}
    for i, app in ipairs(apps) do outputs[i] = ("rtmp://127.0.0.1:%d/%s/hush"):format(ways[app].port, app) end
    return client:project { name = table.concat(apps), owner = "o", input = platform:url("src", "show"),
      outputs = outputs }
  end

  -- By the command: the ways are in this process, and a call of the client would hold them up.
  local function start(show)
    assert(show:create())
    local code, _, err = proc.run({ "bin/cme", "start", show.id }, { env = own:environment(), timeout = LONG })
    return code, err
  end

  it("says at Start that all together need more, and that it is full", function()
    local few, many = project { "a" }, project { "b", "c" }
    local code, said = start(few)
    assert.same({ 0, "" }, { code, said })
    code, said = start(many) -- 12 of 10 Mbit/s
    assert.equal(6, code)
    assert.truthy(said:find("and it carries 10000 (--max-uplink)", 1, true), said)
    assert.same({ false, 10000 }, { many:health().uplink.full, many:health().uplink.limit })
    for _, app in ipairs { "b", "c" } do ways[app]:set("slow", SLOW) end
    local full = proc.eventually("the uplink to be full", LONG, function()
      local found = assert(many:health()).uplink
      return found.full and found
    end)
    assert.equal("uplink.full", full.error.code)
    own.proc:expect('"message":"uplink full"', LONG)
    for _, app in ipairs { "b", "c" } do ways[app]:set "pass" end
    own.proc:expect('"message":"uplink free"', LONG)
    assert.is_false(few:health().uplink.full)
    assert(many:stop())
    assert(few:stop())
  end)

  it("gives the limit to the doctor", function()
    local code, out = proc.run({ "bin/cme", "doctor", "--input", platform:url("src", "show"), "--output",
      platform:url("a", "x"), "--output", platform:url("b", "x"), "--output", platform:url("c", "x"), "--for", "6s" },
      { env = own:environment(), timeout = LONG })
    assert.equal(0, code)
    assert.truthy(out:find "uplink +warning +%d+ kbit/s are needed[^\n]*, and the uplink carries 10000", out)
  end)
end)
