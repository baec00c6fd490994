-- SPDX-License-Identifier: MIT

local ingest = require "cme.server.edge.ingest"

local KEYS = { key = ("k"):rep(32), backup_key = ("b"):rep(32), secret = ("s"):rep(32) }
local NOW = 1795356000
local STREAM = "cme-0123456789abcdef01234567"

describe("cme.server.edge.ingest", function()
  local stored = ingest.stored("0123456789abcdef01234567", NOW + 60)

  local function record(main, backup)
    local function input(push)
      return push and { InputType = "RtmpPush", RtmpPushInputInfo = { ExpiredSecond = 60, PushUrl = push } } or nil
    end
    return { id = "cmepid_1", input = { MainInput = input(main), BackupInput = input(backup) } }
  end

  local function query_of(keys, more)
    local url = ingest.url(stored, "edge.example:1935", keys or KEYS)
    return "app=output&tcurl=rtmp://127.0.0.1/output&addr=127.0.0.1&call=publish&name=" .. STREAM .. "&type=live&"
      .. url:match "%?(.*)$" .. (more or "")
  end

  local function finder(found)
    return function(stream)
      assert.are.equal(STREAM, stream)
      return found
    end
  end

  local function never()
    error "looked up"
  end

  it("keeps of an address what is no secret, and makes the same address of it again", function()
    assert.are.equal(STREAM .. ("?txTime=%08X"):format(NOW + 60), stored)
    assert.are.same({ STREAM, NOW + 60 }, { ingest.parse(stored) })
    local url = ingest.url(stored, "edge.example:1935", KEYS)
    assert.matches("^rtmp://edge%.example:1935/output/" .. STREAM:gsub("-", "%%-") .. "%?txSecret=%x+&txTime=%x+$", url)
    assert.are.equal(url, ingest.url(stored, "edge.example:1935", KEYS))
  end)

  it("tells the pushed inputs of a project", function()
    assert.are.same({ main = STREAM }, ingest.streams(record(stored)))
    assert.are.same({ backup = STREAM }, ingest.streams(record(nil, stored)))
    assert.are.same({}, ingest.streams { input = {
      MainInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = "http://h/a" } } } })
  end)

  it("admits who has the address of an input, until it expires", function()
    local admitted = { project = "cmepid_1", endpoint = "backup", stream = STREAM }
    assert.are.same(admitted, ingest.admit(query_of(), KEYS, NOW, finder(record(nil, stored))))
    assert.are.same(admitted, ingest.admit(query_of(), KEYS, NOW + 60, finder(record(nil, stored))))
    local ok, reason = ingest.admit(query_of(), KEYS, NOW + 61, never)
    assert.is_nil(ok)
    assert.matches("it was good until", reason)
  end)

  it("admits an address of either key, and of no other", function()
    local backup = { key = KEYS.backup_key, backup_key = KEYS.key, secret = KEYS.secret }
    assert.is_table(ingest.admit(query_of(backup), KEYS, NOW, finder(record(stored))))
    local other = { key = ("x"):rep(32), backup_key = ("y"):rep(32), secret = KEYS.secret }
    assert.is_nil(ingest.admit(query_of(other), KEYS, NOW, never))
  end)

  it("looks nothing up for who is not signed", function()
    local queries = { "", "app=output", "app=output&name=" .. STREAM, "nonsense" }
    for _, change in ipairs { { "txSecret=%x%x", "txSecret=zz" }, { "name=cme", "name=dme" },
      { "txTime=%x+", "txTime=FFFFFFFF" }, { "app=output", "app=show" }, { "name=", "name=%%" } } do
      queries[#queries + 1] = query_of():gsub(change[1], change[2])
    end
    for _, query in ipairs(queries) do
      local ok, reason = ingest.admit(query, KEYS, NOW, never)
      assert.is_nil(ok)
      assert.is_string(reason)
    end
  end)

  it("refuses a parameter that is there twice, wherever it comes from", function()
    for _, more in ipairs { "&name=" .. STREAM, "&app=output", "&txTime=FFFFFFFF" } do
      local ok, reason = ingest.admit(query_of(nil, more), KEYS, NOW, never)
      assert.is_nil(ok)
      assert.matches("twice", reason)
    end
  end)

  it("refuses the address of an input that was deleted or changed, and when the database does not answer", function()
    local other = ingest.stored(("f"):rep(24), NOW + 60)
    for _, found in ipairs { false, record(other), record() } do
      local ok, reason = ingest.admit(query_of(), KEYS, NOW, finder(found or nil))
      assert.is_nil(ok)
      assert.matches("deleted or changed", reason)
    end
    assert.are.same({ nil, "disk I/O error" }, { ingest.admit(query_of(), KEYS, NOW, function()
      return nil, "disk I/O error"
    end) })
  end)
end)
