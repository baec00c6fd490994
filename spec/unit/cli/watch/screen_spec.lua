-- SPDX-License-Identifier: MIT

local columns = require "cme.cli.columns"
local messages = require "cme.cli.messages"
local watch_model = require "cme.cli.watch.model"
local watch_screen = require "cme.cli.watch.screen"

local NOW = 1551113545

local function plain(text) return text end
local function marked(text, colour) return colour and ("<%s:%s>"):format(colour, text) or text end

local function health(state, more)
  local found = { state = state, bitrate = 2510.2, frame_rate = 25.0, dropped = 0, delay_p99 = 4.2 }
  for name, value in pairs(more or {}) do found[name] = value end
  return found
end

local function gala()
  local picture = { width = 1280, height = 720, video_codec = "h264", audio_codec = "aac" }
  return { id = "p1", name = "直播多平台分发", status = "working", active = "main", started_at = NOW - 2700,
    stop_at = NOW + 2700, has_health = true,
    inputs = { main = { kind = "live_pull", url = "rtmp://h/a/hush", health = health("live", picture) },
      backup = { kind = "push", health = health("connecting", { bitrate = 0.0 }) } },
    outputs = { { id = "1", name = "推流1", url = "rtmp://h/a/hush", health = health "live" },
      { id = "2", name = "B", url = "rtmp://h/a/hush", health = health("backoff", { dropped = 7,
        error = { code = "network.reset", message = "open 'rtmp://h/***': connection refused", time = NOW - 75 } }) },
    } }
end

local function idle(i)
  return { id = "i" .. i, name = "idle " .. i, status = "idle", inputs = {}, outputs = {}, stopped_at = NOW - 60 }
end

local function view(width, height, more)
  local model = watch_model.new()
  watch_model.take(model, { { id = "p1", info = gala() } }, nil, nil, NOW - 10)
  local found = { model = model, where = "127.0.0.1:8156", scroll = 0, width = width, height = height, now = NOW,
    t = messages.translator "en" }
  for name, value in pairs(more or {}) do found[name] = value end
  return found
end

