-- SPDX-License-Identifier: MIT
-- The text format that Prometheus reads, version 0.0.4: families of samples to text. A family is data:
--   { name, type = "gauge" | "counter" | "histogram", help, labels = { names }, buckets = { upper bounds }? }
-- A set counts: counters and histograms grow by `add` and `observe`, gauges (and counters that something else keeps)
-- are `set`, all by the values of the family's labels in their order. Pure.

local json = require "cme.json"
local text = require "cme.text.strings"

local exposition = {}

exposition.content_type = "text/plain; version=0.0.4; charset=utf-8"

---@class cme.server.http.family
---@field name string
---@field type "gauge"|"counter"|"histogram"
---@field help string
---@field labels string[]|nil
---@field buckets number[]|nil of a histogram, ascending

---@class cme.server.http.exposition
---@field private _families cme.server.http.family[]
---@field private _samples table<string, table<string, table>> by family, by the labels' text
local Exposition = {}
Exposition.__index = Exposition

---@param families cme.server.http.family[]
---@return cme.server.http.exposition
function exposition.new(families)
  local samples = {}
  for _, family in ipairs(families) do
    samples[family.name] = {}
  end
  return setmetatable({ _families = families, _samples = samples }, Exposition)
end

local ESCAPES = { ["\\"] = "\\\\", ['"'] = '\\"', ["\n"] = "\\n" }

local function label(name, value)
  value = tostring(value)
  if not text.utf8_len(value) then
    value = value:gsub("[\128-\255]", "?")
  end
  return ('%s="%s"'):format(name, (value:gsub('[\\"\n]', ESCAPES)))
end

local function labels_text(names, values)
  local parts = {}
  for i, name in ipairs(names or {}) do
    parts[i] = label(name, values[i])
  end
  return table.concat(parts, ",")
end

local function number(value)
  if value ~= value then
    return "NaN"
  elseif value == math.huge or value == -math.huge then
    return value > 0 and "+Inf" or "-Inf"
  end
  return json.number(value)
end

function Exposition:_sample(family, values)
  local samples = self._samples[family.name]
  local key = labels_text(family.labels, values)
  if not samples[key] then
    samples[key] = { value = 0, count = 0, counts = {} }
  end
  return samples[key]
end

function Exposition:_family(name)
  for _, family in ipairs(self._families) do
    if family.name == name then return family end
  end
  error("metrics: no family " .. name, 3)
end

--- Gives a sample its value.
---@param name string
---@param value number
---@param ... string label values
function Exposition:set(name, value, ...)
  self:_sample(self:_family(name), { ... }).value = value
end

--- Adds to a sample.
---@param name string
---@param value number
---@param ... string label values
function Exposition:add(name, value, ...)
  local sample = self:_sample(self:_family(name), { ... })
  sample.value = sample.value + value
end

--- Counts a value into a histogram.
---@param name string
---@param value number
---@param ... string label values
function Exposition:observe(name, value, ...)
  local family = self:_family(name)
  local sample = self:_sample(family, { ... })
  sample.value, sample.count = sample.value + value, sample.count + 1
  for i, bound in ipairs(family.buckets) do
    if value <= bound then
      sample.counts[i] = (sample.counts[i] or 0) + 1
    end
  end
end

local function line(name, labels, value)
  return ("%s%s %s"):format(name, labels ~= "" and "{" .. labels .. "}" or "", number(value))
end

local function write_histogram(out, family, labels, sample)
  local lead = labels ~= "" and labels .. "," or ""
  for i, bound in ipairs(family.buckets) do
    out[#out + 1] = line(family.name .. "_bucket", lead .. label("le", number(bound)), sample.counts[i] or 0)
  end
  out[#out + 1] = line(family.name .. "_bucket", lead .. label("le", "+Inf"), sample.count)
  out[#out + 1] = line(family.name .. "_sum", labels, sample.value)
  out[#out + 1] = line(family.name .. "_count", labels, sample.count)
end

--- Writes what there is; a family without samples is left out.
---@param out string[] lines are added to it
function Exposition:write(out)
  for _, family in ipairs(self._families) do
    local keys = {}
    for key in pairs(self._samples[family.name]) do
      keys[#keys + 1] = key
    end
    table.sort(keys)
    if #keys > 0 then
      out[#out + 1] = ("# HELP %s %s"):format(family.name, family.help)
      out[#out + 1] = ("# TYPE %s %s"):format(family.name, family.type)
    end
    for _, key in ipairs(keys) do
      local sample = self._samples[family.name][key]
      if family.type == "histogram" then
        write_histogram(out, family, key, sample)
      else
        out[#out + 1] = line(family.name, key, sample.value)
      end
    end
  end
end

return exposition
