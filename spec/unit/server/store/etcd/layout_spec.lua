-- SPDX-License-Identifier: MIT

local layout = require "cme.server.store.etcd.layout"
local sign = require "cme.sign"

local KEY, OTHER = ("0f"):rep(32), ("1e"):rep(32)

describe("cme.server.store.etcd.layout", function()
  local form = layout.new("/cme", assert(sign.keyring(KEY)))

  it("names keys and reads their names", function()
    assert.are.equal("/cme/state/projects/p1", form:key("projects", "p1"))
    assert.are.equal("/cme/state/head", form:key "head")
    assert.are.same({ "projects", "p1" }, { form:parse "/cme/state/projects/p1" })
    assert.are.same({ "files", "p1/a/b" }, { form:parse(form:key("files", "p1/a/b")) })
    assert.are.same({ "head" }, { form:parse "/cme/state/head" })
    assert.are.equal("/cme/history/p1/000000000012", form:change("p1", 12))
  end)

  it("seals for one key, whatever the prefix is", function()
    local key = form:key("projects", "p1")
    local sealed = assert(form:seal(key, "sekret"))
    assert.is_nil(sealed:find("sekret", 1, true))
    assert.are.equal("sekret", form:open(key, sealed))
    assert.is_nil(form:open(form:key("projects", "p2"), sealed))
    local moved = layout.new("/other", assert(sign.keyring(OTHER .. "\n" .. KEY)))
    assert.are.equal("sekret", moved:open(moved:key("projects", "p1"), sealed))
    assert.are.same({ true, false }, { form:is_current(sealed), moved:is_current(sealed) })
    local none, _, detail = form:seal(key, ("x"):rep(5 * 1024 * 1024))
    assert.are.same({ nil, "server.database.etcd" }, { none, detail.code })
  end)

  it("reads values, and nothing of damaged ones", function()
    assert.are.same({ a = 1 }, layout.read(layout.write { a = 1 }))
    for _, text in ipairs { "", "x", "1", "null", "{" } do assert.is_nil(layout.read(text), text) end
    assert.is_nil(layout.read(nil))
  end)
end)
