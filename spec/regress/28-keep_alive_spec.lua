-- SPDX-License-Identifier: MIT
-- Clients that poll every 30 s found their connection closed under the request: what is between two requests has its
-- own, longer time; a handshake, a header, a body and an answer keep the short one.

require "spec.support.paths"
local proc = require "spec.support.proc"
local web_loop = require "spec.support.programs.web_loop"

local GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

describe("an HTTP connection", function()
  local web, clients

  local function client(text)
    clients[#clients + 1] = web_loop.connect(web.port, text)
    return clients[#clients]
  end

  local function wait(what, condition) return proc.eventually(what, 20, condition) end

  -- One whose request is there when the server sees it first: no pause of this process comes between the two.
  local function prompt_client(text)
    web.pause()
    local one = client(text)
    wait("the request sent", function() return one.connected and one.socket:get_write_queue_size() == 0 end)
    web.resume()
    return one
  end

  local function answered(one, times)
    wait("answer " .. times, function()
      return select(2, one.received:gsub("HTTP/1%.1 200", "")) == times
    end)
  end

  before_each(function()
    clients, web = {}, web_loop.serve { idle_timeout = 1, keep_alive = 86400 }
  end)

  after_each(function()
    for _, one in ipairs(clients) do one.close() end
    web.close()
  end)

  it("between two requests outlives those that are silent within one", function()
    local kept = prompt_client(GET)
    answered(kept, 1)
    local silent, half = client(), client "GET / HTTP/1.1\r\nHos"
    local body = client "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"
    wait("the others' end", function() return silent.ended and half.ended and body.ended end)
    kept.send(GET)
    answered(kept, 2)
  end)

  it("has the short time again from the first byte of the next request on", function()
    local one = prompt_client(GET)
    answered(one, 1)
    one.send "GET / HT"
    wait("the end", function() return one.ended end)
  end)

  it("that sends half a body and stops is closed however much it has sent", function()
    local one = client("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" .. ("x"):rep(900000))
    wait("the end", function() return one.ended end)
  end)
end)
