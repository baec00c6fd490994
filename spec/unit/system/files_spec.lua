-- SPDX-License-Identifier: MIT

local files = require "cme.system.files"

describe("cme.system.files", function()
  it("says what failed once, and what to do about it where there is something", function()
    for said, want in pairs {
      ["EROFS: read-only file system: /s/lock"] = "open '/s/lock': read-only file system: use a folder that this user "
        .. "may write, by --state",
      ["EACCES: permission denied: /s/lock"] = "open '/s/lock': permission denied: use a folder that this user may "
        .. "write, by --state",
      ["ENOSPC: no space left on device"] = "open '/s/lock': no space left on device: free space there",
      ["ENOENT: no such file or directory: /s/lock"] = "open '/s/lock': no such file or directory",
      ["something else"] = "open '/s/lock': something else",
    } do
      assert.are.equal(want, files.explain("open", "/s/lock", said))
    end
  end)
end)
