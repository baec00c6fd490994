-- SPDX-License-Identifier: MIT

local messages = require "cme.cli.messages"
local serve = require "cme.cli.commands.serve"
local serve_edge = require "cme.cli.serve.edge"

local en, zh = messages.translator "en", messages.translator "zh"

describe("cme.cli.serve.edge", function()
  -- What the parser makes of no option, and these.
  local function options_of(given, t)
    local args = { edge = "auto", edge_rtmp = "127.0.0.1:1935", edge_http = "127.0.0.1:8157", edge_takeover = "3s",
      edge_srt_passphrase = "on" }
    for name, value in pairs(given) do args[name] = value end
    return serve_edge.options(args, t or en, serve.parse_listen)
  end

  it("has defaults for all", function()
    assert.are.same({ rtmp = { host = "127.0.0.1", port = 1935 }, http = { host = "127.0.0.1", port = 8157 },
      srt_passphrase = true, takeover = 3 }, options_of {})
  end)

  it("takes what it is given", function()
    assert.are.same({ rtmp = { host = "0.0.0.0", port = 0 }, rtmps = { host = "192.0.2.1", port = 443 },
      srt = { host = "0.0.0.0", port = 9000 }, http = { host = "127.0.0.1", port = 1 }, srt_passphrase = false,
      domain = "edge.example", certificate = { cert = "c.pem", key = "k.pem" } },
      options_of { edge_rtmp = "0.0.0.0:0", edge_rtmps = "192.0.2.1:443", edge_srt = "0.0.0.0:9000",
        edge_http = "127.0.0.1:1", edge_srt_passphrase = "off", edge_takeover = "off", edge_host = "edge.example",
        edge_cert = "c.pem", edge_key = "k.pem" })
  end)

  it("takes the service's certificate where it has none of its own, and none without RTMPS", function()
    local given = { edge_rtmps = "0.0.0.0:443", cert = "own.pem", key = "own.key" }
    assert.are.same({ cert = "own.pem", key = "own.key" }, options_of(given).certificate)
    given.edge_rtmps = nil
    assert.is_nil(options_of(given).certificate)
  end)

  it("is nothing when it is off, whatever else is said", function()
    assert.are.same({}, { options_of { edge = "off", edge_rtmp = "nonsense", edge_takeover = "never" } })
  end)

  it("reads how long another encoder waits", function()
    for text, seconds in pairs { ["2.5s"] = 2.5, ["1m"] = 60, ["60s"] = 60 } do
      assert.are.equal(seconds, serve_edge.parse_takeover(text), text)
    end
    assert.is_false(serve_edge.parse_takeover "off")
    for _, text in ipairs { "", "3", "0s", "-1s", "61s", "2m", "never", "3 s" } do
      assert.is_nil(serve_edge.parse_takeover(text), text)
    end
  end)

  local EXAMPLES = { rtmp = "127.0.0.1:1935", rtmps = "0.0.0.0:443", srt = "0.0.0.0:9000", http = "127.0.0.1:8157" }

  for name, example in pairs(EXAMPLES) do
    it(("says in both languages what --edge-%s needs"):format(name), function()
      for _, text in ipairs { "", "1935", "127.0.0.1", "localhost:1935", "[::1]:1935", "127.0.0.1:65536",
        "rtmp://127.0.0.1:1935" } do
        local given = { ["edge_" .. name] = text }
        local options, fault = options_of(given)
        assert.is_nil(options)
        assert.are.equal(("--edge-%s '%s': HOST:PORT with an IPv4 address is needed, such as %s"):format(name, text,
          example), fault)
        local _, chinese = options_of(given, zh)
        assert.is_truthy(chinese:find(("--edge-%s “%s”："):format(name, text), 1, true), chinese)
        assert.is_truthy(chinese:find(example, 1, true), chinese)
      end
    end)
  end

  local FAULTS = {
    { { edge = "off", edge_srt = "127.0.0.1:9000" }, "--edge-srt does not go with --edge off" },
    { { edge = "off", edge_rtmps = "127.0.0.1:443" }, "--edge-rtmps does not go with --edge off" },
    { { edge_host = "edge example" }, "--edge-host 'edge example': a host name is needed" },
    { { edge_host = "rtmp://edge.example" }, "--edge-host 'rtmp://edge.example': a host name is needed" },
    { { edge_takeover = "5min" },
      "--edge-takeover '5min': a duration of at most 60s is needed, such as 3s, or off" },
    { { edge_cert = "c.pem" }, "--edge-cert and --edge-key belong together: give both" },
    { { edge_key = "k.pem" }, "--edge-cert and --edge-key belong together: give both" },
    { { edge_rtmps = "0.0.0.0:443" }, "--edge-rtmps '0.0.0.0:443': TLS needs --edge-cert and --edge-key" },
    { { edge_rtmps = "0.0.0.0:1935", edge_cert = "c.pem", edge_key = "k.pem" },
      "--edge-rtmps '0.0.0.0:1935': --edge-rtmp has this address: give another port" },
  }

  it("says in both languages what else is wrong", function()
    for _, fault in ipairs(FAULTS) do
      local given, words = fault[1], fault[2]
      assert.are.same({ nil, words }, { options_of(given) })
      local _, chinese = options_of(given, zh)
      assert.are_not.equal(words, chinese)
      assert.matches("[\xe4-\xe9]", chinese) -- the language is there, and the option's name with it
      assert.is_truthy(chinese:find(words:match "^%-%-edge%-%l+", 1, true), chinese)
    end
  end)
end)
