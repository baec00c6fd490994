-- SPDX-License-Identifier: MIT

local stderr = require "cme.server.process.stderr"

-- A stream with room for so many bytes, which keeps what is written with write() until `drain`.
local function new_stream(room)
  local stream = { took = "", room = room, rest = nil }
  function stream:try_write(text)
    if self.rest or self.room == 0 then return nil, "EAGAIN: resource temporarily unavailable", "EAGAIN" end
    local part = text:sub(1, self.room)
    self.took, self.room = self.took .. part, self.room - #part
    return #part
  end
  function stream:write(text)
    self.rest = text
  end
  function stream:drain(more)
    self.took, self.rest, self.room = self.took .. (self.rest or ""), nil, more
  end
  return stream
end

describe("cme.server.process.stderr", function()
  it("says which lines were lost, and cuts none", function()
    local stream = new_stream(6)
    local write = stderr.to_stream(stream)
    assert.is_true(write "one\n")
    assert.is_true(write "two\n") -- half of it fits
    assert.is_false(write "three\n")
    stream:drain(5)
    assert.is_true(write "four\n")
    assert.is_false(write "five\n")
    assert.are.equal("one\ntwo\nfour\n", stream.took)
  end)
end)
