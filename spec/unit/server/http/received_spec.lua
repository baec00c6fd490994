-- SPDX-License-Identifier: MIT

local received = require "cme.server.http.received"

-- A request as cme.httpd gives it, that counts how often its body is asked for.
local function request_of(body)
  local request = { asked = 0 }
  function request.method() return "POST" end
  function request.path() return "/" end
  function request.query() return "a=1" end
  function request.too_large() return false end
  function request.header(_, name) return name .. "!" end
  function request.digest() return "d1ge57" end
  function request.exceeds(_, byte, most) return select(2, body:gsub(byte, "")) > most end
  function request.body(self)
    self.asked = self.asked + 1
    return body
  end
  return request
end

describe("cme.server.http.received", function()
  it("asks for the body when it is read, and once", function()
    local request = request_of "k=1&l=2"
    local message = received.of(request)
    assert.same({ "POST", "/", "a=1", false }, { message.method, message.path, message.query, message.too_large })
    assert.same({ "host!", "d1ge57" }, { message.header "host", message.digest() })
    assert.is_true(message.exceeds("&", 0))
    assert.is_false(message.exceeds("&", 1))
    assert.equal(0, request.asked)
    assert.same({ "k=1&l=2", "k=1&l=2" }, { message.body, message.body })
    assert.equal(1, request.asked)
    assert.is_nil(message.other)
  end)
end)
