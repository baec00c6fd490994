-- SPDX-License-Identifier: MIT
-- The client, the service and the engine have one rule for destination URLs: what can never work is refused with what
-- to write, rtmp://host/key is taken, and a project has each destination once.

local codes = require "cme.codes"
local destinations = require "cme.server.categories.media_cast.destinations"
local limits = require "cme.api.limits"
local outputs = require "cme.server.categories.stream_connect.outputs"
local project_options = require "cme.project.options"
local stream_url = require "cme.net.stream_url"

local function new_id()
  return ("%d"):format(math.random(1, 2 ^ 31))
end

local NEVER = { "rtmp://h/live/", "rtmp://h/live/key/", "rtmp://h//key", "rtmp://h/", "rtmp://h" }
local TAKEN = { "rtmp://h/key", "rtmp://h/key?user=a&pass=b", "rtmp://h/live//key", "rtmp://h/a/b/c/key",
  "rtmp://h/live/?streamname=x&key=y" }
local SAME = { "rtmp://h/live/key", "RTMP://H:1935/live//key" }

describe("destination URLs", function()
  it("are refused by all with what to write instead", function()
    for _, url in ipairs(NEVER) do
      local fact = codes.say(stream_url.fault(url, limits.output_schemes))
      assert.matches("write it like rtmp://host/app/key", fact, 1, true)
      local _, _, client = project_options.check_outputs { { url = url } }
      assert.are.equal("invalid.url", client.code)
      for _, check in ipairs { outputs.check, destinations.check } do
        local list, message = check({ { PushUrl = url } }, new_id)
        assert.is_nil(list)
        assert.matches(fact, message, 1, true)
      end
    end
  end)

  it("are taken where servers take them", function()
    for _, url in ipairs(TAKEN) do
      assert.is_true(project_options.check_outputs { { url = url } })
      assert.is_table(outputs.check({ { PushUrl = url } }, new_id))
    end
  end)

  it("are in a project once", function()
    local _, _, client = project_options.check_outputs { { url = SAME[1] }, { url = SAME[2] } }
    assert.are.equal("invalid.duplicate_output", client.code)
    for _, module in ipairs { outputs, destinations } do
      local _, message = module.check({ { PushUrl = SAME[1] }, { PushUrl = SAME[2] } }, new_id)
      assert.matches("has the same URL", message)
    end
    local list = outputs.check({ { PushUrl = SAME[1] }, { PushUrl = "rtmp://h/live/other" } }, new_id)
    assert.matches("has the same URL", select(2, outputs.add(list, { PushUrl = SAME[2] }, new_id)))
    assert.matches("has the same URL", select(2, outputs.modify(list, { Id = list[2].Id, PushUrl = SAME[2] })))
    assert.is_table(outputs.modify(list, { Id = list[1].Id, PushUrl = SAME[2] }))
    assert.matches("has the same URL", select(2, destinations.add(list, { { Id = "9", PushUrl = SAME[2] } })))
  end)
end)
