-- SPDX-License-Identifier: MIT

local certificates = require "spec.support.programs.certificates"
local edge = require "cme.server.edge"
local edge_keys = require "cme.server.edge.keys"
local ingest = require "cme.server.edge.ingest"
local luv = require "cme.net.loop.luv"
local proc = require "spec.support.proc"
local sign = require "cme.sign"
local task = require "cme.task"

describe("cme.server.edge", function()
  teardown(function() assert.are.same({}, proc.cleanup()) end)

  local lines, told

  before_each(function() lines, told = {}, {} end)

  local function log()
    local function note(level)
      return function(_, message, fields) lines[#lines + 1] = { level, message, fields } end
    end
    return { info = note "info", warn = note "warn", error = note "error", debug = note "debug" }
  end

  -- One whose program is not there; `control` answers as it would.
  local function open(control, folder, more)
    more = more or {}
    return assert(edge.open { folder = folder or proc.folder(), rtmp = { host = "127.0.0.1", port = 0 },
      rtmps = more.rtmps, srt = more.srt, certificate = more.certificate, srt_passphrase = true, takeover = 3,
      http = { host = "127.0.0.1", port = 0 }, domain = "edge.example", log = log(),
      listen = function(address) return { start = function() end, close = function() end }, address.port end,
      clock = { now = os.time, monotonic = os.clock },
      others = more.others, publisher = function(...) told[#told + 1] = { ... } end,
      engine = function()
        return { connect = function(_, _, on_event)
          if not control then return nil, "nobody", { code = "control.absent" } end
          control.on_event = on_event
          return control
        end }
      end })
  end

  -- Files of RTMPS.
  local function pair()
    local folder = proc.folder()
    certificates.ca(folder)
    local cert, key = certificates.issue(folder, "own", "IP:127.0.0.1")
    return { cert = cert, key = key }
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
    assert.matches("^unix:/.*/%x+%.flv$", (subject:pull_url "cme-1?txTime=6745ABCD"))
    subject:close(true)
  end)

  it("tells keys that change at the same time at once", function()
    local subject, tellings = open(), {}
    function subject._program.tell()
      tellings[#tellings + 1] = #subject._admission:spec().keys
      task.sleep(0)
      return true
    end
    luv.run(function()
      local list = {}
      for i = 1, 20 do list[i] = ("cme-%d?txTime=6745ABCD"):format(i) end
      task.parallel(list, function(stored)
        subject:settle(nil, { id = "cmepid_" .. stored:match "%d+", input = { MainInput = { InputType = "RtmpPush",
          RtmpPushInputInfo = { PushUrl = stored } } } })
      end)
    end)
    assert.are.same({ 1, 20 }, tellings)
    subject:close(true)
  end)

  it("tells what other nodes change within a moment at once", function()
    local subject, tellings = open(), {}
    function subject._program.tell()
      tellings[#tellings + 1] = #subject._admission:spec().keys
      return true
    end
    local function follow(i)
      subject:follow("cmepid_" .. i, { id = "cmepid_" .. i, input = { MainInput = { InputType = "RtmpPush",
        RtmpPushInputInfo = { PushUrl = ("cme-%d?txTime=6745ABCD"):format(i) } } } })
    end
    luv.run(function()
      task.parallel({ 1, 2, 3 }, follow)
      follow(1) -- nothing has changed
      follow(4)
    end)
    assert.are.same({ 3, 4 }, tellings)
    subject:close(true)
  end)

  -- A project with one pushed input.
  local function pushed(i)
    return { id = "cmepid_" .. i, input = { MainInput = { InputType = "RtmpPush",
      RtmpPushInputInfo = { PushUrl = ("cme-%d?txTime=6745ABCD"):format(i) } } } }
  end

  it("follows what the store tells of a project that is changed here once that is done", function()
    local subject, tellings = open(), {}
    function subject._program.tell()
      tellings[#tellings + 1] = #subject._admission:spec().keys
      return true
    end
    luv.run(function()
      local before, after = pushed(1), pushed(2)
      after.id, after.status = before.id, "Working"
      subject:settle(nil, before)
      assert.are.same({ "done", 2 }, { subject:during(before.id, function(...)
        subject:follow(before.id, after) -- before the engine has left what was
        subject:follow("cmepid_3", pushed(3))
        subject:prepare(after)
        local ended = 0
        for _, key in ipairs(subject._admission:spec().keys) do ended = ended + (key.ended and 1 or 0) end
        assert.are.equal(0, ended)
        subject:settle(nil, after)
        return "done", ...
      end, 2) })
      local failed = not pcall(subject.during, subject, before.id, error, "broken")
      assert.is_true(failed)
      subject:follow(before.id, nil)
    end)
    assert.are.same({ 1, 2, 3, 3, 3 }, tellings)
    subject:close(true)
  end)

  -- One that takes its first keys; `meanwhile` happens before it has them. Returns how many keys it had each time.
  local function taking(subject, meanwhile)
    local sets, begun, go = {}, task.signal(), task.signal()
    function subject._program._link.request(_, order)
      if order.op == "set" then
        sets[#sets + 1] = #order.spec.keys
        if #sets == 1 then
          begun:notify()
          go:wait()
        end
      end
      return {}
    end
    subject._pushed = function() return {} end
    luv.run(function()
      task.parallel({ function()
        subject._program:_take()
        subject._program:tried()
      end, function()
        if #sets == 0 then begun:wait() end
        meanwhile(sets, go)
      end }, function(run) run() end)
      local deadline = os.time() + 20
      while #sets < 2 and os.time() < deadline do task.sleep(0) end
    end)
    subject:close(true)
    return sets
  end

  it("tells keys that change while the edge takes those of before, and has who changed them wait", function()
    local had
    local subject = open()
    assert.are.same({ 0, 1 }, taking(subject, function(sets, go)
      luv.detach(function()
        subject:settle(nil, pushed(1))
        had = table.concat(sets, " ")
      end)
      task.sleep(0)
      go:notify()
    end))
    assert.are.equal("0 1", had)
  end)

  it("tells them also when nobody waits for it", function()
    local subject = open()
    assert.are.same({ 0, 2 }, taking(subject, function(_, go)
      subject._admission:put("cmepid_1", pushed(1))
      subject._admission:put("cmepid_2", pushed(2))
      go:notify()
    end))
  end)

  it("has one that was not up told when it is", function()
    local subject = open()
    luv.run(subject.settle, subject, nil, pushed(1))
    assert.are.equal(0, subject._told)
    local sets = {}
    function subject._program._link.request(_, order)
      sets[#sets + 1] = order.op == "set" and order.spec.revision or nil
      return {}
    end
    subject._pushed = function() return {} end
    luv.run(subject._program._take, subject._program)
    assert.are.same({ { 1 }, 1 }, { sets, subject._told })
    subject:close(true)
  end)

  it("leaves no key to engines of other nodes, and says what has no room", function()
    local list = {}
    for i = 1, 3 do
      list[i] = pushed(i)
      list[i].status = "Working"
    end
    for _, case in ipairs { { nil, 6 }, { { own = function(working) return { working[2] } end }, 4 } } do
      local subject = open(nil, nil, { others = case[1] })
      subject._pushed = function() return list end
      assert.are.equal(case[2], #subject:_spec().keys)
      assert.are.same({}, lines)
      subject._program.most = 3
      for _ = 1, 3 do assert.are.equal(3, #subject:_spec().keys) end -- it is said once
      assert.are.same({ 1, "warn", case[2] - 3 }, { #lines, lines[1][1], lines[1][3].left_out })
      lines = {}
      subject:close(true)
    end
  end)

  it("has engines read from another node's edge what is pushed there", function()
    local stored, asked = "cme-1?txTime=6745ABCD", {}
    local subject = open(nil, nil, { others = { base = function(id)
      asked[#asked + 1] = id
      return "rtmp://10.0.0.2:1935"
    end } })
    local url, elsewhere = subject:pull_url(stored)
    assert.matches("^rtmp://10%.0%.0%.2:1935/output/cme%-read%-%x+$", url)
    assert.are.same({ true, { ingest.id(stored) } }, { elsewhere, asked })
    local record = { id = "cmepid_1", input = { MainInput = { InputType = "RtmpPush",
      RtmpPushInputInfo = { PushUrl = stored } } } }
    luv.run(subject.follow, subject, "cmepid_1", record)
    local spec = subject._admission:spec()
    assert.are.same({ sign.sha256_hex(url:match "[^/]+$") }, spec.keys[1].read)
    local stat
    function subject._program.stat() return stat end
    assert.is_nil(subject:encoders(1))
    local own = select(2, ingest.feed("cmepid_1", "output", subject._keys)).id
    luv.run(subject.feed, subject, "cmepid_1", "output")
    stat = { keys = { { id = spec.keys[1].id, live = true, since = 5 }, { id = own, live = true, since = 6 },
      { id = "strange", live = true, since = 7 } } }
    assert.are.same({ { id = spec.keys[1].id, project = "cmepid_1", endpoint = "main", since = 5 } },
      subject:encoders(1))
    stat.keys[1].live = false
    assert.are.same({}, subject:encoders(1))
    subject:close(true)
  end)

  it("makes addresses for players, and for engines that send to them", function()
    local subject = open()
    assert.matches("^rtmp://edge%.example:" .. subject.rtmp.port .. "/output/cmepid_1%-output%?token=%x+%-%x+$",
      subject:play_url("cmepid_1", "output"))
    local url, name = luv.run(subject.feed, subject, "cmepid_1", "output")
    assert.matches("^rtmp://127%.0%.0%.1:" .. subject.rtmp.port .. "/output/cme%-own%-%x+$", url)
    assert.matches("^rtmp %x+$", name)
    subject:close(true)
  end)

  it("has addresses by RTMPS and SRT when they are wanted, on the ports of before", function()
    local folder, any = proc.folder(), { host = "127.0.0.1", port = 0 }
    local more = { rtmps = any, srt = any, certificate = pair() }
    local plain, first, second = open(), open(nil, folder, more), open(nil, folder, more)
    assert.are.same({ first.rtmps.port, first.srt.port }, { second.rtmps.port, second.srt.port })
    assert.matches("^rtmps://edge%.example:" .. first.rtmps.port .. "/output/cme%-1%?txSecret=%x+&txTime=6745ABCD$",
      first:rtmps_push_url "cme-1?txTime=6745ABCD")
    assert.matches("^srt://edge%.example:" .. first.srt.port .. "%?streamid=cme%-1%-6745ABCD%-%x+&passphrase=%x+$",
      first:srt_push_url "cme-1?txTime=6745ABCD")
    assert.is_nil(plain:rtmps_push_url "cme-1?txTime=6745ABCD")
    assert.is_nil(plain:srt_push_url "cme-1?txTime=6745ABCD")
    local record = { id = "cmepid_1", input = { MainInput = { InputType = "RtmpPush",
      RtmpPushInputInfo = { PushUrl = "cme-1?txTime=6745ABCD" } } } }
    for subject, passphrases in pairs { [plain] = 0, [first] = 2 } do
      luv.run(subject.follow, subject, "cmepid_1", record)
      local srt = subject._admission:spec().keys[1].srt
      assert.are.equal(passphrases, srt and #srt.passphrases or 0)
    end
  end)

  it("stays with an edge that runs as it is wanted, and with no other", function()
    local function running(listening, takeover, certificate, key)
      local control = { open = true }
      function control.request(self, order)
        if order.op == "stop" then self.open = false end
        return { listening = listening, takeover = takeover, certificate = certificate, key_file = key }
      end
      function control.close(self) self.open = false end
      return control
    end
    local rtmp = { protocol = "rtmp", address = "127.0.0.1:4321" }
    local srt = { protocol = "srt", address = "127.0.0.1:4322" }
    local any = { host = "127.0.0.1", port = 0 }
    assert.are.equal(4321, open(running({ rtmp }, 3)).rtmp.port)
    assert.are.equal(4322, open(running({ rtmp, srt }, 3), nil, { srt = any }).srt.port)
    local files, rtmps = pair(), { protocol = "rtmps", address = "127.0.0.1:4323" }
    local more = { rtmps = any, certificate = files }
    assert.are.equal(4323, open(running({ rtmp, rtmps }, 3, files.cert, files.key), nil, more).rtmps.port)
    for _, control in ipairs { running({ rtmp, rtmps }, 3, files.cert, "k.pem"),
      running({ rtmp, rtmps }, 3, "c.pem", files.key) } do
      assert.are_not.equal(4323, open(control, nil, more).rtmps.port)
    end
    local others = { running({ rtmp }, 5), running({ rtmp }), running({ rtmp, srt }, 3), running({ srt }, 3),
      running({ rtmp }, 3, "c.pem") }
    for _, control in ipairs(others) do assert.are_not.equal(4321, open(control).rtmp.port) end
  end)

  it("leaves an edge that runs alone when the new certificate is of no use", function()
    local asked = 0
    local options = { folder = proc.folder(), certificate = { cert = "/dev/null", key = "/dev/null" },
      rtmps = { host = "127.0.0.1", port = 0 }, engine = function() asked = asked + 1 end }
    local opened, message, detail = edge.open(options)
    assert.are.same({ nil, "local.file", 0 }, { opened, detail.code, asked })
    assert.matches("/dev/null': it is no regular file", message)
  end)

  it("tells for metrics how many are there, without our own engines", function()
    local subject, stat = open(), nil
    function subject._program.stat() return stat end
    assert.is_nil((subject:numbers(1)))
    stat = { viewers = 3, connections = 9, strangers = 1, turned_away = 2, refused = 4,
      keys = { { live = true }, { live = true, own = true }, { live = false }, "junk" } }
    assert.are.same({ publishers = 1, viewers = 3, connections = 9, strangers = 1, turned_away_total = 2,
      refused_total = 4 }, subject:numbers(1))
    stat = {}
    assert.are.equal(0, subject:numbers(1).viewers)
    subject:close(true)
  end)

  it("is needed while an encoder pushes to a project on the air, at whichever node, or when it does not say", function()
    local subject, stat = open(), nil
    local stored = "cme-hush?txTime=6745ABCD"
    local record = { id = "cmepid_1", status = "Idle", input = { MainInput = { InputType = "RtmpPush",
      RtmpPushInputInfo = { PushUrl = stored } } } }
    subject._admission:put("cmepid_1", record)
    assert.is_false(subject:is_needed())
    subject._program.up = true
    function subject._program.stat() return stat end
    assert.is_true(subject:is_needed())
    stat = { keys = { { id = ingest.id(stored), live = true, since = 1 } } }
    assert.is_false(subject:is_needed())
    record.status = "Working"
    subject._admission:put("cmepid_1", record)
    assert.is_true(subject:is_needed())
    stat.keys[1].live = false
    assert.is_false(subject:is_needed())
    stat.keys[1].live = true
    subject._admission:put("cmepid_1", nil)
    assert.is_false(subject:is_needed())
    subject:close(true)
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
    subject:_heard { event = "viewer", state = "admitted", key_id = id, address = "192.0.2.1:7" }
    assert.are.same({ "info", "viewer admitted", { project = "cmepid_1", endpoint = "main", address = "192.0.2.1:7" } },
      lines[3])
    local keys = edge_keys.open(subject._folder .. "/keys")
    local _, feed = ingest.feed("cmepid_1", "backup", keys)
    luv.run(subject.feed, subject, "cmepid_1", "backup")
    subject:_heard { event = "publisher", state = "admitted", key_id = feed.id, address = "127.0.0.1:8" }
    assert.are.equal(3, #lines)
    local looked = {}
    subject._previews = { settle = function() end,
      looked = function(_, ...) looked[#looked + 1] = table.concat({ ... }, " ") end }
    for _, id_and_state in ipairs { { feed.id, "ended" }, { feed.id, "admitted" }, { id, "admitted" } } do
      subject:_heard { event = "viewer", state = id_and_state[2], key_id = id_and_state[1], address = "192.0.2.1:7" }
    end
    assert.are.same({ "cmepid_1 backup" }, looked)
    assert.are.equal(1, #told)
    assert.are.same({ "cmepid_1", "main", "refused" }, { told[1][1], told[1][2], told[1][3].state })
  end)

  it("says once why an encoder is refused that tries again, until that changes", function()
    local subject = open()
    local record = { id = "cmepid_1", input = { MainInput = { InputType = "RtmpPush",
      RtmpPushInputInfo = { PushUrl = "cme-hush?txTime=6745ABCD" } } } }
    luv.run(subject.settle, subject, nil, record)
    local id = subject:pull_url("cme-hush?txTime=6745ABCD"):match "(%x+)%.flv$"
    local port = 5
    local function heard(state, code, key, protocol, host)
      port = port + 1
      subject:_heard { event = "publisher", state = state, code = code, key_id = key, protocol = protocol or "rtmp",
        address = ("%s:%d"):format(host or "192.0.2.1", port) }
      return lines[#lines][1]
    end
    local levels = { heard("refused", "publish.busy", id), heard("refused", "publish.busy", id),
      heard("refused", "publish.key_expired", id), heard("refused", "publish.key_expired", id),
      heard("admitted", nil, id), heard("refused", "publish.key_expired", id) }
    assert.are.same({ "warn", "debug", "warn", "debug", "info", "warn" }, levels)
    levels = { heard("refused", "publish.busy", id, "srt"), heard("refused", "publish.busy", id, "srt", "192.0.2.2"),
      heard("refused", "publish.busy", id, "srt"), heard("refused", "publish.busy", id, "srt", "192.0.2.2") }
    assert.are.same({ "warn", "warn", "debug", "debug" }, levels)
    for i = 3, 40 do levels[i] = heard("refused", "publish.busy", id, "srt", "192.0.2." .. i) end
    assert.are.same({ "warn", "warn" }, { levels[3], levels[40] }) -- what is new is said, however much it is
    for _ = 1, 2 do assert.are.equal("warn", heard("refused", "publish.key_unknown")) end
    assert.are.equal(48, #told)
    subject:close(true)
  end)

  it("has the edge say who watches, whatever it heard or missed of viewers", function()
    local subject, stat = open(), nil
    local _, feed = ingest.feed("cmepid_1", "main", subject._keys)
    luv.run(subject.feed, subject, "cmepid_1", "main")
    function subject._program.stat() return stat end
    local function watched() return subject:is_watched("cmepid_1", "main") end
    local function heard(state)
      subject:_heard { event = "viewer", state = state, key_id = feed.id, address = "192.0.2.1:7" }
    end
    heard "admitted"
    assert.is_nil(watched())
    for _, keys in ipairs { {}, { { id = feed.id, viewers = {} } }, { { id = feed.id } }, { "junk" },
      { { id = "other", viewers = { {} } } } } do
      stat = { keys = keys }
      assert.is_false(watched())
    end
    heard "ended"
    stat = { keys = { { id = feed.id, viewers = { { queued = 0 } } } } }
    assert.is_true(watched())
    subject:close(true)
  end)

  it("starts previews for viewers that it finds at an edge, and heard nothing of", function()
    local looked, subject = {}, open()
    local _, feed = ingest.feed("cmepid_1", "main", subject._keys)
    local _, output = ingest.feed("cmepid_1", "output", subject._keys)
    for _, what in ipairs { "main", "output" } do luv.run(subject.feed, subject, "cmepid_1", what) end
    function subject._program._link.request(_, order)
      if order.op == "stat" then
        return { keys = { { id = feed.id, viewers = { {} } }, { id = output.id, viewers = { {} } },
          { id = "other", viewers = { {} } }, { id = feed.id, viewers = {} } } }
      end
      return {}
    end
    subject._pushed = function() return {} end
    subject._previews = { settle = function() end,
      looked = function(_, ...) looked[#looked + 1] = table.concat({ ... }, " ") end }
    luv.run(subject._program._take, subject._program)
    assert.are.same({ "cmepid_1 main" }, looked)
    subject:close(true)
  end)
end)
