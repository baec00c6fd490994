-- SPDX-License-Identifier: MIT

local categories = require "cme.server.categories"
local luv = require "cme.net.loop.luv"
local previews = require "cme.server.edge.previews"
local task = require "cme.task"
local uv = require "luv"

local HEX = ("0123456789abcdef"):rep(2):sub(1, 24)
local PROJECT = "cmepid_" .. HEX

describe("cme.server.edge.previews", function()
  local now, kept, forgotten, ended, callbacks, record, subject, watched

  before_each(function()
    now, kept, forgotten, ended, watched = 100, {}, {}, {}, false
    record = { id = PROJECT, category = "STREAM_CONNECT", input = {
      MainInput = { InputType = "LivePull", LivePullInputInfo = { InputUrl = "http://a/x" } },
      BackupInput = { InputType = "RtmpPush",
        RtmpPushInputInfo = { ExpiredSecond = 1, PushUrl = "cme-1?txTime=1" } } } }
    local edge = {
      feed = function(_, project, what) return "rtmp://h/output/" .. project .. "-" .. what, "rtmp 1" end,
      is_watched = function(_, project, what)
        if watched == nil then return nil end
        return watched and project == PROJECT and what == "main"
      end,
      pull_url = function(_, stored) return "unix:/edge/" .. stored .. ".flv" end,
      viewing = {
        url = function(_, project, what) return "hls:/edge/hls/" .. project .. "-" .. what end,
        end_playback = function(_, project, endpoint) ended[#ended + 1] = project .. " " .. endpoint end,
      },
    }
    subject = previews.new {
      store = { get = function(_, id) return id ~= "cmepid_0" and record or nil end },
      edge = edge,
      services = { STREAM_CONNECT = categories.by_name.STREAM_CONNECT.open { clock = {}, settings = {}, edge = edge } },
      clock = { monotonic = function() return now end },
      relays = function(given)
        callbacks = given
        return {
          keep = function(_, id) kept[#kept + 1] = id end,
          forget = function(_, id) forgotten[#forgotten + 1] = id end,
        }
      end,
    }
  end)

  -- As a task, to its end or to its first wait.
  local function look(project, endpoint, arrives)
    local status
    luv.detach(function()
      status = subject:look(project, endpoint, arrives or function() return true end)
    end)
    return status
  end

  after_each(function()
    luv.detach(subject.stop, subject)
    uv.walk(function(handle) if not handle:is_closing() then handle:close() end end) -- the watch of a look
    uv.run "nowait"
  end)

  it("names engines by project and endpoint, shortly", function()
    assert.are.equal(HEX .. "-backup", previews.id(PROJECT, "backup"))
    assert.are.equal(31, #previews.id(PROJECT, "backup"))
    assert.are.same({ PROJECT, "main" }, { previews.parse(previews.id(PROJECT, "main")) })
    for _, case in ipairs { { "other", "main" }, { PROJECT, "output" }, { "cmepid_../x", "main" } } do
      assert.are.equal("", previews.id(case[1], case[2]))
    end
    assert.is_nil(previews.parse "x-main")
    assert.is_nil(previews.parse(HEX .. "-side"))
  end)

  it("reads one input for a look and nowhere else", function()
    assert.is_nil(callbacks.desired(HEX .. "-main"))
    assert.are.equal(200, look(PROJECT, "main"))
    assert.are.same({ HEX .. "-main" }, kept)
    local spec = callbacks.desired(HEX .. "-main")
    assert.are.same({ main = { url = "http://a/x" } }, spec.inputs)
    assert.are.equal(2, #spec.outputs)
    assert.are.equal("hls:/edge/hls/" .. PROJECT .. "-main", spec.outputs[1].url)
    assert.are.equal("rtmp://h/output/" .. PROJECT .. "-main", spec.outputs[2].url)
    assert.is_false(spec.failover)
  end)

  it("starts one engine for all who look at an input", function()
    assert.are.equal(200, look(PROJECT, "main"))
    assert.are.equal(200, look(PROJECT, "main"))
    assert.are.same({ HEX .. "-main" }, kept)
  end)

  it("reads what is pushed from the edge", function()
    assert.are.equal(200, look(PROJECT, "backup"))
    assert.are.same({ main = { url = "unix:/edge/cme-1?txTime=1.flv", pushed = true } },
      callbacks.desired(HEX .. "-backup").inputs)
    assert.are.equal(1, #callbacks.desired(HEX .. "-backup").outputs)
  end)

  it("goes on while somebody plays it by RTMP", function()
    look(PROJECT, "main")
    local entry = subject._entries[HEX .. "-main"]
    now, watched = 1000, true
    luv.detach(subject._watch, subject, HEX .. "-main", entry)
    assert.are.same({ {}, 1000 }, { forgotten, entry.looked })
    now, watched = 2000, false
    luv.detach(subject._watch, subject, HEX .. "-main", entry)
    assert.are.same({ HEX .. "-main" }, forgotten)
  end)

  it("goes on for a while when the edge does not say who plays it", function()
    look(PROJECT, "main")
    local waits, entry = {}, subject._entries[HEX .. "-main"]
    watched = nil
    stub(task, "sleep").invokes(function(seconds)
      waits[#waits + 1] = seconds
      now = now + seconds
    end)
    luv.run(subject._watch, subject, HEX .. "-main", entry)
    task.sleep:revert()
    assert.are.same({ 190, { HEX .. "-main" } }, { now, forgotten })
    assert.are.same({ 30, 5 }, { waits[1], waits[2] })
  end)

  it("starts none for what is not there", function()
    assert.are.equal(404, look(PROJECT, "output"))
    assert.are.equal(404, look("cmepid_0", "main"))
    assert.are.equal(404, look("nonsense", "main"))
    assert.are.same({}, kept)
  end)

  it("goes on for who still looks when the service was started again", function()
    assert.are.equal(200, subject:looked(PROJECT, "main"))
    assert.are.same({ HEX .. "-main" }, kept)
  end)

  it("goes on when something else of its project is changed, and ends with its input, or its project", function()
    local function pull(url) return { InputType = "LivePull", LivePullInputInfo = { InputUrl = url } } end
    local function vod(...)
      return { InputType = "VodPull", VodPullInputInfo = { InputUrls = { ... }, LoopTimes = 0 } }
    end
    local function settled(change)
      look(PROJECT, "main")
      look(PROJECT, "backup")
      change(record.input)
      luv.detach(subject.settle, subject, PROJECT)
      local found = forgotten
      forgotten = {}
      return found
    end
    assert.are.same({}, settled(function(input) input.Outputs = { { Id = "1" } } end))
    assert.are.same({}, settled(function(input) input.MainInput = pull "http://a/x" end))
    local others = { pull "http://b/x", vod("http://a/1", "http://a/2"), vod "http://a/1", pull "http://a/1" }
    for _, other in ipairs(others) do
      assert.are.same({ HEX .. "-main" }, settled(function(input) input.MainInput = other end))
    end
    assert.are.same({ HEX .. "-backup" }, settled(function(input) input.BackupInput = nil end))
    assert.are.same({ HEX .. "-main" }, settled(function() record = nil end))
  end)

  it("has a bound", function()
    for i = 1, previews.max do
      assert.are.equal(200, look("cmepid_" .. ("%024x"):format(i), "main"))
    end
    assert.are.equal(503, look(PROJECT, "main"))
    assert.are.equal(200, look("cmepid_" .. ("%024x"):format(1), "main"))
    record.input.MainInput.LivePullInputInfo = { InputUrl = "http://b/x" }
    luv.detach(subject.settle, subject, "cmepid_" .. ("%024x"):format(2))
    assert.are.same({ ("%024x"):format(2) .. "-main" }, forgotten)
    assert.are.equal(200, look(PROJECT, "main"))
  end)

  it("gives up on an input that has no picture, and goes on trying while somebody looks", function()
    local waited
    assert.are.equal(504, look(PROJECT, "main", function(seconds)
      waited = seconds
      return false
    end))
    assert.are.equal(10, waited)
    assert.are.same({}, forgotten)
    assert.is_table(callbacks.desired(HEX .. "-main"))
  end)

  it("hears all that keepers tell, and tells nobody", function()
    look(PROJECT, "main")
    for _, name in ipairs { "desired", "ended", "switched", "health" } do assert.is_function(callbacks[name], name) end
  end)

  it("ends when nobody has looked for half a minute", function()
    local waits = {}
    stub(task, "sleep").invokes(function(seconds)
      waits[#waits + 1] = seconds
      now = now + seconds
      if #waits == 1 then subject:looked(PROJECT, "main") end
    end)
    look(PROJECT, "main")
    task.sleep:revert()
    assert.are.same({ 30, 30 }, waits)
    assert.are.same({ HEX .. "-main" }, forgotten)
    assert.are.same({ PROJECT .. " main" }, ended)
    assert.is_nil(callbacks.desired(HEX .. "-main"))
  end)
end)
