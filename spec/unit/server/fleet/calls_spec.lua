-- SPDX-License-Identifier: MIT
-- What nodes tell each other of the calls that they are asked for. With a real etcd: fleet_calls_spec.lua.

local calls = require "cme.server.fleet.calls"
local json = require "cme.json"
local limiter = require "cme.server.http.limiter"

describe("cme.server.fleet.calls", function()
  local now, written, events, given, counted, subject

  -- A watch that tells of events, and ends then.
  local function watch()
    return { next = function()
      if #events == 0 then error("over", 0) end
      return { revision = 2, events = { table.remove(events, 1) } }
    end, close = function() end }
  end

  before_each(function()
    now, written, events = 100, {}, {}
    local client = {
      put = function(_, asked)
        written[#written + 1] = asked
        return { revision = 1 }
      end,
      delete = function(_, asked)
        written[#written + 1] = asked.key
        return { revision = 1 }
      end,
      pages = function(_, _, take)
        take { { key = "cme/calls/a", value = '{"id Describe":20}', mod_revision = 1 },
          { key = "cme/calls/b", value = '{"id Describe":3,"id Create":2}', mod_revision = 1 },
          { key = "cme/calls/c", value = '{"id Describe":"x"}', mod_revision = 1 },
          { key = "cme/calls/d", value = "damaged", mod_revision = 1 } }
        return 1
      end,
      watch = watch,
    }
    counted = limiter.new(20, function() return now end)
    given = { client = client, prefix = "cme/", node = "a", lease = { id = 7 }, clock = function() return now end,
      count = function() return 2 end }
    subject = calls.new(given, counted)
  end)

  local function count(number)
    local count_of
    for _ = 1, number do count_of = select(2, counted:take("id", "Describe")) end
    return count_of
  end

  it("tells of what is asked for a lot, once, and of its end", function()
    count(4)
    subject:tell()
    assert.are.same({}, written)
    count(1)
    subject:tell()
    subject:tell()
    assert.are.same({ { key = "cme/calls/a", value = json.encode { ["id Describe"] = 5 }, lease = 7 } }, written)
    now = 102
    subject:tell()
    subject:tell()
    assert.are.same({ "cme/calls/a" }, { table.unpack(written, 2) })
  end)

  it("tells it again on another lease, and nothing without one", function()
    count(5)
    given.lease.id = nil
    subject:tell()
    assert.are.same({}, written)
    for id = 7, 8 do
      given.lease.id = id
      subject:tell()
    end
    assert.are.same({ 7, 8 }, { written[1].lease, written[2].lease })
  end)

  it("takes in what the others tell, as long as they do", function()
    pcall(subject.watch, subject)
    assert.are.equal(4, count(1))
    events = { { type = "put", kv = { key = "cme/calls/c", value = '{"id Describe":6}', mod_revision = 2 } },
      { type = "delete", kv = { key = "cme/calls/b", value = "", mod_revision = 2 } } }
    pcall(subject.watch, subject)
    assert.are.equal(8, count(1))
  end)
end)
