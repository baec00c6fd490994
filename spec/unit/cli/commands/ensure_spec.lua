-- SPDX-License-Identifier: MIT

local cjson = require "cjson"
local cli = require "spec.support.cli"
local fake = require "spec.support.fakes.fake"

local ID = cli.ID

describe("cme ensure", function()
  it("does the fewest calls, and says which", function()
    local ran = cli.with_files({ "ensure", "a.json", "--status", "working", "--for", "1h" },
      { cli.none(), cli.CREATED, fake.ok(), fake.ok() })
    assert.are.same({ 0, "create\nstart\n" }, { ran.code, ran.out }, ran.err)
    local there = '"Status":"Idle","MainInput":{"InputType":"LivePull","LivePullInputInfo":{"InputUrl":'
      .. '"https://h/live/src.flv"}},"OutputSet":[{"StreamConnectOutput":{"Id":"1","PushUrl":"rtmp://h/live/sekret"}}]'
    ran = cli.with_files({ "ensure", "a.json" }, { cli.described(there), cli.described(there) })
    assert.are.same({ 0, "'show' is up to date\n" }, { ran.code, ran.out }, ran.err)
    ran = cli.with_files({ "ensure", "a.json", "--json" }, { cli.described(there), cli.described(there) })
    assert.are.same({ id = ID, done = {} }, cjson.decode(ran.out))
    ran = cli.with_files({ "ensure", "a.json", "--status", "working", "--dry-run" },
      { cli.described(there), cli.described(there) })
    assert.matches('^HandleStreamConnectProject {[^\n]*"Operation":"Start"[^\n]*}\n$', ran.out)
  end)

  it("gives each code its failure", function()
    for _, case in ipairs {
      { 2, { "ensure", "show" }, "a file is needed" },
      { 5, { "ensure", "none.json" }, "none.json" },
      { 3, { "ensure", "a.json" }, "UnauthorizedOperation", fake.refused("UnauthorizedOperation", "no") },
      { 4, { "ensure", "a.json", "--retries", "0" }, "could not connect", cli.unreachable },
      { 6, { "ensure", "a.json", "--status", "working" }, "LimitExceeded", cli.none(), cli.CREATED,
        fake.refused("LimitExceeded", "no") },
    } do
      local ran = cli.with_files(case[2], { table.unpack(case, 4) })
      assert.are.same({ case[1], "" }, { ran.code, ran.out }, ran.err)
      assert.matches("^cme ensure: [^\n]*" .. case[3] .. "[^\n]*\n$", ran.err)
    end
  end)
end)
