-- SPDX-License-Identifier: MIT

local looking = require "cme.server.looking"

describe("cme.server.looking", function()
  local RECORD = { input = { Outputs = { { Id = "1", Name = "A", PushUrl = "rtmp://h/a/hush" } } } }

  it("says of whom a state is told, why, and where the picture is", function()
    assert.same({ Status = "NoPicture", OutputId = "1", Name = "A", Code = "look.no_picture",
      Reason = "viewers get no picture", Picture = "http://h/p" },
      looking.info(RECORD, "output 1", "no_picture", "http://h/p"))
    assert.same({ Status = "Ok", EndPoint = "Main" }, looking.info(RECORD, "input main", "ok"))
    assert.same({ Status = "Ok", OutputId = "2" }, looking.info(nil, "output 2", "ok"))
  end)
end)
