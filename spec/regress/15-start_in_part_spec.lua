-- SPDX-License-Identifier: MIT
-- A source that comes up only after the service has stopped waiting for it: the broadcast is on the air, so no script
-- may die of it. README's first snippet, every example and the handler, side by side, on one service and one source.
-- The two waiting ones end when all is on the air: one by its clock, which leaps, the other by a signal.

local files = require "spec.support.files"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local openresty = require "spec.support.programs.openresty"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"
local uv = require "luv"

local PATIENCE = 60 -- seconds
local NOT_YET = "not all of it works yet"

describe("a source that comes up late", function()
  local rtmp, serve, folder, env, slow, file_url
  local running = {} -- by name

  -- The first Lua text of a README, as it stands there: it is a whole program. Each makes a broadcast of its own name.
  local function snippet(path)
    local text, names = files.read(path):match("```lua\n(.-)```"):gsub('"gala"', ("%q"):format(path))
    assert.are.equal(1, names, path)
    return files.write(("%s/%s.lua"):format(folder, path), text)
  end

  local function start(name, argv, more)
    local own = {}
    for key, value in pairs(env) do own[key] = value end
    for key, value in pairs(more or {}) do own[key] = value end
    running[name] = proc.spawn(argv, { name = name, env = own })
    return running[name]
  end

  local function example(name, urls, ...)
    return start(name, { "lua5.4", ("examples/%s.lua"):format(name), ... }, urls)
  end

  local function platform(name)
    return rtmp:url("platform", name)
  end

  local function iso(seconds)
    return os.date("!%Y-%m-%dT%H:%M:%SZ", seconds)
  end

  local function readme(path)
    local key = path:gsub("%W", "")
    start(path, { "lua5.4", snippet(path) },
      { SOURCE = slow, BACKUP = slow, OUTPUT_1 = platform(key .. 1), OUTPUT_2 = platform(key .. 2) })
  end

  -- Whatever waits for the source: started, and told that it is not there.
  local function start_all()
    readme "README.md"
    readme "README.zh-CN.md"
    example("broadcast", { SOURCE = slow, BACKUP = slow, OUTPUT_1 = platform "broadcast" })
    example("vod_loop", { OUTPUT_1 = platform "vod" }, file_url)
    example("media_cast", { SOURCE = slow, OUTPUT_1 = platform "cast1", OUTPUT_2 = platform "cast2" },
      file_url)
    example("ensure", { SOURCE = slow, OUTPUT_1 = platform "ensure" })
    example("parallel", nil, files.write(folder .. "/shows", ("live-1 %s %s\nlive-2 %s %s\n"):format(slow,
      platform "parallel1",
      slow, platform "parallel2")))
    example("scheduled/evening", { SOURCE = slow, OUTPUT_1 = platform "evening",
      LUA_INIT = ("@%s/spec/support/fakes/leaping_clock.lua"):format(uv.cwd()), SPEC_CLOCK_LEAP = folder .. "/leap",
      SPEC_CLOCK_LEAP_BY = "7200" }, iso(os.time() + 1), iso(os.time() + 3600))
    local shanghai = os.time() + 8 * 3600
    local own = { SOURCE = slow, BACKUP = slow, OUTPUT_1 = platform "show1", OUTPUT_2 = platform "show2",
      SHOW_DATE = os.date("!%Y-%m-%d", shanghai), SHOW_START = "00:00:00", SHOW_STOP = "23:59:59" }
    if os.date("!%H:%M", shanghai) < "23:50" then
      start("cme run", { "bin/cme", "run", "--state", folder, "examples/show.lua" }, own)
    end -- else it would be over before all is on the air
  end

  setup(function()
    folder = proc.folder()
    rtmp = nginx.start { apps = { "source", "platform" } }
    serve = service.start { args = { "--preset", "ultrafast" } }
    env = serve:environment()
    env.LUA_PATH, env.LUA_CPATH, env.SECONDS = package.path .. ";;", package.cpath .. ";;", "2"
    slow, file_url = rtmp:url("source", "slow"), ("http://127.0.0.1:%d/hls/source/late.mp4"):format(rtmp.http_port)
    media.file(folder .. "/late.mp4", 20, media.SMALL)
    media.file(folder .. "/late.flv", 10, media.SMALL)
    start_all()
  end)

  teardown(function()
    if serve then serve:stop() end
    if rtmp then rtmp:stop() end
    proc.cleanup()
  end)

  local web, encoder, status, body

  it("is no reason for a handler to fail: it answers the id, and what does not work yet", function()
    local environment, main = serve:environment(), {}
    for name in pairs(environment) do main[#main + 1] = "env " .. name .. ";" end
    web = openresty.start('require("examples.openresty.shows").handle()',
      { main = table.concat(main, " "), env = environment, http = "lua_socket_log_errors off;" })
    status, body = web:get("/shows", ('{"name":"web","input":"%s","outputs":["%s"]}'):format(slow, platform "web"))
    assert.are.same({ 201, true }, { status, body:find(NOT_YET, 1, true) ~= nil }, body)
    assert.matches('"id":"[%w_]+"', body)
    assert.are.same({}, web:errors())
  end)

  it("is told by every script as a warning", function()
    for _, name in ipairs { "README.md", "README.zh-CN.md", "broadcast", "vod_loop", "ensure", "parallel",
      "scheduled/evening" } do
      running[name]:expect(NOT_YET, PATIENCE)
    end
    if running["cme run"] then running["cme run"]:expect(NOT_YET, PATIENCE) end
  end)

  it("is on the air everywhere once it comes", function()
    assert(os.rename(folder .. "/late.mp4", rtmp.dir .. "/hls/source/late.mp4"))
    encoder = media.replay(slow, folder .. "/late.flv")
    local all = { "READMEmd1", "READMEmd2", "READMEzhCNmd1", "ensure", "parallel1", "parallel2", "evening", "web" }
    if running["cme run"] then table.move({ "show1", "show2" }, 1, 2, #all + 1, all) end
    for _, wanted in ipairs(all) do
      proc.eventually("the picture at " .. wanted, PATIENCE, function()
        for _, publish in ipairs(rtmp:publishes "platform") do
          if publish.name == wanted then return true end
        end
      end)
    end
  end)

  it("ends no script before its time", function()
    for _, name in ipairs { "scheduled/evening", "cme run" } do
      assert.is_nil(running[name] and running[name].code, name)
    end
    files.write(folder .. "/leap", "")
    if running["cme run"] then running["cme run"]:kill "sigterm" end
    for name, script in pairs(running) do
      assert.are.equal(0, (script:wait(PATIENCE)), name .. ": " .. script:output())
    end
    for _, name in ipairs { "broadcast", "vod_loop", "media_cast" } do
      assert.matches("stopped and deleted", running[name].out)
    end
    assert.matches("2 of 2 started", running.parallel.out)
    assert.matches("stopped\n$", running["scheduled/evening"].out)
    encoder:stop()
    web:stop()
  end)
end)

describe("an encoder that comes up late", function()
  it("is waited for by examples/direct_push.lua", function()
    local own, rtmp = service.start { edge = true }, nginx.start { apps = { "platform" } }
    local env = own:environment()
    env.LUA_PATH, env.LUA_CPATH = package.path .. ";;", package.cpath .. ";;"
    env.OUTPUT_1 = rtmp:url("platform", "late")
    local script = proc.spawn({ "lua5.4", "examples/direct_push.lua" },
      { env = env, stdin = true, shows_keys = true })
    local address = script:expect("push to (rtmp://%S+)", PATIENCE)
    script:write "\n"
    script:expect(NOT_YET, PATIENCE)
    script:expect("on the air", PATIENCE)
    local encoder = media.publish(address, media.SMALL)
    rtmp:expect_publish("platform", 1, PATIENCE)
    script:write "\n"
    assert.are.equal(0, (script:wait(PATIENCE)), script:output())
    encoder:stop()
    own:stop()
    rtmp:stop()
    proc.cleanup()
  end)
end)
