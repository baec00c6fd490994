-- SPDX-License-Identifier: MIT
-- Recordings in trouble: a disk that is full, a recorder that stands still, one that is killed at any moment. Beside
-- each there is a destination, which must not notice.

local cjson = require "cjson"
local uv = require "luv"

local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"

local SECOND = media.SMALL.rate + media.SMALL.sample_rate / 1024 -- packets of the show
local LONG = 60 -- seconds

--- A small disk; nil: this user may not mount one.
local function disk_of(size)
  local folder = proc.folder()
  return (proc.run { "mount", "-t", "tmpfs", "-o", "size=" .. size, "none", folder }) == 0 and folder or nil
end

local function fill(folder, name, bytes)
  local file = assert(uv.fs_open(folder .. "/" .. name, "w", 384))
  local at = 0
  while at < bytes do
    local count = uv.fs_write(file, ("x"):rep(math.min(4096, bytes - at)), at)
    if not count or count == 0 then break end -- the disk is full
    at = at + count
  end
  uv.fs_close(file)
end

local function names(folder)
  local list = {}
  for name in uv.fs_scandir_next, uv.fs_scandir(folder) do list[#list + 1] = name end
  return list
end

--- How many packets a player reads in a file, and whether ffmpeg decodes all of it.
local function packets_of(path)
  local code, out, err = proc.run { "ffprobe", "-v", "error", "-show_entries", "packet=codec_type,flags", "-of", "json",
    path }
  assert.same({ 0, "" }, { code, err })
  assert.equal("", media.complaints(path, LONG))
  local packets = cjson.decode(out).packets
  assert.equal("K", packets[1].flags:sub(1, 1))
  return #packets
end

describe("a recording in trouble", function()
  local platform, show, folder, engine, control
  local disks = {}

  setup(function()
    show = media.file(proc.folder() .. "/show.flv", 8, media.SMALL)
    platform = nginx.start { apps = { "air" } }
  end)

  before_each(function()
    folder = proc.folder()
    engine, control = relay.control()
  end)

  after_each(function()
    control:close()
    if not engine.code and not engine.signal then engine:stop() end
    for _, disk in ipairs(disks) do proc.run { "umount", "-l", disk } end
    disks = {}
  end)

  teardown(function()
    platform:stop()
    assert.same({}, proc.cleanup())
  end)

  local function begin(record)
    record.folder, record.name = record.folder or folder, "gala"
    assert(control:request("set", { spec = { project = "p", revision = 1,
      inputs = { main = { urls = { show }, loop = -1 } },
      outputs = { { id = "rec", record = record }, { id = "air", url = platform:url("air", "hush") } } } }))
    control:until_output("air", "live", LONG)
  end

  local function recorder()
    local _, out = proc.run { "pgrep", "-P", tostring(engine.pid), "cme-push" }
    return assert(tonumber(out:match "%d+"))
  end

  -- The destination has had all of it, on one publish.
  local function unhurt()
    local air = control:output "air"
    assert.same({ "live", 1, 0 }, { air.state, air.connects, air.dropped })
  end

  local function until_packets(count)
    return proc.eventually(("%.0f packets to be recorded"):format(count), LONG, function()
      local rec = control:output "rec"
      return rec.packets >= count and rec
    end)
  end

  local function until_another(file)
    return proc.eventually("another file", LONG, function()
      local rec = control:output "rec"
      return rec.state == "live" and rec.file and rec.file ~= file and rec
    end)
  end

  local function on_disk(name, size, body)
    it(name, function()
      local disk = disk_of(size)
      if not disk then
        pending "mounting a tmpfs is not permitted here"
        return
      end
      disks[#disks + 1] = disk
      body(disk)
    end)
  end

  on_disk("on a disk that becomes full ends there, and goes on when there is room", "2m", function(disk)
    begin { folder = disk }
    local before = until_packets(3 * SECOND)
    fill(disk, "filler", 4 * 1024 * 1024)
    local full = control:expect({ event = "output", output_id = "rec", state = "refused" }, LONG)
    assert.equal("record.full", full.code)
    local done = control:expect({ event = "recorded", output_id = "rec", file = before.file }, LONG)
    assert.equal(uv.fs_stat(disk .. "/" .. before.file).size, done.bytes)
    assert.is_true(packets_of(disk .. "/" .. before.file) >= before.packets - SECOND)
    unhurt()
    assert(os.remove(disk .. "/filler"))
    until_another(before.file)
    unhurt()
  end)

  on_disk("does not begin with less than 5 % of the disk free", "2m", function(disk)
    fill(disk, "filler", math.floor(2 * 1024 * 1024 * 0.96))
    begin { folder = disk }
    local full = control:expect({ event = "output", output_id = "rec", state = "refused" }, LONG)
    assert.equal("record.full", full.code)
    assert.truthy(full.reason:find("less than 5 % of the disk are free", 1, true), full.reason)
    assert.same({ "filler" }, names(disk))
    unhurt()
  end)

  it("whose recorder stands still is begun anew in another file", function()
    begin {}
    local before = until_packets(2 * SECOND)
    proc.halt(recorder())
    local failed = control:expect({ event = "output", output_id = "rec", state = "backoff" }, LONG)
    assert.same({ "record.failed", ("record '%s/gala': no progress within 6 s"):format(folder) },
      { failed.code, failed.reason })
    assert.is_true(control:expect({ event = "recorded", output_id = "rec" }, LONG).interrupted)
    assert.is_true(packets_of(folder .. "/" .. before.file) >= before.packets - SECOND)
    until_another(before.file)
    unhurt()
  end)

  it("is finished when its engine is stopped, by a recorder that gets no processor for a second, too", function()
    begin {}
    local before = until_packets(2 * SECOND)
    local pid = recorder()
    proc.halt(pid)
    local within = assert(control:request "stop").within
    assert.is_true(within > 1 and within < 10, within)
    proc.elapse(1) -- longer than destinations are given
    uv.kill(pid, "sigcont")
    local done = control:expect({ event = "recorded", output_id = "rec", file = before.file }, LONG)
    assert.is_false(done.interrupted)
    assert.equal(0, (engine:wait()), engine:output())
    assert.is_true(packets_of(folder .. "/" .. before.file) >= before.packets)
  end)

  it("loses a second at most when its recorder, or its engine, is killed", function()
    begin {}
    local from = 0 -- packets before the file
    for round, who in ipairs { recorder, recorder, function() return engine.pid end } do
      local before = until_packets(from + (1.8 + round / 7) * SECOND) -- not always at the end of a fragment
      uv.kill(who(), "sigkill")
      if round < 3 then
        control:expect({ event = "recorded", output_id = "rec", file = before.file, interrupted = true }, LONG)
      else
        engine:wait()
      end
      assert.is_true(packets_of(folder .. "/" .. before.file) >= before.packets - from - SECOND)
      from = round < 3 and until_another(before.file).packets
    end
  end)

  it("keeps to max_bytes, file by file, and loses no packet", function()
    begin { max_bytes = 60000 }
    proc.eventually("three files", LONG, function()
      local count = 0
      for _, event in ipairs(control.events) do count = count + (event.event == "recorded" and 1 or 0) end
      return count >= 3
    end)
    local packets = control:output "rec".packets
    assert(control:request("remove_output", { output_id = "rec" }))
    proc.eventually("the last file", LONG, function() return not control:output "rec" end)
    local sum = 0
    for _, event in ipairs(control.events) do
      if event.event == "recorded" then
        assert.is_true(event.bytes <= 70000, event.bytes)
        assert.is_false(event.interrupted)
        sum = sum + packets_of(folder .. "/" .. event.file)
      end
    end
    assert.is_true(sum >= packets)
    unhurt()
  end)
end)
