-- SPDX-License-Identifier: MIT
-- A broadcast whose state folder's disk becomes full: a small tmpfs, which takes the right to mount one. What is on the
-- air can be switched and ended; all else is refused with the way out.

local cme = require "cme"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"
local uv = require "luv"

local function may_mount()
  local folder = proc.folder()
  local code = proc.run { "mount", "-t", "tmpfs", "-o", "size=64k", "none", folder }
  if code == 0 then proc.run { "umount", folder } end
  return code == 0
end

describe("a full disk", function()
  local rtmp, serve, sources, disk

  setup(function()
    if not may_mount() then return end
    disk = proc.folder()
    assert.are.equal(0, (proc.run { "mount", "-t", "tmpfs", "-o", "size=4m", "none", disk }))
    rtmp = nginx.start { apps = { "source", "platform" } }
    serve = service.start { state = disk, args = { "--failover", "off" } }
    sources = { media.publish(rtmp:url("source", "main"), media.MAIN),
      media.publish(rtmp:url("source", "backup"), media.BACKUP) }
    rtmp:expect_publish("source", 2)
  end)

  teardown(function()
    for _, source in ipairs(sources or {}) do source:stop() end
    if serve then serve:stop() end
    if rtmp then rtmp:stop() end
    if disk then proc.run { "umount", "-l", disk } end
    proc.cleanup()
  end)

  local function project(name)
    return cme.client(serve:client_options()):project {
      name = name, owner = "spec", input = rtmp:url("source", "main"), backup = rtmp:url("source", "backup"),
      outputs = { { name = "o", url = rtmp:url("platform", name) } },
    }
  end

  -- Takes every byte that is left.
  local function fill()
    local fd = assert(uv.fs_open(disk .. "/filler", "a", 384))
    for _, size in ipairs { 65536, 4096, 1 } do
      local block = ("x"):rep(size)
      repeat until uv.fs_write(fd, block) ~= size
    end
    uv.fs_close(fd)
  end

  local function free()
    assert(uv.fs_unlink(disk .. "/filler"))
  end

  after_each(function()
    if disk then uv.fs_unlink(disk .. "/filler") end
  end)

  local function each(name, body)
    it(name, function()
      if not disk then
        pending "mounting a tmpfs is not permitted here"
        return
      end
      body()
    end)
  end

  each("lets a broadcast be switched, and ended; others are refused with the way out; room is made up again", function()
    local show = project "one"
    assert(show:start())
    fill()
    assert(show:switch "backup")
    assert.are.equal("backup", assert(show:info()).active)
    serve.proc:expect "switch is not stored"
    local ok, message = project "two":start()
    assert.is_nil(ok)
    assert.matches("nothing was changed: .*full: free space in '" .. disk:gsub("%p", "%%%0") .. "'", message)
    assert(show:stop())
    assert.are.equal("idle", show:status())
    assert.are.same({}, serve:engines())
    assert.is_nil(uv.fs_stat(disk .. "/ballast"))
    free()
    assert(show:start())
    assert.is_truthy(uv.fs_stat(disk .. "/ballast"))
    assert(show:stop())
    assert(show:delete())
  end)

  each("warns at the start of a disk without room for the ballast, and of a folder that others may write", function()
    serve:crash()
    assert(uv.fs_unlink(disk .. "/ballast"))
    fill()
    assert(uv.fs_chmod(disk, 511))
    serve:up()
    serve.proc:expect "others may write to the state folder"
    serve.proc:expect "no ballast: "
    assert(uv.fs_chmod(disk, 448))
    free()
  end)

  each("without a ballast does not keep a broadcast on the air: its stop is written down later", function()
    local show = project "bare"
    assert(show:start())
    assert(uv.fs_unlink(disk .. "/ballast"))
    fill()
    local ok, message, detail = show:stop()
    assert.is_nil(ok)
    assert.are.equal("api.FailedOperation", detail.code)
    assert.matches("it is off the air, but that is not written down: .*free space in", message)
    assert.are.same({}, serve:engines())
    free()
    proc.eventually("the stop to be written down", 20, function() return show:status() == "idle" end)
    assert(show:delete())
  end)

  each("does not keep the service from being started again, to end what runs", function()
    local show = project "three"
    assert(show:start())
    fill()
    assert(show:switch "backup")
    serve:crash()
    serve:up()
    assert.are.equal("backup", assert(show:info()).active)
    assert(show:stop())
    assert.are.same({}, serve:engines())
    free()
    assert(show:delete())
  end)

  each("ends a broadcast at its planned end", function()
    local show = project "four"
    assert(show:start())
    proc.eventually("a planned end that is not past", 20, function() return show:set_stop_at(os.time() + 3) end)
    fill()
    proc.eventually("the planned end", 20, function() return show:status() == "idle" end)
    proc.eventually("the engine's process to end", 10, function() return #serve:engines() == 0 end)
    free()
    assert(show:delete())
  end)
end)

describe("a read-only disk", function()
  it("is said at the start, with the way out, and what was on it stays", function()
    if not may_mount() then
      pending "mounting a tmpfs is not permitted here"
      return
    end
    local disk = proc.folder()
    local function mount(...)
      assert.are.equal(0, (proc.run { "mount", ... }))
    end
    mount("-t", "tmpfs", "-o", "size=8m", "none", disk)
    local serve = service.start { state = disk, args = { "--edge", "off" } }
    local show = cme.client(serve:client_options()):project { name = "kept", owner = "spec",
      input = "rtmp://127.0.0.1/a/b", outputs = { { name = "o", url = "rtmp://127.0.0.1/a/c" } } }
    local id = assert(show:create())
    serve:stop()
    mount("-o", "remount,ro", disk)
    for _, args in ipairs { {}, { "keys", "add" }, { "keys", "list" } } do
      local code, out, err = proc.run { "bin/cme", "serve", "--edge", "off", "--state", disk, table.unpack(args) }
      assert.are.same({ 1, "" }, { code, out })
      assert.matches("read%-only file system: use a folder that this user may write, by %-%-state", err)
    end
    mount("-o", "remount,rw", disk)
    serve:up()
    assert.are.equal("kept", assert(cme.client(serve:client_options()):project(id):info()).name)
    serve:stop()
    proc.run { "umount", "-l", disk }
    proc.cleanup()
  end)
end)
