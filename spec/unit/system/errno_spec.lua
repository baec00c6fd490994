-- SPDX-License-Identifier: MIT

local codes = require "cme.codes"
local errno = require "cme.system.errno"
local reach = require "cme.system.reach"

describe("cme.system.errno", function()
  it("words what the system says, in both languages", function()
    for name, said in pairs {
      EAGAIN = { "resource temporarily unavailable", "资源暂时不可用" },
      EDQUOT = { "disk quota exceeded", "超出磁盘配额" },
      ELOOP = { "too many symbolic links", "符号链接层数太多" },
      EBUSY = { "device or resource busy", "设备或资源正被占用" },
      ETXTBSY = { "text file busy", "程序文件正被使用" },
      ENOTEMPTY = { "directory not empty", "目录不为空" },
    } do
      local reason = errno.reason(name, name .. ": libuv's words: /x")
      assert.are.same(said, { codes.say(reason), codes.say(reason, "zh") })
    end
  end)

  it("says nothing but libuv's words where it has no sentence", function()
    for given, said in pairs {
      ["EXDEV: cross-device link not permitted: /a -> /b"] = "cross-device link not permitted",
      ["E2BIG: argument list too long"] = "argument list too long",
      ["no name before it"] = "no name before it",
    } do
      assert.are.equal(said, codes.say(errno.reason("EOTHER", given)))
    end
    assert.are.equal("EOTHER", codes.say(errno.reason "EOTHER"))
    assert.are.equal("unknown", codes.say(errno.reason(nil)))
  end)

  it("says of a socket that nobody takes the connection, and of another failure what it is", function()
    assert.are.equal("silent", reach.meaning "EAGAIN")
    assert.are.equal("word:is_busy", errno.of_connect("EAGAIN").sentence)
    assert.are.equal("word:connection_refused", errno.of_connect("ECONNREFUSED").sentence)
  end)
end)
