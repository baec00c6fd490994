-- SPDX-License-Identifier: MIT

local earlier = require "cme.server.edge.earlier"
local luv = require "cme.net.loop.luv"
local proc = require "spec.support.proc"

describe("cme.server.edge.earlier", function()
  teardown(function() assert.are.same({}, proc.cleanup()) end)

  local CONF = "# Written by cme serve. rtmp=0.0.0.0:1935 http=127.0.0.1:8157\n    application output {\n"

  it("ends the nginx of an earlier version with its workers, and says where encoders pushed to", function()
    local folder = proc.folder()
    assert(os.execute(("mkdir -p %s/hls/ingest/x %s/tmp"):format(folder, folder)))
    for name, text in pairs { ["nginx.conf"] = CONF, ["hls/ingest/x/1.ts"] = "x", keys = "kept" } do
      local file <close> = assert(io.open(folder .. "/" .. name, "w"))
      file:write(text)
    end
    local worker = proc.spawn({ "sh", "-c", "cd " .. folder .. " && exec sleep 600" }, { name = "worker" })
    proc.eventually("it to work there", 20, function() return #proc.inside(folder) == 1 end)
    assert.are.same({ host = "0.0.0.0", port = 1935 }, luv.run(earlier.finish, folder))
    worker:wait()
    assert.is_nil(io.open(folder .. "/nginx.conf"))
    assert.is_nil(io.open(folder .. "/hls/ingest"))
    assert.is_truthy(io.open(folder .. "/keys"))
    assert.is_nil(luv.run(earlier.finish, folder))
  end)

  it("knows that an nginx for playback alone had no encoders", function()
    assert.is_nil(earlier.address "# Written. rtmp=127.0.0.1:40001 http=127.0.0.1:8157\n    application show {\n")
    assert.is_nil(earlier.address "")
  end)
end)
