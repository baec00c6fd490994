-- SPDX-License-Identifier: MIT

local playback = require "cme.server.edge.playback"

describe("cme.server.edge.playback", function()
  local edge = { viewing = {
    url = function(_, project, what) return ("hls:/edge/hls/%s-%s"):format(project, what) end,
    playback_url = function(_, project, what) return ("http://h/hls/%s/%s/token/index.m3u8"):format(project, what) end,
  } }

  local function spec()
    return { project = "p", outputs = { { id = "1", name = "a", url = "rtmp://h/a/b" } } }
  end

  it("gives an engine one output more, where there is an edge", function()
    assert.are.same(spec(), playback.add(nil, spec()))
    local with = playback.add(edge, spec())
    assert.are.equal(2, #with.outputs)
    assert.are.equal("hls:/edge/hls/p-output", with.outputs[2].url)
    assert.is_true(playback.is_internal(with.outputs[2].id))
    assert.is_false(playback.is_internal(with.outputs[1].id))
    assert.is_false(playback.is_internal(nil))
  end)

  it("tells how an engine gives it", function()
    assert.are.equal("hls", playback.edge_of(playback.add(edge, spec()).outputs))
    assert.is_nil(playback.edge_of(spec().outputs))
    assert.is_nil(playback.edge_of(nil))
    assert.is_nil(playback.edge_of { "nonsense" })
  end)

  it("asks it of no engine that does not know how to write it", function()
    local with = playback.add(edge, spec())
    assert.are.equal(with, playback.fit(with, true))
    for _, hls in ipairs { false, "x" } do
      assert.are.same(spec().outputs, { table.unpack(playback.fit(with, hls).outputs) })
    end
    assert.are.equal(2, #with.outputs)
  end)

  it("is not seen in what an engine tells", function()
    assert.are.same(spec().outputs, playback.hide(playback.add(edge, spec())).outputs)
    assert.are.same({ {} }, { playback.hide {} })
  end)

  it("tells where a project is played, and that it is nowhere", function()
    local service = { has_input = function(_, _, endpoint) return endpoint == "main" end }
    assert.are.same({ ProjectId = "p", Output = "http://h/hls/p/output/token/index.m3u8",
      Main = "http://h/hls/p/main/token/index.m3u8", Backup = "" }, playback.describe(edge, service, { id = "p" }))
    local found, _, detail = playback.describe(nil, service, { id = "p" })
    assert.are.same({ nil, "api.UnsupportedOperation" }, { found, detail.code })
  end)
end)
