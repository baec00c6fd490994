-- SPDX-License-Identifier: MIT
-- The control room as people use it: by a browser, against a real service, its edge and its engines.

local api = require "spec.support.api"
local cme = require "cme"
local control_room = require "spec.support.programs.control_room"
local event = require "cme.event"
local files = require "spec.support.files"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"

describe("control room", function()
  local rtmp, serve, room, sources

  setup(function()
    rtmp = nginx.start { apps = { "source", "first", "second" } }
    local port, hook = control_room.address()
    serve = service.start { edge = true, args = { "--webhook", hook } }
    room = control_room.start(serve, { port = port,
      env = { ROOM_WEBHOOK_SECRET_FILE = serve.state .. "/webhook_secret" } })
    local film = media.file(proc.folder() .. "/film.flv", 20, media.SMALL) -- encoders would take Chromium's processor
    sources = {}
    for _, name in ipairs { "main", "backup" } do
      sources[#sources + 1] = media.replay(rtmp:url("source", name), film)
    end
    rtmp:expect_publish("source", 2)
  end)

  teardown(function()
    for _, one in ipairs { sources[1] or false, sources[2] or false, room or false, serve or false, rtmp or false } do
      if one then one:stop() end
    end
    assert.are.same({}, proc.cleanup())
  end)

  local function projects()
    return assert(api.call(serve, "DescribeProjects", { CategorySet = { "STREAM_CONNECT" } })).TotalCount
  end

  it("logs in, creates, starts, shows pictures, switches, adds and removes outputs, stops, deletes", function()
    room:play("broadcast", { main = rtmp:url("source", "main"), backup = rtmp:url("source", "backup"),
      output = rtmp:url("first", "live"), other = rtmp:url("second", "live") })
    assert.are.equal(1, #rtmp:publishes "first")
    assert.are.equal(2, #rtmp:publishes "second")
    assert.are.equal(0, projects())
    assert.are.same({}, room:errors())
  end)

  it("refuses a wrong password, forged requests, and who is not logged in", function()
    assert.are.same({ cookie = 401, token = 403, other_token = 403, origin = 403, other_origin = 403,
      other_host = 403, login = 403, logout = 403, picture = 401, events = 401, hook = 403, good = 400 },
      room:play "refused")
    assert.are.equal(0, projects())
    assert.are.same({}, room:errors())
  end)

  it("takes a signed event once, and none that was changed", function()
    local secret = files.read(serve.state .. "/webhook_secret"):match "^%S+"
    local body = '{"EventType":"Project.StreamConnect.StatusChanged","ProjectStreamConnectStatusChangedEvent":'
      .. '{"ProjectId":"p","Status":"Working"}}'
    local function post(sent)
      local argv = { "curl", "--silent", "--noproxy", "*", "-o", room.dir .. "/said", "-w", "%{http_code}" }
      for name, value in pairs(event.headers(secret, os.time(), "spec-1", body)) do
        argv[#argv + 1], argv[#argv + 2] = "-H", name .. ": " .. value
      end
      for _, argument in ipairs { "--data-binary", sent, room.url .. "/hook" } do argv[#argv + 1] = argument end
      local _, out = proc.run(argv)
      return out
    end
    assert.are.equal("403", post(body:gsub("Working", "Stopped")))
    assert.are.equal("204", post(body))
    assert.are.equal("204", post(body))
    local seen = {}
    for _, one in ipairs(room:play "events") do
      if one.project == "p" then seen[#seen + 1] = one.status end
    end
    assert.are.same({ "working" }, seen)
  end)

  it("has a place for the next page as soon as one is closed", function()
    local jar, pages = room.dir .. "/jar", {}
    local function curl(...)
      return proc.spawn { "curl", "--silent", "--no-buffer", "--noproxy", "*", "-c", jar, "-b", jar, ... }
    end
    curl("-H", "Origin: " .. room.url, "--data-urlencode", "password=" .. room.password, room.url .. "/login"):wait()
    local last
    repeat
      last = curl(room.url .. "/events")
      pages[#pages + 1] = last
      last:expect "."
    until last.out:find "too many pages" or #pages > 100
    assert.are.equal(65, #pages)
    for i = 1, 64 do pages[i]:destroy() end
    proc.eventually("a place", 5, function()
      local page = curl(room.url .. "/events")
      page:expect "."
      page:destroy()
      return page.out:find "event: beat"
    end)
    assert.are.same({}, room:errors())
  end)

  it("fetches pictures of what viewers see for who is logged in", function()
    local name, jar = ("ab"):rep(16), proc.folder() .. "/jar"
    proc.run { "mkdir", "-p", serve.state .. "/pictures" }
    local file = assert(io.open(("%s/pictures/%s.jpg"):format(serve.state, name), "wb"))
    file:write "\xff\xd8picture"
    file:close()
    local function fetch(...)
      return select(2, proc.run { "curl", "-s", "-m", "30", "-w", " %{http_code} %{content_type}", ... })
    end
    local address = ("%s/looks/%s.jpg"):format(room.url, name)
    assert.matches(" 401 ", fetch(address))
    fetch("-c", jar, "-H", "Origin: " .. room.url, "--data-urlencode", "password=" .. room.password,
      room.url .. "/login")
    assert.are.equal("\xff\xd8picture 200 image/jpeg", fetch("-b", jar, address))
    assert.matches(" 404 ", fetch("-b", jar, (address:gsub("ab%.jpg", "cd.jpg"))))
    assert.matches(" 404 ", fetch("-b", jar, room.url .. "/looks/../master.key"))
  end)

  it("shows media casts with their sources", function()
    local cast = cme.client(serve:client_options()):project { category = "MEDIA_CAST", name = "films", owner = "spec",
      sources = { "https://play.example.com/hush.mp4", "rtmp://play.example.com/live/hush" } }
    assert(cast:create())
    assert.are.same({ sources = { "https://play.example.com/***", "rtmp://play.example.com/live/***" } },
      room:play("cast", { name = "films" }))
    assert(cast:delete())
  end)

  it("says that the service hangs or is down, and goes on when it is back", function()
    serve.proc:kill "sigstop"
    assert.are.equal("Service not answering", room:play("trouble", { back = false }).link)
    serve.proc:kill "sigcont"
    assert.are.equal("Connected", room:play("trouble", { back = true }).link)
    serve:crash()
    assert.matches("DescribeProjects.*refused", room:play("trouble", { back = false }).text)
    serve:up()
    assert.are.equal("Connected", room:play("trouble", { back = true }).link)
    assert.are.same({}, room:errors())
  end)

  it("reads on a phone, and in Chinese", function()
    assert.are.same({ wide = 0, title = "Control room" }, room:play "phone")
  end)

  it("ends a session at its time, and slows down who guesses, without keeping him out", function()
    local short = control_room.start(serve, { env = { ROOM_SESSION_SECONDS = "8" } })
    local got = short:play "expired"
    assert.are.equal(401, got.after)
    assert.are.same({ 401, 401, 401, 401, 401, 401, 401, 401, 401 }, got.tries)
    assert.are.equal(303, got["then"])
    assert.are.same({}, short:errors())
    short:stop()
  end)

  it("says what it needs", function()
    for name, case in pairs {
      ROOM_PASSWORD = { "short", "at least 10 characters" },
      ROOM_ORIGIN = { "room.example.com", "write it like https://room.example.com" },
      ROOM_SESSION_SECONDS = { "soon", "1 to 2592000" },
      ROOM_WEBHOOK_SECRET_FILE = { "/nowhere", "file '/nowhere'" },
    } do
      local env = serve:environment()
      control_room.instrument(env)
      env.ROOM_PASSWORD, env.ROOM_STATE = control_room.password, proc.folder()
      env.ROOM_LISTEN = "127.0.0.1:" .. proc.free_port()
      env[name] = case[1]
      local code, _, err = proc.run({ "room/cme-room" }, { env = env })
      assert.are_not.equal(0, code)
      assert.matches(case[2], err)
    end
  end)
end)
