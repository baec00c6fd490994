-- SPDX-License-Identifier: MIT
-- `cme watch` against a real service, engine and destination, at a real terminal (one of script(1)'s) and without one.

local cjson = require "cjson"
local uv = require "luv"

local columns = require "cme.cli.columns"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local raw_server = require "spec.support.fakes.raw_server"
local screen = require "spec.support.programs.screen"
local service = require "spec.support.programs.service"

local PARTLY = require "cme.cli.exit".PARTLY

describe("cme watch", function()
  local serve, server, source, env

  local function well(...)
    local code, out, err = proc.run({ "bin/cme", ... }, { env = env, timeout = 60 })
    assert.are.same({ 0, "" }, { code, err }, out)
    return out
  end

  setup(function()
    serve = service.start()
    env = serve:environment()
    env.LC_ALL, env.HOME, env.TERM, env.NO_COLOR = "C.UTF-8", false, "xterm", false
    server = nginx.start { apps = { "in", "out" } }
    source = media.publish(server:url("in", "main"))
    server:expect_publish "in"
    well("create", "gala", "--owner", "me", "--input", server:url("in", "main"), "--output",
      "推流1=" .. server:url("out", "key1"))
  end)

  teardown(function()
    source:stop()
    server:stop()
    serve:stop()
    proc.cleanup()
  end)

  -- A terminal of 24 rows and 80 columns with `cme watch` in it; `device` is its name.
  local function at_terminal(line)
    local path = proc.folder() .. "/run.sh"
    local file = assert(io.open(path, "w"))
    local preload = os.getenv "LD_PRELOAD" -- a sanitizer's, which is for Lua and not for script and sh
    line = preload and line:gsub("bin/cme", ("env LD_PRELOAD=%s %%0"):format(preload)) or line
    file:write("stty rows 24 cols 80; tty; stty -g; echo $$\n", line, '\necho "code=$?"; stty -g\n')
    file:close()
    local p = proc.spawn({ "script", "-qec", "sh " .. path, "/dev/null" }, { env = env, stdin = true })
    p.device, p.settings, p.shell = p:expect "(/dev/pts/%d+)\r\n(%S+)\r\n(%d+)\r\n"
    return p
  end

  -- What its screen shows once `wanted` is on it.
  local function expect(p, wanted, timeout)
    local shown
    return proc.eventually(function() return ("'%s' on the screen:\n%s"):format(wanted, shown) end, timeout or 20,
      function()
        local now = screen.read(p.out:match "\27%[%?1049h.*" or "")
        shown = screen.text(now)
        return shown:find(wanted) and now
      end)
  end

  -- The terminal is as it was, and the command ended with 0.
  local function expect_restored(p)
    local code, settings = p:expect "code=(%d+)\r\n(%S+)\r\n"
    assert.are.same({ "0", p.settings }, { code, settings })
    local now = screen.read(p.out:match "\27%[%?1049h.*")
    assert.are.same({ false, true, true }, { now.alternate, now.cursor, now.wraps })
  end

  it("shows a project on the air, follows it, and gives the terminal back", function()
    local p = at_terminal "bin/cme watch gala --interval 1s"
    expect(p, "gala  idle")
    local code, _, err = proc.run({ "bin/cme", "start", "gala", "--for", "10m" }, { env = env })
    assert.is_truthy(code == 0 or code == PARTLY, err) -- a busy machine may be late with a part of it
    expect(p, "推流1 +live +%d+ +%d+ +0 +%d+ ms")
    local text = screen.text(expect(p, "main %* +live +%d+ +%d+ +%d+x%d+ h264"))
    assert.matches("gala  working  until ", text)
    assert.matches("%[=*%-+%] %d+s elapsed, ", text)
    assert.matches("gala: working, was idle\n", text)
    assert.truthy(p.out:find("\27[32mlive\27[0m", 1, true))
    assert.is_nil(p.out:find(server.keys, 1, true))

    assert.truthy(os.execute(("stty -F %s rows 10 cols 40"):format(p.device)))
    proc.eventually("the screen to be 10 rows of 40", 20, function()
      local now = screen.read(p.out:match "\27%[%?1049h.*")
      for line in screen.text(now):gmatch "[^\n]+" do
        if columns.width(line) > 40 then return false end
      end
      return #now.rows == 10
    end)
    p:write "q"
    expect_restored(p)
  end)

  it("scrolls, stops for a while, and ends by Ctrl-C and SIGTERM", function()
    for i = 1, 30 do well("create", ("show %02d"):format(i), "--owner", "me") end
    local p = at_terminal "set -m; bin/cme watch; stty -g; fg"
    expect(p, "show 30  idle")
    p:write "\27[6"
    p:write "~"
    expect(p, "lines 18 to 34 of 37")
    p:write "G\27OAk"
    expect(p, "lines 19 to 35 of 37")
    p:write "\26"
    p:expect(p.settings .. ".*" .. p.settings)
    proc.eventually("the screen to be drawn again", 20, function()
      local _, times = p.out:gsub("\27%[%?1049h", "")
      return times == 2 and screen.text(screen.read(p.out:match ".*(\27%[%?1049h.*)")):find "projects: 31"
    end)
    p:write "\3"
    expect_restored(p)

    p = at_terminal "sh -c 'echo pid=$$; exec bin/cme watch gala --language zh-CN'"
    expect(p, "gala  转推中.*已播 .*推流1 +正常")
    uv.kill(tonumber((p:expect "pid=(%d+)")), "sigterm")
    expect_restored(p)
  end)

  it("shows what fails, a destination or the service, and that it works again", function()
    local dead = ("rtmp://127.0.0.1:%d/a/hush-b"):format(proc.free_port())
    local p = at_terminal "bin/cme watch gala --interval 1s --retries 0"
    expect(p, "推流1 +live")
    well("output", "add", "gala", dead, "--name", "B")
    expect(p, "B +reconnecting.*connection refused")
    serve:crash()
    expect(p, "could not connect")
    serve:up()
    expect(p, "gala: can be read again")
    expect(p, "B +reconnecting")
    assert.is_nil(p.out:find("hush-b", 1, true))
    p:write "q"
    expect_restored(p)
    well("output", "remove", "gala", "B")
  end)

  it("gives the terminal back after an error of its own", function()
    local broken = "package.preload['cme.cli.watch.screen'] = function() return { lines = error } end"
    local p = at_terminal(('LUA_INIT="%s" bin/cme watch gala'):format(broken))
    local code, settings = p:expect "internal error: .*code=(%d+)\r\n(%S+)\r\n"
    assert.are.same({ "1", p.settings }, { code, settings })
    assert.matches("\27%[%?1049l.*internal error", p.out)
  end)

  it("without a terminal says what changes, a line each, until the project is gone", function()
    local told = proc.spawn({ "bin/cme", "watch", "gala" }, { env = env })
    told:expect "gala: working"
    told:kill()
    assert.are.same({ 0, 0, "" }, { (told:wait()), told.signal, told.err })
    local plain = proc.spawn({ "bin/cme", "watch", "gala", "--interval", "1s" }, { env = env })
    local json = proc.spawn({ "bin/cme", "watch", "gala", "--interval", "1s", "--json" }, { env = env })
    plain:expect "^%d%d:%d%d:%d%d gala: working, outputs: 1\n$"
    json:expect '"what":"project"'
    well("stop", "gala")
    plain:expect "\n%d%d:%d%d:%d%d gala: idle, was working\n"
    json:expect '"what":"status"'
    well("delete", "gala")
    assert.are.same({ 5, 5 }, { (plain:wait()), (json:wait()) })
    assert.matches("^cme watch: project 'gala': [^\n]+\n$", plain.err)
    local lines = {}
    for line in json.out:gmatch "[^\n]+" do lines[#lines + 1] = cjson.decode(line) end
    assert.are.same({ "gala", "working", "main" }, { lines[1].name, lines[1].new.status, lines[1].new.active })
    assert.are.equal(5, lines[#lines].error.exit)
    assert.is_nil((plain.out .. json.out):find("[\27]"))
    assert.is_nil((plain.out .. json.out):find(server.keys, 1, true))
  end)

  describe("while a call waits", function()
    local silent, before, answers

    -- It answers so many calls: there are no projects.
    before_each(function()
      answers = 0
      silent = raw_server.start(function(c)
        while c:request() and answers > 0 do
          answers = answers - 1
          c:answer '{"Response":{"TotalCount":0,"ProjectInfoSet":[],"RequestId":"r"}}'
        end
        c:stall()
      end)
      before = env.CME_ENDPOINT
      env.CME_ENDPOINT = ("http://127.0.0.1:%d"):format(silent.port)
    end)

    after_each(function()
      env.CME_ENDPOINT = before
      silent:stop()
    end)

    local function expect_calls(count)
      proc.eventually("a call to wait", 20, function() return #silent.requests >= count end)
      silent.requests = {}
    end

    local function expect_interrupted(p)
      p:kill "sigint"
      assert.are.same({ 130, "cme watch: interrupted\n" }, { (p:wait()), p.err })
    end

    it("ends by Ctrl-C, with lines and with JSON", function()
      for _, more in ipairs { {}, { "--json" }, { "gala" } } do
        local p = proc.spawn({ "bin/cme", "watch", table.unpack(more) }, { env = env })
        expect_calls(1)
        expect_interrupted(p)
        assert.are.equal(more[1] == "--json", p.out:find('"code":"local.interrupted"', 1, true) ~= nil)
      end
    end)

    it("ends by Ctrl-C while a later look waits", function()
      answers = 1
      local p = proc.spawn({ "bin/cme", "watch", "--interval", "1s" }, { env = env })
      expect_calls(2)
      expect_interrupted(p)
    end)

    it("ends by SIGINT and by the key q where it has a screen", function()
      local p = at_terminal "sh -c 'echo pid=$$; exec bin/cme watch'"
      expect(p, "waiting for the service")
      expect_calls(1)
      uv.kill(tonumber((p:expect "pid=(%d+)")), "sigint")
      local code, settings = p:expect "code=(%d+)\r\n(%S+)\r\n"
      assert.are.same({ "130", p.settings }, { code, settings })

      p = at_terminal "bin/cme watch gala"
      expect(p, "waiting for the service")
      expect_calls(1)
      p:write "q"
      expect_restored(p)
    end)
  end)
end)
