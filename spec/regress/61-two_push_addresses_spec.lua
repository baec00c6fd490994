-- SPDX-License-Identifier: MIT
-- Whether the edge has room for one more push address was asked before the change had its turn: two at once were both
-- told that there is, and the edge was given more keys than it takes.

local admission = require "cme.server.edge.admission"
local changes = require "cme.server.changes"
local codes = require "cme.codes"
local edit = require "cme.server.categories.stream_connect.edit"
local luv = require "cme.net.loop.luv"
local task = require "cme.task"

local KEYS = { key = ("k"):rep(32), backup_key = ("b"):rep(32), secret = ("s"):rep(32) }
local FEEDS = 256 -- that the edge leaves to engines

describe("two push addresses at once", function()
  local records, own, service

  before_each(function()
    records = {}
    for _, id in ipairs { "cmepid_1", "cmepid_2" } do
      records[id] = { id = id, status = "Idle", input = { MainInput = { InputType = "LivePull" } } }
    end
    own = admission.new(KEYS, {})
    own:limit(FEEDS + 1)
    local store = { apply = function(_, id, _, change)
      task.sleep(0.01) -- as one that writes
      local before = records[id]
      local made, message, detail = change(before)
      if not made then return nil, message, detail end
      records[id] = { id = id, status = before.status, input = made.input }
      return records[id], before
    end }
    local its_edge = { during = function(_, _, change, ...) return change(...) end,
      settle = function(_, _, after) own:put(after.id, after) end,
      cancel = function(_, record) own:cancel(record) end, push_url = function() return "rtmp://here" end }
    function its_edge.reserve(_, record, before)
      if own:reserve(record, before) then return true end
      return codes.fail("api.LimitExceeded:push_addresses", { limit = 1 })
    end
    service = { edge = its_edge, now = os.time, changes = changes.new { store = store, locks = task.locks(),
      relays = { update = function()
        task.sleep(0.01) -- as an engine that answers
        return true
      end }, edge = its_edge, log = { info = function() end } } }
  end)

  local function add(id)
    local call = { request_id = "1", params = { InputEndpoint = "Backup", InputInfo = { InputType = "RtmpPush",
      RtmpPushInputInfo = { ExpiredSecond = 60 } } } }
    local response, _, detail = edit.add_input(service, call, records[id])
    return response and "done" or detail.code
  end

  it("do not both get the last place", function()
    local answers = {}
    luv.run(task.parallel, { "cmepid_1", "cmepid_2" }, function(id)
      local answer = add(id)
      answers[#answers + 1] = answer
    end)
    table.sort(answers)
    assert.are.same({ "api.LimitExceeded", "done" }, answers)
    assert.are_not.equal(records.cmepid_1.input.BackupInput == nil, records.cmepid_2.input.BackupInput == nil)
  end)

  it("leave the place to others when they are refused", function()
    assert.are.equal("api.InvalidParameterValue.StreamConnectInputInvalid", luv.run(function()
      records.cmepid_1.input.BackupInput = { InputType = "LivePull" }
      return add "cmepid_1"
    end))
    assert.are.equal("done", luv.run(add, "cmepid_2"))
  end)
end)
