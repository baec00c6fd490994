-- SPDX-License-Identifier: MIT
-- Every example runs as its head says, against the local service.

local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local openresty = require "spec.support.programs.openresty"
local proc = require "spec.support.proc"
local recorded = require "spec.support.fakes.recorded"
local service = require "spec.support.programs.service"
local stub_service = require "spec.support.fakes.stub_service"

describe("examples", function()
  local rtmp, serve, env

  setup(function()
    rtmp = nginx.start { apps = { "source", "platform" } }
    serve = service.start { args = { "--preset", "ultrafast" } }
    env = serve:environment()
    env.LUA_PATH, env.LUA_CPATH = package.path .. ";;", package.cpath .. ";;"
    env.SECONDS = "2"
  end)

  teardown(function()
    if serve then serve:stop() end
    if rtmp then rtmp:stop() end
    proc.cleanup()
  end)

  -- The environment with a source, a backup and destinations.
  local function with(source, backup, ...)
    local own = { SOURCE = source, BACKUP = backup }
    for name, value in pairs(env) do own[name] = value end
    for i, url in ipairs { ... } do own["OUTPUT_" .. i] = url end
    return { env = own }
  end

  it("broadcast.lua starts, switches, switches back, stops and deletes", function()
    local main = media.publish(rtmp:url("source", "main"), media.MAIN)
    local backup = media.publish(rtmp:url("source", "backup"), media.BACKUP)
    rtmp:expect_publish("source", 2)
    local code, out, err = proc.run({ "lua5.4", "examples/broadcast.lua" },
      with(rtmp:url("source", "main"), rtmp:url("source", "backup"), rtmp:url("platform", "live")))
    assert.are.equal(0, code, out .. err)
    assert.matches("switched to the backup.*switched back.*stopped and deleted", out)
    main:stop()
    backup:stop()
    assert.are.equal(1, #rtmp:publishes "platform")
  end)

  it("broadcast.lua interrupted stops the relay", function()
    local main = media.publish(rtmp:url("source", "main2"), media.MAIN)
    rtmp:expect_publish("source", 3)
    env.SECONDS = "60"
    local script = proc.spawn({ "lua5.4", "examples/broadcast.lua" },
      with(rtmp:url("source", "main2"), rtmp:url("source", "main2"), rtmp:url("platform", "live2")))
    script:expect "started"
    script:kill "sigint"
    assert.are.equal(1, (script:wait()))
    assert.matches("stopped and deleted", script.out)
    proc.eventually("the engine to end", 20, function() return #serve:engines() == 0 end)
    main:stop()
  end)

  it("without their arguments say how they are called", function()
    for _, name in ipairs { "broadcast", "direct_push", "vod_loop", "media_cast", "ensure", "watch" } do
      local code, _, err = proc.run({ "lua5.4", "examples/" .. name .. ".lua" }, { env = env })
      assert.are.equal(2, code)
      assert.matches("^usage: .*lua5.4 examples/" .. name, err)
    end
  end)

  -- Starts an example against a recording of what it asks for.
  local function play(name, outputs)
    local answers = recorded.start("example_" .. name)
    local own = answers:environment()
    own.LUA_PATH, own.LUA_CPATH, own.SECONDS = env.LUA_PATH, env.LUA_CPATH, "1"
    for i, url in ipairs(outputs) do own["OUTPUT_" .. i] = url end
    return answers, { "lua5.4", "examples/" .. name .. ".lua" }, own
  end

  it("direct_push.lua prints the address, goes on the air and off again", function()
    local answers, argv, own = play("direct_push", { "rtmp://push.example.com/cme/hush1",
      "rtmp://push.example.com/cme/hush2" })
    own.PRELOAD = os.getenv "LD_PRELOAD" or "" -- a sanitizer's, which is for Lua and not for sh
    local typing = 'printf "\\n\\n" | LD_PRELOAD=$PRELOAD exec "$@"'
    local code, out, err = proc.run({ "sh", "-c", typing, "sh", table.unpack(argv) }, { env = own })
    assert.are.equal(0, code, out .. err)
    assert.matches("push to rtmp://push.example.com/output/.*%?txSecret=.*on the air.*stopped and deleted", out)
    answers:finish()
  end)

  it("direct_push.lua goes on the air with what an encoder pushes to the service's own edge", function()
    local own = service.start { edge = true }
    local environment = own:environment()
    environment.LUA_PATH, environment.LUA_CPATH = env.LUA_PATH, env.LUA_CPATH
    local dir = proc.folder()
    assert.are.equal(0, (proc.run { "mkfifo", dir .. "/keyboard" }))
    environment.OUTPUT_1 = rtmp:url("platform", "pushed")
    environment.PRELOAD = os.getenv "LD_PRELOAD" or "" -- a sanitizer's, which is for Lua and not for sh
    local script = proc.spawn({ "sh", "-c", 'LD_PRELOAD=$PRELOAD exec lua5.4 examples/direct_push.lua <"$1"', "sh",
      dir .. "/keyboard" }, { env = environment })
    local keyboard = assert(io.open(dir .. "/keyboard", "w"))
    local function press_enter()
      keyboard:write "\n"
      keyboard:flush()
    end
    local encoder = media.publish((script:expect "push to (rtmp://%S+)"), media.MAIN)
    own.proc:expect '"message":"publisher admitted"'
    press_enter()
    script:expect "on the air"
    proc.eventually("the picture at the platform", 20, function()
      local publishes = rtmp:publishes "platform"
      return publishes[#publishes] and publishes[#publishes].name == "pushed"
    end)
    press_enter()
    keyboard:close()
    assert.are.equal(0, (script:wait()), script:output())
    assert.matches("stopped and deleted", script.out)
    encoder:wait()
    own:stop()
  end)

  it("vod_loop.lua plays files and tells where it is", function()
    env.SECONDS = "2"
    media.file(rtmp.dir .. "/hls/source/1.mp4", 1)
    local url = ("http://127.0.0.1:%d/hls/source/1.mp4"):format(rtmp.http_port)
    local code, out, err = proc.run({ "lua5.4", "examples/vod_loop.lua", url },
      with(nil, nil, rtmp:url("platform", "vod")))
    assert.are.equal(0, code, out .. err)
    assert.matches("/hls/source/1.mp4, %d+ s.*stopped and deleted", out)
  end)

  it("media_cast.lua plays, switches, takes an output out and puts it back", function()
    env.SECONDS = "1"
    local live = media.publish(rtmp:url("source", "cast"), media.BACKUP)
    media.file(rtmp.dir .. "/hls/source/cast.mp4", 10)
    local url = ("http://127.0.0.1:%d/hls/source/cast.mp4"):format(rtmp.http_port)
    proc.eventually("the live source on air", 20, function()
      local publishes = rtmp:publishes "source"
      return publishes[#publishes].name == "cast"
    end)
    local code, out, err = proc.run({ "lua5.4", "examples/media_cast.lua", url },
      with(rtmp:url("source", "cast"), nil, rtmp:url("platform", "cast1"), rtmp:url("platform", "cast2")))
    assert.are.equal(0, code, out .. err)
    assert.matches(": working.*: working.*: stopped.*: working.*: working.*: working.*stopped and deleted", out)
    live:stop()
  end)

  it("ensure.lua makes it so, then has nothing to do, then takes it off the air", function()
    local main = media.publish(rtmp:url("source", "ensured"), media.MAIN)
    rtmp:expect_publish("source", 4)
    local own = with(rtmp:url("source", "ensured"), nil, rtmp:url("platform", "ensured"))
    local function ensure(...)
      local code, out, err = proc.run({ "lua5.4", "examples/ensure.lua", ... }, own)
      assert.are.equal(0, code, out .. err)
      return out
    end
    assert.matches("^create\nstart\n.*2 changes\n$", ensure()) -- between them what is not live yet
    assert.are.equal("nothing to do\n", ensure())
    assert.are.equal("stop\n1 changes\n", ensure "--stop")
    assert.are.equal("nothing to do\n", ensure "--stop")
    main:stop()
  end)

  it("watch.lua sees the backup take over, and goes back to the main source when that is there again", function()
    local main = media.publish(rtmp:url("source", "watched"), media.MAIN)
    local backup = media.publish(rtmp:url("source", "spare"), media.BACKUP)
    rtmp:expect_publish("source", 6)
    local show = require "cme".client(serve:client_options()):project { name = "watched", owner = "spec",
      input = rtmp:url("source", "watched"), backup = rtmp:url("source", "spare"),
      outputs = { rtmp:url("platform", "watched") } }
    assert(show:start())
    env.INTERVAL = "0.5"
    local script = proc.spawn({ "lua5.4", "examples/watch.lua", show.id }, { env = env })
    script:expect "working, on main"
    main:stop()
    script:expect "active : main %-> backup"
    main = media.publish(rtmp:url("source", "watched"), media.MAIN)
    script:expect("back on the main source", 40)
    script:expect "active : backup %-> main"
    assert(show:stop())
    assert.are.equal(0, (script:wait()))
    assert.matches("status : working %-> idle", script.out)
    assert(show:delete())
    main:stop()
    backup:stop()
  end)

  it("parallel.lua starts a show for each line of a file", function()
    local stub = stub_service.start()
    local dir = proc.folder()
    local file = assert(io.open(dir .. "/shows", "w"))
    for i = 1, 30 do file:write(("live-%d https://h/%d.flv rtmp://h/a/%d rtmp://i/a/%d\n"):format(i, i, i, i)) end
    file:close()
    local command = { "lua5.4", "examples/parallel.lua", dir .. "/shows" }
    local code, out, err = proc.run(command, { env = stub:environment() })
    assert.are.equal(0, code, err)
    assert.matches("live%-30\t%x+\n30 of 30 started\n$", out)
    assert.are.equal(30, stub:calls().CreateProject)
    stub:stop()
    local missing = stub:environment()
    missing.TENCENTCLOUD_SECRET_ID, missing.TENCENTCLOUD_SECRET_KEY, missing.HOME = false, false, dir
    code, out, err = proc.run(command, { env = missing })
    assert.are.equal(1, code)
    assert.matches("0 of 30 started", out)
    assert.matches("project 'live%-1': start: CreateProject: ", err)
  end)

  it("openresty/shows.lua serves shows from nginx", function()
    local stub = stub_service.start(0)
    local environment = stub:environment()
    environment.LUA_PATH, environment.LUA_CPATH = nil, nil -- nginx is another Lua
    local main = {}
    for name in pairs(environment) do main[#main + 1] = "env " .. name .. ";" end
    local web = openresty.start('require("examples.openresty.shows").handle()',
      { main = table.concat(main, " "), env = environment, http = "lua_socket_log_errors off;" })
    local status, body = web:get("/shows", '{"name":"live-1","input":"https://h/a.flv","outputs":["rtmp://h/a/key"]}')
    assert.are.same({}, web:errors())
    assert.are.equal(201, status, body)
    assert.matches('^{"id":"%x+"}', body)
    status, body = web:get "/shows?id=a&id=b&id=c"
    assert.are.same({ 200, '["working","working","working"]\n' }, { status, body })
    assert.are.same({ 400 }, { (web:get("/shows", "nonsense")) })
    stub:stop()
    status, body = web:get "/shows?id=a"
    assert.are.equal(502, status)
    assert.matches('"code":"network.connect"', body)
    assert.are.same({}, web:errors())
    web:stop()
  end)

  it("broadcast.lua goes on when one platform is dead", function()
    env.SECONDS = "2"
    local main = media.publish(rtmp:url("source", "main3"), media.MAIN)
    proc.eventually("main3 on air", 20, function()
      local publishes = rtmp:publishes "source"
      return publishes[#publishes].name == "main3"
    end)
    local code, out, err = proc.run({ "lua5.4", "examples/broadcast.lua" }, with(rtmp:url("source", "main3"),
      rtmp:url("source", "main3"), rtmp:url("platform", "live3"),
      ("rtmp://127.0.0.1:%d/app/dead"):format(proc.free_port())))
    assert.are.equal(0, code, out .. err)
    assert.matches("推流2.*refused.*switched back.*stopped and deleted", out)
    main:stop()
  end)
end)
