-- SPDX-License-Identifier: MIT
-- Databases of older formats: spec/fixtures/state-<version>.sql is one as the cme of that time left it, in its own SQL.

local api = require "spec.support.api"
local db = require "cme.server.store.db"
local migrations = require "cme.server.store.sqlite.migrations"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"
local store = require "cme.server.store.sqlite"

local function open(path)
  return assert(db.open(path))
end

local function run(path, statements)
  local conn = open(path)
  for _, statement in ipairs(statements) do
    assert(conn:exec(statement))
  end
  conn:close()
end

local function fixture(version)
  local statements = {}
  for line in io.lines(("spec/fixtures/state-%d.sql"):format(version)) do
    statements[#statements + 1] = line
  end
  return statements
end

-- What the tables and indexes of a database are.
local function schema_of(path)
  local conn = open(path)
  local rows = assert(conn:rows "SELECT type, name, sql FROM sqlite_master ORDER BY type, name")
  local version = assert(conn:rows "PRAGMA user_version")[1].user_version
  conn:close()
  return rows, version
end

describe("a database of an older format", function()
  teardown(function()
    proc.cleanup()
  end)

  it("of version 1 is brought to today's when a service starts on it, with all it held", function()
    local folder = proc.folder()
    run(folder .. "/cme.db", fixture(1))
    local serve = service.start { state = folder }
    local answer = api.call(serve, "DescribeProjects", {})
    assert.are.equal(1, answer.TotalCount, require "cme.json".encode(answer))
    local one = answer.ProjectInfoSet[1]
    assert.are.same({ "cmepid_000000000000000000000001", "直播", "u1", "2026-11-21T16:00:00.002Z",
      "2026-11-21T16:01:00.001Z" }, { one.ProjectId, one.Name, one.Owner.Id, one.CreateTime, one.UpdateTime })
    local connect = one.StreamConnectProjectInfo
    assert.are.same({ "Idle", "2026-11-21T16:01:00.000Z", "http://a.example/x.flv" },
      { connect.Status, connect.LastStopTime, connect.MainInput.LivePullInputInfo.InputUrl })
    assert.are.equal("rtmp://b.example/live/key", connect.OutputSet[1].StreamConnectOutput.PushUrl)
    assert.are.equal(1, api.call(serve, "DescribeProjects", { Platform = "1000000009" }).TotalCount)
    -- The history speaks in refusals.
    local refused = api.call(serve, "HandleStreamConnectProject", { ProjectId = one.ProjectId, Operation = "Stop" })
    assert.matches("since 2026%-11%-21T16:01:00Z: planned end", refused.Error.Message)
    assert.are.equal(0, (proc.run { "bin/cme", "serve", "--state", folder, "keys", "add" }))
    serve:stop()
    assert.are.equal(#migrations.steps, select(2, schema_of(folder .. "/cme.db")))
  end)

  it("of any version comes to the same tables as a new one", function()
    local folder = proc.folder()
    assert(store.open(folder .. "/new.db", os.time)):close()
    local want = schema_of(folder .. "/new.db")
    for version = 1, #migrations.steps do
      local path = ("%s/%d.db"):format(folder, version)
      for done = 1, version do
        run(path, migrations.steps[done])
      end
      run(path, { "PRAGMA user_version = " .. version })
      assert(store.open(path, os.time)):close()
      local got, reached = schema_of(path)
      assert.are.same(want, got)
      assert.are.equal(#migrations.steps, reached)
    end
  end)

  it("or newer one is left as it is", function()
    local path = proc.folder() .. "/cme.db"
    run(path, { "PRAGMA user_version = 999" })
    local opened, message = store.open(path, os.time)
    assert.is_nil(opened)
    assert.matches("its format 999 is newer than this cme knows %(%d+%): use the newer cme", message)
    assert.are.equal(999, select(2, schema_of(path)))
  end)
end)
