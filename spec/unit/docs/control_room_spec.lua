-- SPDX-License-Identifier: MIT
-- The settings that the control room reads are those that its manual page and its guide describe.

local files = require "spec.support.files"

local FOR_SPECS_ALONE = { ROOM_URL = true }

-- The variables ROOM_* in these texts, sorted.
local function settings(...)
  local found, names = {}, {}
  for _, path in ipairs { ... } do
    for name in files.read(path):gmatch "ROOM_[%u_]+" do
      if not found[name] and not FOR_SPECS_ALONE[name] then names[#names + 1] = name end
      found[name] = true
    end
  end
  table.sort(names)
  return names
end

describe("docs/control-room.md", function()
  it("and docs/cme-room.1 describe each setting", function()
    local known = settings("room/cme-room", "room/lua/room/config.lua", "room/conf/nginx.conf")
    assert.is_true(#known > 6)
    assert.are.same(known, settings "docs/cme-room.1")
    for _, page in ipairs { "docs/control-room.md", "docs/zh/control-room.md" } do
      assert.are.same(known, settings(page))
    end
  end)
end)
