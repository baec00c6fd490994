-- SPDX-License-Identifier: MIT

local cjson = require "cjson"
local cli = require "spec.support.cli"

local KEY = "f85a2ab363fe4deaffef9754d79da6fe"
-- The vendor's rule: txSecret = md5(key .. "test" .. "5BA4A4A0").
local PUSH = "rtmp://push.example.com/live/test?txSecret=ac8b217cae94f6739984d9d6aea4826a&txTime=5BA4A4A0"
local EXPIRES = tostring(0x5BA4A4A0)
local NAMES = { "--domain", "push.example.com", "--app", "live", "--stream", "test" }

local function url(verb, ...)
  local args = { "url", verb }
  table.move(NAMES, 1, verb == "check" and 0 or #NAMES, 3, args)
  for _, arg in ipairs { ... } do args[#args + 1] = arg end
  return cli.run(args, { now = 0x5BA4A4A0 - 60, files = { ["key"] = KEY .. "\n" }, stdin = PUSH .. "\n" })
end

describe("cme url", function()
  it("makes URLs to push to", function()
    for _, more in ipairs { { "--expires", EXPIRES }, { "--for", "60s" } } do
      local ran = url("push", "--key", "@key", table.unpack(more))
      assert.are.same({ 0, PUSH .. "\n" }, { ran.code, ran.out }, ran.err)
    end
    assert.are.equal(PUSH, cjson.decode(url("push", "--key", KEY, "--for", "60s", "--json").out).url)
  end)

  it("makes URLs to play from", function()
    assert.are.equal("https://push.example.com/live/test.m3u8\n", url("play", "--form", "hls").out)
    assert.matches("^https://push.example.com/live/test.flv%?txSecret=", url("play", "--key", KEY, "--for", "1h").out)
  end)

  it("checks", function()
    local ran = url("check", PUSH, "--key", "@key")
    assert.are.equal(0, ran.code, ran.err)
    assert.matches("^valid until .+, signed with the main key\n$", ran.out)
    ran = url("check", "-", "--key", "other", "--backup-key", KEY, "--json")
    assert.are.same({ stream = "test", key = "backup", expires = 0x5BA4A4A0 }, cjson.decode(ran.out))
  end)

  it("gives each code its failure, and shows no key", function()
    for _, case in ipairs {
      { 1, { "check", PUSH, "--key", "wrong" }, "txSecret is not that of this stream" },
      { 2, { "check", "x", "--key", KEY }, "not a push or play URL" },
      { 2, { "push", "--key", KEY }, "give %-%-expires or %-%-for" },
      { 2, { "push", "--key", KEY, "--for", "x" }, "no duration" },
      { 2, { "push", "--key", KEY, "--expires", "x" }, "not a point in time" },
      { 2, { "push", "--for", "1h" }, "option '%-%-key' is missing" },
      { 2, { "play", "--form", "flv", "--scheme", "rtmp" }, "not for form 'flv'" },
      { 5, { "push", "--key", "@none", "--for", "1h" }, "file 'none'" },
    } do
      local ran = url(table.unpack(case[2]))
      assert.are.same({ case[1], "" }, { ran.code, ran.out }, ran.err)
      assert.matches(case[3], ran.err)
      assert.is_nil(ran.err:find(KEY, 1, true))
    end
  end)
end)
