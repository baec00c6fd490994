-- SPDX-License-Identifier: MIT
require "spec.support.room"
local guard = require "room.guard"

describe("room.guard", function()
  it("knows its own page by the Host that the browser called", function()
    for host, origin in pairs {
      ["127.0.0.1:8158"] = "http://127.0.0.1:8158", ["[::1]:8158"] = "http://[::1]:8158",
      ["localhost:8158"] = "http://localhost:8158", ["192.168.1.7"] = "http://192.168.1.7",
    } do
      assert.is_true(guard.same_origin(host, origin))
      assert.is_false(guard.same_origin(host, "http://evil.example"))
      assert.is_false(guard.same_origin(host, "null"))
      assert.is_false(guard.same_origin(host, nil))
      assert.is_false(guard.same_origin(host, origin .. "0"))
    end
  end)

  it("takes no name but the configured one, whoever points it here", function()
    assert.is_false(guard.same_origin("evil.example", "http://evil.example"))
    assert.is_false(guard.same_origin("1.2.3.4.evil.example", "http://1.2.3.4.evil.example"))
    assert.is_false(guard.same_origin("localhost.evil.example", "http://localhost.evil.example"))
    assert.is_false(guard.same_origin("evil.example", "http://evil.example", "https://room.example.com"))
    assert.is_true(guard.same_origin("Room.example.com", "https://room.example.com", "https://room.example.com"))
    assert.is_false(guard.same_origin("room.example.com", "http://room.example.com", "https://room.example.com"))
    assert.is_false(guard.same_origin(nil, nil))
  end)

  it("wants the session's token", function()
    local session = { csrf = ("ab"):rep(32) }
    assert.is_true(guard.has_token(session, ("ab"):rep(32)))
    assert.is_false(guard.has_token(session, ("ab"):rep(31) .. "ac"))
    assert.is_false(guard.has_token(session, ""))
    assert.is_false(guard.has_token(session, nil))
    assert.is_false(guard.has_token(session, { session.csrf, session.csrf }))
  end)

  it("allows no script but our files, and no frame", function()
    local headers = guard.headers()
    assert.not_matches("unsafe", headers["Content-Security-Policy"])
    assert.matches("default%-src 'none'", headers["Content-Security-Policy"])
    assert.matches("frame%-ancestors 'none'", headers["Content-Security-Policy"])
    assert.are.equal("DENY", headers["X-Frame-Options"])
    assert.are.equal("nosniff", headers["X-Content-Type-Options"])
    assert.is_nil(headers["Strict-Transport-Security"])
    assert.is_not_nil(guard.headers("https://room.example.com")["Strict-Transport-Security"])
  end)
end)
