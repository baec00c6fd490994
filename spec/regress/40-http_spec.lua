-- SPDX-License-Identifier: MIT
-- Requests that two programs on one way read differently (where the body ends, which header it is, which path) are
-- refused with 400 and end their connection; what is right beside them is served.

require "spec.support.paths"
local proc = require "spec.support.proc"
local web_loop = require "spec.support.programs.web_loop"

local REFUSED = {
  ["two different lengths"] = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
  ["a length and chunks"] =
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ["another coding"] = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
  ["two codings"] =
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ["a space before a colon"] = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 2\r\n\r\n{}",
  ["a tab before a colon"] = "GET / HTTP/1.1\r\nHost: x\r\nX-A\t: 2\r\n\r\n",
  ["a space before the first header"] = "GET / HTTP/1.1\r\n X: a\r\nHost: x\r\n\r\n",
  ["two hosts"] = "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
  ["a NUL in the path"] = "GET /\0x HTTP/1.1\r\nHost: x\r\n\r\n",
  ["a NUL at the path's end"] = "GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n",
  ["a NUL in the query"] = "GET /?a=b&c=\0d HTTP/1.1\r\nHost: x\r\n\r\n",
  ["a NUL in the method"] = "GE\0T / HTTP/1.1\r\nHost: x\r\n\r\n",
  ["a NUL in a header"] = "GET / HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\nX-B: c\r\n\r\n",
  ["a NUL in the last header"] = "GET / HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n",
  ["a folded header"] = "GET / HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\nX-B: c\r\n\r\n",
}

local TAKEN = {
  ["the same length twice"] = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
  ["chunks"] = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
  ["blanks around a value"] = "GET /?a=b&c=+d HTTP/1.1\r\nHost:\t x \t\r\nX-A:\r\nX-B:c\r\n\r\n",
  ["bare line feeds"] = "GET /?a&b= HTTP/1.1\nHost: x\nX-A: b\n\n",
  ["a blank line in front"] = "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
  ["cookies"] = "GET / HTTP/1.1\r\nHost: x\r\nCookie: a=b; c=\"d\"\r\nX-B: c\r\n\r\n",
}

describe("an HTTP request", function()
  local web, one

  local function answer_to(text)
    one = web_loop.connect(web.port, text)
    return proc.eventually("an answer", 20, function() return one.received:match "^HTTP/1%.1 (%d+).-\r\n\r\n." end)
  end

  before_each(function() web = web_loop.serve {} end)

  after_each(function()
    one.close()
    web.close()
  end)

  for what, text in pairs(REFUSED) do
    it("with " .. what .. " is refused", function()
      assert.equal("400", answer_to(text))
      proc.eventually("the end", 20, function() return one.ended end)
      assert.same({}, web.seen)
    end)
  end

  for what, text in pairs(TAKEN) do
    it("with " .. what .. " is taken", function() assert.equal("200", answer_to(text)) end)
  end
end)
