-- SPDX-License-Identifier: MIT

local uv = require "luv"

local codes = require "cme.codes"
local recordings = require "cme.server.recordings"

describe("cme.server.recordings", function()
  local told, quiet

  before_each(function()
    told = {}
    quiet = { warn = function() end, info = function() end }
  end)

  local function open(folder, kept, node)
    return recordings.open { folder = folder, limit = 7, log = quiet, kept = kept, node = node,
      told = function(...) told[#told + 1] = { ... } end }
  end

  it("takes names that are one component of a path", function()
    assert.is_nil(recordings.fault { Name = "gala 1" })
    assert.is_nil(recordings.fault { Name = "x", Of = "Backup", MaxSeconds = 60, MaxBytes = 1 })
    for _, given in ipairs { { Name = "" }, { Name = ".x" }, { Name = "a/b" }, { Name = "a\nb" },
      { Name = ("x"):rep(81) }, { Name = "x", Of = "main" }, { Name = "x", MaxBytes = -1 },
      { Name = "x", MaxSeconds = 86400 * 31 } } do
      assert.is_string(codes.say(recordings.fault(given)))
    end
  end)

  it("gives the engine an output, where there is a folder", function()
    local kept = open "/tmp"
    assert.are.same({ id = recordings.OUTPUT_ID, name = "", record = { folder = "/tmp", name = "x", of = "main",
      max_seconds = 60, max_bytes = 0, total_bytes = 7 } }, kept:output { Name = "x", Of = "Main", MaxSeconds = 60 })
    assert.is_nil(kept:output(nil))
    assert.is_nil(open(nil):output { Name = "x" })
    assert.is_false(open(nil):possible())
  end)

  it("refuses a folder that is none", function()
    local none, message, detail = open "/nonexistent"
    assert.is_nil(none)
    assert.are.equal("server.recordings_folder", detail.code)
    assert.is_truthy(message:find("'/nonexistent'", 1, true))
  end)

  it("tells of files, and of a failure once until it is live again", function()
    local kept = open "/tmp"
    local function say(event)
      event.output_id = event.output_id or recordings.OUTPUT_ID
      kept:event("p", event)
    end
    say { event = "output", state = "backoff", code = "record.failed", reason = "why" }
    say { event = "output", state = "refused", code = "record.full", reason = "full" }
    say { event = "output", state = "live" }
    say { event = "output", state = "refused", code = "record.full", reason = "full" }
    say { event = "recorded", file = "x.mp4", bytes = 5, seconds = 1.5, interrupted = false }
    say { event = "output", output_id = "1", state = "backoff" }
    assert.are.same({ { "p", "Failed", { Code = "record.failed", Reason = "why" } },
      { "p", "Failed", { Code = "record.full", Reason = "full" } },
      { "p", "Finished", { File = "x.mp4", Bytes = 5, Seconds = 1.5, Interrupted = false } } }, told)
  end)

  describe("whose engine cannot say that it is finished", function()
    local folder, rows, kept

    -- What the database has.
    local function store()
      return { add = function(_, id, file, node)
          rows[id .. " " .. file] = { project = id, file = file, node = node }
          return 1
        end,
        remove = function(_, id, file) rows[id .. " " .. file] = nil return 1 end,
        all = function()
          local list = {}
          for _, row in pairs(rows) do list[#list + 1] = row end
          return list
        end }
    end

    local function write(name, text)
      local file = assert(io.open(folder .. "/" .. name, "wb"))
      file:write(text):close()
    end

    local function begin(id, name, text)
      write(name, text or "half a file without an end")
      kept:event(id, { event = "recording", output_id = recordings.OUTPUT_ID, file = name })
    end

    local function files()
      local list = {}
      for i, each in ipairs(told) do list[i] = ("%s %s %s"):format(each[1], each[3].File, each[3].Interrupted) end
      table.sort(list)
      return list
    end

    before_each(function()
      folder, rows = assert(uv.fs_mkdtemp "/tmp/cme-spec-XXXXXX"), {}
      kept = open(folder, store())
    end)

    after_each(function()
      for name in uv.fs_scandir_next, uv.fs_scandir(folder) do os.remove(folder .. "/" .. name) end
      os.remove(folder)
    end)

    it("is told when the engine is gone, once", function()
      begin("p", "a.mp4")
      begin("q", "b.mp4")
      kept:gone "p"
      kept:gone "p"
      assert.are.same({ "p a.mp4 true" }, files())
      assert.are.equal(26, told[1][3].Bytes)
      kept:event("p", { event = "recorded", output_id = recordings.OUTPUT_ID, file = "a.mp4", interrupted = false })
      kept:event("q", { event = "recorded", output_id = recordings.OUTPUT_ID, file = "b.mp4", interrupted = false })
      kept:gone "q"
      assert.are.equal("q b.mp4 false", files()[#files()])
      assert.are.same({}, rows)
    end)

    it("is whole when it has its last box", function()
      begin("p", "a.mp4", ("x"):rep(50) .. "\0\0\0\16mfro\0\0\0\0\0\0\0\59")
      kept:gone "p"
      assert.are.same({ "p a.mp4 false" }, files())
    end)

    it("is told by the next service, unless it is written still", function()
      begin("p", "a.mp4")
      begin("q", "b.mp4")
      begin("q", "c.mp4")
      kept = open(folder, store())
      kept:stat("q", { outputs = { { id = recordings.OUTPUT_ID, file = "c.mp4" } } })
      kept:settle(function(id) return id == "q" end)
      assert.are.same({ "p a.mp4 true", "q b.mp4 true" }, files())
      assert.are.same({ ["q c.mp4"] = { project = "q", file = "c.mp4" } }, rows)
      kept:event("q", { event = "recorded", output_id = recordings.OUTPUT_ID, file = "b.mp4", interrupted = false })
      assert.are.equal(2, #told)
    end)

    it("is told by the node of a fleet that has begun it, in a folder that nodes share, too", function()
      kept = open(folder, store(), "a")
      begin("p", "a.mp4")
      local other = open(folder, store(), "b")
      other:stat("p", { outputs = {} })
      other:settle(function() return false end)
      other:gone "p"
      assert.are.same({ {}, { ["p a.mp4"] = { project = "p", file = "a.mp4", node = "a" } } }, { files(), rows })
      open(folder, store(), "a"):settle(function() return false end)
      assert.are.same({ { "p a.mp4 true" }, {} }, { files(), rows })
    end)

    it("is told by the node that has it, when it was begun before there was a fleet", function()
      begin("p", "a.mp4")
      begin("q", "b.mp4")
      os.remove(folder .. "/b.mp4")
      open(folder, store(), "a"):settle(function() return false end)
      assert.are.same({ { "p a.mp4 true" }, { ["q b.mp4"] = { project = "q", file = "b.mp4" } } }, { files(), rows })
    end)

    it("is not taken for finished when it was heard of beside an older answer", function()
      begin("p", "a.mp4")
      kept:stat("p", { outputs = {} })
      assert.are.same({}, told)
      kept:stat("p", { outputs = {} })
      assert.are.same({ "p a.mp4 true" }, files())
    end)

    it("is learned from an engine that is taken over", function()
      write("a.mp4", "")
      kept:stat("p", { outputs = { { id = recordings.OUTPUT_ID, file = "a.mp4" } } })
      kept:gone "p"
      assert.are.same({ "p a.mp4 true" }, files())
    end)

    it("is forgotten when somebody has deleted it", function()
      begin("p", "a.mp4")
      os.remove(folder .. "/a.mp4")
      kept:gone "p"
      assert.are.same({}, told)
      assert.are.same({}, rows)
    end)
  end)
end)
