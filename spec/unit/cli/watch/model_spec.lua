-- SPDX-License-Identifier: MIT

local watch_model = require "cme.cli.watch.model"

local function info(status, more)
  local found = { id = "p1", name = "gala", status = status, inputs = { main = { kind = "push" } },
    outputs = { { id = "1", name = "A", url = "rtmp://h/a/hush" } } }
  for name, value in pairs(more or {}) do found[name] = value end
  return found
end

local function with_state(state)
  local found = info "working"
  found.outputs[1].health = { state = state }
  return found
end

local LOST = { code = "network.connect" }
local GONE = { code = "invalid.unknown_project" }

describe("cme.cli.watch.model", function()
  local model

  before_each(function() model = watch_model.new() end)

  local function take(one, now)
    local changes = watch_model.take(model, { { id = "p1", name = "gala", info = one } }, nil, nil, now)
    local told = {}
    for i, change in ipairs(changes) do told[i] = change.what end
    return told, changes
  end

  it("tells a project that is new, and then what changes in it, states of outputs among it", function()
    assert.are.same({ "project" }, (take(info "idle", 1)))
    assert.are.same({}, (take(info "idle", 2)))
    assert.are.same({ "status" }, (take(info "working", 3)))
    take(with_state "connecting", 4)
    local told, changes = take(with_state "live", 5)
    assert.are.same({ "output" }, told)
    assert.are.same({ "p1", "gala", "1", 5, "connecting", "live" }, { changes[1].project, changes[1].label,
      changes[1].id, changes[1].at, changes[1].old.state, changes[1].new.state })
    assert.are.equal(changes[1], model.changes[#model.changes])
  end)

  it("keeps what was known while a project cannot be read, tells that once, and its end", function()
    take(info "working", 1)
    local failed = { { id = "p1", message = "no route", detail = LOST } }
    local changes = watch_model.take(model, failed, nil, nil, 2)
    assert.are.equal("error", changes[1].what)
    assert.are.same({ code = "network.connect", message = "no route", reason = { text = "no route" } },
      changes[1].new)
    assert.are.same({}, watch_model.take(model, failed, nil, nil, 9))
    local entry = model.entries[1]
    assert.are.same({ "gala", "working", 2 }, { entry.name, entry.info.status, entry.fault.since })
    assert.is_nil(entry.gone)
    assert.are.same({ "status", "error" }, (take(info "idle", 10)))
    assert.is_nil(model.entries[1].fault)
  end)

  it("knows a project that is gone", function()
    take(info "idle", 1)
    watch_model.take(model, { { id = "p1", message = "not found", detail = GONE } }, nil, nil, 2)
    assert.is_true(model.entries[1].gone)
  end)

  it("tells what has left the list, and a list that cannot be read", function()
    take(info "idle", 1)
    local changes = watch_model.take(model, nil, "no route", LOST, 2)
    assert.are.same({ "error", nil }, { changes[1].what, changes[1].project })
    assert.are.same({ 2, 1 }, { model.fault.since, #model.entries })
    changes = watch_model.take(model, {}, nil, nil, 3)
    assert.are.same({ "error", "project" }, { changes[1].what, changes[2].what })
    assert.are.same({ "gala", 0 }, { changes[2].old.name, #model.entries })
    assert.is_nil(model.fault)
  end)

  it("keeps the newest changes only", function()
    for i = 1, 500 do take(info(i % 2 == 0 and "idle" or "working"), i) end
    assert.are.same({ 200, 500 }, { #model.changes, model.changes[200].at })
  end)
end)
