-- SPDX-License-Identifier: MIT
-- A shared dictionary of nginx by a clock of the spec's.

local fake_dict = {}

---@param now fun(): number
---@return table
function fake_dict.new(now)
  local entries, dict = {}, {}
  local function live(key)
    local entry = entries[key]
    return entry and (not entry.over or entry.over > now()) and entry or nil
  end
  function dict.get(_, key) return live(key) and live(key).value end
  function dict.ttl(_, key) return live(key) and live(key).over - now() end
  function dict.delete(_, key) entries[key] = nil end
  function dict.set(_, key, value, seconds)
    entries[key] = { value = value, over = seconds and now() + seconds }
    return true
  end
  function dict.expire(_, key, seconds)
    if not live(key) then return nil, "not found" end
    entries[key].over = now() + seconds
    return true
  end
  function dict.incr(_, key, by, init, seconds)
    if not live(key) and not init then return nil, "not found" end
    if not live(key) then dict:set(key, init, seconds) end
    entries[key].value = entries[key].value + by
    return entries[key].value
  end
  return dict
end

return fake_dict
