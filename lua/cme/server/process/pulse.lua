-- SPDX-License-Identifier: MIT
-- Decides whether a process hangs. It is asked for a sign of life every PERIOD; it hangs when it has given none for
-- LIMIT while the asker was running. When the asker itself stood still, the process is asked again and has the full
-- LIMIT. Pure: the time is an argument.
--
--     asked   |     |     |     |     |     |        every 2 s
--     heard   .     .                                 10 s after the last sign: hung
--     asker   |     |     |__________________|        was not there: the 10 s begin anew

local pulse = {}

pulse.PERIOD = 2 -- seconds between two questions
pulse.LIMIT = 10 -- seconds without a sign of life
local SLACK = 0.5 -- by which timers may be early or late against each other
local GAP = 2 * pulse.PERIOD -- between two looks: the asker itself stood still

---@class cme.server.process.pulse
---@field heard_at number  monotonic seconds of the last sign of life, or of the first question
---@field looked_at number of the last judgement

--- Of one that has not been asked yet.
---@param now number monotonic seconds
---@return cme.server.process.pulse
function pulse.new(now)
  return { heard_at = now, looked_at = now }
end

--- It gave a sign of life.
---@param self cme.server.process.pulse
---@param now number
function pulse.heard(self, now)
  self.heard_at = now
end

--- The question could not be put, for a reason of the asker's own: this does not count as silence.
pulse.unasked = pulse.heard

--- Judges; to be called once a PERIOD, before it is asked again.
---@param self cme.server.process.pulse
---@param now number
---@return boolean hung
function pulse.hung(self, now)
  local away = now - self.looked_at > GAP
  self.looked_at = now
  if away then self.heard_at = now end
  return now - self.heard_at >= pulse.LIMIT - SLACK
end

--- The parts of an engine whose threads do not move, of what carries the broadcast. An engine answers for all of them.
---@param alive table its answer to `alive`
---@return string|nil parts by commas; nil: every thread moves
function pulse.stuck(alive)
  local parts = {}
  for _, one in ipairs(type(alive.stuck) == "table" and alive.stuck or {}) do
    if type(one) == "table" and one.on_air == true then parts[#parts + 1] = tostring(one.part) end
  end
  return parts[1] and table.concat(parts, ", ") or nil
end

return pulse
