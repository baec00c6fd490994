-- SPDX-License-Identifier: MIT

local codes = require "cme.codes"
local files = require "cme.system.files"
local playout = require "cme.server.categories.media_cast.playout"
local uv = require "luv"

describe("cme.server.categories.media_cast.playout", function()
  local folder, subject
  local record = { id = "p", input = { Run = { Id = "run" } } }

  before_each(function()
    folder = assert(uv.fs_mkdtemp "/tmp/cme-XXXXXX")
    subject = playout.files(folder)
  end)

  after_each(function()
    subject:forget "p"
    uv.fs_rmdir(folder)
  end)

  it("knows how a playout is started, without a URL or a key in its arguments", function()
    local program, kind = playout.kind "veryfast"
    assert.is_truthy(program)
    local argv = kind.argv "/relays/p.cast"
    assert.matches("playout/main.lua$", argv[1])
    assert.are.same({ "--control", "/relays/p.cast" }, { argv[2], argv[3] })
    local env = table.concat(kind.env, "\n")
    assert.matches("CME_PRESET=veryfast", env)
    for entry in (env:match "LUA_PATH_5_4=([^\n]*)"):gmatch "[^;]+" do assert.are.equal("/", entry:sub(1, 1)) end
  end)

  it("goes on where the playout of the same run had come to", function()
    assert.is_nil(subject:reached(record))
    subject:note("p", { event = "source", state = "playing", source_id = "b", run = "run" })
    subject:note("p", { event = "round", rounds = 2.0, run = "run" })
    assert.are.same({ id = "b", rounds = 2 }, subject:reached(record))
    assert.is_nil(subject:reached { id = "p", input = { Run = { Id = "next" } } })
    subject:note("p", { event = "source", state = "playing", source_id = "a", run = "next" })
    assert.are.same({ id = "a", rounds = 0 }, subject:reached { id = "p", input = { Run = { Id = "next" } } })
  end)

  it("knows how sources are", function()
    local silent = codes.reason("source.stalled:silent", { seconds = 5 })
    subject:note("p", { event = "source", state = "interrupted", source_id = "a", reason = codes.say(silent),
      parts = codes.pack(silent), run = "run" })
    subject:note("p", { event = "source", state = "playing", source_id = "b", run = "run" })
    local found = subject:sources "p"
    assert.are.same({ "down", true }, { found.a.state, found.a.failed })
    assert.are.equal("已有 5 秒没有内容", codes.say(found.a.reason, "zh"))
    assert.are.same({ state = "live", failed = false }, found.b)
    subject:forget "p"
    assert.are.same({}, subject:sources "p")
  end)

  it("takes the end of a list from the playout, or from the file it left", function()
    assert.is_nil(subject:end_of(record))
    subject:note("p", { event = "stopped", reason = "request", time = 5, run = "run" })
    assert.is_nil(subject:end_of(record))
    subject:note("p", { event = "stopped", reason = "played_out", time = 7, run = "run" })
    assert.are.equal(7, subject:end_of(record))
    subject:forget "p"
    assert(files.write_atomically(folder .. "/p.end", '{"run":"run","at":9}'))
    assert.are.equal(9, subject:end_of(record))
    assert.is_nil(subject:end_of { id = "p", input = { Run = { Id = "next" } } })
    subject:forget "p"
    assert.is_nil(subject:end_of(record))
    assert(files.write_atomically(folder .. "/p.end", "broken"))
    assert.is_nil(subject:end_of(record))
  end)
end)
