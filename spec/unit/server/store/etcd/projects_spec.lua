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
