-- SPDX-License-Identifier: MIT
-- Streams in the style of encoders' quirks arrive as they were sent, packet by packet: their sound, clocks and messages
-- (proofs/quirks.lua lists them).

local proc = require "spec.support.proc"
local quirks = require "spec.support.proofs.quirks"

describe("a stream with", function()
  local folder

  setup(function() folder = proc.folder() end)

  teardown(function() assert.are.same({}, proc.cleanup()) end)

  for _, group in ipairs(quirks.groups(quirks.STREAMS)) do
    it(group.name, function() assert.are.equal("", quirks.faults(folder, group)) end)
  end
end)
