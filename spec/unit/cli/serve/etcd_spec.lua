-- SPDX-License-Identifier: MIT

local serve_etcd = require "cme.cli.serve.etcd"

local function t(format, ...)
  return format:format(...)
end

describe("cme.cli.serve.etcd", function()
  it("reads URLs of members", function()
    assert.are.same({ "http://a:2379" }, serve_etcd.parse_urls "http://a:2379")
    assert.are.same({ "https://a:1", "https://b:2/" }, serve_etcd.parse_urls "https://a:1,https://b:2/")
    for _, text in ipairs { "", "a:2379", "http://a,", "http://u:p@a:2379", "http://a/b", "http://a b" } do
      assert.is_nil(serve_etcd.parse_urls(text), text)
    end
  end)

  it("reads a user and a password", function()
    assert.are.same({ "u", "hush:p w" }, { serve_etcd.parse_login "u:hush:p w\n" })
    for _, text in ipairs { "", "u", ":p", "u:\n" } do assert.is_nil(serve_etcd.parse_login(text), text) end
  end)

  it("makes options of arguments, and needs what belongs together", function()
    assert.are.same({}, { serve_etcd.options({}, t) })
    local options = serve_etcd.options({ etcd = "http://a:1", seal_key = "k" }, t)
    assert.are.same({ { "http://a:1" }, "/cme", "k" }, { options.endpoints, options.prefix, options.seal_key })
    for want, args in pairs {
      ["--seal-key goes with --etcd"] = { seal_key = "k" },
      ["--take-over goes with --etcd"] = { take_over = true },
      ["--etcd 'x': URLs of etcd are needed"] = { etcd = "x", seal_key = "k" },
      ["--etcd needs --seal-key"] = { etcd = "http://a:1" },
      ["--etcd-cert and --etcd-key belong together"] = { etcd = "http://a:1", seal_key = "k", etcd_cert = "c" },
      ["--etcd-prefix 'x': a name such as /cme"] = { etcd = "http://a:1", seal_key = "k", etcd_prefix = "x" },
    } do
      local none, message = serve_etcd.options(args, t)
      assert.is_nil(none)
      assert.are.equal(1, message:find(want, 1, true), message)
    end
  end)
end)
