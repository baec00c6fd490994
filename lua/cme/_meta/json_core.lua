---@meta cme.json_core
-- SPDX-License-Identifier: MIT
--
-- What the C module cme.json_core (src/json_core) takes and gives, for editors; nothing loads this file. It is
-- cme.json's: everything else uses that.

-- luacheck: no unused args

local core = {}

---@type table<string, integer> the kinds of values in a plan; `array` is added to that of the elements
core.kinds = {}

--- Whether a text is UTF-8 and has no NUL.
---@param text string
---@return boolean
function core.is_text(text) end

--- Whether a JSON text has more than so many values, by its commas.
---@param text string
---@param most integer
---@return boolean
function core.exceeds(text, most) end

--- A finite number as JSON has it.
---@param value number
---@return string
function core.number(value) end

--- Makes the plan that both walks follow.
---@param places any[] four for each field: name, kind, what an object or an array's elements are of (false: nothing),
--- whether it is required
---@return any[] plan
function core.plan(places) end

--- Makes the function that writes; see cme.text.json_walk.
---@param plans table<any, any[]> plans by list of fields or by an object's name; may make them when asked (__index)
---@param array_mt table the metatable of an array that may be empty
---@param object_mt table that of an empty object
---@param null lightuserdata
---@return fun(value: any, fields: any): string|nil, string|nil
function core.writer(plans, array_mt, object_mt, null) end

--- Makes the function that settles what cjson has read; see cme.text.json_walk.
---@param plans table<any, any[]>
---@param array_mt table the metatable of an empty array
---@param object_mt table that of an empty object
---@param marker string
---@return fun(value: any, fields: any, marked: boolean|nil): any, boolean, boolean, boolean
function core.settler(plans, array_mt, object_mt, marker) end

return core
