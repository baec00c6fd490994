-- SPDX-License-Identifier: MIT
-- The database's file deleted, or replaced, under a running service: SQLite goes on as if nothing had happened.

local api = require "spec.support.api"
local proc = require "spec.support.proc"
local receiver = require "spec.support.fakes.receiver"
local service = require "spec.support.programs.service"
local uv = require "luv"

local WIDE = 60 -- seconds

describe("cme serve, whose database is taken away,", function()
  local serve, hook, secret

  setup(function()
    hook = receiver.start()
    serve = service.start { args = { "--webhook", hook.url } }
    local file = assert(io.open(serve.state .. "/webhook_secret"))
    secret = file:read "l"
    file:close()
  end)

  teardown(function()
    serve:stop()
    hook:down()
    proc.cleanup()
  end)

  local function database() return serve.state .. "/cme.db" end

  local function healthy()
    return (proc.run { "curl", "-sf", serve.url .. "/healthz" }) == 0
  end

  local function events()
    local count = 0
    for _, one in ipairs(hook:events(secret)) do
      if one.type == "Service.DatabaseLost" and one.content.Path == database() then count = count + 1 end
    end
    return count
  end

  it("says so in its log, by an event and by /healthz, once, and what to do; and is well when it is back", function()
    assert.is_true(healthy())
    assert(uv.fs_rename(database(), database() .. ".aside"))
    serve.proc:expect 'deleted or replaced under the running service[^\n]*%-%-adopt[^\n]*"message":"database lost"'
    proc.eventually("the event", WIDE, function() return events() == 1 end)
    assert.is_false(healthy())
    assert(uv.fs_rename(database() .. ".aside", database()))
    serve.proc:expect '"message":"database is back in its place"'
    assert.is_true(healthy())
    assert.are.equal(1, events())
  end)

  it("notices another file in its place", function()
    local seen = #serve.proc.err
    assert(uv.fs_copyfile(database(), database() .. ".copy"))
    assert(uv.fs_rename(database() .. ".copy", database()))
    proc.eventually("a line of the log", WIDE, function()
      return serve.proc.err:find('"message":"database lost"', seen, true)
    end)
    assert.is_false(healthy())
    assert(api.call(serve, "DescribeProjects", { Limit = 1 })) -- it serves on
  end)
end)
