-- SPDX-License-Identifier: MIT
-- What a mirror says of an outage: over a client whose watch is a stand-in. The rest is in
-- integration/etcd_mirror_spec.lua.

local codes = require "cme.codes"
local luv = require "cme.net.loop.luv"
local mirror = require "cme.etcd.mirror"
local task = require "cme.task"

describe("cme.etcd.mirror", function()
  local said, answers, watched

  -- A client whose watch gives one answer after the other, and then nothing more.
  local client = {}
  function client.pages(_, _, visit)
    visit {}
    return 7
  end
  function client.watch(_, asked)
    watched[#watched + 1] = asked.revision
    return {
      next = function()
        local answer = table.remove(answers, 1)
        if not answer then task.sleep(60) end
        return answer()
      end,
      from = function(_, revision) watched[#watched + 1] = revision end,
      close = function() end,
    }
  end

  local function silence(code)
    return function()
      local cause = code and select(3, codes.fail(code, { host = "h1" })) or nil
      return codes.fail("network.timeout:watch", nil, { sent = true, cause = cause })
    end
  end

  local function run(list)
    said, answers, watched = {}, list, {}
    local subject = mirror.new { client = client, prefix = "p/", head = "p/head", clock = os.clock,
      failed = function(message) said[#said + 1] = message or "well" end }
    luv.run(function()
      local one = luv.detach(subject.run, subject)
      task.sleep(0)
      one:cancel()
    end)
    return subject
  end

  it("is as old as the beginning of the last reading", function()
    local now, slow = 100, {}
    function slow.pages(_, _, visit)
      now = now + 3
      visit {}
      return 7
    end
    function slow.get()
      now = now + 2
      return false
    end
    local subject = mirror.new { client = slow, prefix = "p/", head = "p/head", clock = function() return now end }
    luv.run(function()
      assert(subject:load())
      assert.are.equal(3, subject:age())
      now = now + 5
      assert(subject:confirm(10))
      assert.are.equal(2, subject:age())
    end)
  end)

  it("says that etcd does not answer, and that it does again", function()
    run { silence(nil), silence "network.connect", silence "network.connect", silence(nil), silence(nil) }
    assert.are.same({ 3, "well" }, { #said, said[3] })
    assert.matches("connect", said[1])
    run { silence "etcd.no_quorum", function() return { revision = 9, events = {} } end }
    assert.are.same({ 2, "well" }, { #said, said[2] })
  end)
end)
