-- SPDX-License-Identifier: MIT
-- The steps that make a project's outputs match the spec, for both categories. An output that stays is not touched. If
-- the service's limit leaves no room for an addition, a removal comes first. Pure.

local outputs = {}

local function output_label(output)
  local word = output.name or output.id
  return word and ("output '%s'"):format(word) or "an output without a name"
end

-- The tests by which an output of the spec is recognised, in this order: one on the air is best left there, so its URL
-- counts before its id, which is only a number when the client gave it.
local SAME = {
  function(a, b) return a.id ~= nil and a.id == b.id and a.url == b.url end,
  function(a, b) return a.url == b.url and a.name == b.name end,
  function(a, b) return a.url == b.url end,
  function(a, b) return a.id ~= nil and a.id == b.id end,
  function(a, b) return a.name ~= nil and a.name == b.name end,
}

-- Pairs each wanted output with one that is there; returns there-by-wanted and the set of those used.
local function pair_outputs(wanted, there)
  local pair, used = {}, {}
  for _, same in ipairs(SAME) do
    for _, one in ipairs(wanted) do
      for _, other in ipairs(pair[one] and {} or there) do
        if not used[other] and same(one, other) then
          pair[one], used[other] = other, true
          break
        end
      end
    end
  end
  return pair, used
end

-- A copy of the wanted output with an id that no other has (`taken`) or was given (`given`).
local function with_free_id(output, taken, given)
  local id = output.id
  if id and taken[id] then
    local nth = 0
    repeat
      nth = nth + 1
      id = tostring(nth)
    until not taken[id] and not given[id]
  end
  if id then taken[id] = true end
  return { id = id, name = output.name, url = output.url, codecs = output.codecs, watch = output.watch }
end

-- What differs, as set_output takes it; nil: nothing. A name that the spec does not give may be any.
local function output_change(wanted, there)
  local name = wanted.name ~= nil and wanted.name ~= there.name and wanted.name or nil
  local url = wanted.url ~= there.url and wanted.url or nil
  local codecs = wanted.codecs ~= (there.codecs or "enhanced") and wanted.codecs or nil
  local watch = wanted.watch ~= (there.watch or "") and wanted.watch or nil
  if name or url or codecs or watch then
    return { id = there.id, name = wanted.name or there.name, url = wanted.url, codecs = codecs, watch = watch }
  end
end

--- Adds the steps that make the outputs the wanted ones.
---@param plan cme.project.ensure.plan
---@param wanted cme.project.output[]
---@param there cme.project.output[]
---@param limit number how many the service takes
function outputs.diff(plan, wanted, there, limit)
  local pair, used = pair_outputs(wanted, there)
  local taken, given, count, gone = {}, {}, #there, {}
  for _, output in ipairs(there) do
    if output.id then taken[output.id] = true end
    if not used[output] then gone[#gone + 1] = output end
  end
  for _, output in ipairs(wanted) do given[output.id or ""] = true end
  for _, output in ipairs(wanted) do
    local change = pair[output] and output_change(output, pair[output])
    if change then
      plan:put("change", "change " .. output_label(output), "set_output", change)
    elseif not pair[output] then
      if count == limit and gone[1] then
        local first = table.remove(gone, 1)
        plan:put("add", "remove " .. output_label(first), "remove_output", first.id)
        count = count - 1
      end
      plan:put("add", "add " .. output_label(output), "add_output", with_free_id(output, taken, given))
      count = count + 1
    end
  end
  for _, output in ipairs(gone) do
    plan:put("remove", "remove " .. output_label(output), "remove_output", output.id)
  end
end

return outputs
