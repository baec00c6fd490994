-- SPDX-License-Identifier: MIT

local describe_projects = require "cme.server.describe"
local json = require "cme.json"
local schema = require "cme.schema"

describe("cme.server.describe", function()
  it("shows a project of either category in the same envelope", function()
    local record = { id = "p", name = "n", category = "MEDIA_CAST", owner = { type = "PERSON", id = "u" },
      created_at = 0, updated_at = 1.5 }
    local own = {}
    local info = describe_projects.info(record, own)
    for _, field in ipairs(schema.objects.ProjectInfo) do
      assert.is_not_nil(info[field.name], field.name)
    end
    assert.are.equal(own, info.MediaCastProjectInfo)
    assert.are.equal(json.null, info.StreamConnectProjectInfo)
    record.category = "STREAM_CONNECT"
    info = describe_projects.info(record, own)
    assert.are.equal(own, info.StreamConnectProjectInfo)
    assert.are.equal(json.null, info.MediaCastProjectInfo)
    assert.are.equal("1970-01-01T00:00:01.500Z", info.UpdateTime)
  end)

  it("reads a page, and refuses one that is too large", function()
    assert.are.same({ offset = 0, limit = 10 }, describe_projects.page({}, 10, 100))
    assert.are.same({ offset = 5, limit = 100 }, describe_projects.page({ Offset = 5, Limit = 100 }, 10, 100))
    for _, limit in ipairs { 0, 101 } do
      local page, message, detail = describe_projects.page({ Limit = limit }, 10, 100)
      assert.are.same({ nil, ("field 'Limit' %d: it must be 1 to 100"):format(limit) }, { page, message })
      assert.are.equal("api.InvalidParameterValue.Limit", detail.code)
    end
  end)
end)
