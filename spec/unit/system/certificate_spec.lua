-- SPDX-License-Identifier: MIT

local certificate = require "cme.system.certificate"
local certificates = require "spec.support.programs.certificates"
local proc = require "spec.support.proc"

describe("cme.system.certificate", function()
  local dir, cert, key, other

  setup(function()
    dir = proc.folder()
    certificates.ca(dir)
    cert, key = certificates.issue(dir, "one", "IP:127.0.0.1")
    other = select(2, certificates.issue(dir, "two", "IP:127.0.0.1"))
    assert(os.execute("mkfifo " .. dir .. "/fifo"))
    local junk <close> = assert(io.open(dir .. "/junk", "w"))
    junk:write(("junk "):rep(300000))
  end)

  teardown(function() assert.are.same({}, proc.cleanup()) end)

  it("tells until when a pair can be used", function()
    assert.is_true(assert(certificate.check { cert = cert, key = key }) > os.time())
  end)

  it("says which files are of no use, and waits for none", function()
    for _, case in ipairs { { cert, dir .. "/fifo", "fifo': it is no regular file" },
      { dir .. "/fifo", key, "fifo': it is no regular file" }, { cert, dir, "it is no regular file" },
      { cert, dir .. "/none", "none': no such file" }, { cert, other, "^TLS with '" },
      { cert, dir .. "/junk", "^TLS with '" },
      { dir .. "/junk", key, "^TLS with '" } } do
      local expires, message, detail = certificate.check { cert = case[1], key = case[2] }
      assert.is_nil(expires)
      assert.matches(case[3], message)
      assert.is_string(detail.code)
    end
  end)
end)
