-- SPDX-License-Identifier: MIT

local live_url = require "cme.live_url"
local sign = require "cme.sign"

-- The published example's key, stream and time.
local KEY = "f85a2ab363fe4deaffef9754d79da6fe"
local T, SECRET = 0x5BA4A4A0, "ac8b217cae94f6739984d9d6aea4826a"
local BACKUP = "0123456789abcdef0123456789abcdef"
local URL = "rtmp://push.example.com/live/test?txSecret=" .. SECRET .. "&txTime=5BA4A4A0"

local function with(base, more)
  local made = {}
  for name, value in pairs(base) do made[name] = value end
  for name, value in pairs(more or {}) do made[name] = value end
  return made
end

local PUSH = { domain = "push.example.com", app = "live", stream = "test", key = KEY, expires = T }
local PLAY = { domain = "play.example.com", app = "live", stream = "test", key = KEY, expires = T }

local function push(more) return live_url.push(with(PUSH, more)) end
local function play(more) return live_url.play(with(PLAY, more)) end
local function check(url, more) return live_url.check(url, with({ key = KEY, now = T }, more)) end

describe("cme.live_url", function()
  it("makes the push URL of the vector", function()
    assert.are.equal(URL, push())
    assert.are.equal(URL, push { expires = "2018-09-21T15:58:24+08:00" })
    assert.are.equal("rtmps" .. URL:sub(5), push { scheme = "rtmps" })
    assert.are.equal(URL, push { expires = T + 0.9 })
  end)

  it("uses SHA-256 when the domain does", function()
    assert.are.equal(sign.sha256_hex(KEY .. "test5BA4A4A0"), push({ hash = "sha256" }):match "txSecret=(%x+)&")
    assert.is_table(check(push { hash = "sha256" }, { hash = "sha256" }))
    assert.is_nil((check(push { hash = "sha256" })))
    assert.is_nil((check(URL, { hash = "sha256" })))
  end)

  it("makes play URLs of every form", function()
    local query = URL:match "%?.*"
    assert.are.equal("https://play.example.com/live/test.flv" .. query, play())
    assert.are.equal("http://play.example.com/live/test.flv" .. query, play { form = "flv", scheme = "http" })
    assert.are.equal("https://play.example.com/live/test.m3u8" .. query, play { form = "hls" })
    assert.are.equal("rtmp://play.example.com/live/test" .. query, play { form = "rtmp" })
    local open = { domain = "127.0.0.1:8080", app = "live", stream = "a-b_c.1", form = "hls", scheme = "http" }
    assert.are.equal("http://127.0.0.1:8080/live/a-b_c.1.m3u8", live_url.play(open))
  end)

  it("checks what it made, by the main and the backup key", function()
    assert.are.same({ stream = "test", expires = T, key = "main" }, check(push()))
    for _, form in ipairs { "rtmp", "flv", "hls" } do assert.are.equal("test", check(play { form = form }).stream) end
    assert.are.equal("backup", check(push { key = BACKUP }, { backup_key = BACKUP }).key)
    assert.are.equal("main", check(push(), { backup_key = BACKUP }).key)
    assert.is_nil((check(push { key = BACKUP })))
    local upper = URL:gsub(SECRET, SECRET:upper())
    assert.are.equal("test", check(upper).stream)
  end)

  it("refuses what is late, altered or unsigned, and repeats no secret", function()
    for _, case in ipairs {
      { URL, "live_url.expired", "2018-09-21T07:58:24Z", { now = T + 1 } },
      { URL:gsub("/test", "/best"), "live_url.bad_signature" },
      { URL:gsub("5BA4A4A0", "5BA4A4A1"), "live_url.bad_signature" },
      { URL:gsub("5BA4A4A0", "05BA4A4A0"), "live_url.bad_signature", "eight hex digits" },
      { URL:gsub("5BA4A4A0", "5BA4A4AG"), "live_url.bad_signature" },
      { URL:gsub("5BA4A4A0", ""), "live_url.bad_signature" },
      { URL:gsub("ac8b", "ac8c"), "live_url.bad_signature" },
      { URL:gsub("ac8b", ""), "live_url.bad_signature" },
      { URL .. "&txSecret=x", "live_url.unsigned" },
      { URL .. "&txTime=5BA4A4A0", "live_url.unsigned" },
      { URL:gsub("%?.*", ""), "live_url.unsigned" },
      { URL:gsub("%?.*", "?txTime=5BA4A4A0"), "live_url.unsigned" },
      { URL:gsub("^rtmp", "srt"), "invalid.url" },
      { URL:gsub("/live/test", "/test"), "invalid.url" },
      { URL:gsub("^rtmp", "https"), "invalid.url" },
      { URL:gsub("/test", "/te%%74"), "invalid.stream" },
      { ("x"):rep(5000), "invalid.url" },
      { {}, "invalid.url" },
    } do
      local found, message, detail = check(case[1], case[4])
      assert.is_nil(found, tostring(case[1]))
      assert.are.equal(case[2], detail.code, tostring(case[1]))
      assert.truthy(message:find("^live url: "), message)
      assert.truthy(message:find(case[3] or "", 1, true), message)
      assert.is_nil(message:find(SECRET, 1, true))
      assert.is_nil(message:find(KEY, 1, true))
    end
  end)

  it("does not take one stream's secret for another's with the digits shifted", function()
    -- key .. "test5" .. "BA4A4A0" is the text that was hashed for "test" and "5BA4A4A0".
    assert.is_nil((check("rtmp://d/live/test5?txSecret=" .. SECRET .. "&txTime=BA4A4A0")))
    assert.is_nil((check("rtmp://d/live/tes?txSecret=" .. SECRET .. "&txTime=t5BA4A4A0")))
  end)

  it("checks what a media server was given", function()
    local keys = { key = KEY, now = T }
    assert.are.equal("main", live_url.check_stream("test", SECRET, "5BA4A4A0", keys).key)
    for _, case in ipairs {
      { nil, SECRET, "5BA4A4A0", "invalid.stream" }, { "", SECRET, "5BA4A4A0", "invalid.stream" },
      { "..", SECRET, "5BA4A4A0", "invalid.stream" }, { "a/b", SECRET, "5BA4A4A0", "invalid.stream" },
      { "test", nil, "5BA4A4A0", "live_url.unsigned" }, { "test", SECRET, nil, "live_url.unsigned" },
      { "best", SECRET, "5BA4A4A0", "live_url.bad_signature" },
    } do
      local found, _, detail = live_url.check_stream(case[1], case[2], case[3], keys)
      assert.is_nil(found)
      assert.are.equal(case[4], detail.code)
    end
  end)

  it("returns what is wrong with names and times", function()
    for _, case in ipairs {
      { { domain = "rtmp://push.example.com" }, "invalid.domain" }, { { domain = "a b" }, "invalid.domain" },
      { { domain = "h:123456" }, "invalid.domain" }, { { domain = "" }, "invalid.domain" },
      { { app = "" }, "invalid.app" }, { { app = "a/b" }, "invalid.app" }, { { app = ".." }, "invalid.app" },
      { { stream = "推流" }, "invalid.stream" }, { { stream = "a?b=c" }, "invalid.stream" },
      { { stream = ("s"):rep(257) }, "invalid.stream" },
      { { expires = "tomorrow" }, "invalid.time" }, { { expires = 3600 }, "invalid.time" },
      { { expires = 2 ^ 32 }, "invalid.time" },
    } do
      local url, message, detail = push(case[1])
      assert.is_nil(url)
      assert.are.equal(case[2], detail.code)
      assert.truthy(message:find("^live url: "), message)
    end
  end)

  it("raises for options that cannot be", function()
    for _, bad in ipairs {
      function() push { form = "flv" } end,
      function() push { hash = "sha1" } end,
      function() push { key = "" } end,
      function() push { scheme = "http" } end,
      function() play { scheme = "rtmp" } end,
      function() play { form = "dash" } end,
      function() live_url.play { domain = "d", app = "a", stream = "s", key = KEY } end,
      function() live_url.push { domain = "d", app = "a", stream = "s", expires = T } end,
      function() live_url.check(URL, { key = KEY }) end,
    } do
      local ok, message = pcall(bad)
      assert.is_false(ok)
      assert.truthy(message:find("live_url_spec.lua", 1, true), message)
      assert.is_nil(message:find(KEY, 1, true))
    end
  end)

  it("never raises about a foreign URL, and takes none that differs in what is signed", function()
    math.randomseed(3)
    for _ = 1, 5000 do
      local at = math.random(#URL)
      local mutant = URL:sub(1, at - 1) .. string.char(math.random(0, 255)) .. URL:sub(at + math.random(0, 2))
      local found, message, detail = check(mutant)
      if found then
        assert.are.same({ "test", T }, { found.stream, found.expires })
      else
        assert.is_string(message)
        assert.is_string(detail.code)
      end
    end
  end)
end)
