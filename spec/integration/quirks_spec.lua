-- SPDX-License-Identifier: MIT
-- Streams in the style of encoders' quirks arrive as they were sent, packet by packet (proofs/quirks.lua lists them).

local proc = require "spec.support.proc"
local quirks = require "spec.support.proofs.quirks"

local AT_ONCE = 11

describe("a stream with", function()
  local folder, plain

  setup(function()
    folder = proc.folder()
    plain = quirks.film(folder, { name = "plain", ext = "flv", options = { "-c:v", "libx264", "-preset", "ultrafast",
      "-x264-params", "keyint=25:bframes=2" } }, 0)
  end)

  teardown(function() assert.are.same({}, proc.cleanup()) end)

  for first = 1, #quirks.STREAMS, AT_ONCE do
    local cases = table.move(quirks.STREAMS, first, first + AT_ONCE - 1, 1, {})
    local names = {}
    for i, case in ipairs(cases) do names[i] = case.name end
    it(table.concat(names, "; "), function()
      local runs, faults = {}, {}
      for i, case in ipairs(cases) do
        runs[i] = quirks.start(case, case.tags and plain or quirks.film(folder, case, first + i))
      end
      for i, case in ipairs(cases) do faults[#faults + 1] = quirks.judge(runs[i], case) end
      assert.are.equal("", table.concat(faults, "\n"))
    end)
  end
end)
