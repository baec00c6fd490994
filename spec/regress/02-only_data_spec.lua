-- SPDX-License-Identifier: MIT
-- A source that sent script data and nothing else was "connecting" for ever: no failover, no reason.

local flv = require "spec.support.proofs.flv"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"

local SCRIPT = 18
local AVCC = "\1\x42\xc0\x1e\xff\xe1\0\5\x67\x42\xc0\x1e\xaa\1\0\2\x68\xce"

local function every_40_ms(first, make)
  local tags = { first }
  for ms = 0, 60000, 40 do tags[#tags + 1] = make(ms) end
  return tags
end

describe("a source of data alone", function()
  local servers = {}

  teardown(function()
    for _, server in ipairs(servers) do server:stop() end
    proc.cleanup()
  end)

  local function serve(tags)
    local server, url = flv.serve(tags)
    servers[#servers + 1] = server
    return url
  end

  it("is left for the backup, and down for a reason", function()
    local data = every_40_ms(nil, function(ms) return flv.tag(SCRIPT, ms, "\2\0\4onFI\5" .. ("x"):rep(20)) end)
    local good = every_40_ms(flv.tag(flv.VIDEO, 0, "\x17\0\0\0\0" .. AVCC), function(ms)
      return flv.tag(flv.VIDEO, ms, (ms % 1000 == 0 and "\x17" or "\x27") .. "\1\0\0\0\0\0\0\2\x65\x88")
    end)
    local engine, control = relay.control()
    assert(control:request("set", { spec = { stall_limit = 2, failover = true,
      inputs = { main = { url = serve(data) }, backup = { url = serve(good) } },
      outputs = { { id = "1", name = "", url = "udp://127.0.0.1:9" } } } }))
    control:expect { event = "switched", to = "backup", reason = "failover" }
    control:expect { event = "input", endpoint = "main", state = "down", code = "network.timeout" }
    assert(control:request "stop")
    assert.are.equal(0, (engine:wait()))
    control:close()
  end)
end)
