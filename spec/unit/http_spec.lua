-- SPDX-License-Identifier: MIT
-- cme.http: what it refuses before anything is sent.

local http = require "cme.http"

local URL = "http://127.0.0.1:1/"

describe("cme.http", function()
  local pool

  before_each(function() pool = http.new() end)
  after_each(function() pool:close() end)

  local function refuses(request, words)
    local ok, message = pcall(function() pool:submit(request) end)
    assert.is_false(ok)
    assert.matches(words, message, 1, true)
    assert.matches("^spec/unit/http_spec.lua:%d+: ", message)
    assert.equal("cme.http.pool (0 in flight)", tostring(pool))
    return message
  end

  it("has the functions of its contract", function()
    for _, name in ipairs { "submit", "fd", "timeout", "run", "poll", "next", "cancel", "close" } do
      assert.equal("function", type(pool[name]), name)
    end
  end)

  it("numbers transfers from 1", function()
    assert.same({ 1, 2 }, { pool:submit { url = URL }, pool:submit { url = URL } })
  end)

  it("has nothing to return while nothing ended", function()
    assert.equal(0, select("#", pool:next()))
    assert.equal(0, pool:run())
  end)

  it("refuses options that it does not know", function()
    refuses({ url = URL, verify = false }, "unknown option 'verify'")
    refuses({ url = URL, [1] = "x" }, "options are named")
    assert.error_matches(function() http.new { max_conns = 1 } end, "unknown option 'max_conns'")
  end)

  it("refuses wrong types, naming the option", function()
    refuses({ url = 7 }, "option 'url': string expected, got number")
    refuses({}, "option 'url' is missing")
    refuses({ url = URL, body = {} }, "option 'body': string expected, got table")
    refuses({ url = URL, timeout = "1" }, "option 'timeout': number expected, got string")
    refuses({ url = URL, headers = "X: y" }, "option 'headers': a list")
    refuses({ url = URL, headers = { "X: y", 7 } }, "option 'headers[2]': a string expected")
    refuses({ url = URL, http_version = "3" }, "option 'http_version'")
    assert.has_error(function() pool:submit() end)
    assert.has_error(function() pool:submit "x" end)
  end)

  it("refuses numbers out of their range", function()
    for _, value in ipairs { 0, -1, 0 / 0, math.huge } do
      refuses({ url = URL, timeout = value }, "option 'timeout'")
      refuses({ url = URL, connect_timeout = value }, "option 'connect_timeout'")
      refuses({ url = URL, max_response = value }, "option 'max_response'")
    end
    assert.error_matches(function() http.new { max_connections = -1 } end, "option 'max_connections'")
    assert.error_matches(function() http.new { max_memory = 0 } end, "option 'max_memory'")
  end)

  it("refuses URLs that are not http or https", function()
    for _, url in ipairs { "", "ftp://host/", "file:///etc/passwd", "host/path", "http:/x", "http://", "https:///p",
      "http://user@/", "http://:80/" } do
      refuses({ url = url }, "option 'url'")
    end
  end)

  it("refuses what would smuggle in another request", function()
    for _, bad in ipairs { "\r\n", "\n", "\r", "\0", "\27" } do
      local faulty = "secret" .. bad .. "X: y"
      for _, request in ipairs {
        { url = URL .. faulty }, { url = URL, method = faulty }, { url = URL, headers = { "A: " .. faulty } },
        { url = URL, headers = { faulty .. ": a" } }, { url = URL, proxy = faulty },
        { url = URL, no_proxy = faulty }, { url = URL, ca_file = faulty },
      } do
        assert.not_matches("secret", refuses(request, "option '"))
      end
    end
    refuses({ url = URL .. "a b" }, "option 'url'")
    refuses({ url = URL, method = "GET /x HTTP/1.1" }, "option 'method'")
    refuses({ url = URL, headers = { "no colon" } }, "'Name: value' expected")
    refuses({ url = URL, headers = { ": no name" } }, "'Name: value' expected")
    refuses({ url = URL, headers = { "bad name: x" } }, "'Name: value' expected")
  end)

  it("refuses more headers than it holds", function()
    local headers = {}
    for i = 1, 65 do headers[i] = "X-A: b" end
    refuses({ url = URL, headers = headers }, "option 'headers': too many")
  end)

  it("reads options raw, so that no metamethod runs under its pointers", function()
    local options = setmetatable({}, { __index = function() error "read through" end })
    refuses(options, "option 'url' is missing")
  end)

  it("refuses waits that are no time", function()
    for _, value in ipairs { -1, 0 / 0, "x", {} } do
      assert.has_error(function() pool:poll(value) end)
    end
    assert.has_error(function() pool:poll() end)
    assert.is_false(pool:poll(0))
  end)

  it("says that it is closed", function()
    pool:close()
    pool:close()
    assert.equal("cme.http.pool (closed)", tostring(pool))
    for name, argument in pairs { submit = { url = URL }, fd = false, timeout = false, run = false, poll = 0,
      next = false, cancel = 1 } do
      local _, message = pcall(function() pool[name](pool, argument) end)
      assert.matches("^spec/unit/http_spec.lua:%d+: pool is closed$", message)
    end
  end)

  it("takes only its own kind of object", function()
    assert.has_error(function() pool.run(io.stdout) end)
    assert.has_error(function() pool.close {} end)
  end)

  it("closes at the end of a block", function()
    local kept
    do
      local scoped <close> = http.new()
      kept = scoped
    end
    assert.equal("cme.http.pool (closed)", tostring(kept))
  end)

  it("tells the time on two clocks, and how many descriptors there are", function()
    -- os.time() reads the clock of the last tick: just after a second it still says the one before.
    local before = os.time()
    local steady, unix = http.clocks()
    assert.is_true(before <= unix and unix < os.time() + 2)
    local later = http.clocks()
    assert.is_true(later >= steady)
    assert.equal("integer", math.type(http.descriptors()))
    assert.is_true(http.descriptors() > 0 and http.descriptors() <= 65536)
  end)
end)