-- The lines without what fills them up, and without the free ones.
local function lines_of(given, paint)
  local lines = {}
  for _, line in ipairs((watch_screen.lines(given, paint or plain))) do
    line = line:gsub("%s+$", "")
    if line ~= "" then lines[#lines + 1] = line end
  end
  return lines
end

describe("cme.cli.watch.screen", function()
  it("shows a project: states, figures, errors, the time gone and left", function()
    local lines = lines_of(view(120, 24))
    assert.matches("^cme watch  127%.0%.0%.1:8156  projects: 1, working: 1 +%d%d:%d%d:25$", lines[1])
    assert.matches("^直播多平台分发  working  until %d%d:%d%d:25  p1$", lines[2])
    assert.are.same({
      "  [====================--------------------] 45m elapsed, 45m left",
      "  INPUT   STATE         KBIT/S  FPS  PICTURE",
      "  main *  live            2510   25  1280x720 h264 aac",
      "  backup  connecting         0   25",
      "  OUTPUT  STATE         KBIT/S  FPS  DROPPED    DELAY  LAST ERROR",
      "  推流1   live            2510   25        0     4 ms",
      "  B       reconnecting    2510   25        7     4 ms  1m 15s ago: open 'rtmp://h/***': connection refused",
    }, { table.unpack(lines, 3, 9) })
    assert.are.equal(("-"):rep(120), lines[10])
    assert.matches("^%d%d:%d%d:15  直播多平台分发: working, outputs: 2$", lines[11])
    assert.are.same({ "q: quit  j k PgUp PgDn: scroll", 12 }, { lines[12], #lines })
  end)

  it("shows which node stands by", function()
    local given = view(80, 24)
    given.model.entries[1].info.standby_health = { state = "warm", node = "node-b" }
    assert.matches("\n  <green:node node%-b stands by>\n", table.concat(lines_of(given, marked), "\n"))
    given.model.entries[1].info.standby_health = { state = "idle" }
    assert.is_nil(table.concat(lines_of(given), "\n"):find("stands by", 1, true))
  end)

  it("shows the slate, on the air in place of the input", function()
    local info = gala()
    info.slate, info.on_slate = { name = "soon", health = { state = "on" } }, true
    local given = view(120, 24, { model = watch_model.new() })
    watch_model.take(given.model, { { id = "p1", info = info } }, nil, nil, NOW - 10)
    local lines = lines_of(given, marked)
    assert.matches("  main ", lines[5])
    assert.not_matches("main %*", lines[5])
    assert.matches("  slate %*.*<red:on the air>", lines[7])
  end)

  it("drops columns where it is narrow, the last error goes below", function()
    assert.are.same({
      "  [=======------] 45m elapsed, 45m left",
      "  INPUT   STATE         KBIT/S",
      "  main *  live            2510",
      "  backup  connecting         0",
      "  OUTPUT  STATE         KBIT/S  DROPPED",
      "  推流1   live            2510        0",
      "  B       reconnecting    2510        7",
      "    1m 15s ago: open 'rtmp://h/***': co…",
    }, { table.unpack(lines_of(view(40, 24)), 3, 10) })
  end)

  it("has all columns at 80 places, beside long names cut short", function()
    local info = gala()
    for _, output in ipairs(info.outputs) do
      output.name, output.health.look = "a destination with a long name", { state = "no_picture" }
    end
    local given = view(80, 24, { model = watch_model.new() })
    watch_model.take(given.model, { { id = "p1", info = info } }, nil, nil, NOW - 10)
    local shown = table.concat(lines_of(given), "\n")
    assert.matches("OUTPUT +STATE +VIEWERS +KBIT/S +FPS +DROPPED +DELAY\n", shown)
    assert.matches("a destination with a… +live +no picture +2510 +25 +0 +4 ms\n", shown)
  end)

  it("says where the service tells no health", function()
    local given = view(80, 24)
    given.model.entries[1].info.has_health = nil
    for _, output in ipairs(given.model.entries[1].info.outputs) do output.health = nil end
    local shown = table.concat(lines_of(given), "\n")
    assert.matches("This service does not report individual inputs and outputs%.", shown)
    assert.is_nil(shown:find "DROPPED")
  end)

  it("colours states, the bar and errors", function()
    local shown = table.concat(lines_of(view(120, 24), marked), "\n")
    for _, wanted in ipairs { "<green:working>", "<filled:====================>", "<empty:-------------------->",
      "<red:reconnecting>", "<red:1m 15s ago: open 'rtmp://h/***': connection refused>", "<bold:直播多平台分发>" } do
      assert.truthy(shown:find(wanted, 1, true), wanted .. "\n" .. shown)
    end
  end)

  it("speaks Chinese", function()
    local shown = table.concat(lines_of(view(80, 24, { t = messages.translator "zh" })), "\n")
    assert.matches("已播 45 分钟，剩余 45 分钟", shown)
    assert.matches("推流1 +正常 +2510", shown)
  end)

  it("fits every screen", function()
    local given = view(1, 1)
    given.model.entries[2] = { id = "x", name = "\27[31m" .. ("推"):rep(100), fault = { message = ("错"):rep(300),
      since = NOW } }
    for _, language in ipairs { "en", "zh" } do
      given.t = messages.translator(language)
      for width = language == "en" and 1 or 2, 130, 3 do
        for _, height in ipairs { 1, 2, 3, 5, 6, 7, 12, 16, 17, 40 } do
          given.width, given.height = width, height
          local lines = watch_screen.lines(given, plain)
          assert.are.equal(height, #lines)
          for _, line in ipairs(lines) do
            if columns.width(line) > width or line:find "%c" or line:find "……" then
              error(("%dx%d: %q"):format(width, height, line))
            end
          end
        end
      end
    end
  end)

  it("scrolls what does not fit, working projects first, and says where it is", function()
    local given = view(80, 20)
    for i = 1, 30 do given.model.entries[i + 1] = { id = "i" .. i, name = "idle " .. i, info = idle(i) } end
    table.insert(given.model.entries, table.remove(given.model.entries, 1))
    local lines, most, page = watch_screen.lines(given, plain)
    assert.matches("^直播", lines[2])
    assert.matches("lines 1 to 16 of 40$", lines[20])
    assert.are.same({ 24, 16 }, { most, page })
    given.scroll = 1000
    lines = watch_screen.lines(given, plain)
    assert.matches("lines 25 to 40 of 40$", lines[20])
    assert.matches("^idle 30  idle  since", lines[17])
  end)

  it("moves by keys within bounds", function()
    for _, case in ipairs { { "down", 3, 4 }, { "up", 0, 0 }, { "page_down", 3, 13 }, { "page_up", 3, 0 },
      { "page_down", 90, 99 }, { "home", 50, 0 }, { "end", 0, 99 }, { "redraw", 7, 7 } } do
      assert.are.equal(case[3], watch_screen.scroll(case[1], case[2], 10, 99), case[1])
    end
  end)

  it("says what cannot be read, and when there is nothing", function()
    local given = view(80, 12, { model = watch_model.new() })
    assert.are.equal("no projects", lines_of(given)[2])
    given.model.fault = { message = "could not connect\27[2J", since = NOW - 5 }
    assert.are.equal("  could not connect [2J (for 5s)", lines_of(given)[2])
  end)
end)
