-- SPDX-License-Identifier: MIT
-- A standby of a project that is pushed and recorded: its engine reads what is pushed from the node that the encoder
-- pushes to, and records nothing. The run alone has a recording, which goes on at the node that takes it.

local cme = require "cme"
local fleet = require "spec.support.programs.fleet"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local uv = require "luv"

local LIMIT, LEASE = 60, "10s" -- seconds

describe("a standby of what is pushed and recorded", function()
  local rtmp, nodes, folders, id, encoder

  setup(function()
    rtmp = nginx.start { apps = { "platform" } }
    local file = media.file(proc.folder() .. "/main.flv", 4, media.SMALL)
    nodes, folders = fleet.start { edge = true }, {}
    for _, name in ipairs { "a", "b", "c" } do
      folders[name] = proc.folder()
      nodes:add(name, { "--recordings", folders[name] }, LEASE)
    end
    local show = cme.client(nodes.nodes.a:client_options()):project { name = "gala", owner = "spec",
      input = { push = 3600 }, outputs = { { name = "platform", url = rtmp:url("platform", "showhush") } },
      record = { name = "gala" }, standby = true }
    assert(show:start()) -- with a warning: nobody pushes yet
    id, encoder = show.id, file
  end)
  teardown(function()
    nodes:stop()
    rtmp:stop()
    assert.are.same({}, proc.cleanup())
  end)

  local function where() return nodes:ask("where", id) end

  -- A node that neither runs the project nor stands by for it.
  local function third(now)
    for name in pairs(nodes.nodes) do
      if name ~= now.node and name ~= now.standby.node then return name end
    end
  end

  -- Where it is on the air, with a standby that has the picture.
  local function until_warm(what)
    return proc.eventually(what, LIMIT, function()
      proc.elapse(0.2)
      local now = where()
      return type(now.standby) == "table" and now.standby.warm and now.standby.input == "main" and now
    end)
  end

  local function recorded(name)
    local list, scan = {}, assert(uv.fs_scandir(folders[name]))
    local file = uv.fs_scandir_next(scan)
    while file do
      list[#list + 1] = folders[name] .. "/" .. file
      file = uv.fs_scandir_next(scan)
    end
    return list
  end

  local function until_recorded(name)
    proc.eventually("a recording at " .. name, LIMIT, function()
      local file = recorded(name)[1]
      return file and assert(uv.fs_stat(file)).size > 0
    end)
  end

  local function engine(name) return proc.matching(nodes.nodes[name].state .. "/relays/" .. id) end

  it("reads it from the node that the encoder pushes to, and records nothing", function()
    local now = proc.eventually("a node to stand by", LIMIT, function()
      proc.elapse(0.2)
      local found = where()
      return type(found.standby) == "table" and found
    end)
    assert.is_false(now.standby.warm)
    local pushed_to = third(now)
    local show = assert(cme.client(nodes.nodes[pushed_to]:client_options()):project(id))
    encoder = media.replay(assert(show:push_urls()).main, encoder)
    local warm = until_warm "the standby to have what is pushed"
    assert.are.same({ now.node, now.standby.node }, { warm.node, warm.standby.node })
    assert.are.equal(pushed_to, warm.pushes[1].node)
    until_recorded(now.node)
    assert.are.same({ 1, 0, 0 }, { #recorded(now.node), #recorded(now.standby.node), #recorded(pushed_to) })
    assert.are.equal(1, #rtmp:publishes("platform", "showhush"))
  end)

  it("goes on with the encoder where it is, and with one recording, when the node is lost that ran it", function()
    local before = until_warm "the standby to have what is pushed"
    local taker, left = before.standby.node, third(before)
    local pids = engine(taker)
    nodes:lose(before.node)
    proc.eventually("the taker to publish", LIMIT, function() return #rtmp:publishes("platform", "showhush") == 2 end)
    assert.are.same({ taker, pids }, { where().node, engine(taker) })
    until_recorded(taker)
    local size = assert(uv.fs_stat(recorded(before.node)[1])).size
    local warm = until_warm "the third node to stand by"
    assert.are.same({ left, left }, { warm.standby.node, warm.pushes[1].node })
    assert.are.same({ 1, 1, 0 }, { #recorded(before.node), #recorded(taker), #recorded(left) })
    assert.are.equal(size, assert(uv.fs_stat(recorded(before.node)[1])).size)
    assert.are.equal("h264", media.streams(recorded(before.node)[1]).video)
    nodes.nodes[before.node]:up()
  end)

  it("leaves a recording that can be played when the project is stopped", function()
    local now = where()
    assert(cme.client(nodes.nodes[now.node]:client_options()):project(id):stop())
    proc.eventually("the engines to end", LIMIT, function()
      return #engine "a" + #engine "b" + #engine "c" == 0
    end)
    assert.are.equal(1, #recorded(now.node))
    local found = media.streams(recorded(now.node)[1])
    assert.are.same({ "h264", "aac" }, { found.video, found.audio })
    encoder:stop()
  end)
end)
