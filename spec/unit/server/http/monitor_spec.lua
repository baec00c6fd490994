-- SPDX-License-Identifier: MIT

local exposition = require "cme.server.http.exposition"
local monitor = require "cme.server.http.monitor"
local prometheus = require "spec.support.proofs.prometheus"

local STAT = { active = "backup",
  inputs = { main = { state = "stalled", kbps = 0 }, backup = { state = "live", kbps = 763.5 } },
  outputs = { { id = "1", name = "推流1", state = "live", bytes = 137437, packets = 306, dropped = 4, connects = 2,
    queue_ms = 20, delay_p99_ms = 4.5 }, { id = 'o"2', state = "refused" } } }

describe("cme.server.http.monitor", function()
  local options, subject, logged, fault, moved, short

  before_each(function()
    logged, fault, short = {}, nil, false
    local function log(_, message, fields)
      logged[#logged + 1] = message .. (fields and ": " .. fields.error or "")
    end
    options = {
      now = function() return 2000 end, started_at = 1000.5, log = { error = log, warn = log, info = log },
      store = {
        check = function() return not fault or nil, fault end,
        space = "disk", is_short = function() return short end,
        is_in_place = function() return not moved or nil, moved end,
        count = function() return { STREAM_CONNECT = { Working = 2, Idle = 0 } } end,
      },
      relays = { counts = { started = 3, adopted = 2, lost = 1 }, count = function() return 2 end,
        stats = function() return { p = STAT, stood = STAT }, 1 end },
      stands = function(id) return id == "stood" end,
      waiting = function() return 5 end,
      processes = { { what = "playout", counts = { lost = 4 }, count = function() return 6 end } },
      webhook = { targets = { { url = "http://a/hush", delivered = 7, failed = 3 }, { url = "http://b/hush",
        delivered = 0, failed = 0 } },
        depth = function() return { ["http://a/hush"] = { count = 5, oldest = 1990 } } end,
        dropped = function(_, url) return url == "http://a/hush" and 1 or 0 end },
    }
    subject = monitor.new(options)
  end)

  local function scrape()
    local status, headers, body = subject:handle("GET", "/metrics")
    assert.are.equal(200, status)
    assert.are.equal(exposition.content_type, headers["Content-Type"])
    assert.not_matches("hush", body)
    assert.not_matches("://", body)
    return prometheus.read(body)
  end

  it("tells what the store, the engines and the webhooks know", function()
    local of = scrape()
    for _, case in ipairs {
      { 1, "cme_build_info", { version = require "cme.version" } }, { 1000.5, "cme_start_time_seconds" },
      { 2, "cme_projects", { category = "STREAM_CONNECT", status = "Working" } },
      { 1, "cme_standbys" }, { 5, "cme_projects_waiting" }, { 2, "cme_engines" },
      { 1, "cme_engines_unanswered" }, { 3, "cme_engines_started_total" },
      { 2, "cme_engines_adopted_total" }, { 1, "cme_engines_lost_total" },
      { 6, "cme_playouts" }, { 4, "cme_playouts_lost_total" },
      { 1, "cme_inputs", { state = "stalled" } }, { 1, "cme_inputs", { state = "live" } },
      { 0, "cme_inputs", { state = "down" } }, { 1, "cme_outputs", { state = "refused" } },
      { 0, "cme_input_live", { project = "p", endpoint = "main" } },
      { 1, "cme_input_active", { project = "p", endpoint = "backup" } },
      { 763500, "cme_input_bits_per_second", { endpoint = "backup" } },
      { 1, "cme_output_live", { project = "p", output = "1" } },
      { 137437, "cme_output_bytes_total", { output = "1" } }, { 306, "cme_output_packets_total", { output = "1" } },
      { 4, "cme_output_dropped_total", { output = "1" } }, { 2, "cme_output_connects_total", { output = "1" } },
      { 0.02, "cme_output_queue_seconds", { output = "1" } },
      { 0.0045, "cme_output_delay_p99_seconds", { output = "1" } },
      { 0, "cme_output_live", { output = 'o\\"2' } },
      { 5, "cme_events_queued", { receiver = "1" } }, { 10, "cme_events_oldest_seconds", { receiver = "1" } },
      { 7, "cme_events_delivered_total", { receiver = "1" } }, { 3, "cme_events_failures_total", { receiver = "1" } },
      { 1, "cme_events_dropped_total", { receiver = "1" } }, { 0, "cme_events_queued", { receiver = "2" } },
    } do
      assert.are.equal(case[1], of(case[2], case[3]), case[2])
    end
    assert.is_nil(of("cme_output_delay_p99_seconds", { output = 'o\\"2' }))
  end)

  it("tells of the edge, where there is one", function()
    assert.is_nil(scrape()("cme_edge_up"))
    local numbers, seconds = { publishers = 2, viewers = 3, refused_total = 4 }, nil
    options.edge = { restarts = function() return 5 end, numbers = function(_, limit)
      seconds = limit
      return numbers
    end }
    local of = scrape()
    assert.are.same({ 1, 5, 2, 3, 4, 1 }, { of "cme_edge_up", of "cme_edge_restarts_total", of "cme_edge_publishers",
      of "cme_edge_viewers", of "cme_edge_refused_total", seconds })
    numbers = nil
    of = scrape()
    assert.are.same({ 0, 5 }, { of "cme_edge_up", of "cme_edge_restarts_total" })
    assert.is_nil(of "cme_edge_viewers")
  end)

  it("tells of a project on its slate that no input is on the air", function()
    local on = { active = "backup", on_slate = true, inputs = STAT.inputs, outputs = {} }
    options.relays.stats = function() return { p = on, q = STAT }, 0 end
    local of = scrape()
    assert.are.same({ 1, 0, 0, 1 }, { of("cme_on_slate", { project = "p" }),
      of("cme_input_active", { project = "p", endpoint = "backup" }), of("cme_on_slate", { project = "q" }),
      of("cme_input_active", { project = "q", endpoint = "backup" }) })
  end)

  it("counts requests by action and code; what clients make up is one action", function()
    subject:request("DescribeProjects", nil, 0.002)
    subject:request("DescribeProjects", "AuthFailure.SignatureFailure", -1)
    subject:request("DescribeProjects", nil, 20)
    subject:request("Invented1", "InvalidAction", 0)
    subject:request("Invented2", "InvalidAction", 0)
    subject:request(nil, "AuthFailure.InvalidAuthorization", 0)
    local of = scrape()
    assert.are.equal(2, of("cme_api_requests_total", { action = "DescribeProjects", code = "ok" }))
    assert.are.equal(1, of("cme_api_requests_total", { code = "AuthFailure.SignatureFailure" }))
    assert.are.equal(2, of("cme_api_requests_total", { action = "unknown", code = "InvalidAction" }))
    assert.are.equal(3, of("cme_api_request_duration_seconds_count", { action = "DescribeProjects" }))
    assert.are.equal(2, of("cme_api_request_duration_seconds_bucket", { action = "DescribeProjects", le = "0.0025" }))
  end)

  it("has no events where nobody wants any", function()
    options.webhook = nil
    assert.is_nil((scrape())("cme_events_queued"))
  end)

  it("says whether the database answers, and in the log why not, once", function()
    assert.are.same({ 200, "ok\n" }, { (subject:health("GET", "/healthz")), (select(3, subject:health("HEAD",
      "/healthz"))) })
    fault = "disk I/O error: see to the disk of '/secret/place'"
    for _ = 1, 2 do
      local status, _, body = subject:health("GET", "/healthz")
      assert.are.equal(503, status)
      assert.are.equal("the database does not answer: the service's log says why\n", body)
    end
    assert.are.same({ "not healthy: " .. fault }, logged)
    assert.are.equal(503, (subject:handle("GET", "/metrics")))
    fault = nil
    assert.are.equal(200, (subject:handle("GET", "/healthz")))
    assert.are.equal("healthy again", logged[3])
  end)

  it("is well with a full disk, on which broadcasts are stopped, and says so", function()
    assert.are.equal(0, (scrape())("cme_disk_short"))
    short = true
    for _ = 1, 2 do
      local status, _, body = subject:health("GET", "/healthz")
      assert.are.same({ 200, "ok\nthe disk is full, or nearly: changes may be refused\n" }, { status, body })
    end
    assert.are.equal(1, (scrape())("cme_disk_short"))
    short = false
    assert.are.equal("ok\n", (select(3, subject:health("GET", "/healthz"))))
    assert.are.equal(2, #logged)
  end)

  it("is not well either when the database's file was deleted", function()
    moved = "deleted"
    assert.are.equal(503, (subject:health("GET", "/healthz")))
    assert.are.same({ "not healthy: deleted" }, logged)
    assert.are.equal(200, (subject:handle("GET", "/metrics")))
    moved = nil
    assert.are.equal(200, (subject:health("GET", "/healthz")))
  end)

  it("answers nothing else", function()
    assert.is_nil(subject:health("GET", "/"))
    assert.is_nil(subject:health("GET", "/metrics"))
    assert.are.equal(405, (subject:health("POST", "/healthz")))
    assert.are.equal(404, (subject:handle("GET", "/")))
    assert.are.equal(404, (subject:handle("POST", "/metrics")))
  end)
end)
