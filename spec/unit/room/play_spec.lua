-- SPDX-License-Identifier: MIT
require "spec.support.room"

describe("room.play", function()
  local play, asked, response

  before_each(function()
    package.loaded["room.play"] = nil
    play, asked = require "room.play", 0
    response = { Output = "http://127.0.0.1:8157/hls/p/output/index.m3u8", Main = "",
      Backup = "file:///etc/index.m3u8" }
  end)

  local client = { call = function()
    asked = asked + 1
    return response
  end }

  it("asks the service where pictures are, and remembers for a while", function()
    assert.are.equal("http://127.0.0.1:8157/hls/p/output/7.ts", play.address(client, "p", "output", "7.ts", 0))
    assert.are.equal("http://127.0.0.1:8157/hls/p/output/8.ts", play.address(client, "p", "output", "8.ts", 29))
    assert.are.equal(1, asked)
    play.address(client, "p", "output", "9.ts", 31)
    play.address(client, "q", "output", "9.ts", 31)
    assert.are.equal(3, asked)
  end)

  it("passes on what a player waits for, and nothing else", function()
    assert.are.equal("", play.query {})
    assert.are.equal("?_HLS_msn=7", play.query { _HLS_msn = "7", other = "1" })
    assert.are.equal("?_HLS_msn=7&_HLS_part=2", play.query { _HLS_msn = "7", _HLS_part = "2" })
    assert.are.equal("", play.query { _HLS_msn = "7 x", _HLS_part = true })
    assert.are.equal("", play.query { _HLS_msn = ("7"):rep(17) })
  end)

  it("has no address where the service gives none, or none of HTTP", function()
    assert.is_nil(play.address(client, "p", "main", "index.m3u8", 0))
    assert.is_nil(play.address(client, "p", "backup", "index.m3u8", 0))
    response = nil
    assert.is_nil(play.address(client, "r", "output", "index.m3u8", 0))
    assert.is_nil(play.address(client, "r", "output", "index.m3u8", 1))
    assert.are.equal(2, asked)
  end)
end)
