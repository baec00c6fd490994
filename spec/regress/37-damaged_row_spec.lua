-- SPDX-License-Identifier: MIT
-- One row that could not be read made DescribeProjects fail for everybody, and the service not start.

local store = require "cme.server.store.sqlite"

describe("a project whose row cannot be read", function()
  local subject

  before_each(function()
    subject = assert(store.open(":memory:", function() return 1000 end))
    for _, id in ipairs { "cmepid_a", "cmepid_b", "cmepid_c" } do
      assert(subject:create { id = id, platform = "test", category = "STREAM_CONNECT", name = id,
        owner = { type = "PERSON", id = "u" }, input = { Outputs = require "cme.json".array {} } })
    end
  end)

  after_each(function() subject:close() end)

  local function list()
    return assert(subject:list { platform = "test", sort = "created_at", order = "ASC", offset = 0, limit = 10 })
  end

  local DAMAGES = { "input = '{'", "input = '5'", "input = 'rtmp://h/a/sekret'", "status = 'Sleeping'",
    "category = 'NONE'", "created_at = 'yesterday'", "input = x'00ff'" }

  it("is shown with the reason, and hides no other", function()
    for _, damage in ipairs(DAMAGES) do
      assert(subject:database():exec("UPDATE projects SET " .. damage .. " WHERE id = 'cmepid_b'"))
      local projects = list()
      assert.are.equal(3, #projects, damage)
      local faults = {}
      for _, one in ipairs(projects) do faults[one.id] = one.fault end
      assert.matches("^its row in the database is damaged %(%l+%)$", faults.cmepid_b, damage)
      assert.are.same({ cmepid_b = faults.cmepid_b }, faults, damage)
      assert.are.equal("cmepid_b", subject:get("cmepid_b").id)
    end
  end)

  it("and one of an old copy whose engine runs is whole again after its end", function()
    assert(subject:database():exec("UPDATE projects SET input = ? WHERE id = 'cmepid_b'",
      '{"Outputs":[{"Id":"1","Name":"o","PushUrl":"rtmp://h/a/k"}]}'))
    assert(subject:adopt { id = "cmepid_b", platform = "test", category = "STREAM_CONNECT", name = "n",
      owner = { type = "PERSON", id = "adopted" }, input = { Outputs = require "cme.json".array {}, Adopted = true },
      revision = 9, stop_at = 2000, active = "Backup" })
    local record = subject:get "cmepid_b"
    assert.are.same({ "Working", "cmepid_b", 9, 2000, "Backup" }, { record.status, record.name, record.revision,
      record.stop_at, record.active })
    assert.matches("adopted", record.fault)
    record = assert(subject:apply("cmepid_b", "stop", { reason = "r" }))
    record = subject:get(record.id)
    assert.are.same({ "Idle", "rtmp://h/a/k" }, { record.status, record.input.Outputs[1].PushUrl })
    assert.is_nil(record.fault)
  end)

  it("is named with the column at fault, also when that holds nothing", function()
    -- A table of an older version, or made by another program, may have no NOT NULL.
    local rows = assert(subject:database():rows "SELECT sql FROM sqlite_master WHERE name = 'projects'")
    assert(subject:database():exec "DROP TABLE projects")
    assert(subject:database():exec((rows[1].sql:gsub("NOT NULL", ""))))
    for _, column in ipairs { "category", "status", "input" } do
      local id = "cmepid_" .. column
      assert(subject:create { id = id, platform = "test", category = "STREAM_CONNECT", name = "n",
        owner = { type = "PERSON", id = "u" }, input = { Outputs = require "cme.json".array {} } })
      assert(subject:database():exec(("UPDATE projects SET %s = NULL WHERE id = ?"):format(column), id))
      assert.are.same({ sentence = "word:row_damaged", values = { column = column } }, subject:get(id).fault)
    end
  end)

  it("is adopted, and keeps what it has", function()
    for _, damaged in ipairs { "{", "", "5" } do
      assert(subject:database():exec("UPDATE projects SET input = ? WHERE id = 'cmepid_b'", damaged))
      assert(subject:adopt { id = "cmepid_b", platform = "test", category = "STREAM_CONNECT", name = "n",
        owner = { type = "PERSON", id = "adopted" }, input = { Outputs = require "cme.json".array {}, Adopted = true },
        revision = 9, active = "Main" })
      local rows = subject:database():rows "SELECT input, status FROM projects WHERE id = 'cmepid_b'"
      assert.are.same({ { input = damaged, status = "Working" } }, rows)
    end
  end)

  it("is stopped, and keeps what it has; then it is deleted", function()
    assert(subject:apply("cmepid_b", "start", { reason = "r" }))
    assert(subject:database():exec "UPDATE projects SET input = '{\"Outputs\":' WHERE id = 'cmepid_b'")
    assert.are.equal(1, #assert(subject:working()))
    assert.are.equal("Idle", assert(subject:apply("cmepid_b", "stop", { reason = "r" })).status)
    local rows = subject:database():rows "SELECT input FROM projects WHERE id = 'cmepid_b'"
    assert.are.equal('{"Outputs":', rows[1].input)
    assert.is_true(subject:delete("cmepid_b", "r"))
    assert.are.equal(2, #list())
  end)
end)
