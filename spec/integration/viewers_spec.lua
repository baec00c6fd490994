-- SPDX-License-Identifier: MIT
-- Viewers of HLS that hang, or worse, beside one that wants to see something.

local net = require "spec.support.net"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"
local uv = require "luv"

local ROOM = 256 -- for all viewers together
local CONNECTIONS = ROOM + 44

describe("viewers by HLS", function()
  local serve, port, sockets

  setup(function()
    sockets = {}
    serve = service.start { edge = true, args = { "--edge-http", "0.0.0.0:0" } }
    local file <close> = assert(io.open(serve.state .. "/edge/address"))
    port = tonumber(file:read "a":match "\n[%d.]+:(%d+)\n")
  end)

  teardown(function()
    for _, one in ipairs(sockets) do
      if not one.socket:is_closing() then one.socket:close() end
    end
    if serve then serve:stop() end
    assert.are.same({}, proc.cleanup())
  end)

  local function connect(host)
    local one = { socket = uv.new_tcp(), heard = "" }
    one.socket:connect(host, port, function(err)
      if err then
        one.ended = true
        return
      end
      one.socket:read_start(function(_, chunk)
        if not chunk then one.ended = true end
        one.heard = one.heard .. (chunk or "")
      end)
      one.there = true
    end)
    sockets[#sockets + 1] = one
    return one
  end

  it("leaves places to others when one machine takes all that it can get", function()
    local outward = net.outward_address()
    if not outward then return pending "this machine has no address but its loopback" end
    local many = {}
    for i = 1, CONNECTIONS do many[i] = connect(outward) end
    proc.eventually("those to be closed for whom there is no room", 20, function()
      local closed = 0
      for _, one in ipairs(many) do
        if not one.there and not one.ended then return false end
        if one.ended then closed = closed + 1 end
      end
      return closed >= CONNECTIONS - ROOM
    end)
    local own = connect "127.0.0.1"
    proc.eventually("a connection of this machine", 20, function() return own.there end)
    own.socket:write "GET /hls/nothing HTTP/1.1\r\nHost: h\r\n\r\n"
    proc.eventually("an answer", 20, function() return own.heard:match "^HTTP/1.1 404" end)
  end)
end)
