-- SPDX-License-Identifier: MIT
-- LuaRocks and the two rocks, in a tree of their own. First the client of a checkout, alone: `luarocks make` of its
-- rockspec as it stands. Then a release as its users get it: `make dist`, both rocks installed from it, and the
-- commands in that tree without LUA_PATH. 0.1 had no release to install, and `cme run` from a tree could not start its
-- checks: LuaRocks starts a command with more words than `lua5.4 .../bin/cme`.
--
-- `luarocks install` unpacks the archive and makes the rock in it. It starts a shell for each of 2,000 files that it
-- unpacks, which takes minutes on a busy machine; here tar unpacks, and LuaRocks makes. The archive has the tracked
-- files alone, so that nothing already built stands in for what the rockspecs build; all is built once, in one folder.

local files = require "spec.support.files"
local json = require "cjson"
local luarocks = require "spec.support.programs.luarocks"
local proc = require "spec.support.proc"
local version = require "cme.version"

local SHOW = [[
return {
  project = { name = "installed", owner = "me", input = "rtmp://127.0.0.1:1/live/hush-in",
    outputs = { { name = "a", url = "rtmp://127.0.0.1:1/live/hush-a" } } },
  start_at = %d, stop_at = %d, checks = { ahead = 3600 },
}
]]

describe("what LuaRocks installs", function()
  local dir, tree, dist, rocks, source

  local function succeed(argv, options)
    local code, out, err = proc.run(argv, options)
    assert.are.equal(0, code, out .. err)
    return out
  end

  -- A shell with nothing of the checkout in its environment.
  local function installed(extra)
    local env = { LUA_PATH = false, LUA_CPATH = false, LUA_PATH_5_4 = false, LUA_CPATH_5_4 = false, LD_PRELOAD = false,
      CME_BUILD = false, HOME = dir, PATH = "/usr/bin:/bin" }
    for name, value in pairs(extra or {}) do env[name] = value end
    return { cwd = "/", env = env, name = "installed cme" }
  end

  setup(function()
    dir = proc.folder()
    dist = dir .. "/dist"
    succeed { "sh", "tools/dist.sh", dist, version }
    rocks = luarocks.new(dir)
    tree, source = rocks.tree, ("%s/cme-%s"):format(dir, version)
    succeed { "tar", "-xzf", ("%s/cme-%s.tar.gz"):format(dist, version), "-C", dir }
    rocks:run(source, "make", "cme-dev-1.rockspec")
  end)

  teardown(function() proc.cleanup() end)

  it("is, of a checkout, the client, which signs", function()
    local out = succeed({ "lua5.4", "-e", [[
      local cme = require "cme"
      local key = require "cme.sign".new("id", "key")
      local auth = key:tc3 { service = "cme", host = "cme.tencentcloudapi.com", timestamp = 1551113065, payload = "{}" }
      print(cme.version, auth:match "^TC3%-HMAC%-SHA256 Credential=id/2019%-02%-25/cme/tc3_request")
      require "cme.http".new({}):close()
    ]] }, installed { LUA_PATH = tree .. "/share/lua/5.4/?.lua;" .. tree .. "/share/lua/5.4/?/init.lua;;",
      LUA_CPATH = tree .. "/lib/lua/5.4/?.so;;" })
    assert.matches("^%d+%.%d+%.%d+%s+TC3", out)
  end)

  it("is a client that alone has a cme which says what it lacks", function()
    assert.matches("^cme %d", (succeed({ tree .. "/bin/cme", "--version" }, installed())))
    succeed { "sh", "-c", "ls " .. tree .. "/lib/luarocks/rocks-5.4/cme/*/man/man1/cme.1" }
    local code, out, err = proc.run({ tree .. "/bin/cme", "serve" }, installed())
    assert.are.equal(1, code, out)
    assert.matches("comes with cme%-server", err)
  end)

  it("has the tracked files alone in its archive, under one folder", function()
    local listed = succeed { "tar", "-tzf", ("%s/cme-%s.tar.gz"):format(dist, version) }
    for path in listed:gmatch "[^\n]+" do
      assert.are.equal(1, path:find(("cme-%s/"):format(version), 1, true), path)
      assert.is_nil(path:find("/build/", 1, true), path)
    end
  end)

  it("has rockspecs that name the archive and its folder, or the place where it is published", function()
    local url = "https://downloads.example.com/cme.tar.gz"
    succeed { "sh", "tools/dist.sh", dir .. "/published", version, url }
    for folder, place in pairs { [dist] = ("file://%s/cme-%s.tar.gz"):format(dist, version),
      [dir .. "/published"] = url } do
      for _, rock in ipairs { "cme", "cme-server" } do
        local rockspec = {}
        assert(loadfile(("%s/%s-%s-1.rockspec"):format(folder, rock, version), "t", rockspec))()
        assert.are.same({ url = place, dir = "cme-" .. version }, rockspec.source)
        assert.are.equal(version .. "-1", rockspec.version)
      end
    end
  end)

  it("has, of a release, commands that run without LUA_PATH, and a run whose checks are made", function()
    for _, rock in ipairs { "cme", "cme-server" } do
      rocks:run(source, "make", ("%s/%s-%s-1.rockspec"):format(dist, rock, version))
    end
    local service = proc.spawn({ tree .. "/bin/cme", "serve", "--listen", "http://127.0.0.1:0", "--edge", "off",
      "--state", dir .. "/state" }, installed())
    local endpoint = service:expect "listening on (http://[%d.:]+)\n"
    local env = { CME_ENDPOINT = endpoint, CME_PLATFORM = "test",
      TENCENTCLOUD_CREDENTIALS_FILE = dir .. "/state/credentials" }
    assert.are.equal("[]", (succeed({ tree .. "/bin/cme", "list", "--json" }, installed(env)):gsub("%s", "")))

    local show = files.write(dir .. "/show.lua", SHOW:format(os.time() + 3000, os.time() + 3600))
    local run = proc.spawn({ tree .. "/bin/cme", "run", show, "--json" }, installed(env))
    local checked = json.decode(run:expect('([^\n]*"what":"checked"[^\n]*)\n', 60)).findings
    assert.matches("^%l", checked[1].what)
    for _, finding in ipairs(checked) do assert.are_not.equal("doctor", finding.what, finding.message) end
    run:stop()
    service:stop()
  end)
end)
