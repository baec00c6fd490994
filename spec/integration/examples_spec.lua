-- SPDX-License-Identifier: MIT
-- Every example runs as its head says, against the local service.

local media = require "spec.support.media"
local nginx = require "spec.support.nginx"
local proc = require "spec.support.proc"
local service = require "spec.support.service"

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

  it("broadcast.lua goes on when one platform is dead", function()
    env.SECONDS = "2"
    local main = media.publish(rtmp:url("source", "main3"), media.MAIN)
    proc.eventually("main3", 20, function() return rtmp:publishes("source")[4] end)
    local code, out, err = proc.run({ "lua5.4", "examples/broadcast.lua", rtmp:url("source", "main3"),
      rtmp:url("source", "main3"), rtmp:url("platform", "live3"),
      ("rtmp://127.0.0.1:%d/app/dead"):format(proc.free_port()) }, { env = env })
    assert.are.equal(0, code, out .. err)
    assert.matches("推流2.*refused.*switched back.*stopped and deleted", out)
    main:stop()
  end)

  it("broadcast.lua without its arguments says how it is called", function()
    local code, _, err = proc.run({ "lua5.4", "examples/broadcast.lua" }, { env = env })
    assert.are.equal(2, code)
    assert.matches("usage:", err)
  end)
end)
