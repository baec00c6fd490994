-- SPDX-License-Identifier: MIT
-- A server that answers requests on a shared HTTP/2 connection before their bodies have gone. libcurl 7.88 reads one
-- request's answer in the turn of another, and does not wake the one that it is for: that waited for its deadline.

local certificates = require "spec.support.programs.certificates"
local http = require "cme.http"
local proc = require "spec.support.proc"

local AT_ONCE, ROUNDS, BODY = 8, 10, 20000

describe("requests that are answered before they have gone", function()
  teardown(function() assert.same({}, proc.cleanup()) end)

  it("take their answers", function()
    local dir = proc.folder()
    certificates.ca(dir)
    certificates.issue(dir, "good", "IP:127.0.0.1")
    local server = proc.spawn { "node", "spec/support/programs/retiring.js", dir .. "/good.key", dir .. "/good.pem",
      "early" }
    local url = ("https://127.0.0.1:%s/"):format(server:expect("port (%d+)\n", 20))
    local pool = http.new()
    for _ = 1, ROUNDS do
      for _ = 1, AT_ONCE do
        pool:submit { url = url, body = ("x"):rep(BODY), ca_file = dir .. "/ca.pem", timeout = 60 }
      end
      repeat pool:poll(1) until pool:run() == 0
      for _, response, message in pool.next, pool do assert.equal(200, assert(response, message).status) end
    end
    pool:close()
    server:stop()
  end)
end)
