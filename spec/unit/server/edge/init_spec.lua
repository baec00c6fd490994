-- SPDX-License-Identifier: MIT

local edge = require "cme.server.edge"
local luv = require "cme.net.loop.luv"
local proc = require "spec.support.proc"

describe("cme.server.edge", function()
  teardown(function() assert.are.same({}, proc.cleanup()) end)

  local lines, told

  before_each(function() lines, told = {}, {} end)

  local function log()
    local function note(level)
      return function(_, message, fields) lines[#lines + 1] = { level, message, fields } end
    end
    return { info = note "info", warn = note "warn", error = note "error" }
  end

  -- One whose program is not there; `control` answers as it would.
  local function open(control, folder)
    return assert(edge.open { folder = folder or proc.folder(), rtmp = { host = "127.0.0.1", port = 0 },
      http = { host = "127.0.0.1", port = 0 }, domain = "edge.example", log = log(),
      listen = function(address) return { start = function() end, close = function() end }, address.port end,
      clock = { now = os.time, monotonic = os.clock },
      publisher = function(...) told[#told + 1] = { ... } end,
      engine = function()
        return { connect = function(_, _, on_event)
          if not control then return nil, "nobody", { code = "control.absent" } end
          control.on_event = on_event
          return control
        end }
      end })
  end

  it("listens where it listened before, when the port is of no matter, and where an earlier version did", function()
    local folder, port = proc.folder(), proc.free_port()
    local file = assert(io.open(folder .. "/nginx.conf", "w"))
    file:write(("# Written. rtmp=127.0.0.1:%d http=127.0.0.1:2\n    application output {\n"):format(port))
    file:close()
    local first = open(nil, folder)
    local second = open(nil, folder)
    assert.are.same({ port, port }, { first.rtmp.port, second.rtmp.port })
    assert.are.equal(first.viewing.http.port, second.viewing.http.port)
    assert.is_nil(io.open(folder .. "/nginx.conf"))
  end)

  it("makes addresses for encoders and for engines", function()
    local subject = open()
    assert.matches("^rtmp://edge%.example:" .. subject.rtmp.port .. "/output/cme%-1%?",
      subject:push_url "cme-1?txTime=6745ABCD")
    assert.matches("^unix:/.*/%x+%.flv$", subject:pull_url "cme-1?txTime=6745ABCD")
    subject:close(true)
  end)

  it("stays with an edge that runs, when it listens where it is wanted", function()
    local control = { open = true }
    function control.request() return { pid = 1, listening = { { address = "127.0.0.1:4321", tls = false } } } end
    function control.close(self) self.open = false end
    assert.are.equal(4321, open(control).rtmp.port)
  end)

  it("says whose encoder was refused, and nothing of a key", function()
    local subject = open()
    local record = { id = "cmepid_1", input = { MainInput = { InputType = "RtmpPush",
      RtmpPushInputInfo = { PushUrl = "cme-hush?txTime=6745ABCD" } } } }
    luv.run(subject.settle, subject, nil, record)
    local id = subject:pull_url("cme-hush?txTime=6745ABCD"):match "(%x+)%.flv$"
    subject:_heard { event = "publisher", state = "refused", key_id = id, address = "192.0.2.1:5",
      reason = "this key has expired" }
    subject:_heard { event = "publisher", state = "refused", address = "192.0.2.1:6", reason = "unknown", left_out = 3 }
    assert.are.same({
      { "warn", "publisher refused", { project = "cmepid_1", endpoint = "main", address = "192.0.2.1:5",
        reason = "this key has expired" } },
      { "warn", "publisher refused", { address = "192.0.2.1:6", reason = "unknown", left_out = 3 } } }, lines)
    assert.are.equal(1, #told)
    assert.are.same({ "cmepid_1", "main", "refused" }, { told[1][1], told[1][2], told[1][3].state })
  end)
end)
