-- SPDX-License-Identifier: MIT

local codes = require "cme.codes"
local http1 = require "cme.net.http1"

-- The outcome of a text fed in pieces of `size` bytes and then closed, as one comparable table.
local function read(text, size, options)
  local parser = http1.new { method = options and options.method or "POST", max_body = options and options.max or 1000 }
  local state, message, detail
  local at = 1
  while at <= #text do
    state, message, detail = parser:feed(text:sub(at, at + size - 1))
    if state ~= "more" then break end
    at = at + size
  end
  local closed = state == "more" or state == nil and not detail
  if closed then state, message, detail = parser:finish() end
  if state == nil then return { code = detail.code, message = message } end
  -- What comes after a whole answer in another piece was never asked for either.
  local rest = #text > at + size - 1
  return { status = parser.status, headers = parser.headers, body = parser:body(), keep = parser.keep and not rest }
end

local OK = "HTTP/1.1 200 OK\r\n"
local LENGTH_2 = "Content-Length: 2\r\n\r\nok"
local CHUNKED = OK .. "Transfer-Encoding: chunked\r\n\r\n"

-- name, bytes, what comes out: status, body, keep - or a code and a part of the message
local GOOD = {
  { "a length", OK .. "Content-Length: 2\r\n\r\nok", 200, "ok", true },
  { "a length of nothing", OK .. "Content-Length: 0\r\n\r\n", 200, "", true },
  { "the same length twice", OK .. "Content-Length: 2\r\nContent-Length: 2\r\n\r\nok", 200, "ok", true },
  { "a list of the same length", OK .. "Content-Length: 2, 2\r\n\r\nok", 200, "ok", true },
  { "no reason", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", 200, "", true },
  { "an empty reason", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", 200, "", true },
  { "Connection: close", OK .. "Connection: Close\r\nContent-Length: 2\r\n\r\nok", 200, "ok", false },
  { "close among others", OK .. "Connection: x, close\r\nContent-Length: 2\r\n\r\nok", 200, "ok", false },
  { "HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok", false },
  { "HTTP/1.0 kept", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", 200, "ok", true },
  { "a body until the end", OK .. "\r\nall of it", 200, "all of it", false },
  { "an empty body until the end", OK .. "\r\n", 200, "", false },
  { "204", "HTTP/1.1 204 No Content\r\n\r\n", 204, "", true },
  { "304 with a length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, "", true },
  { "chunks", CHUNKED .. "2\r\nok\r\n3\r\n..!\r\n0\r\n\r\n", 200, "ok..!", true },
  { "chunks in capitals", OK .. "Transfer-Encoding: Chunked\r\n\r\nA\r\n0123456789\r\n00\r\n\r\n", 200, "0123456789",
    true },
  { "a chunk extension", CHUNKED .. "2;a=b\r\nok\r\n0 ;c\r\n\r\n", 200, "ok", true },
  { "trailers", CHUNKED .. "2\r\nok\r\n0\r\nX-Late: 1\r\n\r\n", 200, "ok", true },
  { "an interim answer", "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n" .. OK .. LENGTH_2, 200, "ok", true },
  { "bytes past the end", OK .. "Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n", 200, "ok", false },
  { "high bytes", OK .. "X: \228\184\173\r\nContent-Length: 1\r\n\r\n\0", 200, "\0", true },
  { "a body of the most bytes", OK .. "Content-Length: 1000\r\n\r\n" .. ("x"):rep(1000), 200, ("x"):rep(1000), true },
  { "as many interim answers as are taken", ("HTTP/1.1 100 Continue\r\n\r\n"):rep(8) .. "HTTP/1.1 204 x\r\n\r\n",
    204, "", true },
}

local PROTOCOL, LARGE, RESET = "network.protocol", "network.too_large", "network.reset"

local BAD = {
  { "nothing", "", RESET, "before the answer was complete" },
  { "half a status line", "HTTP/1.1 20", RESET, "" },
  { "half a head", OK .. "X: 1\r\n", RESET, "" },
  { "half a body", OK .. "Content-Length: 3\r\n\r\nok", RESET, "" },
  { "half a chunk", CHUNKED .. "3\r\nok", RESET, "" },
  { "no last chunk", CHUNKED .. "2\r\nok\r\n", RESET, "" },
  { "no end of trailers", CHUNKED .. "0\r\n", RESET, "" },
  { "another protocol", "SSH-2.0-OpenSSH\r\n", PROTOCOL, "no status line" },
  { "HTTP/2", "HTTP/2 200 OK\r\n\r\n", PROTOCOL, "no status line" },
  { "HTTP/1.2", "HTTP/1.2 200 OK\r\n\r\n", PROTOCOL, "no status line" },
  { "lower case", "http/1.1 200 OK\r\n\r\n", PROTOCOL, "no status line" },
  { "two digits", "HTTP/1.1 20 OK\r\n\r\n", PROTOCOL, "no status line" },
  { "four digits", "HTTP/1.1 2000 OK\r\n\r\n", PROTOCOL, "no status line" },
  { "status 600", "HTTP/1.1 600 OK\r\n\r\n", PROTOCOL, "no status line" },
  { "status 099", "HTTP/1.1 099 OK\r\n\r\n", PROTOCOL, "no status line" },
  { "an empty line first", "\r\n" .. OK .. "\r\n", PROTOCOL, "no status line" },
  { "bare line feeds", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", PROTOCOL, "carriage return" },
  { "a line feed alone", "\n", PROTOCOL, "carriage return" },
  { "a bare line feed in the head", OK .. "X: 1\n\r\n", PROTOCOL, "carriage return" },
  { "a carriage return in a line", OK .. "X: 1\rY: 2\r\n\r\n", PROTOCOL, "control characters" },
  { "a NUL", OK .. "X: \0\r\n\r\n", PROTOCOL, "control characters" },
  { "a NUL in the status line", "HTTP/1.1 200 O\0K\r\n\r\n", PROTOCOL, "control characters" },
  { "a DEL", OK .. "X: \127\r\n\r\n", PROTOCOL, "control characters" },
  { "a folded line", OK .. "X: 1\r\n 2\r\n\r\n", PROTOCOL, "without a name" },
  { "a space before the colon", OK .. "Content-Length : 2\r\n\r\nok", PROTOCOL, "without a name" },
  { "no colon", OK .. "X\r\n\r\n", PROTOCOL, "without a name" },
  { "no name", OK .. ": x\r\n\r\n", PROTOCOL, "without a name" },
  { "two lengths", OK .. "Content-Length: 2\r\nContent-Length: 3\r\n\r\nok!", PROTOCOL, "invalid Content-Length" },
  { "two lengths in a list", OK .. "Content-Length: 2, 3\r\n\r\nok!", PROTOCOL, "invalid Content-Length" },
  { "an empty length", OK .. "Content-Length:\r\n\r\n", PROTOCOL, "invalid Content-Length" },
  { "a negative length", OK .. "Content-Length: -1\r\n\r\n", PROTOCOL, "invalid Content-Length" },
  { "a signed length", OK .. "Content-Length: +2\r\n\r\nok", PROTOCOL, "invalid Content-Length" },
  { "a hexadecimal length", OK .. "Content-Length: 0x2\r\n\r\nok", PROTOCOL, "invalid Content-Length" },
  { "a length past all numbers", OK .. "Content-Length: 99999999999999999999\r\n\r\n", PROTOCOL,
    "invalid Content-Length" },
  { "a bad length of no body", "HTTP/1.1 304 x\r\nContent-Length: x\r\n\r\n", PROTOCOL, "invalid Content-Length" },
  { "a length and chunks", OK .. "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", PROTOCOL,
    "beside" },
  { "gzip, chunked", OK .. "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", PROTOCOL, "other than chunked" },
  { "chunked twice", OK .. "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", PROTOCOL,
    "other than chunked" },
  { "chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", PROTOCOL, "HTTP/1.0" },
  { "a chunk without a size", CHUNKED .. "\r\n", PROTOCOL, "size" },
  { "a chunk size that is none", CHUNKED .. "g\r\n", PROTOCOL, "size" },
  { "a negative chunk size", CHUNKED .. "-1\r\n", PROTOCOL, "size" },
  { "a chunk size with a space before", CHUNKED .. " 1\r\nx\r\n", PROTOCOL, "size" },
  { "a chunk size 0x1", CHUNKED .. "0x1\r\nx\r\n", PROTOCOL, "size" },
  { "a chunk size past all numbers", CHUNKED .. "fffffffffffffffff\r\n", PROTOCOL, "size" },
  { "a chunk longer than its size", CHUNKED .. "2\r\nok!\r\n0\r\n\r\n", PROTOCOL, "longer" },
  { "a trailer without a name", CHUNKED .. "0\r\nx\r\n\r\n", PROTOCOL, "without a name" },
  { "another protocol from now on", "HTTP/1.1 101 Switching Protocols\r\n\r\n", PROTOCOL, "interim" },
  { "interim answers without end", ("HTTP/1.1 100 Continue\r\n\r\n"):rep(9), PROTOCOL, "interim" },
  { "a length past the limit", OK .. "Content-Length: 1001\r\n\r\n", LARGE, "1001 bytes, 1000 are accepted" },
  { "a chunk past the limit", CHUNKED .. "3e9\r\n", LARGE, "more than 1000" },
  { "chunks past the limit", CHUNKED .. ("1F4\r\n" .. ("x"):rep(500) .. "\r\n"):rep(3), LARGE, "more than 1000" },
  { "a body without end", OK .. "\r\n" .. ("x"):rep(1001), LARGE, "more than 1000" },
  { "a line without end", OK .. "X: " .. ("x"):rep(9000), PROTOCOL, "8192" },
  { "a status line without end", ("H"):rep(9000), PROTOCOL, "8192" },
  { "a chunk line without end", CHUNKED .. "1;" .. ("x"):rep(9000), PROTOCOL, "8192" },
  { "a head without end", OK .. ("X: " .. ("x"):rep(8000) .. "\r\n"):rep(9), LARGE, "65536" },
  { "lines without end", OK .. ("X:\r\n"):rep(257), LARGE, "256 header lines" },
  { "trailers without end", CHUNKED .. "0\r\n" .. ("X:\r\n"):rep(257), LARGE, "256 header lines" },
}

describe("cme.net.http1", function()
  for _, case in ipairs(GOOD) do
    it("reads " .. case[1] .. ", in pieces of any size", function()
      for _, size in ipairs { 100000, 1, 2, 3, 7 } do
        local got = read(case[2], size)
        assert.is_nil(got.code, got.message)
        assert.are.same({ case[3], case[4], case[5] }, { got.status, got.body, got.keep })
      end
    end)
  end

  for _, case in ipairs(BAD) do
    it("refuses " .. case[1] .. ", in pieces of any size", function()
      for _, size in ipairs { 100000, 1, 2, 3, 7 } do
        local got = read(case[2], size)
        assert.are.equal(case[3], got.code)
        assert.truthy(got.message:find(case[4], 1, true), got.message)
      end
    end)
  end

  it("gives headers in lower case, repeated ones joined, spaces around them gone", function()
    local got = read(OK .. "X-Two: a\r\nx-two:\t b \r\nEmpty:\r\nContent-Length: 0\r\n\r\n", 1000)
    assert.are.same({ ["x-two"] = "a, b", empty = "", ["content-length"] = "0" }, got.headers)
  end)

  it("forgets the headers of interim answers and those after the body", function()
    local got = read("HTTP/1.1 103 x\r\nA: 1\r\n\r\n" .. CHUNKED .. "0\r\nB: 1\r\n\r\n", 1000)
    assert.are.same({ ["transfer-encoding"] = "chunked" }, got.headers)
  end)

  it("expects no body of HEAD", function()
    local got = read(OK .. "Content-Length: 5000\r\n\r\n", 1, { method = "HEAD" })
    assert.are.same({ 200, "", true }, { got.status, got.body, got.keep })
  end)

  it("repeats a failure at every later call", function()
    local parser = http1.new { method = "GET", max_body = 10 }
    assert.is_nil(parser:feed "nonsense\r\n")
    local state, message, detail = parser:feed(OK .. "Content-Length: 0\r\n\r\n")
    assert.is_nil(state)
    assert.are.equal("the answer is not HTTP: no status line", message)
    assert.are.equal("应答不是 HTTP：没有状态行", codes.say(detail, "zh"))
    assert.are.equal("network.protocol", select(3, parser:finish()).code)
  end)

  it("joins a body of very many pieces", function()
    local body = {}
    for i = 1, 5000 do body[i] = string.char(i % 256) end
    body = table.concat(body)
    local got = read(OK .. "Content-Length: 5000\r\n\r\n" .. body, 1, { max = 5000 })
    assert.is_true(got.body == body)
  end)

  -- Whatever comes: no error is raised, the bounds hold, and how the bytes were cut makes no difference.
  it("holds what it promises for mutated answers", function()
    math.randomseed(20191029)
    local seeds = {}
    for _, list in ipairs { GOOD, BAD } do
      for _, case in ipairs(list) do
        if #case[2] < 2000 then seeds[#seeds + 1] = case[2] end
      end
    end
    local WORDS = { "\r\n", "\n", "\r", "\0", ":", ";", "0", "ffffffff", "Content-Length: 1\r\n", "\r\n\r\n", " ", "\t",
      "Transfer-Encoding: chunked\r\n", "HTTP/1.1 100 x\r\n\r\n", "Connection: close\r\n", "\255" }
    local CODES = { [PROTOCOL] = true, [LARGE] = true, [RESET] = true }
    local outcomes = {}
    for _ = 1, 2500 do
      local text = seeds[math.random(#seeds)]
      for _ = 1, math.random(4) do
        local at = math.random(0, #text)
        local word = math.random(3) > 1 and WORDS[math.random(#WORDS)] or string.char(math.random(0, 255))
        local cut = math.random(0, 3)
        text = text:sub(1, at) .. (math.random(4) > 1 and word or "") .. text:sub(at + 1 + cut)
      end
      local whole, pieces = read(text, #text + 1), read(text, math.random(1, 5))
      assert.are.same(whole, pieces, ("%q"):format(text))
      if whole.code then assert.is_true(CODES[whole.code], whole.code) else assert.is_true(#whole.body <= 1000) end
      outcomes[whole.code or "good"] = (outcomes[whole.code or "good"] or 0) + 1
    end
    for _, name in ipairs { "good", PROTOCOL, LARGE, RESET } do assert.is_true((outcomes[name] or 0) > 20, name) end
  end)

  it("gives the body in parts, whatever the feeds are cut into", function()
    local parser = http1.new { method = "POST", max_body = math.huge }
    assert.are.same({ "more", false }, { parser:feed(OK .. "Transfer-Encoding: chunked\r\n"), parser:answered() })
    assert.are.same({ "more", true, "" }, { parser:feed "\r\n2\r", parser:answered(), parser:take() })
    assert.are.same({ "more", "o", "" }, { parser:feed "\no", parser:take(), parser:take() })
    assert.are.same({ "done", "k...", "" }, { parser:feed "k\r\n3\r\n...\r\n0\r\n\r\n", parser:take(), parser:take() })
  end)
end)
