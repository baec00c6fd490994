-- SPDX-License-Identifier: MIT

local hosts = require "cme.cli.fleet.hosts"

describe("cme.cli.fleet.hosts", function()
  it("reads a name and an address, with ports or without", function()
    assert.are.same({ name = "h1", address = "10.0.0.1", alt_name = "IP:10.0.0.1", bind = "10.0.0.1",
      loopback = false, client = "2379", peer = "2380", api = "8156", rtmp = "1935", hls = "8157" },
      hosts.parse "h1=10.0.0.1")
    assert.are.same({ name = "h-2", address = "[fd00::1]", alt_name = "IP:fd00::1", bind = "[fd00::1]",
      loopback = false, client = "1", peer = "2", api = "3", rtmp = "1935", hls = "8157" },
      hosts.parse "h-2=[fd00::1]:1,2,3")
    for _, six in ipairs { "[1:2:3:4:5:6:7:8]", "[1::]", "[::2]", "[FE80::1:2]", "[1:2:3:4:5:6:7::]" } do
      assert.are.same({ six, false }, { hosts.parse("h=" .. six).bind, hosts.parse("h=" .. six).loopback })
    end
    for _, near in ipairs { "127.1.2.3", "[::1]", "[0:0::0:0001]", "localhost", "a.LOCALHOST" } do
      assert.is_true(hosts.parse("h=" .. near).loopback)
    end
    assert.are.equal("4", hosts.parse("h1=10.0.0.1:1,2,3,4").rtmp)
    local all = hosts.parse "h_1.a=10.0.0.1:1,2,3,4,65535"
    assert.are.same({ "4", "65535" }, { all.rtmp, all.hls })
    local named = hosts.parse "h3=h3.example.com"
    assert.are.same({ "h3.example.com", "DNS:h3.example.com", "0.0.0.0" },
      { named.address, named.alt_name, named.bind })
  end)

  it("says what is wrong with a host that cannot work", function()
    for words, list in pairs {
      ["NAME=ADDRESS is needed"] = { "", "h1", "h1=", "=10.0.0.1", "10.0.0.1" },
      ["a name has letters"] = { "h 1=10.0.0.1", "..=10.0.0.1", ".=10.0.0.1", "-h1=10.0.0.1", "主机=10.0.0.1",
        "a/b=10.0.0.1", ("h"):rep(65) .. "=10.0.0.1" },
      ["a file of the fleet has this name"] = { "ca.pem=10.0.0.1", "ca.key=10.0.0.1", "ca.srl=10.0.0.1" },
      ["is not an address"] = { "h1=10.0.0.1:2379", "h1=10.0.0.999", "h1=10.077.0.1", "h1=10.0.1", "h1=1.2.3.4.5",
        "h1=fd00::1", "h1=[]", "h1=[fd00::1::2]", "h1=[10.0.0.1]",
        "h1=[1:2:3:4:5:6:7]", "h1=[1:2:3:4:5:6:7::8]", "h1=[12345::]",
        "h1=[:1]", "h1=[1:::2]",
        "h1=[x::]", "h1=10.0.0.1/x", "h1=-x", "h1=my_host", "h1=a..b",
        "h1=a.", "h1=http://10.0.0.1", "h1=" .. ("a"):rep(64), "h1=" .. ("a."):rep(127) .. "a" },
      ["is not the address of one host"] = { "h1=0.0.0.0", "h1=[::]", "h1=224.0.0.1", "h1=255.255.255.255",
        "h1=[ff02::1]" },
      ["three to five ports"] = { "h1=10.0.0.1:1,2,3,4,5,6", "h1=10.0.0.1:1,2,34,", "h1=10.0.0.1:1,2",
        "h1=10.0.0.1:1,,3", "h1=10.0.0.1:7,7,7,7,7", "h1=10.0.0.1:0,1,2", "h1=10.0.0.1:1,2,65536",
        "h1=10.0.0.1:1,2,03", "h1=10.0.0.1:1,2,1935", "h1=10.0.0.1:1,2,123456" },
    } do
      for _, bad in ipairs(list) do
        local host, fault = hosts.parse(bad)
        assert.is_nil(host, bad)
        assert.matches(words, fault[1], 1, true)
        assert.are.equal(bad, fault[2])
      end
    end
  end)

  it("takes no name and no port of an address twice, and no loopback address beside others", function()
    for words, list in pairs {
      ["a name of its own"] = { "a=10.0.0.1", "a=10.0.0.2" },
      ["belongs to host"] = { "a=10.0.0.1", "b=10.0.0.1" },
      ["port %s of this address"] = { "a=H.example.com:1,2,3,4,5", "b=h.example.com:6,7,8,9,5" },
      ["loopback"] = { "a=10.0.0.1", "b=127.0.0.1" },
      ["trials"] = { "a=localhost", "b=10.0.0.1" },
      ["one machine"] = { "a=[::1]", "b=10.0.0.1" },
    } do
      local read, fault = hosts.read(list)
      assert.is_nil(read)
      assert.matches(words, fault[1], 1, true)
    end
    assert.are.equal(2, #hosts.read { "a=10.0.0.1", "b=10.0.0.2" })
    assert.are.equal(2, #hosts.read { "a=127.0.0.1:1,2,3,4,5", "b=127.0.0.1:6,7,8,9,10" })
  end)
end)
