-- SPDX-License-Identifier: MIT

local errors = require "cme.etcd.errors"

describe("cme.etcd.errors", function()
  it("tells etcd's errors apart by their text, and by gRPC's code where that is not known", function()
    for _, case in ipairs {
      { "etcdserver: mvcc: database space exceeded", 8, "etcd.no_space" },
      { "etcdserver: mvcc: required revision has been compacted", 11, "etcd.compacted" },
      { "etcdserver: requested lease not found", 5, "etcd.lease_gone" },
      { "etcdserver: request timed out, possibly due to previous leader failure", 14, "etcd.no_quorum" },
      { "transport is closing", 14, "etcd.no_quorum" },
      { "context deadline exceeded", 4, "etcd.no_quorum" },
      { "etcdserver: key is not provided", 3, "etcd.refused" },
      { "something new", nil, "etcd.refused" },
    } do
      local _, message, detail = errors.fail(case[1], case[2])
      assert.are.equal(case[3], detail.code)
      assert.is_truthy(message:find(case[1], 1, true), message)
    end
  end)

  it("says when nothing was done, and when another member may do", function()
    local function of(text) return select(3, errors.fail("etcdserver: " .. text)) end
    assert.is_true(errors.undone(of "mvcc: database space exceeded"))
    assert.is_false(errors.undone(of "request timed out"))
    assert.is_true(errors.passing(of "request timed out"))
    assert.is_false(errors.passing(of "permission denied"))
    assert.is_true(errors.undone { code = "network.connect", sent = false })
    assert.is_false(errors.undone { code = "network.reset", sent = true })
    assert.is_true(errors.passing { code = "network.reset", sent = true })
  end)
end)
