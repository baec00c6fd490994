-- SPDX-License-Identifier: MIT

local serve_fleet = require "cme.cli.serve.fleet"

local function t(format, ...)
  return format:format(...)
end

describe("cme.cli.serve.fleet", function()
  local function options(more)
    local args = { etcd = "http://a:1", node = "h1", label = {} }
    for name, value in pairs(more or {}) do args[name] = value end
    return serve_fleet.options(args, t)
  end

  it("makes options of arguments", function()
    assert.are.same({ node = "h1", capacity = 100, lease = 6, labels = {} }, options())
    assert.are.same({ node = "h1", capacity = 4, lease = 3, labels = { media_cast = "yes" }, api = "http://a:8156",
      keep = true }, options { capacity = "4", lease = "3s", label = { "media_cast=yes" }, advertise = "http://a:8156/",
      on_quorum_loss = "keep" })
    assert.is_nil(options { on_quorum_loss = "stop" }.keep)
  end)

  it("says what is missing or wrong", function()
    assert.are.same({}, { serve_fleet.options({ label = {} }, t) })
    for want, args in pairs {
      ["--capacity goes with --node"] = { capacity = "4" },
      ["--on-quorum-loss goes with --node"] = { on_quorum_loss = "keep" },
      ["--label goes with --node"] = { label = { "a=b" } },
      ["--node goes with --etcd"] = { node = "h1" },
    } do
      local none, message = serve_fleet.options(args, t)
      assert.are.same({ nil, want }, { none, message })
    end
    for want, more in pairs {
      ["--capacity '0'"] = { capacity = "0" }, ["--lease '2s'"] = { lease = "2s" },
      ["--label 'a'"] = { label = { "a" } },
      ["--advertise 'h1'"] = { advertise = "h1" }, ["--node 'h 1'"] = { node = "h 1" },
    } do
      local none, message = options(more)
      assert.is_nil(none)
      assert.are.equal(1, message:find(want, 1, true), message)
    end
  end)
end)
