-- SPDX-License-Identifier: MIT

local categories = require "cme.server.categories"
local changes = require "cme.server.changes"
local callbacks = require "cme.server.process.callbacks"
local codes = require "cme.codes"
local log = require "cme.server.log"
local luv = require "cme.net.loop.luv"
local sqlite = require "cme.server.store.db"
local store = require "cme.server.store.sqlite"
local task = require "cme.task"
local writer = require "cme.server.store.writer"

describe("cme.server.process.callbacks", function()
  local db, now, active, host, subject

  before_each(function()
    now = 1000
    local function clock()
      return now
    end
    db = assert(store.open(":memory:", clock))
    active = "backup"
    host = { store = db, locks = task.locks(), settings = { failover = true }, clock = { now = clock },
      folder = "/nonexistent",
      log = log.new("error", print, clock), relays = { active = function() return active end }, playouts = {} }
    host.changes = changes.new(host)
    subject = callbacks.new(host)
    subject.serve(assert(categories.open(host)))
    assert(db:create { id = "p", platform = "test", category = "STREAM_CONNECT", name = "n",
      owner = { type = "PERSON", id = "u" },
      input = { MainInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = "http://a/x" } },
        Outputs = { { Id = "1", Name = "o", Type = "URL", PushUrl = "rtmp://b/l/k" } } } })
  end)

  after_each(function()
    db:close()
  end)

  local function start(stop_at)
    assert(db:apply("p", "start", { reason = "spec" }))
    assert(db:apply("p", "set_stop_at", { stop_at = stop_at, reason = "spec" }))
  end

  it("desires an engine for a Working project only", function()
    assert.is_nil(subject.desired "p")
    assert.is_nil(subject.desired "q")
    start(2000)
    local spec = subject.desired "p"
    assert.are.same({ "p", 2000, 3 }, { spec.project, spec.stop_at, spec.revision })
  end)

  it("says what the database said when what is desired cannot be read", function()
    start(2000)
    assert(db:database():exec "DROP TABLE projects")
    local spec, message, detail = subject.desired "p"
    assert.is_nil(spec)
    assert.are.same({ message, "server.database" }, { codes.say(detail), detail.code })
  end)

  it("ends a run whose planned end has come, or comes within a second", function()
    for _, early in ipairs { 0, 0.9 } do
      now = 1000
      start(2000)
      now = 2000 - early
      assert.is_true(subject.ended("p", 1999.5, "stop_at"))
      local record = db:get "p"
      assert.are.same({ "Idle", 1999.5 }, { record.status, record.stopped_at })
    end
  end)

  it("goes on when the end was moved or taken back while its engine ended", function()
    start(2000)
    for _, stop_at in ipairs { 2001.5, 3000 } do
      assert(db:apply("p", "set_stop_at", { stop_at = stop_at, reason = "spec" }))
      now = 2000
      assert.is_false(subject.ended("p", 2000, "stop_at"))
    end
    assert(db:apply("p", "set_stop_at", { reason = "spec" }))
    assert.is_false(subject.ended("p", 2000, "stop_at"))
    assert.are.equal("Working", db:get("p").status)
  end)

  it("ends a run whose list is played out, whenever its end was planned, but not for an earlier run's", function()
    now = 1500
    start(9000)
    assert.is_false(subject.ended("p", 1499.9, "played_out"))
    assert.are.equal("Working", db:get("p").status)
    assert.is_true(subject.ended("p", 1600.5, "played_out"))
    local record = db:get "p"
    assert.are.same({ "Idle", 1600.5 }, { record.status, record.stopped_at })
    assert.matches("played out", (select(2, db:apply("p", "stop", { reason = "x" }))))
  end)

  it("counts as over what was stopped or deleted meanwhile", function()
    assert.is_true(subject.ended("p", 2000, "stop_at"))
    assert.is_true(subject.ended("q", 2000, "stop_at"))
    assert.is_nil(db:get("p").stopped_at)
  end)

  it("asks a database that fails again, until it has the end of a run", function()
    now = 1499.5
    start(1500)
    local apply, failures, pause = db.apply, 0, writer.RETRY_SECONDS
    finally(function() writer.RETRY_SECONDS = pause end)
    writer.RETRY_SECONDS = 0
    host.log = { error = function() failures = failures + 1 end, info = function() end }
    db.apply = function(...)
      if failures == 0 then return sqlite.fail("database or disk is full", "/s/cme.db") end
      return apply(...)
    end
    assert.is_true(luv.run(subject.ended, "p", 1500, "stop_at"))
    assert.are.same({ 1, "Idle" }, { failures, db:get("p").status })
  end)

  it("writes down which input an engine took by itself", function()
    start(2000)
    subject.switched("p", "failback")
    assert.are.equal("Backup", db:get("p").active)
  end)

  describe("of a media cast", function()
    local engine, cast, looked, stopped, watched

    before_each(function()
      looked, stopped, watched = {}, {}, {}
      local processes = { stop = function(self)
        stopped[#stopped + 1] = self.what
      end }
      host.relays = setmetatable({ what = "relays" }, { __index = processes })
      host.playouts = setmetatable({ what = "playouts" }, { __index = processes })
      host.journal = { look = function(_, id, parts)
        looked[#looked + 1] = { id, parts }
      end }
      engine = callbacks.new(host)
      local services = assert(categories.open(host))
      services.MEDIA_CAST.auto_start = { watch = function(_, record)
        watched[#watched + 1] = record.status
      end }
      engine.serve(services)
      cast = services.MEDIA_CAST:playout_callbacks(engine)
      assert(db:create { id = "c", platform = "test", category = "MEDIA_CAST", name = "n",
        owner = { type = "PERSON", id = "u" }, input = { SourceInfos = {}, DestinationInfos = {}, PlaySetting = {} } })
      assert(db:apply("c", "start", { reason = "spec", stop_at = 1030, input = { SourceInfos = {},
        DestinationInfos = {}, PlaySetting = {},
        Run = { Id = "run", StartedAt = 1000, Confirmed = false, Disabled = {} } } }))
    end)

    it("looks at its sources, of which the playout tells, and at the engine's outputs, never at its input", function()
      engine.health("c", { inputs = { main = { state = "down", failed = true } },
        outputs = { o = { state = "live" } } })
      assert.are.same({ "c", { inputs = {}, outputs = { o = { state = "live" } } } }, looked[1])
      cast.event("c", { event = "source", state = "interrupted", source_id = "a", reason = "gone", run = "run" })
      assert.are.same({ "c", { inputs = { a = { state = "down", failed = true, reason = { text = "gone" } } },
        outputs = { o = { state = "live" } } } }, looked[2])
      cast.event("c", { event = "round", rounds = 1, run = "run" })
      assert.are.equal(2, #looked)
    end)

    it("ends its run when nobody confirmed it, with both processes, whichever of them was first", function()
      now = 1020
      assert.is_false(cast.ended("c", 1020, "stop_at"))
      now = 1030
      assert.is_true(engine.ended("c", 1030, "stop_at"))
      assert.are.same({ "Idle", 1030 }, { db:get("c").status, db:get("c").stopped_at })
      assert.matches("not confirmed within 30 s", (select(2, db:apply("c", "stop", { reason = "x" }))))
      table.sort(stopped)
      assert.are.same({ "playouts", "relays" }, stopped)
      assert.are.same({ "Idle" }, watched)
    end)

    it("says what the database said when what its playout is to do cannot be read", function()
      assert(db:database():exec "DROP TABLE projects")
      assert.are.equal("server.database", select(3, cast.desired "c").code)
    end)

    it("ends its run when the list has been played", function()
      cast.event("c", { event = "stopped", reason = "played_out", time = 1010, run = "run" })
      assert.is_true(cast.ended("c", 1010, "played_out"))
      assert.are.equal(1010, db:get("c").stopped_at)
      assert.is_true(cast.ended("c", 1010, "played_out"))
    end)
  end)
end)
