-- SPDX-License-Identifier: MIT
-- A strict reader of the text format 0.0.4: raises at what Prometheus or its linter would complain of.

local prometheus = {}

local function take_labels(text, where)
  local labels, at = {}, 1
  while at <= #text do
    local name, next_at = text:match('^([%a_][%w_]*)="()', at)
    assert(name and not labels[name], where .. ": broken or repeated label")
    local value, from = {}, next_at
    while true do
      local char = text:sub(from, from)
      assert(char ~= "" and char ~= "\n", where .. ": a label's value does not end")
      if char == '"' then break end
      if char == "\\" then
        char = text:sub(from, from + 1)
        assert(char == "\\\\" or char == '\\"' or char == "\\n", where .. ": broken escape")
        from = from + 1
      end
      value[#value + 1] = char
      from = from + 1
    end
    labels[name] = table.concat(value)
    at = from + 1
    if at <= #text then
      assert(text:sub(at, at) == ",", where .. ": a comma is missing")
      at = at + 1
    end
  end
  return labels
end

local function base_name(name, types)
  for _, suffix in ipairs { "_bucket", "_sum", "_count" } do
    local base = name:match("^(.*)" .. suffix .. "$")
    if base and types[base] == "histogram" then return base end
  end
  return name
end

-- Buckets grow with their bounds, and the last is +Inf and the count.
local function check_histograms(samples, types)
  local last = {}
  for _, sample in ipairs(samples) do
    local base = base_name(sample.name, types)
    if types[base] == "histogram" then
      local others = sample.key:gsub(',?le="[^"]*"', "")
      local series = base .. others
      if sample.name == base .. "_bucket" then
        local before = last[series]
        local bound = sample.labels.le == "+Inf" and math.huge or assert(tonumber(sample.labels.le), "broken le")
        assert(not before or before.bound < bound and before.value <= sample.value, series .. ": buckets shrink")
        last[series] = { bound = bound, value = sample.value }
      elseif sample.name == base .. "_count" then
        local all = last[series]
        assert(all.bound == math.huge and all.value == sample.value, series .. ": +Inf is not the count")
      end
    end
  end
end

--- Reads a page.
---@param page string
---@return fun(name: string, labels: table|nil): number|nil value of the sample with these labels, among others
---@return table[] samples { name, labels, value, key }
function prometheus.read(page)
  local types, helps, samples, seen, current, closed = {}, {}, {}, {}, nil, {}
  assert(page:sub(-1) == "\n", "the last line does not end")
  local nth = 0
  for line in page:gmatch "([^\n]*)\n" do
    nth = nth + 1
    local where = "line " .. nth
    local kind, name, rest = line:match "^# (%u+) ([%a_:][%w_:]*) (.+)$"
    if kind == "HELP" then
      assert(not helps[name] and not types[name], where .. ": HELP again or after TYPE")
      helps[name] = rest
    elseif kind == "TYPE" then
      assert(not types[name] and helps[name], where .. ": TYPE again or without HELP")
      assert(rest == "gauge" or rest == "counter" or rest == "histogram", where .. ": unknown type")
      assert((rest == "counter") == (name:find "_total$" ~= nil), where .. ": counters, and only they, end in _total")
      types[name], closed[current or ""], current = rest, true, name
      assert(not closed[name], where .. ": a family in two places")
    else
      local metric, labels_text, value = line:match "^([%a_:][%w_:]*){(.*)} (%S+)$"
      if not metric then metric, labels_text, value = line:match "^([%a_:][%w_:]*)() (%S+)$" end
      assert(metric, where .. ": no sample")
      labels_text = type(labels_text) == "string" and labels_text or ""
      assert(base_name(metric, types) == current, where .. ": a sample outside of its family")
      local number = value == "+Inf" and math.huge or value == "NaN" and 0 / 0 or assert(tonumber(value), where)
      local key = metric .. "{" .. labels_text .. "}"
      assert(not seen[key], where .. ": the same sample again")
      seen[key] = true
      samples[#samples + 1] = { name = metric, labels = take_labels(labels_text, where), value = number,
        key = labels_text }
    end
  end
  check_histograms(samples, types)
  return function(name, labels)
    for _, sample in ipairs(samples) do
      local fits = sample.name == name
      for label, value in pairs(labels or {}) do fits = fits and sample.labels[label] == value end
      if fits then return sample.value end
    end
  end, samples
end

return prometheus
