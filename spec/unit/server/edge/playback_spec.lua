-- SPDX-License-Identifier: MIT

local playback = require "cme.server.edge.playback"

describe("cme.server.edge.playback", function()
  local edge = { viewing = {
    address = function() return "127.0.0.1:1935" end,
    publish_url = function(_, stream) return "rtmp://127.0.0.1:1935/show/" .. stream end,
  } }

  local function spec()
    return { project = "p", outputs = { { id = "1", name = "a", url = "rtmp://h/a/b" } } }
  end

  it("gives an engine one output more, where there is playback", function()
    assert.are.same(spec(), playback.add(nil, spec()))
    assert.are.same(spec(), playback.add({}, spec()))
    local with = playback.add(edge, spec())
    assert.are.equal(2, #with.outputs)
    assert.are.equal("rtmp://127.0.0.1:1935/show/p-output", with.outputs[2].url)
    assert.is_true(playback.is_internal(with.outputs[2].id))
    assert.is_false(playback.is_internal(with.outputs[1].id))
    assert.is_false(playback.is_internal(nil))
  end)

  it("tells to which edge an engine gives it", function()
    assert.are.equal("127.0.0.1:1935", playback.edge_of(playback.add(edge, spec()).outputs))
    assert.is_nil(playback.edge_of(spec().outputs))
    assert.is_nil(playback.edge_of(nil))
    assert.is_nil(playback.edge_of { "nonsense" })
  end)

  it("is not seen in what an engine tells", function()
    assert.are.same(spec().outputs, playback.hide(playback.add(edge, spec())).outputs)
    assert.are.same({ {} }, { playback.hide {} })
  end)
end)
