-- SPDX-License-Identifier: MIT
-- What the bodies say is read back by cme.event, whose spec has the cloud's own.

local event = require "cme.event"
local events = require "cme.server.events"
local json = require "cme.json"

local connect = { id = "p", category = "STREAM_CONNECT", status = "Working",
  input = { Outputs = { { Id = "1", Name = "推流1", PushUrl = "rtmp://h/live/sekret?token=sekret" } } } }
local cast = { id = "q", category = "MEDIA_CAST", status = "Working", input = {
  SourceInfos = { { Id = "s1", Type = "EXTERNAL", Url = "https://h/sekret.mp4", Offset = 3 } },
  DestinationInfos = { { Id = "d1", Name = "d", PushUrl = "rtmp://h/live/sekret" } } } }

local function parsed(content)
  local body = assert(json.encode(content))
  assert.not_matches("sekret", body)
  return assert(event.parse(body)), body
end

local function with(record, status)
  return setmetatable({ status = status }, { __index = record })
end

describe("cme.server.events", function()
  it("tells the status of a project, who changed it, and the event's name", function()
    for _, case in ipairs {
      { connect, "Working", "working", "Project.StreamConnect.StatusChanged" },
      { connect, "Idle", "stopped", "Project.StreamConnect.StatusChanged" },
      { cast, "Working", "started", "Project.MediaCast.StatusChanged" },
      { cast, "Idle", "stopped", "Project.MediaCast.StatusChanged" },
    } do
      local found = parsed(events.status(with(case[1], case[2]), "user_1"))
      assert.are.same({ case[3], case[4], case[1].id, "user_1" }, { found.status, found.type, found.project,
        found.operator })
    end
    assert.are.equal("cmeid_system", parsed(events.status(connect)).operator)
    assert.are.equal("cmeid_system", parsed(events.status(connect, "")).operator)
    assert.are.equal('{"EventType":"Project.StreamConnect.StatusChanged","Operator":"u",'
      .. '"ProjectStreamConnectStatusChangedEvent":{"ProjectId":"p","Status":"Working"}}',
      json.encode(events.status(connect, "u")))
  end)

  it("tells an input and an output that are interrupted, without a stream key", function()
    local found = parsed(events.interrupted(connect, "input", "backup", "network.reset"))
    assert.are.same({ "input_interrupted", "backup" }, { found.status, found.endpoint })
    found = parsed(events.interrupted(connect, "output", "1"))
    assert.are.same({ id = "1", name = "推流1", url = "rtmp://h/live/***" }, found.output)
    assert.are.equal("output_interrupted", found.status)
  end)

  it("tells the same of a media cast, with a reason", function()
    local found = parsed(events.interrupted(cast, "output", "d1", "internal"))
    assert.are.same({ "destination_interrupted", "d1", "SystemError" }, { found.status, found.output.id, found.reason })
    found = parsed(events.interrupted(cast, "input", "s1", "source.ended"))
    assert.are.same({ "source_interrupted", "Unknown" }, { found.status, found.reason })
    assert.are.same({ Id = "s1", Type = "EXTERNAL", MaterialId = "", FileId = "", Url = "https://h/***", Offset = 3,
      Duration = 0 }, found.source)
    assert.are.equal("source_interrupted", parsed(events.interrupted(cast, "input", "main")).status)
  end)

  it("has nothing to say of what is not there, and of other categories", function()
    assert.is_nil(events.interrupted(connect, "output", "2"))
    assert.is_nil(events.interrupted(connect, "input", "side"))
    assert.is_nil(events.interrupted(cast, "output", "1"))
    assert.is_nil(events.status { id = "p", category = "SWITCHER", status = "Idle" })
    assert.is_nil(events.interrupted({ id = "p", category = "SWITCHER" }, "input", "main"))
  end)
end)
