-- SPDX-License-Identifier: MIT

local cli = require "spec.support.cli"
local serve = require "cme.cli.commands.serve"

describe("cme.cli.commands.serve", function()
  it("takes host and port apart", function()
    for text, want in pairs {
      ["127.0.0.1:8156"] = { "127.0.0.1", 8156 },
      ["[::1]:0"] = { "::1", 0 },
      ["localhost:65535"] = { "localhost", 65535 },
    } do
      assert.are.same(want, { serve.parse_listen(text) })
      for _, tls in ipairs { true, false } do
        local address = { host = want[1], port = want[2] }
        address.tls = tls
        assert.are.same(address, serve.parse_address(text, tls))
        address.tls = true
        assert.are.same(address, serve.parse_address("https://" .. text, tls))
        address.tls = false
        assert.are.same(address, serve.parse_address("http://" .. text, tls))
      end
    end
    for _, text in ipairs { "", "8156", "h:", ":1", "h:65536", "h:x", "::1:80", "[::1]", "h:1:2", "h:-1", "http://h:1",
      "h/x:1" } do
      assert.is_nil(serve.parse_listen(text), text)
    end
    for _, text in ipairs { "ftp://h:1", "http://", "http://h:1/", "https://http://h:1" } do
      assert.is_nil(serve.parse_address(text, false), text)
    end
  end)

  it("refuses --dry-run, which would start it or change its files all the same", function()
    for _, args in ipairs { { "serve", "seal-key", "/nonexistent/key", "--dry-run" },
      { "--dry-run", "serve", "keys", "list" }, { "serve", "--dry-run", "--listen", "nowhere" } } do
      local ran = cli.run(args)
      assert.are.same({ 2, "" }, { ran.code, ran.out })
      assert.matches("%-%-dry%-run is not supported here", ran.err)
    end
  end)

  it("reads how long a run may last by default", function()
    for text, want in pairs { none = false, ["2h"] = 7200, ["90s"] = 90, ["30d"] = 30 * 86400 } do
      assert.are.equal(want, serve.parse_default_stop(text))
    end
    for _, text in ipairs { "", "0", "2 hours", "31d", "off" } do
      assert.is_nil(serve.parse_default_stop(text), text)
    end
  end)

  it("reads when a broadcast goes back by itself", function()
    for text, want in pairs { off = false, ["30s"] = 30, ["1d"] = 86400 } do
      assert.are.equal(want, serve.parse_failback(text))
    end
    for _, text in ipairs { "", "0", "2d", "none" } do
      assert.is_nil(serve.parse_failback(text), text)
    end
  end)

  it("reads how often an action may be called", function()
    for text, want in pairs { off = false, ["1"] = 1, ["1000000"] = 1000000 } do
      assert.are.equal(want, serve.parse_rate_limit(text))
    end
    for _, text in ipairs { "", "0", "-1", "1.5", "1000001", "none" } do
      assert.is_nil(serve.parse_rate_limit(text), text)
    end
  end)
end)
