-- SPDX-License-Identifier: MIT
-- tools/packages: each package, installed into a folder, has every module that its modules load, and its commands run
-- there without LUA_PATH. Nothing of the checkout helps: the folder is all that a Lua is told.

local control_room = require "spec.support.programs.control_room"
local paths = require "spec.support.paths"
local proc = require "spec.support.proc"

-- Loads every module below a folder; prints how many. The playout's main is a program, which runs when it is loaded.
local LOAD_ALL = [[
local count = 0
for path in io.popen("cd '" .. arg[1] .. "' && find cme -name '*.lua'"):lines() do
  if path == "cme/playout/main.lua" or path == "cme/server/playout/main.lua" then
    assert(loadfile(arg[1] .. "/" .. path))
  else
    require((path:gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")))
  end
  count = count + 1
end
print(count)
]]

-- What nginx has, for modules that are loaded outside of it.
local IN_NGINX = "ngx = { config = {}, thread = {}, socket = {}, timer = {}, semaphore = {} }\n"
  .. "package.preload['ngx.semaphore'] = function() return {} end\n"

describe("package", function()
  local function succeed(argv, options)
    local code, out, err = proc.run(argv, options)
    assert.are.equal(0, code, out .. err)
    return out
  end

  -- A PREFIX with these packages in it.
  local function install(...)
    local prefix = proc.folder()
    for _, package in ipairs { ... } do
      local abi = (package == "client" or package == "server") and "5.4" or "5.1"
      succeed({ "tools/install.sh", package }, { env = { DESTDIR = "", BINDIR = prefix .. "/bin", LUA_ABI = abi,
        LUADIR = prefix .. "/share/lua/" .. abi, LIBDIR = prefix .. "/lib/lua/" .. abi, MANDIR = prefix .. "/share/man",
        DATADIR = prefix .. "/share", BUILD = paths.build } })
    end
    return prefix
  end

  -- An environment without the checkout.
  local function installed(prefix, extra)
    local env = { LUA_PATH = false, LUA_CPATH = false, LUA_PATH_5_4 = false, LUA_CPATH_5_4 = false, CME_BUILD = false,
      HOME = prefix, PATH = prefix .. "/bin:/usr/bin:/bin" }
    for name, value in pairs(extra or {}) do env[name] = value end
    return { cwd = "/", env = env, name = "installed" }
  end

  local function load_all(lua, abi, prefix, code)
    local folder = prefix .. "/share/lua/" .. abi
    local script = proc.folder() .. "/load.lua"
    local file = assert(io.open(script, "w"))
    file:write(code)
    file:close()
    return tonumber(succeed({ lua, script, folder }, installed(prefix, {
      LUA_PATH = folder .. "/?.lua;" .. folder .. "/?/init.lua;;",
      LUA_CPATH = ("%s/lib/lua/%s/?.so;;"):format(prefix, abi),
    })))
  end

  teardown(function() assert.are.same({}, proc.cleanup()) end)

  it("client: every module loads by itself, and cme runs", function()
    local prefix = install "client"
    assert.is_true(load_all("lua5.4", "5.4", prefix, LOAD_ALL) > 100)
    local version = succeed({ prefix .. "/bin/cme", "--version" }, installed(prefix))
    assert.are.equal(require "cme.version", version:match "%d[%d.]*")
    assert.are.equal(1, (proc.run({ "test", "-e", prefix .. "/share/lua/5.4/cme/server" })))
  end)

  it("server: every module loads on the client's", function()
    local prefix = install("client", "server")
    assert.is_true(load_all("lua5.4", "5.4", prefix, LOAD_ALL) > 200)
    assert.matches("cme%-relay", (succeed({ "cme-relay", "--version" }, installed(prefix))))
  end)

  it("resty: every module loads under LuaJIT", function()
    local prefix = install "resty"
    assert.is_true(load_all("luajit", "5.1", prefix, IN_NGINX .. LOAD_ALL) > 50)
  end)

  it("room: cme-room runs from where it is installed, with a service of its own", function()
    local prefix = install("client", "server", "resty", "room")
    local env = { ROOM_PASSWORD = control_room.password, ROOM_SERVICE = "own",
      ROOM_LISTEN = "127.0.0.1:" .. proc.free_port(), XDG_STATE_HOME = prefix .. "/state" }
    control_room.instrument(env)
    env.CME_BUILD = false
    env.ASAN_OPTIONS = "detect_leaks=0" -- the shell and what it runs keep memory to their end
    local room = proc.spawn({ prefix .. "/bin/cme-room" }, installed(prefix, env))
    local url = room:expect("control room at (http://[%d.:]+)\n", 60)
    assert.matches("<form", (succeed { "curl", "-fsSL", url }))
    for _, path in ipairs { "/static/room.css", "/player/hls.light.min.js" } do
      assert.is_true(#succeed { "curl", "-fsS", url .. path } > 1000, path)
    end
    succeed { "test", "-s", prefix .. "/state/cme-room/nginx.pid" }
    room:stop(15)
    assert.are.equal(0, room.code)
  end)

  it("room: cme-room explains itself, and refuses what it does not know", function()
    local prefix = install("client", "room")
    local options = installed(prefix)
    assert.matches("ROOM_PASSWORD.*" .. prefix:gsub("%p", "%%%0"), (succeed({ "cme-room", "--help" }, options)))
    local code, out, err = proc.run({ "cme-room", "--listen" }, options)
    assert.are.same({ 2, "", "control room: unknown argument '--listen' (settings are variables of the environment: "
      .. "cme-room --help)\n" }, { code, out, err })
    code, out, err = proc.run({ "cme-room" }, installed(prefix, { ROOM_PASSWORD = "long enough" }))
    assert.are.same({ 1, "", ("control room: '%s/lib/lua/5.1/cme/sign.so' is missing (run make build, or make "
      .. "install-resty)\n"):format(prefix) }, { code, out, err })
  end)
end)
