-- SPDX-License-Identifier: MIT
-- Sources asked in order until one has credentials. One that does not apply is passed over and remembered for the
-- message; one that applies but is broken ends the search. Who gave keys once is asked alone from then on: a broadcast
-- must not go on under another identity because the first source did not answer.

local common = require "cme.credentials.common"
local lazy = require "cme.text.lazy"

local codes = lazy.module(function() return require "cme.codes" end)

local chain = {}

---@class cme.credentials.chain: cme.credentials.source
---@field sources cme.credentials.source[]
---@field chosen cme.credentials.source|nil
local Source = {}
Source.__index = Source
Source.name = "chain"

--- Makes the source.
---@param sources cme.credentials.source[]
---@return cme.credentials.chain
function chain.new(sources)
  return setmetatable({ sources = sources }, Source)
end

function Source:find(host, now)
  if self.chosen then return self.chosen:find(host, now) end
  local tried = {}
  for _, source in ipairs(self.sources) do
    local found, message, detail = source:find(host, now)
    if found then
      self.chosen = source
      return found
    elseif detail.code ~= "credentials.none" then
      return nil, message, detail
    end
    tried[#tried + 1] = codes.words(message, detail)
  end
  return common.fail("credentials.none", { tried = tried })
end

function Source:forget()
  if self.chosen and self.chosen.forget then self.chosen:forget() end
end

return chain
