-- SPDX-License-Identifier: MIT
-- The steps that make the sources of a MEDIA_CAST project match the spec. The service can insert several sources at a
-- place and remove several, but neither move nor change one: the longest common subsequence is kept, each run of new
-- sources is one insertion, and all removals are one. Insertions come first, so that the source that plays has a
-- successor; if it is removed itself, the next wanted one is played before that. Pure, but for added(), which notes the
-- ids of what a step has added.

local codes = require "cme.codes"
local forms = require "cme.project.cast_options"
local limits = require "cme.api.limits"

---@class cme.project.ensure_sources
local sources = {}

-- lengths[i][j]: how many of wanted[i..] and there[j..] can be kept.
local function common_lengths(wanted, there)
  local lengths = { [#wanted + 1] = {} }
  for j = 1, #there + 1 do lengths[#wanted + 1][j] = 0 end
  for i = #wanted, 1, -1 do
    local row, below = { [#there + 1] = 0 }, lengths[i + 1]
    for j = #there, 1, -1 do
      row[j] = forms.same_source(wanted[i], there[j]) and below[j + 1] + 1 or math.max(below[j], row[j + 1])
    end
    lengths[i] = row
  end
  return lengths
end

-- The longest common subsequence: index in `there` by index in `wanted`, and the set of those kept.
local function keep(wanted, there)
  local lengths, pair, kept = common_lengths(wanted, there), {}, {}
  local i, j = 1, 1
  while i <= #wanted and j <= #there do
    if forms.same_source(wanted[i], there[j]) then
      pair[i], kept[j] = j, true
      i, j = i + 1, j + 1
    elseif lengths[i + 1][j] >= lengths[i][j + 1] then
      i = i + 1
    else
      j = j + 1
    end
  end
  return pair, kept
end

local function label(count)
  return count == 1 and "a source" or ("%d sources"):format(count)
end

local function put_removal(plan, phase, gone)
  if #gone == 0 then return end
  local ids = {}
  for i, source in ipairs(gone) do ids[i] = source.id end
  plan:put(phase, "remove " .. label(#ids), "remove_source", ids)
end

-- Copies, for the ids that added() notes are of this run only.
local function copy(source)
  local made = {}
  for name, value in pairs(source) do made[name] = value end
  return made
end

-- Emits the insertions into `current`, the list as it then is; returns the final sources by index in `wanted`.
local function put_insertions(plan, wanted, pair, there, current)
  local final, at, i = {}, 0, 1
  local place = {}
  for index, source in ipairs(current) do place[source] = index end
  local shift = 0
  while i <= #wanted do
    if pair[i] then
      final[i] = there[pair[i]]
      at = place[final[i]] + shift
      i = i + 1
    else
      local group = {}
      while i <= #wanted and not pair[i] do
        final[i] = copy(wanted[i])
        group[#group + 1] = final[i]
        i = i + 1
      end
      local length = #current + shift
      plan:put("add", "add " .. label(#group), "add_source", group, at < length and at + 1 or nil)
      at, shift = at + #group, shift + #group
    end
  end
  return final
end

-- The wanted source to go on with when the one at `index` of the old list goes: the one after the last kept before it.
local function successor(pair, final, index)
  local last = 0
  for i, j in pairs(pair) do
    if j < index and i > last then last = i end
  end
  return final[last + 1] or final[1]
end

-- Sources that go: those that may go at once, and the one that plays, with its index.
local function split_gone(there, kept, active)
  local gone, playing, index = {}, nil, nil
  for j, source in ipairs(there) do
    if not kept[j] and active and source.id == active then
      playing, index = source, j
    elseif not kept[j] then
      gone[#gone + 1] = source
    end
  end
  return gone, playing, index
end

local function without(list, gone)
  local set, left = {}, {}
  for _, one in ipairs(gone) do set[one] = true end
  for _, one in ipairs(list) do
    if not set[one] then left[#left + 1] = one end
  end
  return left
end

--- Emits the steps that make the playlist the wanted one.
---@param plan cme.project.ensure.plan
---@param wanted cme.project.source[]
---@param described cme.project.info
---@return nil
---@return string|nil message when it cannot be done on the air
---@return cme.detail|nil detail code invalid.active_input
function sources.diff(plan, wanted, described)
  local there = described.sources or {}
  local pair, kept = keep(wanted, there)
  local active = described.status == "working" and described.active or nil
  local gone, playing, index = split_gone(there, kept, active)
  local current, additions = there, #wanted
  for _ in pairs(pair) do additions = additions - 1 end
  if #there + additions > limits.cast.sources then
    put_removal(plan, "add", gone)
    current, gone = without(there, gone), {}
  end
  local final = put_insertions(plan, wanted, pair, there, current)
  if playing then
    if not final[1] then return codes.refuse "invalid.active_input:source" end
    plan:put("change", "switch to another source", "switch_source", successor(pair, final, index))
    table.insert(gone, playing)
  end
  put_removal(plan, "remove", gone)
end

--- Notes the ids of what a step has added, for the steps after it that refer to them.
---@param step cme.project.ensure.step
---@param ids string|string[]|nil the answer; a fail tuple is passed through
---@return any
function sources.added(step, ids, message, detail)
  if ids == nil then return nil, message, detail end
  for i, source in ipairs(step[2]) do
    source.id = type(ids) == "table" and ids[i] or ids
  end
  return ids
end

return sources
