-- SPDX-License-Identifier: MIT

local playback = require "cme.server.edge.playback"

describe("cme.server.edge.playback", function()
  local edge = { viewing = {
    url = function(_, project, what) return ("hls:/edge/hls/%s-%s"):format(project, what) end,
    playback_url = function(_, project, what) return ("http://h/hls/%s/%s/token/index.m3u8"):format(project, what) end,
  } }
  local fed = {}
  function edge.feed(_, project, what)
    fed[#fed + 1] = what
    return "rtmp://127.0.0.1/output/cme-own-" .. project, "rtmp 1"
  end
  local elsewhere = false
  function edge.pull_url(_, stored) return "unix:/" .. stored, elsewhere end
  function edge.play_url(_, project, what) return ("rtmp://h/output/%s-%s?token=t"):format(project, what) end

  local function spec()
    return { project = "p", outputs = { { id = "1", name = "a", url = "rtmp://h/a/b" } } }
  end

  it("gives an engine two outputs more, where there is an edge", function()
    assert.are.same(spec(), playback.add(nil, spec()))
    local with = playback.add(edge, spec())
    assert.are.equal(3, #with.outputs)
    assert.are.equal("hls:/edge/hls/p-output", with.outputs[2].url)
    assert.are.equal("rtmp://127.0.0.1/output/cme-own-p", with.outputs[3].url)
    assert.is_false(with.outputs[3].uplink)
    assert.is_true(playback.is_internal(with.outputs[2].id))
    assert.is_true(playback.is_internal(with.outputs[3].id))
    assert.is_false(playback.is_internal(with.outputs[1].id))
    assert.is_false(playback.is_internal(nil))
  end)

  it("tells how an engine gives it", function()
    assert.are.equal("hls rtmp 1", playback.edge_of(playback.add(edge, spec()).outputs))
    assert.is_nil(playback.edge_of(spec().outputs))
    assert.is_nil(playback.edge_of(nil))
    assert.is_nil(playback.edge_of { "nonsense" })
  end)

  it("asks it of no engine that does not know how to write it", function()
    local with = playback.add(edge, spec())
    assert.are.equal(with, playback.fit(with, true))
    for _, hls in ipairs { false, "x" } do
      local fitting = playback.fit(with, hls).outputs
      assert.are.same({ "1", "cme:rtmp" }, { fitting[1].id, fitting[2].id, fitting[3] })
    end
    assert.are.equal(3, #with.outputs)
  end)

  it("is not seen in what an engine tells", function()
    assert.are.same(spec().outputs, playback.hide(playback.add(edge, spec())).outputs)
    assert.are.same({ {} }, { playback.hide {} })
  end)

  it("tells where a project is played, and that it is nowhere", function()
    local service = { has_input = function() return true end }
    local record = { id = "p", input = { MainInput = { InputType = "RtmpPush",
      RtmpPushInputInfo = { PushUrl = "cme-1?txTime=6745ABCD" } }, BackupInput = { InputType = "VodPull" } } }
    assert.are.same({ ProjectId = "p", Output = "http://h/hls/p/output/token/index.m3u8",
      Main = "http://h/hls/p/main/token/index.m3u8", Backup = "http://h/hls/p/backup/token/index.m3u8",
      RtmpOutput = "rtmp://h/output/p-output?token=t", RtmpMain = "rtmp://h/output/p-main?token=t",
      RtmpBackup = "rtmp://h/output/p-backup?token=t" },
      playback.describe(edge, service, record))
    assert.are.equal("backup", fed[#fed]) -- which an engine publishes; main is pushed
    fed, elsewhere = {}, true
    playback.describe(edge, service, record)
    table.sort(fed)
    assert.are.same({ "backup", "main" }, fed)
    service.has_input = function() return false end
    assert.are.same({ "", "" }, { playback.describe(edge, service, record).Main,
      playback.describe(edge, service, record).Backup })
    local found, _, detail = playback.describe(nil, service, { id = "p" })
    assert.are.same({ nil, "api.UnsupportedOperation" }, { found, detail.code })
  end)
end)
