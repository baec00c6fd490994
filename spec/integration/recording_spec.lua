-- SPDX-License-Identifier: MIT
-- Recordings of an engine: every packet of the source is in the files, whatever ends them, and a recorder that fails
-- hurts nothing else.

local cjson = require "cjson"
local uv = require "luv"

local media = require "spec.support.programs.media"
local proc = require "spec.support.proc"
local relay = require "spec.support.programs.relay"

--- The packets of one stream as "hash" in order; parameter sets of its own stand before the source's first picture.
local function packets(path, stream)
  local code, out, err = proc.run { "ffprobe", "-v", "error", "-select_streams", stream, "-show_packets",
    "-show_data_hash", "md5", "-of", "json", path }
  assert(code == 0, out .. err)
  assert.equal("", err)
  local list = {}
  for i, packet in ipairs(cjson.decode(out).packets) do
    list[i] = { hash = packet.data_hash, key = packet.flags:sub(1, 1) == "K", dts = tonumber(packet.dts_time) }
  end
  return list
end

--- Files in the folder, oldest first.
local function files(folder)
  local list = {}
  for name in uv.fs_scandir_next, uv.fs_scandir(folder) do list[#list + 1] = folder .. "/" .. name end
  table.sort(list, function(a, b) return #a ~= #b and #a < #b or a < b end)
  return list
end

--- Decodes all of a file; ffmpeg says nothing when nothing is wrong. Times do not count: a source that was late for
--- once begins anew by the clock.
local function decodes(path)
  local code, _, err = proc.run({ "ffmpeg", "-v", "error", "-y", "-i", path, "-map", "0:v", "-f", "rawvideo",
    "/dev/null", "-map", "0:a", "-f", "s16le", "/dev/null" }, { timeout = 60 })
  assert.same({ 0, "" }, { code, err })
end

--- The pid of the recorder that this engine started.
local function recorder(engine)
  local _, out = proc.run { "pgrep", "-P", tostring(engine.pid), "cme-push" }
  return tonumber(out:match "%d+")
end

describe("a recording", function()
  local show, folder, engine, control

  setup(function() show = media.file(proc.folder() .. "/show.flv", 8, media.SMALL) end)

  before_each(function()
    folder = proc.folder()
    engine, control = relay.control()
  end)

  after_each(function()
    control:close()
    if not engine.code and not engine.signal then engine:stop() end
  end)

  teardown(function() assert.same({}, proc.cleanup()) end)

  local function record(options, loop)
    options.folder, options.name = options.folder or folder, options.name or "gala"
    return control:request("set", { spec = { project = "p", revision = 1,
      inputs = { main = { urls = { show }, loop = loop or -1 } },
      outputs = { { id = "rec", record = options } } } })
  end

  local function recorded(members)
    members.event, members.output_id = "recorded", "rec"
    return control:expect(members, 40)
  end

  it("has every packet, over files that each begin with a keyframe", function()
    assert(record({ max_seconds = 3 }, 1))
    control:expect({ event = "stopped", reason = "played_out" }, 60)
    local got, count = { v = {}, a = {} }, 0
    for _, event in ipairs(control.events) do
      if event.event == "recorded" then
        local path = folder .. "/" .. event.file
        count = count + 1
        assert.is_false(event.interrupted)
        assert.equal(uv.fs_stat(path).size, event.bytes)
        assert.truthy(event.file:match "^gala%-%d%d%d%d%d%d%d%dT%d%d%d%d%d%dZ%.mp4$")
        assert.is_true(event.seconds > 1 and event.seconds < 3.5)
        decodes(path)
        for stream, all in pairs(got) do
          local list = packets(path, stream)
          if stream == "v" then assert.is_true(list[1].key) end
          table.move(list, 1, #list, #all + 1, all)
        end
      end
    end
    assert.is_true(count >= 3)
    for stream, all in pairs(got) do
      local source = packets(show, stream)
      local missed = 2 * #source - #all -- before the recorder had started
      assert.is_true(missed >= 0, missed)
      for i, packet in ipairs(all) do
        local at = (missed + i - 1) % #source + 1
        if stream == "a" or at > 1 then assert.equal(source[at].hash, packet.hash) end
      end
    end
  end)

  it("of an input has what that gives, also while it is not on the air", function()
    assert(control:request("set", { spec = { project = "p", revision = 1, active = "backup",
      inputs = { main = { url = show }, backup = { urls = { show }, loop = -1 } },
      outputs = { { id = "rec", record = { folder = folder, name = "main", of = "main" } } } } }))
    control:until_output("rec", "live")
    assert.equal("main", control:output "rec".records)
    assert(control:request("remove_output", { output_id = "rec" }))
    local event = recorded { interrupted = false }
    local got, source = packets(folder .. "/" .. event.file, "v"), packets(show, "v")
    assert.is_true(#got > 5)
    local missed = 0 -- before the recorder had started
    while source[missed + 1] and source[missed + 1].hash ~= got[1].hash do missed = missed + 1 end
    for i = 1, #got do assert.equal(source[missed + i].hash, got[i].hash) end
  end)

  it("goes on in another file when its recorder is killed", function()
    assert(record {})
    control:until_output("rec", "live")
    local first = control:output "rec".file
    uv.kill(recorder(engine), "sigkill")
    assert.equal(first, recorded { interrupted = true }.file)
    decodes(folder .. "/" .. first)
    assert.is_true(#packets(folder .. "/" .. first, "v") > 5)
    proc.eventually("another file", 30, function()
      local file = control:output "rec".file
      return control:output "rec".connects == 2 and file and file ~= first
    end)
  end)

  it("is finished when its engine is killed", function()
    assert(record {})
    control:until_output("rec", "live")
    local pid = recorder(engine)
    engine:kill "sigkill"
    engine:wait()
    proc.eventually("the recorder to be gone", 20, function() return not io.open(("/proc/%d/stat"):format(pid)) end)
    decodes(files(folder)[1])
    assert.is_true(#packets(files(folder)[1], "v") > 5)
  end)

  it("stops at the bound of its folder, and goes on when there is room", function()
    local filler = assert(io.open(folder .. "/filler", "w"))
    filler:write(("x"):rep(100000)):close()
    assert(record { total_bytes = 100000 })
    local full = control:expect { event = "output", output_id = "rec", state = "refused" }
    assert.equal("record.full", full.code)
    assert.equal(("record '%s/gala': the recordings have all the 100000 bytes that they may have"):format(folder),
      full.reason)
    assert(os.remove(folder .. "/filler"))
    control:until_output("rec", "live", 40)
  end)

  it("that cannot be written is its own failure", function()
    assert(record { folder = folder .. "/missing" })
    local failed = control:expect { event = "output", output_id = "rec", state = "backoff" }
    assert.equal("record.failed", failed.code)
    assert.equal(("record '%s/missing/gala': No such file or directory"):format(folder), failed.reason)
  end)

  it("has a name that leads nowhere else", function()
    for _, name in ipairs { "..", "../x", "a/b", "", ".hidden", "a\nb", ("x"):rep(81) } do
      local _, refused = record { name = name }
      assert.equal("invalid.spec", refused.code)
      assert.truthy(refused.message:find("spec.outputs[0].record.name: ", 1, true), name)
    end
    local _, refused = record { folder = "relative" }
    assert.equal("spec.outputs[0].record.folder: a path from the root expected", refused.message)
    _, refused = record { of = "slate" }
    assert.equal("spec.outputs[0].record.of: 'programme', 'main' or 'backup' expected", refused.message)
    assert.same({}, files(folder))
  end)

  it("never writes through a link", function()
    local stamp = os.time()
    for second = stamp, stamp + 40 do
      assert(uv.fs_symlink(folder .. "/../outside", folder .. os.date("!/gala-%Y%m%dT%H%M%SZ.mp4", second)))
    end
    assert(record {})
    control:until_output("rec", "live")
    assert.truthy(control:output "rec".file:match "Z%-2%.mp4$")
    assert.is_nil(uv.fs_stat(folder .. "/../outside"))
  end)
end)
