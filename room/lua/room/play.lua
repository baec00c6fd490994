-- SPDX-License-Identifier: MIT
-- Where the pictures of a project are: the service tells (DescribeProjectPlayback; the cloud has none), and nginx
-- fetches them from there for who is logged in, so that browsers need to reach the room only.

local play = {}

local KEPT = 30 -- seconds that an address is good for
local KEPT_NONE = 3

local PARTS = { output = "Output", main = "Main", backup = "Backup" }

---@class room.play.entry
---@field response table|nil
---@field over number unix seconds

local entries, entry_count = {}, 0

local function ask(client, project, now)
  local response = client:call("DescribeProjectPlayback", { ProjectId = project })
  if entry_count >= 1000 then entries, entry_count = {}, 0 end
  if not entries[project] then entry_count = entry_count + 1 end
  entries[project] = { response = response, over = now + (response and KEPT or KEPT_NONE) }
  return response
end

--- The address of a file of a playlist, or the playlist itself.
---@param client cme.client
---@param project string
---@param part "output"|"main"|"backup"
---@param file string
---@param now number
---@return string|nil url
function play.address(client, project, part, file, now)
  local entry = entries[project]
  local response = entry and entry.over > now and entry.response
  if not entry or entry.over <= now then response = ask(client, project, now) end
  local url = response and response[PARTS[part]]
  local base = type(url) == "string" and url:match "^(https?://[%w.:%[%]-]+/[%w/_.-]*)index%.m3u8$"
  return base and base .. file or nil
end

--- What a player asks to wait for, as a query. Pure.
---@param args table<string, any>
---@return string
function play.query(args)
  local list = {}
  for _, name in ipairs { "_HLS_msn", "_HLS_part" } do
    local value = args[name]
    if type(value) == "string" and value:find "^%d+$" and #value <= 16 then list[#list + 1] = name .. "=" .. value end
  end
  return list[1] and "?" .. table.concat(list, "&") or ""
end

return play
