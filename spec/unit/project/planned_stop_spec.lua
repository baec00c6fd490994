-- SPDX-License-Identifier: MIT
-- A start whose planned stop is told to the service by a second call, which may fail, or come too late.

local codes = require "cme.codes"
local fake = require "spec.support.fakes.fake"
local time = require "cme.time"

local CREATED = fake.ok '"ProjectId":"p1","RtmpPushInputInfoSet":[]'
local SPEC = { name = "live-1", owner = "user_1", input = "https://play.example.com/cme/src.flv",
  outputs = { "rtmp://push.example.com/cme/hush1" } }

-- A project and the transport that answers it.
local function project(...)
  local transport = fake.transport(...)
  return fake.client(transport):project(SPEC), transport
end

local function refused(code, ...)
  local value, message, detail = ...
  assert.is_nil(value)
  assert.are.equal(code, detail.code, message)
  return message, detail
end

-- A start that works in part: true, and what does not work yet.
local function warned(...)
  local value, message, detail = ...
  assert.is_true(value, message)
  assert.is_table(detail.pending)
  return message, detail
end

local function operations(transport)
  local done = {}
  for i, request in ipairs(transport.asked) do
    local body = fake.sent(request)
    done[i] = body.Operation or body.Name or "?"
  end
  return table.concat(done, " ")
end

describe("a start with a planned stop,", function()
  -- The project on the air, as the service describes it.
  local function working(stop_at)
    return fake.ok(('"ProjectInfoSet":[{"ProjectId":"p1","Category":"STREAM_CONNECT",'
      .. '"StreamConnectProjectInfo":{"Status":"Working","CurrentStopTime":"%s"}}]'):format(
        stop_at and time.format(stop_at) or ""))
  end

  it("when the service has the stop time, though it did not say so: says nothing", function()
    local show, transport = project(CREATED, fake.ok(), fake.refused "InternalError", working(fake.NOW + 60))
    local ok, message = show:start { stop_at = fake.NOW + 60 }
    assert.is_true(ok)
    assert.is_nil(message)
    assert.are.equal("live-1 Start ModifyCurrentStopTime ?", operations(transport))
  end)

  it("when nobody can tell whether the service has the stop time: says that", function()
    local show = project(CREATED, fake.ok(), fake.refused "InternalError", fake.refused "FailedOperation")
    local message, detail = warned(show:start { stop_at = fake.NOW + 60 })
    assert.truthy(message:find("whether it has its stop time is not known: ", 1, true), message)
    assert.are.equal("不知道停止时间是否已设定：HandleStreamConnectProject：InternalError：no",
      codes.say(detail.pending[1].reason, "zh"))
  end)

  it("when the stop time could not be set: says that it runs without", function()
    local show = project(CREATED, fake.ok(), fake.refused "InternalError", working())
    local message, detail = warned(show:start { stop_at = fake.NOW + 60 })
    assert.truthy(message:find("it runs without its stop time: ", 1, true), message)
    assert.are.same({ "stop_at", "p1", "api.InternalError" }, { detail.pending[1].what, detail.pending[1].id,
      detail.pending[1].code })
  end)

  -- A project whose clock jumps past the stop time while the service starts it, and refuses that time then.
  local function late(...)
    local now = fake.NOW
    local function slow()
      now = now + 61
      return fake.ok()
    end
    local transport = fake.transport(CREATED, slow, fake.refused("InvalidParameterValue", "it is past"), ...)
    return fake.client(transport, { now = function() return now end }):project(SPEC), transport
  end

  it("when the stop time passed meanwhile: stops it again, and says so", function()
    local show, transport = late(fake.ok())
    local message, detail = refused("project.stop_at_passed", show:start { stop_at = fake.NOW + 60 })
    assert.are.equal("project 'live-1': start: stop_at 2019-02-25T16:45:25Z passed before the service could be told, "
      .. "so it was stopped", message)
    assert.are.equal("api.InvalidParameterValue", detail.cause.code)
    assert.are.equal("live-1 Start ModifyCurrentStopTime Stop", operations(transport))
  end)

  it("when the stop time passed meanwhile and it cannot be stopped: says that it runs", function()
    local show, transport = late(fake.refused("FailedOperation", "hung"))
    local message = warned(show:start { stop_at = fake.NOW + 60 })
    assert.truthy(message:find("it runs without its stop time: stop_at 2019-02-25T16:45:25Z passed before the "
      .. "service could be told, and it could not be stopped: ", 1, true), message)
    assert.are.equal("live-1 Start ModifyCurrentStopTime Stop", operations(transport))
  end)

  it("when the service had the stop time already, and stopped it: says so", function()
    local idle = fake.ok('"ProjectInfoSet":[{"ProjectId":"p1","Category":"STREAM_CONNECT",'
      .. '"StreamConnectProjectInfo":{"Status":"Idle"}}]')
    local show, transport = late(fake.refused("FailedOperation.StreamConnect", "it is Idle"), idle)
    local message = refused("project.stop_at_passed", show:start { stop_at = fake.NOW + 60 })
    assert.truthy(message:find("so it was stopped", 1, true), message)
    assert.are.equal("live-1 Start ModifyCurrentStopTime Stop ?", operations(transport))
  end)

  it("by the service's clock, when that is ahead", function()
    local date = os.date("!%a, %d %b %Y %H:%M:%S GMT", fake.NOW + 90)
    local show, transport = project(CREATED, fake.ok(),
      fake.refused("InvalidParameterValue", "it is past", { date = date }), fake.ok())
    refused("project.stop_at_passed", show:start { stop_at = fake.NOW + 60 })
    assert.are.equal("live-1 Start ModifyCurrentStopTime Stop", operations(transport))
  end)

  it("the same when ensure starts it", function()
    local now = fake.NOW
    local function slow()
      now = now + 61
      return fake.ok()
    end
    local transport = fake.transport(fake.ok '"TotalCount":0,"ProjectInfoSet":[]', CREATED, slow,
      fake.refused("InvalidParameterValue", "it is past"), fake.ok())
    local show = fake.client(transport, { now = function() return now end }):project(SPEC)
    local message, detail = refused("project.stop_at_passed",
      show:ensure { status = "working", stop_at = fake.NOW + 60 })
    assert.truthy(message:find("so it was stopped", 1, true), message)
    assert.are.same({ "create" }, detail.done)
    assert.are.equal("? live-1 Start ModifyCurrentStopTime Stop", operations(transport))
  end)

  it("when both went wrong: tells both", function()
    local partly = fake.refused("FailedOperation.StartStreamConnectPartlyErr", "output 2")
    local show = project(CREATED, partly, fake.refused "InternalError", working())
    local message, detail = warned(show:start { stop_at = fake.NOW + 60 })
    assert.truthy(message:find("without its stop time", 1, true))
    assert.truthy(message:find("output 2", 1, true))
    assert.are.same({ "project", "stop_at" }, { detail.pending[1].what, detail.pending[2].what })
  end)
end)
