-- SPDX-License-Identifier: MIT

local sqlite = require "cme.server.store.sqlite"
local transfer = require "cme.server.store.transfer"

describe("cme.server.store.transfer", function()
  local source, target

  before_each(function()
    local function now() return 1000.5 end
    source, target = assert(sqlite.open(":memory:", now)), assert(sqlite.open(":memory:", now))
    assert(source:add_platform "test")
    assert(source:create { id = "p1", platform = "test", category = "STREAM_CONNECT", name = "n\n\"", description = "d",
      owner = { type = "PERSON", id = "u" }, input = { Outputs = { { Id = "1", PushUrl = "rtmp://b/live/sekret" } } } })
    assert(source:apply("p1", "start", { reason = "r", stop_at = 5000.25 }))
    assert(source.outbox:add("u", { project = "p1", id = "e", body = "{}", created_at = 1 }))
  end)

  after_each(function()
    source:close()
    target:close()
  end)

  local function export(store)
    local lines = {}
    local counts = assert(transfer.export(store, function(line)
      lines[#lines + 1] = line
      return true
    end))
    return lines, counts
  end

  local function import(store, lines)
    local i = 0
    return transfer.import(store, function()
      i = i + 1
      return lines[i]
    end)
  end

  it("moves everything, and counts it", function()
    local lines, counts = export(source)
    assert.are.same({ platforms = 1, projects = 1, history = 2, outbox = 1, interruptions = 0, open_files = 0,
      keys = 0 }, counts)
    assert.are.same(counts, assert(import(target, lines)))
    assert.are.same(lines, (export(target)))
    assert.are.same({ source:get "p1", "d", source:history("p1", 9) },
      { target:get "p1", target:description "p1", target:history("p1", 9) })
    assert.are.same({ Idle = 0, Working = 1 }, target:count().STREAM_CONNECT)
  end)

  it("leaves nothing of a file that is not whole, and says in which line", function()
    local lines = export(source)
    for at, bad in pairs { [2] = "x", [3] = '{"kind":"projects","row":{}}', [4] = '{"kind":"nope","row":{}}',
      [5] = '{"counts":{}}', [#lines] = '{"counts":{"projects":2}}', [#lines - 1] = '"x"' } do
      local broken = table.move(lines, 1, #lines, 1, {})
      broken[at] = bad
      local ok, message, detail = import(target, broken)
      assert.are.same({ nil, "server.state_file" }, { ok, detail.code }, at)
      assert.matches("line " .. at, message, 1, true)
      assert.is_nil(target:get "p1")
    end
    assert.matches("it is not whole", select(2, import(target, table.move(lines, 1, #lines - 1, 1, {}))), 1, true)
    assert(import(target, lines))
  end)

  it("takes no other file, no newer one, and none into what has a state", function()
    local lines = export(source)
    assert.matches("not made by", select(2, import(target, { "{}" })), 1, true)
    assert.matches("not made by", select(2, import(target, {})), 1, true)
    local newer = '{"format":"cme state","version":2}'
    assert.matches("its format 2 is newer", select(2, import(target, { newer })), 1, true)
    assert(target:add_platform "x")
    local ok, _, detail = import(target, lines)
    assert.are.same({ nil, "invalid.not_empty" }, { ok, detail.code })
  end)

  it("ends where the file cannot be written", function()
    local written = 0
    local ok, message = transfer.export(source, function()
      written = written + 1
      if written == 3 then return nil, "full", { code = "local.file.space" } end
      return true
    end)
    assert.are.same({ nil, "full", 3 }, { ok, message, written })
    assert(source:add_platform "more") -- the reading is over
  end)
end)
