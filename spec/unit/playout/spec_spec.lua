-- SPDX-License-Identifier: MIT

local spec = require "cme.playout.spec"

local function given(change)
  local made = { project = "p", run = "r", revision = 3.0, sources = { { id = "a", url = "rtmp://h/a" },
    { id = "b", path = "/x.mp4", offset = 1, duration = 2.5 } }, loop_count = 2.0, follow = true,
    picture = { width = 640.0, height = 360, bitrate = 500, frame_rate = 25 }, at = { id = "b", rounds = 1.0 } }
  for name, value in pairs(change or {}) do made[name] = value end
  return made
end

describe("cme.playout.spec", function()
  it("reads what the service tells", function()
    local read = assert(spec.read(given()))
    assert.are.same({ 3, 2, true, 640, { id = "b", rounds = 1 } },
      { read.revision, read.loop_count, read.follow, read.picture.width, read.at })
    assert.are.equal("integer", math.type(read.picture.width))
  end)

  it("names what is wrong", function()
    for expected, change in pairs {
      ["^sources: a list"] = { sources = {} },
      ["^sources.0: either"] = { sources = { { id = "a", url = "u", path = "p" } } },
      ["^sources.0.id"] = { sources = { { url = "u" } } },
      ["^sources.0.offset"] = { sources = { { id = "a", path = "p", offset = -1 } } },
      ["^project, run"] = { run = false },
      ["^loop_count"] = { loop_count = -2 },
      ["^picture.height"] = { picture = { width = 2, height = 0, bitrate = 1, frame_rate = 1 } },
      ["^picture: "] = { picture = 3 },
    } do
      local read, message = spec.read(given(change))
      assert.is_nil(read)
      assert.matches(expected, message)
    end
    assert.is_nil(spec.read "x")
  end)
end)
