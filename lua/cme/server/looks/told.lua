-- SPDX-License-Identifier: MIT
-- Which changes of what viewers see are told: each state once when it is named, and that all is well again. What is not
-- known changes nothing: a cme-look that was started anew does not tell the same again. Pure.

local told = {}

local FINE = { ok = true, still = true }

--- Takes a view in.
---@param last table<string, string> what was told last, by target; changed
---@param key string
---@param view cme.look.view
---@return string|nil state to be told; "ok": viewers have picture and sound again
function told.step(last, key, view)
  if view.good and FINE[view.state] and last[key] then
    last[key] = nil
    return "ok"
  end
  if view.good ~= false or last[key] == view.state then return nil end
  last[key] = view.state
  return view.state
end

return told
