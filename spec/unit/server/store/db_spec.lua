-- SPDX-License-Identifier: MIT

local codes = require "cme.codes"
local db = require "cme.server.store.db"

describe("cme.server.store.db", function()
  local conn

  before_each(function()
    conn = assert(db.open ":memory:")
    assert(conn:exec "CREATE TABLE t (a, b)")
  end)

  after_each(function()
    conn:close()
  end)

  it("stores each kind of value as itself", function()
    for _, value in ipairs { 9007199254740993, -1, 0.1, 1e300, "it's", "'; DROP TABLE t; --", "?", "直播", "", "%d" } do
      assert(conn:exec("DELETE FROM t"))
      assert.are.equal(1, conn:exec("INSERT INTO t VALUES (?, ?)", value, nil))
      local row = conn:rows("SELECT * FROM t WHERE a = ?", value)[1]
      assert.are.equal(value, row.a)
      assert.are.equal(math.type(value), math.type(row.a))
      assert.is_nil(row.b)
    end
    assert(conn:exec("INSERT INTO t VALUES (?, ?)", true, false))
    assert.are.same({ { a = 1, b = 0 } }, conn:rows "SELECT a, b FROM t WHERE b IS NOT NULL")
  end)

  it("raises for what cannot be stored", function()
    for value, message in pairs { ["a\0b"] = "NUL", [math.huge] = "finite", [{}] = "table" } do
      assert.error_matches(function()
        conn:exec("INSERT INTO t VALUES (?, 1)", value)
      end, message)
    end
    assert.error_matches(function()
      conn:exec("INSERT INTO t VALUES (?, ?)", 1)
    end, "1 values for 2 placeholders")
  end)

  it("says what SQLite says", function()
    local ok, message = conn:exec "SELEC"
    assert.is_nil(ok)
    assert.are.equal('near "SELEC": syntax error', message)
    ok, message = db.open "/nonexistent/folder/file"
    assert.is_nil(ok)
    assert.are.equal("unable to open database file: see that this user may write in '/nonexistent/folder'", message)
  end)

  it("names the folder and the remedy for what a person can settle", function()
    for said, remedy in pairs {
      ["database or disk is full"] = "^database or disk is full: free space in '/s'$",
      ["disk I/O error"] = "'/s'.*free space",
      ["attempt to write a readonly database"] = "make '/s' writable",
      ["file is not a database"] = "'/s'.*move the file away",
      ["database disk image is malformed"] = "'/s'.*move the file away",
    } do
      local _, message, detail = db.fail("LuaSQL: " .. said, "/s/cme.db")
      assert.matches(remedy, message)
      assert.matches("^server%.database%.", detail.code)
      assert.matches("“/s”", codes.say(detail, "zh"), 1, true)
    end
    assert.are.equal("database is locked", (select(2, db.fail("LuaSQL: database is locked", "/s/cme.db"))))
    assert.are.equal("near \"x\": syntax error", (select(2, db.fail("LuaSQL: near \"x\": syntax error", "/s/cme.db"))))
  end)

  it("tells want of space from other failures, its remedy included or not", function()
    for said, lacks in pairs { ["database or disk is full"] = true, ["disk I/O error"] = true,
      ["database is locked"] = false } do
      assert.are.equal(lacks, db.lacks_space(select(3, db.fail(said, "/s/cme.db"))))
    end
    assert.is_false(db.lacks_space(nil))
  end)

  it("keeps a transaction whole or not at all", function()
    local function count()
      return conn:rows("SELECT COUNT(*) AS n FROM t")[1].n
    end
    assert.are.equal("done", conn:transaction(function()
      assert(conn:exec "INSERT INTO t VALUES (1, 1)")
      return "done"
    end))
    local ok, message = conn:transaction(function()
      assert(conn:exec "INSERT INTO t VALUES (2, 2)")
      return nil, "no"
    end)
    assert.are.same({ nil, "no" }, { ok, message })
    assert.error_matches(function()
      conn:transaction(function()
        assert(conn:exec "INSERT INTO t VALUES (3, 3)")
        error "boom"
      end)
    end, "boom")
    assert.are.equal(1, count())
    assert(conn:exec "BEGIN", "no transaction is left open")
  end)

  it("says so when used after close", function()
    conn:close()
    conn:close()
    assert.error_matches(function()
      conn:exec "SELECT 1"
    end, "used after close")
  end)
end)
