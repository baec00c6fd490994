-- SPDX-License-Identifier: MIT
-- Every example runs as its head says, against the local service.

local media = require "spec.support.media"
local nginx = require "spec.support.nginx"
local proc = require "spec.support.proc"
local openresty = require "spec.support.openresty"
local service = require "spec.support.service"
local stub_service = require "spec.support.stub_service"

describe("examples", function()
  local rtmp, serve, env

  setup(function()
    rtmp = nginx.start { apps = { "source", "platform" } }
    serve = service.start()
    env = serve:environment()
    env.LUA_PATH, env.LUA_CPATH = package.path .. ";;", package.cpath .. ";;"
    env.SECONDS = "2"
  end)

  teardown(function()
    if serve then serve:stop() end
    if rtmp then rtmp:stop() end
    proc.cleanup()
  end)

  it("broadcast.lua starts, switches, switches back, stops and deletes", function()
    local main = media.publish(rtmp:url("source", "main"), media.MAIN)
    local backup = media.publish(rtmp:url("source", "backup"), media.BACKUP)
    rtmp:expect_publish("source", 2)
    local code, out, err = proc.run({ "lua5.4", "examples/broadcast.lua", rtmp:url("source", "main"),
      rtmp:url("source", "backup"), rtmp:url("platform", "live") }, { env = env })
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
    local script = proc.spawn({ "lua5.4", "examples/broadcast.lua", rtmp:url("source", "main2"),
      rtmp:url("source", "main2"), rtmp:url("platform", "live2") }, { env = env })
    script:expect "started"
    script:kill "sigint"
    assert.are.equal(1, (script:wait()))
    assert.matches("stopped and deleted", script.out)
    proc.eventually("the engine to end", 5, function() return #serve:engines() == 0 end)
    main:stop()
  end)

  it("broadcast.lua without its arguments says how it is called", function()
    local code, _, err = proc.run({ "lua5.4", "examples/broadcast.lua" }, { env = env })
    assert.are.equal(2, code)
    assert.matches("usage:", err)
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
end)
