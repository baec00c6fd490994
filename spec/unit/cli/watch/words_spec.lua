-- SPDX-License-Identifier: MIT

local messages = require "cme.cli.messages"
local watch_words = require "cme.cli.watch.words"

local en, zh = messages.translator "en", messages.translator "zh"

describe("cme.cli.watch.words", function()
  it("words every change", function()
    local old, new = { id = "1", name = "A", state = "live" }, { id = "1", name = "A", state = "backoff",
      health = { error = { code = "network.reset", message = "lost" } } }
    for _, case in ipairs {
      { "idle, outputs: 2", "project", nil, { status = "idle", outputs = { {}, {} } } },
      { "no longer exists", "project", { status = "idle" } },
      { "working, was idle", "status", "idle", "working" },
      { "input on the air: backup, was main", "active", "main", "backup" },
      { "input on the air: main", "active", nil, "main" },
      { "no input on the air, was main", "active", "main" },
      { "no input has a picture: the slate is on the air", "on_slate", nil, true },
      { "the slate is no longer on the air", "on_slate", true },
      { "no planned stop", "stop_at", 5 },
      { "renamed from 'a' to 'b'", "name", "a", "b" },
      { "output 'A': reconnecting, was live: lost", "output", old, new },
      { "output 'A': live, was reconnecting", "output", new, { name = "A", state = "live", health = new.health } },
      { "output 'A': stopped, was working", "output", { name = "A", status = "working" },
        { name = "A", status = "stopped" } },
      { "output 'A': added", "output", nil, new },
      { "output 'A': removed", "output", old },
      { "output 'A': changed", "output", old, old },
      { "main input: connecting", "input", {}, { state = "connecting" } },
      { "source 'main': added", "source", nil, {} },
      { "another node is to stand by", "standby", nil, true },
      { "no node is to stand by any more", "standby", true },
      { "no other node stands by", "standby_state", { state = "idle" }, { state = "missing" } },
      { "node b stands by, and has no picture yet", "standby_state", nil, { state = "starting", node = "b" } },
      { "node b stands by", "standby_state", nil, { state = "warm", node = "b" } },
      { "no node stands by", "standby_state", { state = "warm", node = "b" }, { state = "idle" } },
      { "can be read again", "error", {} },
    } do
      local change = { what = case[2], old = case[3], new = case[4], id = "main", label = "gala", at = 0 }
      assert.are.equal("gala: " .. case[1], (watch_words.line(change, en)))
      assert.is_true(#watch_words.line(change, zh) > #"gala: ")
    end
    assert.are.same({ "project 'gala': lost", "red" }, { watch_words.line({ what = "error", label = "gala", at = 0,
      new = { message = "project 'gala': lost" } }, en) })
  end)

  it("lets no control character of others through", function()
    local line = watch_words.line({ what = "name", label = "a\27[2J\xc2\x9b", old = "\r\n\t", new = "x\u{202e}y",
      at = 0 }, en)
    assert.are.equal("a [2J?: renamed from ' ' to 'xy'", line)
    line = watch_words.line({ what = "name", label = "a\xff", old = "b", new = "c", at = 0 }, en)
    assert.are.equal("a?: renamed from 'b' to 'c'", line)
  end)
end)
