-- SPDX-License-Identifier: MIT
-- `cme serve --sources public`: sources, redirects, playlists and names that lead into the operator's own network. A
-- server at a public address stands in a network namespace of its own, in which this file runs once more: it is
-- connected to nothing.

local arguments = require "cme.playout.arguments"
local cme = require "cme"
local flv = require "spec.support.proofs.flv"
local media = require "spec.support.programs.media"
local nginx = require "spec.support.programs.nginx"
local proc = require "spec.support.proc"
local raw_server = require "spec.support.fakes.raw_server"
local relay = require "spec.support.programs.relay"
local service = require "spec.support.programs.service"

local PUBLIC = "11.1.1.1"
local NETWORK = { "unshare", "-rn", "sh", "-c",
  "ip link set lo up && ip addr add " .. PUBLIC .. [[/32 dev lo && exec "$@"]], "sh" }
local OK = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"

-- Those that a playlist may name, and a pattern of what is said of them.
local PRIVATE = { ["127.0.0.1"] = "127%.0%.0%.1", ["169.254.169.254"] = "169%.254%.169%.254", ["[::1]"] = "::1",
  ["[::ffff:127.0.0.1]"] = "::ffff:127%.0%.0%.1", ["[::ffff:a00:1]"] = "::ffff:10%.0%.0%.1",
  localhost = "[%x:.]+" }

-- H.264 with its headers, of one small picture; the payload is nobody's.
local HEADER = "\x17\0\0\0\0\1\x42\xc0\x0c\xff\xe1\0\x17\x67\x42\xc0\x0c\xda\x05\x06\x7e\x7c\x04\x40\0\0\3\0\x40\0\0"
  .. "\x0c\x83\xc5\x0a\xa8\1\0\4\x68\xce\x0f\xc8"
local PICTURE = "\x17\1\0\0\0\0\0\0\2\x65\x88"

