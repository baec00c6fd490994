-- SPDX-License-Identifier: MIT

local url = require "cme.net.url"

-- text, then scheme, host, port, authority, path, user
local GOOD = {
  { "https://cme.tencentcloudapi.com/", "https", "cme.tencentcloudapi.com", 443, "cme.tencentcloudapi.com", "/" },
  { "HTTP://Host", "http", "host", 80, "host", "/" },
  { "http://host:8156/a/b?c=d#e", "http", "host", 8156, "host:8156", "/a/b?c=d" },
  { "http://host:80?x", "http", "host", 80, "host", "/?x" },
  { "https://[::1]:8/", "https", "[::1]", 8, "[::1]:8", "/" },
  { "https://[fe80::1]", "https", "[fe80::1]", 443, "[fe80::1]", "/" },
  { "http://me:p%40ss@host:1/", "http", "host", 1, "host:1", "/", "me:p@ss" },
  { "http://a@b@host/", "http", "host", 80, "host", "/", "a@b" },
}

local BAD = {
  { "ftp://host/", "http or https" }, { "host", "http or https" }, { "", "http or https" }, { "http:/host", "http or" },
  { "http:///path", "no usable host" }, { "http://", "no usable host" }, { "http://ho st/", "space or control" },
  { "http://host/\r\nX: 1", "space or control" }, { "http://host:0/", "no usable host" },
  { "http://host:65536/", "no usable host" }, { "http://host:1x/", "no usable host" },
  { "http://host:/", "no usable host" },
  { "http://ho$t/", "no usable host" }, { "http://[::1/", "no usable host" },
}

local BY = { -- no_proxy, host, passed by
  { nil, "h", false }, { "", "h", false }, { "h", "h", true }, { "H", "h", true }, { "*", "any.where", true },
  { "example.com", "example.com", true }, { "example.com", "a.example.com", true },
  { ".example.com", "a.example.com", true },
  { "example.com", "notexample.com", false }, { "a, b example.com", "b", true }, { "::1", "[::1]", true },
  { "[::1]", "[::1]", true }, { "127.0.0.1", "127.0.0.10", false }, { "com", "com.example", false },
}

describe("cme.net.url", function()
  it("takes URLs apart", function()
    for _, case in ipairs(GOOD) do
      local got = assert(url.parse(case[1]))
      assert.are.same({ case[2], case[3], case[4], case[5], case[6], case[7] },
        { got.scheme, got.host, got.port, got.authority, got.path, got.user }, case[1])
    end
  end)

  it("refuses what is none, without repeating it", function()
    for _, case in ipairs(BAD) do
      local got, fact = url.parse(case[1])
      assert.is_nil(got, case[1])
      assert.truthy(tostring(fact):find(case[2], 1, true), case[1] .. ": " .. tostring(fact))
    end
  end)

  it("knows which hosts a proxy is not for", function()
    for _, case in ipairs(BY) do
      assert.are.equal(case[3], url.passes_by(case[1], case[2]), tostring(case[1]) .. " " .. case[2])
    end
  end)
end)
