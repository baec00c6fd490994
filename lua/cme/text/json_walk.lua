-- SPDX-License-Identifier: MIT
-- The two walks of cme.json over a value, done in C (cme.json_core). `write` both checks and writes, by a list of
-- fields or by the value's shape. `settle` finds out what cjson cannot tell: which numbers are integers, which empty
-- tables arrays. Here a list of fields is made into the plan that C follows, once and when first needed. Pure.

local cjson = require "cjson"
local core = require "cme.json_core"
local schema = require "cme.schema"

local walk = {}

--- What stands in an empty array while it must be told from an empty object.
walk.MARK = "\1[]"

local KINDS = core.kinds

-- Of a field: the kind that C knows it by; for an array that of its elements, marked.
local function kind_of(field)
  if field.type == "array" then return KINDS.array + (KINDS[field.of] or KINDS.object) end
  return KINDS[field.type == "integer" and field.of or field.type]
end

-- By the fields, or by the name that the schema has them under.
local plans = setmetatable({}, {
  __mode = "k",
  __index = function(self, of)
    local places = {}
    for _, field in ipairs(schema.fields(of)) do
      local at = #places
      places[at + 1], places[at + 2] = field.name, kind_of(field)
      places[at + 3], places[at + 4] = field.of or false, field.required == true
    end
    self[of] = core.plan(places)
    return self[of]
  end,
})

--- Writes a value as JSON: in the order of the fields; without fields by its shape, object members sorted. Gives the
--- text; or nil and what is wrong, nil where the value does not fit the fields (schema.check names that).
---@type fun(value: any, fields: cme.schema.field[]|nil): string|nil, string|nil
walk.write = core.writer(plans, schema.array_mt, schema.object_mt, cjson.null)

--- Settles what cjson has read, in place. With `marked`, an empty array of the text is there as a list of MARK alone
--- and becomes an empty table, with schema.array_mt where no array is wanted; an empty object where one is wanted gets
--- schema.object_mt. Gives the value; whether a number that the fields tell of may have lost digits; whether there
--- was an empty table where an array is wanted; whether there was one elsewhere; whether another number may have lost
--- digits.
---@type fun(value: any, fields: cme.schema.field[]|nil, marked: boolean|nil): any, boolean, boolean, boolean, boolean
walk.settle = core.settler(plans, schema.array_mt, schema.object_mt, walk.MARK)

return walk
