-- SPDX-License-Identifier: MIT
-- The live table of `cme look`, at a real terminal (one of script(1)'s).

local broadcasts = require "spec.support.programs.broadcasts"
local exit = require "cme.cli.exit"
local looking = require "spec.support.programs.looking"
local proc = require "spec.support.proc"
local screen = require "spec.support.programs.screen"

describe("the table of cme look", function()
  local folder, green, film

  setup(function()
    folder = proc.folder()
    green = looking.film(folder, "green", broadcasts.BROKEN.green, 60)
    film = looking.film(folder, "film", broadcasts.GOOD.film, 60)
  end)

  teardown(function()
    proc.cleanup()
  end)

  -- A terminal of 24 rows and 120 columns with a command in it; `device` is its name.
  local function at_terminal(line)
    local path = proc.folder() .. "/run.sh"
    local file = assert(io.open(path, "w"))
    local preload = os.getenv "LD_PRELOAD" -- a sanitizer's, which is for Lua and not for script and sh
    line = preload and line:gsub("bin/cme", ("env LD_PRELOAD=%s %%0"):format(preload)) or line
    file:write("stty rows 24 cols 120; tty; stty -g\n", line, '\necho "code=$?"; stty -g\n')
    file:close()
    local p = proc.spawn({ "script", "-qec", "sh " .. path, "/dev/null" },
      { env = { LC_ALL = "C.UTF-8", TERM = "xterm", NO_COLOR = false }, stdin = true })
    p.device, p.settings = p:expect "(/dev/pts/%d+)\r\n(%S+)\r\n"
    return p
  end

  local function screen_of(p)
    return screen.read(p.out:match "\27%[%?1049h.*" or "")
  end

  local function expect(p, wanted)
    local shown
    return proc.eventually(function() return ("'%s' on the screen:\n%s"):format(wanted, shown) end, 60, function()
      shown = screen.text(screen_of(p))
      return shown:find(wanted) and shown
    end)
  end

  -- The command ended so, and the terminal is as it was.
  local function expect_end(p, code)
    assert.are.same({ tostring(code), p.settings }, { p:expect("code=(%d+)\r\n(%S+)\r\n", 60) })
    local now = screen_of(p)
    assert.are.same({ false, true, true }, { now.alternate, now.cursor, now.wraps })
    p:wait()
  end

  it("shows each address, what changed, and the results at the end", function()
    local p = at_terminal(("bin/cme look %s %s"):format(film, green))
    expect(p, "ADDRESS +VIEWERS +PICTURE +FPS +KBIT/S +LUFS +PEAK DB +DELAY")
    local text = expect(p, "green.flv +one colour +h264 320x180 +15.0 ")
    assert.matches("film.flv +fine +h264 320x180 +15.0 +%d+ +%-%d+.%d +%-%d+.%d +%-\n", text)
    expect(p, "\n.*green.flv: one colour, was fine")
    assert.truthy(p.out:find("\27[31mone colour\27[0m", 1, true))

    assert.truthy(os.execute(("stty -F %s rows 10 cols 80"):format(p.device)))
    expect(p, "…%S*green.flv +one colour +h264 320x180 +15.0 +%d+ +%-%d+.%d +%-%d+.%d +%-\n")
    assert.truthy(os.execute(("stty -F %s rows 9 cols 40"):format(p.device)))
    proc.eventually("a screen of 9 rows", 60, function() return #screen_of(p).rows == 9 end)
    p:write "q"
    expect_end(p, exit.PARTLY)
    local after = p.out:match "\27%[%?1049l(.*)code=":gsub("\27%[[%d;]*m", "")
    assert.matches("green.flv +one colour +one colour", after)
  end)

  it("ends by Ctrl-C, in Chinese as well", function()
    local p = at_terminal(("bin/cme look %s --language zh-CN"):format(film))
    expect(p, "地址 +观众看到")
    expect(p, "film.flv +正常")
    p:write "\3"
    expect_end(p, exit.INTERRUPTED)
  end)

  it("leaves nothing behind", function()
    assert.are.same({}, proc.cleanup())
  end)
end)
