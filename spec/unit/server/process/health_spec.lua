-- SPDX-License-Identifier: MIT

local health = require "cme.server.process.health"

local spec = {
  active = "main",
  inputs = { main = { url = "http://src.example/live/mainkey" },
    backup = { url = "http://src.example/live/backupkey" } },
  outputs = { { id = "1", name = "推流1", url = "rtmp://one.example/live/key1" },
    { id = "2", name = "", url = "rtmp://two.example/live/key2" } },
}

local function input(endpoint, state, code, reason)
  return { event = "input", endpoint = endpoint, state = state, code = code, reason = reason }
end

local function output(id, state, code, reason)
  return { event = "output", output_id = id, state = state, code = code, reason = reason }
end

-- The sentences of what does not work.
local function said(self, of)
  local list = {}
  for i, fault in ipairs(health.faults(self, of)) do list[i] = fault.message end
  return list
end

local function after(...)
  local self = health.new(spec)
  for _, event in ipairs { ... } do
    health.event(self, event)
  end
  return self
end

local cases = {
  { "pending", "nothing is known yet" },
  { "pending", "outputs connect", input("main", "live"), output("1", "connecting") },
  { "live", "all live, the backup is not asked", input("main", "live"), output("1", "live"), output("2", "live") },
  { "pending", "one is on its way", input("main", "live"), output("1", "refused"), output("2", "connecting") },
  { "partial", "one refused, one live", input("main", "live"), output("1", "refused"), output("2", "live") },
  { "partial", "a failed one that tries again is still failed", input("main", "live"), output("1", "backoff"),
    output("1", "connecting"), output("2", "live") },
  { "live", "a failed one came", input("main", "live"), output("1", "backoff"), output("1", "live"),
    output("2", "live") },
  { "pending", "main is down, the backup may still serve", input("main", "down"), input("backup", "connecting") },
  { "partial", "no input", input("main", "down"), input("backup", "down") },
  { "partial", "main is down, the backup serves", input("main", "down"), input("backup", "live"), output("1", "live"),
    output("2", "live") },
  { "pending", "events about others are ignored", input("third", "down"), output("9", "refused"), { event = "x" } },
}

