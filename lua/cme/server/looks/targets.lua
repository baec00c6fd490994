-- SPDX-License-Identifier: MIT
-- What of a project is looked at: its outputs where viewers watch them, and, if that is wished, its inputs. Pure.

local stream_url = require "cme.net.stream_url"

local targets = {}

---@class cme.server.looks.target a cme.look.target
---@field key string "output ID", "input main"
---@field url string
---@field public boolean|nil it is read from public addresses alone

---@class cme.server.looks.plan
---@field outputs cme.server.looks.target[]
---@field inputs cme.server.looks.target[]
---@field source string|nil what viewers are compared with
---@field source_public boolean|nil

--- What to look at.
---@param list { id: string, watch: string|nil }[] outputs that are on the air
---@param inputs table<"main"|"backup", { url: string|nil, public: boolean|nil }> as an engine takes them
---@param given { active: "main"|"backup", looked: boolean|nil, public: boolean|nil } looked: the inputs are, too
---@return cme.server.looks.plan
function targets.plan(list, inputs, given)
  local plan = { outputs = {}, inputs = {} }
  for _, output in ipairs(list) do
    if output.watch then
      plan.outputs[#plan.outputs + 1] = { key = "output " .. output.id, url = output.watch, public = given.public }
    end
  end
  for _, endpoint in ipairs(given.looked and { "main", "backup" } or {}) do
    local input = inputs[endpoint]
    if input and input.url then
      plan.inputs[#plan.inputs + 1] = { key = "input " .. endpoint, url = input.url, public = input.public }
    end
  end
  local source = inputs[given.active]
  if source and source.url and stream_url.is_shared(source.url) then
    plan.source, plan.source_public = source.url, source.public
  end
  return plan
end

return targets
