-- SPDX-License-Identifier: MIT
-- A server that answers before it has read the request, over one HTTP/2 connection that many requests share: libcurl
-- may lose that answer, and then fails on writing the rest. The server cannot have acted on it, so it goes again.

local cme = require "cme"
local proc = require "spec.support.proc"
local web_nginx = require "spec.support.programs.web_nginx"

describe("a server that answers before it has read the request", function()
  teardown(proc.cleanup)

  it("costs no call its answer", function()
    local web = web_nginx.start { answer = [[{"Response":{"ProjectId":"p-1","RequestId":"req-1"}}]] }
    local client = cme.client { secret_id = "AKIDexample", secret_key = "example", rate = false,
      endpoint = ("https://127.0.0.1:%d/"):format(web.tls), ca_file = web.ca_file, timeout = 300,
      connect_timeout = 60 }
    local list = {}
    for i = 1, 4000 do list[i] = i end
    local ids, failures = cme.parallel(list, function()
      return assert(client:call("CreateProject", { Platform = "test", Category = "STREAM_CONNECT", Name = "gala",
        Owner = { Type = "PERSON", Id = "me" } })).ProjectId
    end, 64)
    assert.same({}, failures)
    assert.equal(4000, #ids)
  end)
end)