local function inside()
  local servers = {}

  after_each(function()
    for _, server in ipairs(servers) do server:stop() end
    servers = {}
    assert.are.same({}, proc.cleanup())
  end)

  local function serve(script, host)
    local server = raw_server.start(script, nil, host or "0.0.0.0")
    servers[#servers + 1] = server
    return server
  end

  -- Nobody is to come here; the same port is tried by every name.
  local function inner()
    return serve(function(connection)
      if connection:request() then connection:answer "" end
    end, "::")
  end

  local function outer(answer)
    local server = serve(function(connection)
      if connection:request() then answer(connection) end
    end)
    return ("http://%s:%d/live"):format(PUBLIC, server.port)
  end

  local function playlist(url)
    return outer(function(connection)
      connection:answer(("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n%s\n#EXTINF:2,\n%s\n"):format(url, url), nil,
        "Content-Type: application/vnd.apple.mpegurl\r\n")
    end) .. ".m3u8"
  end

  local function redirect(url)
    return outer(function(connection) connection:answer("", "302 Found", "Location: " .. url .. "\r\n") end)
  end

  local function open(url)
    local engine, control = relay.control()
    assert(control:request("set", { spec = { inputs = { main = { url = url, public = true } },
      outputs = { { id = "1", name = "", url = "udp://127.0.0.1:9" } } } }))
    return engine, control
  end

  local function close(engine, control)
    assert(control:request "stop")
    assert.are.equal(0, (engine:wait()))
    control:close()
  end

  local function refused(url, address)
    local engine, control = open(url)
    local down = control:expect { event = "input", endpoint = "main", state = "down" }
    assert.are.equal("source.not_public", down.code, down.reason)
    assert.matches(address .. " is no public address", down.reason)
    close(engine, control)
  end

  it("reads a source at a public address", function()
    local url = outer(function(connection)
      connection:write(OK .. flv.file_header() .. flv.pack(flv.tag(flv.VIDEO, 0, HEADER)))
      for i = 0, 5000 do
        connection:write(flv.pack(flv.tag(flv.VIDEO, i * 40, PICTURE)))
        connection:pause(0.04)
        if connection.ended then return end
      end
    end)
    local engine, control = open(url)
    control:expect { event = "input", endpoint = "main", state = "live" }
    close(engine, control)
  end)

  it("follows no redirect and no playlist to another one, and no name that leads there", function()
    local private = inner()
    for host, address in pairs(PRIVATE) do
      local url = ("http://%s:%d/x.ts"):format(host, private.port)
      refused(playlist(url), address)
      refused(redirect(url), address)
    end
    refused(("http://localhost:%d/x.ts"):format(private.port), PRIVATE.localhost)
    refused(("rtmp://localhost:%d/live/x"):format(private.port), PRIVATE.localhost)
    assert.are.equal(0, #private.connections)
  end)

  it("plays no cast from there", function()
    local private = inner()
    local libraries = { secret = assert(package.searchpath("cme.secret_argument", package.cpath)),
      public = assert(package.searchpath("cme.public_only", package.cpath)) }
    for host, address in pairs(PRIVATE) do
      local url = ("http://%s:%d/x.ts"):format(host, private.port)
      for _, each in ipairs { playlist(url), redirect(url) } do
        local source = { id = "s", url = each, public = true }
        local environment = arguments.environment({ PATH = os.getenv "PATH" }, source, libraries)
        local argv = { "env", "-i", table.unpack(environment) }
        argv[#argv + 1] = "ffprobe"
        table.move(arguments.probe(source), 1, #arguments.probe(source), #argv + 1, argv)
        local code, _, said = proc.run(argv)
        assert.are_not.equal(0, code)
        assert.matches("cme%-refused: " .. address, said)
      end
    end
    assert.are.equal(0, #private.connections)
  end)
end

if os.getenv "CME_PUBLIC_SOURCES" then return describe("in a network of its own", inside) end

describe("cme serve --sources public", function()
  local rtmp, own, client

  setup(function()
    rtmp = nginx.start { apps = { "source", "platform" }, record = true }
    own = service.start { edge = true, args = { "--sources", "public" } }
    client = cme.client(own:client_options())
  end)

  teardown(function()
    if own then own:stop() end
    if rtmp then rtmp:stop() end
    assert.are.same({}, proc.cleanup())
  end)

  it("goes on where redirects, playlists and names lead", function()
    if proc.run { "unshare", "-rn", "true" } ~= 0 then return pending "this machine gives nobody a network" end
    local argv = table.move(NETWORK, 1, #NETWORK, 3, { "env", "CME_PUBLIC_SOURCES=1" })
    table.move({ "env", "LD_PRELOAD=" .. (os.getenv "LD_PRELOAD" or ""), "lua5.4", "/usr/bin/busted",
      "spec/integration/public_sources_spec.lua" }, 1, 5, #argv + 1, argv)
    local code, out, err = proc.run(argv, { timeout = 180 })
    assert.are.equal(0, code, out .. err)
  end)

  it("says which address it does not read from, and relays what is pushed to the service itself", function()
    local show = client:project { name = "mixed", owner = "spec", input = rtmp:url("source", "mixed"),
      backup = { push = 600 }, outputs = { rtmp:url("platform", "mixed") } }
    assert(show:create())
    local picture = media.file(proc.folder() .. "/picture.flv", 4, media.SMALL)
    local encoder = media.replay(assert(show:push_urls()).backup, picture)
    local ok, message, detail = show:start()
    assert(ok, message)
    assert.matches("127%.0%.0%.1 is no public address, and this service reads from public ones alone", message)
    assert.are.equal("source.not_public", detail.pending[1].code)
    rtmp:expect_publish "platform"
    proc.eventually("the backup on the air", 30, function()
      local found = assert(show:health())
      return found.active == "backup" and found.inputs.backup.state == "live"
    end)
    assert(show:stop())
    encoder:stop()
  end)

  it("plays no source of a cast from there", function()
    local url = rtmp:url("source", "cast")
    local show = client:project { category = "MEDIA_CAST", name = "cast", owner = "spec", sources = { url },
      play = { loop_count = 1 }, outputs = { rtmp:url("platform", "cast") },
      output_media = { width = 320, height = 180, bitrate = 300, frame_rate = 25 } }
    assert(show:create())
    assert(show:start())
    proc.eventually("the refusal", 30, function()
      for line in io.lines(("%s/relays/%s.play.log"):format(own.state, show.id)) do
        if line:find("127.0.0.1 is no public address, and this service", 1, true) then return true end
      end
    end)
    show:stop()
  end)
end)
