-- SPDX-License-Identifier: MIT

local coverage = require "tools.coverage"

describe("tools.coverage", function()
  it("takes the lines with code from luac's listing", function()
    local listing = "\nmain <a.lua:0,0> (3 instructions at 0x1)\n0+ params\n\t1\t[1]\tVARARGPREP\t0\n\t2\t[3]\tRETURN\n"
    assert.are.same({ true, [3] = true }, coverage.lines(listing))
  end)

  it("adds up what processes noted", function()
    local hits = {}
    coverage.add(hits, "lua/cme/a.lua: 3 1\nlua/cme/b.lua: 7\n")
    coverage.add(hits, "lua/cme/a.lua: 2\n")
    assert.are.same({ ["lua/cme/a.lua"] = { true, true, true }, ["lua/cme/b.lua"] = { [7] = true } }, hits)
  end)

  it("writes numbers as ranges", function()
    assert.are.equal("1-3, 7, 9-10", coverage.ranges { 1, 2, 3, 7, 9, 10 })
    assert.are.equal("", coverage.ranges {})
  end)

  it("reads gcov's figures, the best of each source", function()
    local text = "File 'src/a/b.c'\nLines executed:50.00% of 10\nNo branches\n\nFile '/usr/include/x.h'\n"
      .. "Lines executed:1.00% of 100\n\nFile '/x/src/a/b.c'\nLines executed:75.00% of 12\n"
    assert.are.same({ { path = "src/a/b.c", all = 12, run = 9 } }, coverage.of_gcov(text))
  end)

  it("has a line for each folder and one for all", function()
    local text = coverage.table("C", { { path = "src/a/x.c", all = 10, run = 5 },
      { path = "src/a/y.c", all = 10, run = 10 }, { path = "src/b/z.c", all = 20, run = 20 } })
    assert.matches("src/a +15 +20 +75.0 %%\nsrc/b +20 +20 +100.0 %%\nC +35 +40 +87.5 %%$", text)
  end)

  it("notes the lines of coroutines, and of a process that has had another hook and exits", function()
    local folder = os.tmpname()
    os.remove(folder)
    assert(os.execute("mkdir " .. folder))
    local script = 'debug.sethook(print, "", 1000000) debug.sethook() '
      .. 'coroutine.wrap(function() require "cme.text.strings".utf8_len(given) end)() os.exit(0)'
    local command = "CME_COVERAGE=%s LUA_INIT='given = [[x]]' LUA_INIT_5_4='%s' LUA_PATH='./lua/?.lua' lua5.4 -e '%s'"
    assert(os.execute(command:format(folder, coverage.init(require "spec.support.paths".build), script)))
    local hits = {}
    coverage.add(hits, io.popen("cat " .. folder .. "/*"):read "a")
    os.execute("rm -r " .. folder)
    local count = 0
    for _ in pairs(hits["lua/cme/text/strings.lua"]) do count = count + 1 end
    assert.is_true(count > 5)
  end)
end)
