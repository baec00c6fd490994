-- SPDX-License-Identifier: MIT

local codes = require "cme.codes"
local library = require "cme.server.library"
local uv = require "luv"

describe("cme.server.library", function()
  it("takes an id for a name, whole or without its ending", function()
    local names = { "a.mp4", "a.flv", "b.mp4", "c", "c.mp4", "d.e.mp4", "noend" }
    assert.are.same({ "b.mp4" }, library.matches("b", names))
    assert.are.same({ "b.mp4" }, library.matches("b.mp4", names))
    assert.are.same({ "a.mp4", "a.flv" }, library.matches("a", names))
    assert.are.same({ "c" }, library.matches("c", names))
    assert.are.same({ "d.e.mp4" }, library.matches("d.e", names))
    assert.are.same({}, library.matches("d", names))
  end)

  it("refuses what is no plain name", function()
    for _, id in ipairs { "", "..", ".hidden", "../x", "a/b", "/etc/passwd", "a\\b", "a\nb", "a\0b", ("x"):rep(201) } do
      assert.is_table(library.fault(id))
    end
    assert.is_nil(library.fault "5285890784246869930")
    assert.is_nil(library.fault "节目 1.mp4")
  end)

  it("finds regular files in its folder and nothing else", function()
    local folder = assert(uv.fs_mkdtemp "/tmp/cme-XXXXXX")
    assert(io.open(folder .. "/show.mp4", "w")):close()
    assert(uv.fs_mkdir(folder .. "/sub.mp4", 448))
    assert(uv.fs_symlink("/etc/passwd", folder .. "/link.mp4"))
    local subject = assert(library.open(folder))
    assert.are.equal(uv.fs_realpath(folder) .. "/show.mp4", subject:find "show")
    for id, fact in pairs { sub = "regular", link = "regular", none = "no file", ["../etc"] = "name" } do
      local path, message = subject:find(id)
      assert.is_nil(path)
      assert.matches(fact, codes.say(message))
    end
    for _, name in ipairs { "show.mp4", "link.mp4" } do uv.fs_unlink(folder .. "/" .. name) end
    uv.fs_rmdir(folder .. "/sub.mp4")
    uv.fs_rmdir(folder)
  end)

  it("says when there is no library", function()
    assert.matches("--media", codes.say(select(2, library.open(nil):find "x")), 1, true)
    assert.is_nil(library.open "/nonexistent/folder")
  end)
end)
