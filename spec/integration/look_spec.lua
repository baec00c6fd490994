-- SPDX-License-Identifier: MIT
-- `cme look` and cme-look: broadcasts of real servers, good and broken, and what is said of them.

local cjson = require "cjson"

local broadcasts = require "spec.support.programs.broadcasts"
local exit = require "cme.cli.exit"
local looking = require "spec.support.programs.looking"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"

describe("cme look", function()
  local server, folder

  setup(function()
    folder = proc.folder()
    server = nginx.start { apps = { "live" } }
  end)

  teardown(function()
    proc.cleanup()
  end)

  -- What was said of an address, in order.
  local function changes_of(all, index)
    local list = {}
    for _, line in ipairs(all) do
      if line.kind == "change" and line.index == index then
        list[#list + 1] = ("%s %s"):format(line.was == cjson.null and "null" or line.was, line.state)
      end
    end
    return table.concat(list, ", ")
  end

  it("names what is wrong with a broadcast, and nothing where all is well", function()
    local names, urls, kinds = {}, {}, {}
    for name, kind in pairs(broadcasts.BROKEN) do
      names[#names + 1], kinds[name] = name, kind
    end
    for _, name in ipairs { "film", "dark_film", "title_card" } do
      names[#names + 1], kinds[name] = name, broadcasts.GOOD[name]
    end
    for i, name in ipairs(names) do
      local path = looking.film(folder, name, kinds[name])
      if name == "sound_only" then -- which nginx-rtmp sends to nobody
        urls[i] = looking.serve_flv(name, path)
      else
        urls[i] = server:url("live", name)
        broadcasts.publish(urls[i], path)
      end
    end
    server:expect_publish("live", #names - 1)
    urls[#urls + 1] = server:url("live", "nobody")
    names[#names + 1], kinds.nobody = "nobody", { state = "gone" }
    local code, last, all = looking.look("--for", "20s", table.unpack(urls))
    assert.equal(exit.PARTLY, code)
    local found, expected = {}, {}
    for i, name in ipairs(names) do
      found[name], expected[name] = last[i].state, kinds[name].state
    end
    assert.are.same(expected, found)
    assert.equal("null gone", changes_of(all, #urls - 1))
    proc.stop_all()
    server:up()
  end)

  it("refuses what is no address, and says so in Chinese", function()
    local code, _, err = proc.run(looking.command("--language", "zh-CN", "look", "gopher://127.0.0.1/x"),
      { env = looking.ENV })
    assert.is_true(code ~= 0)
    assert.is_truthy(err:find "cme look：" or err:find "cme look:", err)
    assert.equal(exit.USAGE, (proc.run(looking.command("look", "--for", "10", "rtmp://127.0.0.1/a/b"), {
      env = looking.ENV })))
  end)

  it("leaves nothing behind", function()
    server:stop()
    assert.are.same({}, proc.cleanup())
  end)
end)
