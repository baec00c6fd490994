-- SPDX-License-Identifier: MIT
-- What the service and its nginx speak on unix sockets, with real sockets and peers that misbehave.

local http = require "cme.server.edge.http"
local luv = require "cme.net.loop.luv"
local proc = require "spec.support.proc"
local uv = require "luv"

describe("cme.server.edge.http", function()
  local path, listener, asked, on_error

  setup(function()
    path, asked, on_error = proc.folder() .. "/s", {}, luv.on_error
    listener = assert(http.serve(path, function(target, query)
      asked[#asked + 1] = target .. "?" .. query
      if target == "/broken" then error "no handler" end
      return target == "/fine" and 200 or 404, { ["X-Seen"] = query }
    end))
  end)

  teardown(function()
    luv.on_error = on_error
    listener:close()
    proc.cleanup()
  end)

  -- Sends bytes; all that comes back until the end.
  local function send(bytes)
    local pipe, answer, over = uv.new_pipe(false), "", false
    pipe:connect(path, function()
      pipe:write(bytes)
      pipe:read_start(function(_, chunk)
        answer, over = answer .. (chunk or ""), not chunk
      end)
    end)
    proc.eventually("the connection to end", 10, function() return over end)
    pipe:close()
    return answer
  end

  local function get(target)
    local results
    luv.detach(function() results = table.pack(http.get(path, target)) end)
    proc.eventually("an answer", 10, function() return results end)
    return results[1], results[2]
  end

  it("answers with the handler's status and headers, and ends the connection", function()
    assert.are.equal("HTTP/1.1 200 OK\r\nX-Seen: a=1&b=\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
      send "GET /fine?a=1&b= HTTP/1.0\r\nHost: x\r\n\r\n")
    assert.matches("^HTTP/1.1 404 ", send "GET / HTTP/1.1\r\n\r\n")
    assert.are.same({ "/fine?a=1&b=", "/?" }, asked)
  end)

  it("asks nobody about what is no request, and ends the connection", function()
    local before = #asked
    for _, bytes in ipairs { "\0\255\r\n\r\n", "POST /fine HTTP/1.0\r\n\r\n", "GET /a b c HTTP/1.0\r\n\r\n",
      "GET /fine?" .. ("x"):rep(20000) } do
      assert.are.equal("", send(bytes))
    end
    assert.are.equal(before, #asked)
  end)

  it("answers 500 when the handler fails, and says so", function()
    local said
    luv.on_error = function(traceback) said = traceback end
    assert.matches("^HTTP/1.1 500 ", send "GET /broken HTTP/1.0\r\n\r\n")
    assert.matches("no handler", said)
  end)

  it("tells a client what was answered, and that nobody listens", function()
    assert.are.equal("", get "/fine")
    local body, message = get "/other"
    assert.is_nil(body)
    assert.matches("status 404$", message)
    path = path .. "-other"
    body, message = get "/fine"
    assert.is_nil(body)
    assert.matches("no such file or directory$", message)
  end)
end)
