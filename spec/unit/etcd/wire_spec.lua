-- SPDX-License-Identifier: MIT

local wire = require "cme.etcd.wire"

describe("cme.etcd.wire", function()
  it("finds where a prefix ends", function()
    for prefix, stop in pairs { a = "b", ["a/"] = "a0", ["a\255"] = "b", ["a\254\255"] = "a\255", [""] = "\0",
      ["\255\255"] = "\0" } do
      assert.are.equal(stop, wire.prefix_end(prefix), ("%q"):format(prefix))
    end
  end)

  it("writes keys and values in base64, and integers as strings", function()
    assert.are.same({ key = "AA==", range_end = "AA==" }, wire.range { key = "", prefix = true })
    assert.are.same({ key = "YQ==", limit = "2", revision = "9007199254740993", sort_target = "MOD",
      sort_order = "DESCEND" }, wire.range {
        key = "a", limit = 2, revision = 9007199254740993, sort = "mod", descending = true })
    assert.are.same({ key = "YQ==", value = "", lease = "7" }, wire.put { key = "a", value = "", lease = 7 })
    assert.are.same({
      compare = { { key = "YQ==", target = "MOD", mod_revision = "3", result = "EQUAL" } },
      success = { { request_put = { key = "YQ==", value = "MQ==" } } },
    }, wire.txn { compare = { { key = "a", mod_revision = 3 } }, success = { { put = { key = "a", value = "1" } } },
      failure = {} })
    assert.are.same({ create_request = { key = "YQ==", start_revision = "5", progress_notify = true } },
      wire.watch({ key = "a" }, 5))
  end)

  it("reads what is left out as zero, and integers past 2^53 to the last digit", function()
    local found = wire.found { header = { revision = "9007199254740993" },
      kvs = { { key = "YQ==", mod_revision = "5" } } }
    assert.are.same({ revision = 9007199254740993, count = 0, more = false, kvs = { { key = "a", value = "",
      create_revision = 0, mod_revision = 5, version = 0 } } }, found)
    assert.are.same({ succeeded = false, revision = 0, responses = {} }, wire.done {})
    assert.are.same({ succeeded = true, revision = 4, responses = { { revision = 4 }, { revision = 4, deleted = 2 } } },
      wire.done { header = { revision = "4" }, succeeded = true, responses = {
        { response_put = { header = { revision = "4" } } },
        { response_delete_range = { header = { revision = "4" }, deleted = "2" } },
      } })
  end)

  it("reads news: events up to the last one's revision, compaction, progress", function()
    local news = wire.news { header = { revision = "9" }, events = {
      { kv = { key = "YQ==", value = "MQ==", mod_revision = "5" } },
      { type = "DELETE", kv = { key = "YQ==", mod_revision = "6" }, prev_kv = { key = "YQ==", value = "MQ==" } },
    } }
    assert.are.same({ 6, "put", "delete", "1" },
      { news.revision, news.events[1].type, news.events[2].type, news.events[2].previous.value })
    assert.are.same({ compacted = 3, revision = 0 }, wire.news { canceled = true, compact_revision = "3" })
    assert.are.same({ revision = 9 }, wire.news { header = { revision = "9" } })
  end)
end)
