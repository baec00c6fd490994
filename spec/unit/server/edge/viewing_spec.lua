-- SPDX-License-Identifier: MIT

local clock = require "cme.system.clock"
local luv = require "cme.net.loop.luv"
local proc = require "spec.support.proc"
local viewing = require "cme.server.edge.viewing"

local PROJECT = "cmepid_0123456789abcdef01234567"

describe("cme.server.edge.viewing", function()
  local subject, handle, folder, status

  before_each(function()
    folder, status = proc.folder(), 200
    subject = assert(viewing.open { folder = folder, address = { host = "0.0.0.0", port = 8157 }, domain = "h",
      secret = ("s"):rep(32), clock = clock, listen = function(address, fn)
        handle = fn
        return { start = function() end, close = function() end }, address.port
      end })
    subject:start({ look = function() return status end, settle = function() end }, function() end)
    assert(os.execute("mkdir " .. folder .. "/hls/" .. PROJECT .. "-output"))
    local file <close> = assert(io.open(folder .. "/hls/" .. PROJECT .. "-output/index.m3u8", "w"))
    file:write "#EXTM3U\n"
    local part <close> = assert(io.open(folder .. "/hls/" .. PROJECT .. "-output/7.0.m4s", "w"))
    part:write "media"
  end)

  teardown(function() assert.are.same({}, proc.cleanup()) end)

  local function get(url, method)
    local path, query = url:match "^http://h:8157([^?]*)%??(.*)$"
    return luv.run(handle, { method = function() return method or "GET" end, path = function() return path end,
      query = function() return query end })
  end

  it("gives a playlist and its parts to who has the address", function()
    local url = subject:playback_url(PROJECT, "output")
    local code, headers, body = get(url)
    assert.are.same({ 200, "#EXTM3U\n", "*", "application/vnd.apple.mpegurl" }, { code, body,
      headers["Access-Control-Allow-Origin"], headers["Content-Type"] })
    code, headers, body = get((url:gsub("index.m3u8", "7.0.m4s")))
    assert.are.same({ 200, "media", "video/iso.segment" }, { code, body, headers["Content-Type"] })
    assert.are.equal(404, (get((url:gsub("index.m3u8", "8.0.m4s")))))
  end)

  it("gives nothing to others, and no other file", function()
    local url = subject:playback_url(PROJECT, "output")
    assert.are.equal(403, (get((subject:playback_url(PROJECT, "main"):gsub("/main/", "/output/")))))
    assert.are.equal(404, (get("http://h:8157/hls/" .. PROJECT .. "/output/index.m3u8")))
    assert.are.equal(404, (get((url:gsub("index.m3u8", "../../keys")))))
    assert.are.equal(404, (get((url:gsub("index.m3u8", "..")))))
    assert.are.equal(404, (get "http://h:8157/"))
  end)

  it("answers HEAD as GET, and tells pages of other sites what they may ask", function()
    local url = subject:playback_url(PROJECT, "output")
    local code, headers = get(url, "HEAD")
    assert.are.same({ 200, "application/vnd.apple.mpegurl" }, { code, headers["Content-Type"] })
    assert.are.equal(404, (get((url:gsub("index.m3u8", "8.0.m4s")), "HEAD")))
    code, headers = get(url, "OPTIONS")
    assert.are.same({ 204, "*", "GET, HEAD, OPTIONS", "Range" }, { code, headers["Access-Control-Allow-Origin"],
      headers["Access-Control-Allow-Methods"], headers["Access-Control-Allow-Headers"] })
    code, headers = get(url, "POST")
    assert.are.same({ 405, "GET, HEAD, OPTIONS", "*" }, { code, headers.Allow, headers["Access-Control-Allow-Origin"] })
    assert.are.equal(404, (get("http://h:8157/", "OPTIONS")))
  end)

  it("asks for a preview of an input, and says why there is none", function()
    local url = subject:playback_url(PROJECT, "main")
    assert.are.equal(404, (get(url)))
    status = 504
    assert.are.equal(504, (get(url)))
  end)

  it("ends what was to be seen with the project", function()
    local url = subject:playback_url(PROJECT, "output")
    subject:settle({ id = PROJECT }, { id = PROJECT })
    assert.are.equal(200, (get(url)))
    subject:settle({ id = PROJECT }, nil)
    assert.are.equal(404, (get(url)))
  end)

  it("leaves a folder whose first part is still to come, for a while", function()
    local now = clock.now
    finally(function() clock.now = now end)
    local path = folder .. "/hls/" .. PROJECT .. "-main"
    assert(os.execute("mkdir " .. path))
    assert(io.open(path .. "/init.mp4", "w")):close()
    subject:tidy()
    assert.is_truthy(io.open(path .. "/init.mp4"))
    function clock.now() return now() + 700 end
    subject:tidy()
    assert.is_nil(io.open(path))
  end)

  it("removes what nobody writes any more", function()
    local now = clock.now
    finally(function() clock.now = now end)
    subject:tidy()
    assert.is_truthy(io.open(folder .. "/hls/" .. PROJECT .. "-output/index.m3u8"))
    function clock.now() return now() + 700 end
    subject:tidy()
    assert.is_nil(io.open(folder .. "/hls/" .. PROJECT .. "-output/index.m3u8"))
  end)
end)
