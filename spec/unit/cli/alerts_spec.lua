-- SPDX-License-Identifier: MIT
local cjson = require "cjson"

local alerts = require "cme.cli.alerts"
local fake = require "spec.support.fakes.fake"
local luv = require "cme.net.loop.luv"

local ALERT = { kind = "output", id = "1", name = "A", state = "open", at = 1551113065,
  reason = "open 'rtmp://h/live/sekret': refused" }

-- A teller whose tasks run at once; what it did is in the second result.
local function teller(ways, answers)
  local did = { failed = {}, slept = {}, ran = {}, told = 0, transport = fake.transport(table.unpack(answers or {})) }
  local made = alerts.new({ project = { name = "gala" }, alerts = ways }, {
    process = { run = function(_, words, input)
      did.ran[#did.ran + 1] = { words = words, input = input }
      return table.unpack(did.result or { { code = 0, signal = 0 } })
    end },
    transport = did.transport, project = { id = "p" }, network = { ca_file = "/ca", proxy = "http://p:1" },
    spawn = function(fn, ...)
      if not did.hold then fn(...) end
      return { wait = function() end }
    end,
    sleep = function(seconds) did.slept[#did.slept + 1] = seconds end,
    failed = function(way, message) did.failed[#did.failed + 1] = way .. ": " .. message end,
  })
  function did.tell(alert)
    made:tell(alert or ALERT, function() did.told = did.told + 1 end)
    return luv.run(made.finish, made, 0.01)
  end
  function did.late() did.hold = true end
  return did
end

local function unreachable()
  return nil, "could not connect", { code = "network.connect" }
end

describe("cme.cli.alerts", function()
  it("names the picture of what viewers see, to receivers elsewhere with the host that has it", function()
    local alert = { kind = "viewers", id = "1", name = "A", state = "open", at = 0, look = "black", picture = "/p.jpg" }
    local show = { project = { name = "gala" } }
    assert.same({ "black", "/p.jpg" }, { alerts.body(show, alert).look, alerts.body(show, alert).picture })
    assert.equal("relay1:/p.jpg", alerts.body(show, alert, "relay1").picture)
    assert.is_nil(alerts.body(show, ALERT, "relay1").picture)
    local on = teller({ webhook = "https://hooks.example/x" }, { fake.http("", 204) })
    on.tell(alert)
    assert.matches("^[^:/]+:/p%.jpg$", cjson.decode(on.transport.asked[1].body).picture)
  end)

  it("posts JSON without stream keys", function()
    local on = teller({ webhook = "https://hooks.example:8443/x" }, { fake.http("", 204) })
    on.tell()
    local asked = on.transport.asked[1]
    assert.same({ "POST", "https://hooks.example:8443/x", "/ca", "http://p:1" },
      { asked.method, asked.url, asked.ca_file, asked.proxy })
    assert.same({ "Host: hooks.example:8443", "Content-Type: application/json" }, asked.headers)
    assert.same({ show = "gala", kind = "output", id = "1", name = "A", state = "open", at = "2019-02-25T16:44:25Z",
      reason = "open 'rtmp://h/live/***': refused" }, cjson.decode(asked.body))
    assert.same({ {}, 1 }, { on.failed, on.told })
  end)

  it("posts again what was not taken, three times in all", function()
    local on = teller({ webhook = "http://h/x" }, { unreachable, fake.http("", 500), fake.http("", 200) })
    on.tell()
    assert.same({ { 1, 2 }, {}, 1 }, { on.slept, on.failed, on.told })
    on = teller({ webhook = "http://h/x" }, { unreachable, unreachable, fake.http("", 404) })
    on.tell()
    assert.same({ { 1, 2 }, { "webhook: HTTP 404" }, 1 }, { on.slept, on.failed, on.told })
  end)

  it("hands a program the same JSON", function()
    local on = teller { command = { "mail", "-s", "x" } }
    on.tell()
    assert.same({ "mail", "-s", "x" }, on.ran[1].words)
    assert.equal("gala", cjson.decode(on.ran[1].input).show)
    assert.same({}, on.failed)
    on.result = { { code = 3, signal = 0 } }
    on.tell()
    on.result = { { code = 0, signal = 9 } }
    on.tell()
    on.result = { nil, "start 'mail': ENOENT" }
    on.tell()
    assert.same({ "command: 'mail' failed: exit code 3", "command: 'mail' failed: killed by signal 9",
      "command: start 'mail': ENOENT" }, on.failed)
    assert.equal(4, on.told)
  end)

  it("calls the show's function, which may be wrong", function()
    local got
    local on = teller { call = function(alert, project) got = { alert.kind, project.id } end }
    on.tell()
    assert.same({ { "output", "p" }, {} }, { got, on.failed })
    on = teller { call = function() error("boom", 0) end }
    on.tell()
    assert.same({ { "call: boom" }, 1 }, { on.failed, on.told })
  end)

  it("does not wait for ever for what cannot be told", function()
    local on = teller { call = function() end }
    assert.equal(0, on.tell())
    on.late()
    assert.same({ 1, 1 }, { on.tell(), on.told })
  end)

  it("goes every way that the show names, one alert after the other", function()
    local on = teller({ webhook = "http://h/x", command = { "c" } }, { fake.http(""), fake.http("") })
    on.tell()
    on.tell { kind = "output", id = "1", state = "closed", at = 1551113075, lasted = 10 }
    assert.same({ 2, 2 }, { #on.transport.asked, #on.ran })
    assert.equal(10, cjson.decode(on.ran[2].input).lasted)
  end)
end)
