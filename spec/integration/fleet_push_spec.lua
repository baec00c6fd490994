-- SPDX-License-Identifier: MIT
-- An encoder pushes to whichever node of a fleet it likes: the node that runs the project has its picture.

local api = require "spec.support.api"
local cme = require "cme"
local fleet = require "spec.support.programs.fleet"
local json = require "cme.json"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"

local LIMIT = 40 -- seconds

describe("an encoder of a fleet", function()
  local rtmp, nodes, file, by_srt

  setup(function()
    rtmp = nginx.start { apps = { "platform" } }
    local dir = proc.folder()
    file, by_srt = media.file(dir .. "/main.flv", 4, media.SMALL), media.file(dir .. "/main.ts", 4, media.SMALL)
    nodes = fleet.start { edge = true }
    for _, name in ipairs { "a", "b", "c" } do nodes:add(name, { "--edge-srt", "127.0.0.1:0" }) end
  end)
  teardown(function()
    nodes:stop()
    rtmp:stop()
    assert.are.same({}, proc.cleanup())
  end)

  local function project_at(name, id)
    return assert(cme.client(nodes.nodes[name]:client_options()):project(id))
  end

  -- A project to push to, and the node that runs it.
  local function start(name)
    local show = cme.client(nodes.nodes.a:client_options()):project { name = name, owner = "spec",
      input = { push = 600 }, outputs = { { name = "platform", url = rtmp:url("platform", name) } } }
    assert(show:create())
    local answer = api.call(nodes.nodes.b, "HandleStreamConnectProject", { ProjectId = show.id, Operation = "Start" })
    assert.are.equal("FailedOperation.StartStreamConnectPartlyErr", answer.Error.Code) -- nobody pushes yet
    return show.id
  end

  local function where(id) return nodes:ask("where", id) end

  local function others(name)
    local list = {}
    for other in pairs(nodes.nodes) do list[#list + 1] = other ~= name and other or nil end
    table.sort(list)
    return list
  end

  local function push(name, id, protocol)
    local url = assert(project_at(name, id):push_urls { protocol = protocol }).main
    if not protocol then return media.replay(url, file) end
    return proc.spawn({ "ffmpeg", "-v", "error", "-nostdin", "-re", "-stream_loop", "-1", "-i", by_srt, "-c", "copy",
      "-f", "mpegts", url }, { name = "encoder" })
  end

  -- What the engine says of its main input.
  local function is_live(id)
    local name = where(id).node
    local health = type(name) == "string" and project_at(name, id):health()
    return health and health.inputs.main.state == "live"
  end

  local function until_live(id, at)
    proc.eventually(id .. " to have the picture that is pushed to " .. at, LIMIT, function()
      local push_of = where(id).pushes[1]
      return push_of and push_of.node == at and is_live(id)
    end)
  end

  it("is read where it pushes to, by RTMP and by SRT, and wherever it goes", function()
    local id = start "showhush1"
    local runs = where(id).node
    local one, two = table.unpack(others(runs))
    assert.are.same({ project = id, node = runs, standby = json.null, pushes = {} }, where(id))
    local encoder = push(one, id)
    until_live(id, one)
    assert.are.same({ { input = "main", node = one } }, where(id).pushes)
    encoder:stop()
    encoder = push(two, id, "srt")
    until_live(id, two)
    encoder:stop()
    encoder = push(runs, id)
    until_live(id, runs)
    encoder:stop()
    proc.eventually("nobody to push", LIMIT, function() return #where(id).pushes == 0 end)
    assert.are.equal(1, #rtmp:publishes "platform")
    assert.is_nil(api.call(nodes.nodes.a, "HandleStreamConnectProject", { ProjectId = id, Operation = "Stop" }).Error)
  end)

  it("pushes on while the service of its node, which runs nothing, is started again", function()
    local id = start "showhush3"
    local runs = where(id).node
    local one = nodes.nodes[others(runs)[1]]
    local encoder = push(others(runs)[1], id)
    until_live(id, others(runs)[1])
    local edge = one:edge()
    assert.are.same({ 0, 1 }, { #one:engines(), #edge })
    one.proc:kill "sigterm"
    assert.are.equal(0, one.proc:wait())
    assert.are.same(edge, one:edge())
    one:up()
    proc.eventually("its node to tell of the encoder again", LIMIT, function() return #where(id).pushes == 1 end)
    until_live(id, others(runs)[1])
    assert.are.same({ edge, nil }, { one:edge(), encoder.code })
    assert.are.equal(1, #rtmp:publishes("platform", "showhush3"))
    encoder:stop()
    assert.is_nil(api.call(nodes.nodes.a, "HandleStreamConnectProject", { ProjectId = id, Operation = "Stop" }).Error)
  end)

  it("goes to another node when the one that it pushes to is lost, and the broadcast goes on", function()
    local id = start "showhush2"
    local runs = where(id).node
    local one, two = table.unpack(others(runs))
    local encoder = push(one, id)
    until_live(id, one)
    nodes.nodes[one]:crash() -- its edge goes on
    proc.eventually("its lease to be over", LIMIT, function() return #where(id).pushes == 0 end)
    assert.is_true(is_live(id))
    nodes.nodes[one]:up()
    until_live(id, one)
    nodes:lose(one)
    encoder:stop()
    encoder = push(two, id)
    until_live(id, two)
    assert.are.same({ runs, 1 }, { where(id).node, #rtmp:publishes("platform", "showhush2") })
    nodes.nodes[one]:up()
    nodes:lose(runs) -- now the project goes, and the encoder stays
    proc.eventually("another node to run it", LIMIT, function() return where(id).node ~= runs and is_live(id) end)
    assert.are.equal(two, where(id).pushes[1].node)
    encoder:stop()
    nodes.nodes[runs]:up()
  end)
end)
