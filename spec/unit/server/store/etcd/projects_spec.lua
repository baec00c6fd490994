-- SPDX-License-Identifier: MIT
-- The projects in memory. What a store does with them: spec/support/proofs, on both stores.

local layout = require "cme.server.store.etcd.layout"
local projects = require "cme.server.store.etcd.projects"
local sign = require "cme.sign"

describe("cme.server.store.etcd.projects", function()
  local subject, order

  before_each(function()
    subject, order = projects.new(layout.new("/cme", assert(sign.keyring(("0f"):rep(32))))), 0
  end)

  local function put(id, row)
    order = order + 1
    subject:changed(id, row and { value = layout.write(row), create_revision = order })
  end

  it("knows the revision of those of a status, as they change it", function()
    put("a", { status = "Working", revision = 3 })
    put("b", { status = "Idle", revision = 1 })
    put("c", { status = "Working" })
    assert.are.same({ a = 3, c = 0 }, subject:revisions "Working")
    put("a", { status = "Idle", revision = 4 })
    put("b", { status = "Working", revision = 2 })
    put("c", nil)
    assert.are.same({ { b = 2 }, { a = 4 }, {} },
      { subject:revisions "Working", subject:revisions "Idle", subject:revisions "Gone" })
    assert.are.same({ nil, 2, nil }, { subject:revision("Working", "a"), subject:revision("Working", "b"),
      subject:revision("Working", "c") })
  end)

  it("has a standby for projects that ask for one and can be read", function()
    local form = layout.new("/cme", assert(sign.keyring(("0f"):rep(32))))
    local function put_relay(id, input, more)
      local row = { status = "Working", category = "STREAM_CONNECT", platform = "test", name = id, mode = "",
        revision = 1, owner_type = "PERSON", owner_id = "u", active = "Main", created_at = 1, updated_at = 1,
        input = form:seal("/cme/state/projects/" .. id, input) }
      for name, value in pairs(more or {}) do row[name] = value end
      put(id, row)
    end
    put_relay("a", '{"Outputs":[],"Standby":true}')
    put_relay("b", '{"Outputs":[],"Standby":true}', { active = "Backup" })
    put_relay("c", '{"Outputs":[]}')
    put_relay("d", '{"Outputs":[],"Standby":true}', { status = "Idle" })
    put_relay("adopted", '{"Outputs":[],"Standby":true,"Adopted":true}')
    assert.are.same({ a = "Main", b = "Backup" }, subject:standbys "Working")
  end)

  it("gives the revisions to the caller", function()
    put("a", { status = "Working", revision = 3 })
    subject:revisions("Working").a = nil
    assert.are.equal(3, subject:revision("Working", "a"))
  end)

  it("takes a project whose value is damaged for one of no status", function()
    put("a", { status = "Working", revision = 3 })
    subject:changed("a", { value = "{", create_revision = 9 })
    assert.are.same({}, subject:revisions "Working")
    put("a", { status = "Working", revision = 5 })
    assert.are.equal(5, subject:revision("Working", "a"))
  end)

  it("unseals only those of the status that is asked for", function()
    local form = layout.new("/cme", assert(sign.keyring(("0f"):rep(32))))
    local opened = {}
    subject = projects.new(setmetatable({ open = function(_, key)
      opened[#opened + 1] = key
      return "{}"
    end }, { __index = form }))
    for i = 1, 50 do put("idle" .. i, { status = "Idle", category = "STREAM_CONNECT", input = "x" }) end
    put("on", { status = "Working", category = "STREAM_CONNECT", input = "x" })
    assert.are.equal("on", subject:of_status("Working")[1].id)
    assert.are.same({ "/cme/state/projects/on" }, opened)
  end)
end)
