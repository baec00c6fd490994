-- SPDX-License-Identifier: MIT
-- Encoders that come back when they are sent away, as real ones do: ffmpeg, started again 200 ms after it has ended.

local uv = require "luv"

local media = require "spec.support.programs.media"

local returning = {}

local AGAIN_MS = 200

---@class spec.returning
---@field ends integer how often one of them has ended
---@field private _urls string[]
---@field private _file string
---@field private _running spec.proc[]
---@field private _timer any
local Returning = {}
Returning.__index = Returning

function Returning:_look()
  for i, url in ipairs(self._urls) do
    local one = self._running[i]
    if one and one.code then
      self.ends, self._running[i] = self.ends + 1, nil -- the next look is 200 ms later
    elseif not one then
      self._running[i] = media.replay(url, self._file)
    end
  end
end

--- Starts one for each address.
---@param urls string[]
---@param file string what each sends, again and again
---@return spec.returning
function returning.start(urls, file)
  local self = setmetatable({ ends = 0, _urls = urls, _file = file, _running = {}, _timer = uv.new_timer() }, Returning)
  self._timer:start(0, AGAIN_MS, function() self:_look() end)
  return self
end

--- Ends all of them.
function Returning:stop()
  self._timer:close()
  for _, one in pairs(self._running) do one:destroy() end
end

return returning
