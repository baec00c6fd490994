-- SPDX-License-Identifier: MIT

local hosts = require "cme.cli.fleet.hosts"

describe("cme.cli.fleet.hosts", function()
  it("reads a name and an address, with ports or without", function()
    assert.are.same({ name = "h1", address = "10.0.0.1", alt_name = "IP:10.0.0.1", bind = "10.0.0.1", client = "2379",
      peer = "2380", api = "8156", rtmp = "1935", hls = "8157" }, hosts.parse "h1=10.0.0.1")
    assert.are.same({ name = "h-2", address = "[fd00::1]", alt_name = "IP:fd00::1", bind = "[fd00::1]", client = "1",
      peer = "2", api = "3", rtmp = "1935", hls = "8157" }, hosts.parse "h-2=[fd00::1]:1,2,3")
    assert.are.equal("4", hosts.parse("h1=10.0.0.1:1,2,3,4").rtmp)
    local all = hosts.parse "h1=10.0.0.1:1,2,3,4,5"
    assert.are.same({ "4", "5" }, { all.rtmp, all.hls })
    local named = hosts.parse "h3=h3.example.com"
    assert.are.same({ "h3.example.com", "DNS:h3.example.com", "0.0.0.0" },
      { named.address, named.alt_name, named.bind })
  end)

  it("takes nothing else, and no name twice", function()
    for _, bad in ipairs { "", "h1", "h1=", "=10.0.0.1", "h 1=10.0.0.1", "h1=10.0.0.1:2379",
      "h1=10.0.0.1:1,2,3,4,5,6", "h1=10.0.0.1:1,2,34,", "h1=10.0.0.1:1,2", "h1=10.0.0.1:1,,3", "h1=fd00::1", "h1=[]",
      "h1=10.0.0.1/x", "h1=-x", ("h"):rep(65) .. "=10.0.0.1", "h1=http://10.0.0.1" } do
      assert.is_nil(hosts.parse(bad), bad)
    end
    assert.are.same({ nil, "a=10.0.0.2" }, { hosts.read { "a=10.0.0.1", "a=10.0.0.2" } })
    assert.are.equal(2, #hosts.read { "a=10.0.0.1", "b=10.0.0.2" })
  end)
end)
