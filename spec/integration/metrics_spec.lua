-- SPDX-License-Identifier: MIT
-- /healthz and /metrics of a real `cme serve` with a broadcast.

local api = require "spec.support.api"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local prometheus = require "spec.support.proofs.prometheus"
local service = require "spec.support.programs.service"
local uv = require "luv"

describe("metrics", function()
  local serve, rtmp, source, port

  setup(function()
    rtmp = nginx.start { apps = { "source", "platform" } }
    source = media.publish(rtmp:url("source", "main"), media.MAIN)
    rtmp:expect_publish("source", 1)
    port = proc.free_port()
    serve = service.start { args = { "--metrics", "127.0.0.1:" .. port, "--webhook",
      ("http://127.0.0.1:%d/hush"):format(proc.free_port()) } }
  end)

  teardown(function()
    serve:stop()
    source:stop()
    rtmp:stop()
    proc.cleanup()
  end)

  local function get(at, path)
    local code, out, err = proc.run { "curl", "-sS", "-i", "--max-time", "90", ("http://127.0.0.1:%d%s"):format(at,
      path) }
    assert.are.equal(0, code, err)
    return tonumber(out:match "^HTTP/1.1 (%d+)"), out:match "\r\n\r\n(.*)$"
  end

  local function scrape()
    local status, page = get(port, "/metrics")
    assert.are.equal(200, status, page)
    assert.not_matches("hush", page)
    assert.not_matches("://", page)
    return prometheus.read(page)
  end

  it("are at their own address, health at both, for whoever asks", function()
    assert.are.equal(404, (get(serve.port, "/metrics")))
    assert.are.same({ 200, "ok\n" }, { get(serve.port, "/healthz") })
    assert.are.same({ 200, "ok\n" }, { get(port, "/healthz") })
    assert.are.equal(404, (get(port, "/")))
    assert.are.equal(0, (scrape())("cme_engines"))
  end)

  it("tell of a broadcast, its engine and its events, and of an engine that is stuck", function()
    local id = assert(api.call(serve, "CreateProject", { Name = "spec", Category = "STREAM_CONNECT",
      Owner = { Type = "PERSON", Id = "u" }, StreamConnectProjectInput = {
        MainInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = rtmp:url("source", "main") } },
        Outputs = { { Id = "1", Name = "o", PushUrl = rtmp:url("platform", "hush") } } } })).ProjectId
    assert.is_nil(api.call(serve, "HandleStreamConnectProject", { ProjectId = id, Operation = "Start" }).Error)
    api.call(serve, "DescribeProjects", {}, { secret = "wrong" })
    local of
    proc.eventually("packets", 10, function()
      of = scrape()
      return (of("cme_output_packets_total", { project = id, output = "1" }) or 0) > 0
    end)
    for _, case in ipairs {
      { 1, "cme_projects", { category = "STREAM_CONNECT", status = "Working" } }, { 1, "cme_engines" },
      { 1, "cme_engines_started_total" }, { 1, "cme_outputs", { state = "live" } },
      { 1, "cme_output_live", { project = id, output = "1" } },
      { 1, "cme_input_active", { project = id, endpoint = "main" } },
      { 1, "cme_api_requests_total", { action = "HandleStreamConnectProject", code = "ok" } },
      { 1, "cme_api_requests_total", { code = "AuthFailure.SignatureFailure" } },
      { 1, "cme_api_request_duration_seconds_count", { action = "CreateProject" } },
    } do
      assert.are.equal(case[1], of(case[2], case[3]), case[2])
    end
    assert.is_true(of("cme_events_queued", { receiver = "1" }) >= 1)
    local engine = serve:engines()[1]
    proc.halt(engine)
    of = scrape()
    uv.kill(engine, "sigcont")
    assert.are.equal(1, of "cme_engines_unanswered")
    assert.is_nil(of("cme_output_live", { project = id }))
    assert.is_nil(api.call(serve, "HandleStreamConnectProject", { ProjectId = id, Operation = "Stop" }).Error)
  end)
end)
