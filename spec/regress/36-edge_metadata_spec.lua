-- SPDX-License-Identifier: MIT
-- Sixty bytes of somebody without a key (onMetaData before connect) killed the worker of an edge of nginx, which
-- dropped every encoder, and nobody was told. A connection that said nothing was kept for a minute.

local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"
local uv = require "luv"

-- An RTMP chunk with an AMF0 data message: onMetaData with a width.
local function metadata()
  local body = "\2" .. (">s2"):pack "onMetaData" .. "\8" .. (">I4"):pack(1) .. (">s2"):pack "width" .. "\0"
    .. (">d"):pack(1) .. "\0\0\9"
  return "\3\0\0\0" .. (">I3"):pack(#body) .. "\x12\0\0\0\0" .. body
end

describe("the edge", function()
  local serve, port

  setup(function()
    serve = service.start { edge = true }
    port = tonumber(serve.proc:expect '"rtmp":"127.0.0.1:(%d+)"')
  end)

  teardown(function()
    serve:stop()
    proc.cleanup()
  end)

  -- A connection of somebody; `got` is all that came, `ended` that it was closed.
  local function connect()
    local one = { socket = uv.new_tcp(), got = "", ended = false }
    one.socket:connect("127.0.0.1", port, function(failure)
      assert(not failure, failure)
      one.socket:read_start(function(_, chunk)
        one.got, one.ended = one.got .. (chunk or ""), not chunk
      end)
    end)
    return one
  end

  local function shake_hands(one)
    one.socket:write("\3" .. uv.random(1536))
    proc.eventually("a handshake", 20, function() return #one.got >= 3073 end)
    one.socket:write(one.got:sub(2, 1537))
  end

  it("closes a connection that sends metadata before its key, and that alone", function()
    local before, other, one = serve:edge(), connect(), connect()
    shake_hands(other)
    shake_hands(one)
    one.socket:write(metadata())
    proc.eventually("it to be closed", 20, function() return one.ended end)
    one.socket:close()
    other.socket:close()
    assert.are.same(before, serve:edge())
    assert.not_matches("edge ended", serve.proc.err)
  end)

  it("closes connections that say nothing", function()
    local one = connect()
    proc.eventually("it to be closed", 40, function() return one.ended end)
    one.socket:close()
  end)
end)
