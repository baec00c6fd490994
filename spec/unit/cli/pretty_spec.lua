-- SPDX-License-Identifier: MIT

local cjson = require "cjson"
local pretty = require "cme.cli.pretty"

describe("cme.cli.pretty", function()
  it("spreads JSON over lines, and leaves strings alone", function()
    assert.are.equal('{\n  "a": [\n    1,\n    {}\n  ],\n  "b\\"{": ",:[\\\\",\n  "c": []\n}',
      pretty.lines '{"a":[1,{}],"b\\"{":",:[\\\\","c":[]}')
    assert.are.equal('""', pretty.lines '""')
  end)

  it("means the same", function()
    local source = '{"a":[true,null,-1.5e3,"x\\u0001"],"b":{"c":{"d":[[],[[]]]}}}'
    assert.are.same(cjson.decode(source), cjson.decode(pretty.lines(source)))
  end)
end)
