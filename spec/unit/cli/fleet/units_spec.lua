-- SPDX-License-Identifier: MIT
-- What the units say. That they run: fleet_init_spec.lua.

local hosts = require "cme.cli.fleet.hosts"
local units = require "cme.cli.fleet.units"

describe("cme.cli.fleet.units", function()
  local list = hosts.read { "h1=10.0.0.1", "h2=10.0.0.2", "h3=h3.example.com" }
  local options = { token = "t", lease = 3, cme = "/usr/bin/cme", etcd = "/usr/bin/etcd" }

  local function settings(text)
    local found = {}
    for name, value in text:gmatch "([%w_]+)=([^\n]*)\n" do found[name] = value end
    return found
  end

  it("gives each host its own settings, and one cluster to all", function()
    local own = settings(units.etcd_settings(list[2], list, options))
    assert.are.same({ "h2", "https://10.0.0.2:2379", "https://10.0.0.2:2380", "50" },
      { own.ETCD_NAME, own.ETCD_LISTEN_CLIENT_URLS, own.ETCD_LISTEN_PEER_URLS, own.ETCD_HEARTBEAT_INTERVAL })
    assert.are.equal("h1=https://10.0.0.1:2380,h2=https://10.0.0.2:2380,h3=https://h3.example.com:2380",
      own.ETCD_INITIAL_CLUSTER)
    local named = settings(units.etcd_settings(list[3], list, { token = "t", lease = 6 }))
    assert.are.same({ "https://0.0.0.0:2379", "https://h3.example.com:2379" },
      { named.ETCD_LISTEN_CLIENT_URLS, named.ETCD_ADVERTISE_CLIENT_URLS })
    assert.is_nil(named.ETCD_HEARTBEAT_INTERVAL)
    local serve = settings(units.serve_settings(list[2], list, options))
    assert.are.same({ "h2", "3s", "https://10.0.0.2:2379,https://10.0.0.1:2379,https://h3.example.com:2379" },
      { serve.CME_NODE, serve.CME_LEASE, serve.CME_ETCD })
  end)

  it("has encoders push to, and viewers play at, an address that they reach", function()
    local told = hosts.read { "h1=10.0.0.1", "h2=10.0.0.2:1,2,3,1936,80", "h3=h3.example.com", "h4=[fd00::1]" }
    local found = {}
    for i, host in ipairs(told) do found[i] = settings(units.serve_settings(host, told, options)).CME_OPTIONS end
    assert.are.same({ "--edge-rtmp 10.0.0.1:1935 --edge-http 10.0.0.1:8157",
      "--edge-rtmp 10.0.0.2:1936 --edge-http 10.0.0.2:80",
      "--edge-rtmp 0.0.0.0:1935 --edge-http 0.0.0.0:8157 --edge-host h3.example.com",
      "--edge-rtmp 0.0.0.0:1935 --edge-http 0.0.0.0:8157" }, found)
  end)

  it("says https wherever there is an address, and that certificates are looked at", function()
    for path, text in pairs(units.files(list[1], list, options)) do
      assert.is_nil(text:find("http://", 1, true), path)
      assert.is_nil(text:find("%(", 1, true), path)
    end
    local own = settings(units.etcd_settings(list[1], list, options))
    for _, name in ipairs { "ETCD_CLIENT_CERT_AUTH", "ETCD_PEER_CLIENT_CERT_AUTH" } do
      assert.are.equal("true", own[name])
    end
  end)

  it("takes from its programs what the example of a service alone does", function()
    local file = assert(io.open "examples/systemd/cme-serve.service")
    local example = file:read "a"
    file:close()
    assert.is_truthy(example:find(units.HARDENING, 1, true))
  end)
end)
