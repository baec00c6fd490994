-- SPDX-License-Identifier: MIT

local codes = require "cme.codes"
local files = require "cme.system.files"

describe("cme.system.files", function()
  it("says what failed once, and what to do about it where there is something", function()
    for name, want in pairs {
      EROFS = { "open '/s/lock': read-only file system: use a folder that this user may write, by --state",
        "打开“/s/lock”：文件系统只读：请用 --state 指定此用户可写的目录", "local.file.right" },
      EACCES = { "open '/s/lock': permission denied: use a folder that this user may write, by --state",
        "打开“/s/lock”：没有权限：请用 --state 指定此用户可写的目录", "local.file.right" },
      ENOSPC = { "open '/s/lock': no space left on device: free space there",
        "打开“/s/lock”：磁盘空间不足：请在该处腾出空间", "local.file.space" },
      ENOENT = { "open '/s/lock': no such file or directory", "打开“/s/lock”：没有这个文件或目录",
        "local.file.absent" },
      ESTRANGE = { "open '/s/lock': something else", "open '/s/lock': something else", "local.file" },
    } do
      local none, message, detail = files.fail("in.open_file", "/s/lock", "something else", name)
      assert.is_nil(none)
      assert.are.same(want, { message, codes.say(detail, "zh"), detail.code })
    end
  end)
end)