describe("cme.server.process.health", function()
  for _, case in ipairs(cases) do
    it(("is %s: %s"):format(case[1], case[2]), function()
      assert.are.equal(case[1], health.verdict(after(table.unpack(case, 3))))
    end)
  end

  it("names what does not work, why, and what to do, without a key", function()
    local self = after(input("main", "down", "network.connect", "connection refused"), input("backup", "down"),
      output("2", "refused", "publish.refused", "publish refused by 'rtmp://two.example/live/***'"))
    assert.are.same({
      "main input http://src.example/live/***: connection refused (network.connect): "
        .. "check the address, and that the other side is up",
      "backup input http://src.example/live/***: down: check that the source is on air",
      "output '推流1' rtmp://one.example/live/***: waiting: it starts as soon as the input gives media",
      "output '2': publish refused by 'rtmp://two.example/live/***' (publish.refused): "
        .. "check the address and the stream key, and that nobody else publishes with it",
    }, said(self, spec))
  end)

  it("says what a platform's page tells of its refusal", function()
    local self = after(input("main", "live"), output("1", "live"), output("2", "refused", "publish.refused", "400005"))
    local of = { inputs = spec.inputs, outputs = { spec.outputs[1],
      { id = "2", name = "K", url = "rtmp://push.yximgs.com/live/sekret" } } }
    assert.matches("^output 'K' .*: 400005 %(there is no stream of this name, says the platform's page%)",
      said(self, of)[1])
  end)

  it("says of each what it is, which, and why", function()
    local self = after(input("main", "live"), output("2", "refused", "publish.refused", "no"))
    local list = health.faults(self, spec)
    assert.are.same({ "output", "1", "state.waiting" }, { list[1].what, list[1].id, list[1].code })
    assert.are.same({ "output", "2", "publish.refused" }, { list[2].what, list[2].id, list[2].code })
  end)

  it("speaks of no stream key where a source hangs up", function()
    local self = after(input("main", "down", "network.reset", "server error"), output("1", "live"), output("2", "live"))
    assert.are.same({ "main input http://src.example/live/***: server error (network.reset): "
      .. "check the address, and that the source is on air" }, said(self, spec))
  end)

  it("says that an encoder is refused, in the edge's words and with what to do", function()
    local function refused(code, words) return health.refused("backup", { code = code, message = words, at = 1 }) end
    local expired = refused("publish.key_expired", "this key has expired")
    assert.are.same({ "input", "backup", "publish.key_expired" }, { expired.what, expired.id, expired.code })
    assert.are.equal("backup input: its encoder is refused: this key has expired (publish.key_expired): "
      .. "give it the push address that the project has now", expired.message)
    assert.matches("stop one of the two encoders$", refused("publish.busy", "another encoder is publishing").message)
  end)

  it("says that nobody pushes, in place of the wait that this is to an engine", function()
    local pushed = { inputs = { main = { url = "rtmp://127.0.0.1/output/sekret", pushed = true } }, active = "main",
      outputs = {} }
    local self = health.new(pushed)
    assert.are.same({ "main input: nobody pushes to its address: start the encoder" }, said(self, pushed))
    health.event(self, input("main", "down", "network.connect", "connection refused"))
    assert.matches("connection refused", said(self, pushed)[1])
  end)

  it("knows nothing of the output for a look", function()
    local with = { inputs = spec.inputs, active = "main", outputs = { table.unpack(spec.outputs) } }
    with.outputs[#with.outputs + 1] = { id = "cme:playback", name = "a", url = "rtmp://127.0.0.1/show/p" }
    local self = health.new(with)
    assert.are.same(health.new(spec), self)
    health.retarget(self, spec, with)
    assert.are.same(health.new(spec), self)
    for _, event in ipairs { input("main", "live"), output("1", "live"), output("2", "live"),
      output("cme:playback", "refused") } do
      health.event(self, event)
    end
    assert.are.equal("live", health.verdict(self))
  end)

  it("takes in what an engine says of itself", function()
    local self = health.new(spec)
    health.stat(self, {
      active = "backup", inputs = { main = { state = "live" }, backup = { state = "down", error = { code = "c",
        message = "m" } } },
      outputs = { { id = "1", state = "live" }, { id = "2", state = "live" }, { id = "3", state = "live" } },
    })
    assert.are.equal("live", health.verdict(self))
    assert.are.equal("backup", self.active)
    assert.are.same({ state = "down", failed = true, code = "c", reason = { text = "m" } },
      self.inputs.backup)
    health.stat(self, { inputs = "x", outputs = "y" }) -- an engine gone mad harms nothing
    health.stat(self, { inputs = { 1, main = 2 }, outputs = { 3, true, "x", {}, { id = {} } } })
    assert.are.equal("live", health.verdict(self))
    health.event(self, { event = "switched", to = "main" })
    assert.are.equal("main", self.active)
  end)

  it("follows a change of the desired state", function()
    local self = after(input("main", "live"), input("backup", "live"), output("1", "live"), output("2", "live"))
    local changed = { active = "main", inputs = { main = spec.inputs.main }, outputs = {
      { id = "1", name = "renamed", url = "rtmp://one.example/live/key1" },
      { id = "3", name = "new", url = "rtmp://three.example/live/key3" } } }
    health.retarget(self, spec, changed)
    assert.is_nil(self.inputs.backup)
    assert.is_nil(self.outputs["2"])
    assert.are.same({ "live", "live", "waiting" },
      { self.inputs.main.state, self.outputs["1"].state, self.outputs["3"].state })
    local moved = { active = "main", inputs = { main = { urls = { "http://a/1" }, loop = 0 } }, outputs = {
      { id = "1", name = "renamed", url = "rtmp://one.example/live/other" } } }
    health.retarget(self, changed, moved)
    assert.are.same({ "connecting", "waiting" }, { self.inputs.main.state, self.outputs["1"].state })
    health.retarget(self, moved, { inputs = { main = { urls = { "http://a/1", "http://a/2" }, loop = 0 } },
      outputs = {} })
    assert.are.equal("connecting", self.inputs.main.state)
  end)

  it("names no socket of ours in place of an input that is pushed", function()
    local main = { url = "unix:/run/edge/1f.flv", pushed = true }
    local pushed = { active = "main", inputs = { main = main }, outputs = {} }
    local words = "the picture is screen video (send H.264 with its headers)"
    local parts = { Code = "engine:the picture is %s (send H.264 with its headers)", Values = { "screen video" },
      Within = { { Code = "engine:%s '%s'", Values = { "read", "unix:/run/edge/1f.flv" } } } }
    for _, event in ipairs { { parts = parts }, { reason = "read 'unix:/run/edge/1f.flv': " .. words } } do
      local self = health.new(pushed)
      event.event, event.endpoint, event.state, event.code = "input", "main", "down", "media.unsupported"
      health.event(self, event)
      assert.are.same({ "main input: " .. words .. " (media.unsupported): send H.264 video and AAC audio" },
        said(self, pushed))
    end
  end)

  it("takes the backup for what must work when there is no main input", function()
    local backup_only = { active = "backup", inputs = { backup = spec.inputs.backup }, outputs = {} }
    local self = health.new(backup_only)
    assert.are.equal("pending", health.verdict(self))
    assert.matches("^backup input", said(self, backup_only)[1])
    health.event(self, input("backup", "live"))
    assert.are.equal("live", health.verdict(self))
  end)
end)
